from django.urls import path

from . import views

urlpatterns = [
    path("", views.search, name="search"),
    path("<slug:kind>/", views.picks, name="picks"),
]
