from django.urls import path

from . import views

app_name = "calls"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("of/<int:pk>/", views.start, name="start"),
    path("<int:pk>/joins/", views.joins, name="joins"),
    path("<int:pk>/refusals/", views.refusals, name="refusals"),
    path("<int:pk>/departures/", views.departures, name="departures"),
    path("<int:pk>/beats/", views.beats, name="beats"),
    path("<int:pk>/signals/", views.words, name="signals"),
]
