from django.urls import path

from . import agenda, day, doing, ical, telling, views

app_name = "activities"
urlpatterns = [
    path("day/", day.my_day, name="day"),
    path("activities/", agenda.table, name="list"),
    path("activities/due/", agenda.due, name="due"),
    path("activities/calendar/", agenda.calendar, name="calendar"),
    path("activities/gantt/", agenda.gantt, name="gantt"),
    path("activities/events/", agenda.events, name="events"),
    path("activities/address/", ical.address, name="address"),
    path("activities/addresses/", ical.addresses, name="addresses"),
    path("activities/revocations/", ical.revocations, name="revocations"),
    path("calendar/<str:secret>.ics", ical.feed, name="feed"),
    path("cards/<int:pk>/tasks/", views.tasks, name="tasks"),
    path("cards/<int:pk>/feed/", telling.told, name="told"),
    path("cards/<int:pk>/contacts/", views.contacts, name="contacts"),
    path("cards/<int:pk>/steps/", doing.steps_, name="steps"),
    path("tasks/<int:pk>/", views.task, name="task"),
    path("tasks/<int:pk>/edit/", views.edit, name="edit"),
    path("tasks/<int:pk>/comments/", views.comments, name="comments"),
    path("tasks/<int:pk>/completions/", doing.completions, name="completions"),
    path("tasks/<int:pk>/reopenings/", doing.reopenings, name="reopenings"),
    path("tasks/<int:pk>/cancellations/", doing.cancellations, name="cancellations"),
    path("tasks/<int:pk>/dates/", doing.dates, name="dates"),
    path("tasks/<int:pk>/returns/", doing.returns, name="returns"),
    path("tasks/<int:pk>/spans/", doing.spans, name="spans"),
    path("checks/<int:pk>/", views.checks, name="checks"),
]
