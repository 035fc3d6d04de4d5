from django.urls import path

from . import views

app_name = "activities"
urlpatterns = [
    path("cards/<int:pk>/tasks/", views.tasks, name="tasks"),
    path("tasks/<int:pk>/completions/", views.completions, name="completions"),
    path("tasks/<int:pk>/reopenings/", views.reopenings, name="reopenings"),
    path("tasks/<int:pk>/dates/", views.dates, name="dates"),
    path("checks/<int:pk>/", views.checks, name="checks"),
]
