from django.urls import path

from . import views

app_name = "files"
urlpatterns = [
    path("<int:pk>/", views.folder, name="folder"),
    path("of/<int:pk>/", views.of_card, name="of_card"),
]
