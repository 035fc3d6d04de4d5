from django.urls import path

from . import rhythm_views, views

app_name = "deals"
urlpatterns = [
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/transfers/", views.transfers, name="transfers"),
    path("<int:pk>/turns/", rhythm_views.turns, name="turns"),
    path("<int:pk>/rhythms/", rhythm_views.rhythms, name="rhythms"),
    path("<int:pk>/requests/", rhythm_views.requests, name="requests"),
    path("turns/shifts/", rhythm_views.shifts_of_many, name="shifts_of_many"),
    path("turns/<int:pk>/shifts/", rhythm_views.shifts, name="shifts"),
    path("new/<slug:slug>/", views.new, name="new"),
]
