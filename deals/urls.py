from django.urls import path

from . import views

app_name = "deals"
urlpatterns = [
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("new/<slug:slug>/", views.new, name="new"),
]
