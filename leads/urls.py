from django.urls import path

from . import views

app_name = "leads"
urlpatterns = [
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("new/", views.new, name="new"),
]
