"""Every address of the product, and a signed-in page that says nothing, to compare with."""

from django.http import HttpResponse
from django.urls import path

from crm.urls import handler404, handler500
from crm.urls import urlpatterns as product

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = [path("bench/empty/", lambda request: HttpResponse("empty")), *product]
