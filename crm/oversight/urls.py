from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("control/", views.board, name="control"),
    path("control/violations/", views.violations, name="violations"),
    path("cards/<int:pk>/questions/", views.questions, name="questions"),
    path("tasks/<int:pk>/answers/", views.answers, name="answers"),
    path("cards/<int:pk>/snoozes/", views.snoozes, name="snoozes"),
]
