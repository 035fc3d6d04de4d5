from django.urls import path

from . import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("read/", views.notices_read, name="notices_read"),
]
