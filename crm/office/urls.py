from django.urls import path

from .views import calendar, limits, rows, stages

app_name = "office"
urlpatterns = [
    path("", limits.limits, name="limits"),
    path("history/", limits.changes, name="history"),
    path("history/<int:pk>/undos/", limits.undos, name="undo"),
    path("exports/", limits.exports, name="exports"),
    path("stages/", stages.stages, name="stages"),
    path("stages/<slug:slug>/", stages.stages, name="stages"),
    path("stages/<slug:slug>/<slug:stage>/", stages.stage, name="stage"),
    path("catalogues/", rows.catalogues, name="catalogues"),
    path("catalogues/<slug:catalogue>/", rows.catalogues, name="catalogues"),
    path("catalogues/<slug:catalogue>/new/", rows.new_entry, name="new_entry"),
    path("entries/<int:pk>/", rows.entry, name="entry"),
    path("tasks/", rows.tasks, name="tasks"),
    path("tasks/new/", rows.new_task, name="new_task"),
    path("tasks/<int:pk>/", rows.task, name="task"),
    path("hints/<slug:field>/", rows.field_hint, name="hint"),
    path("accounts/", rows.accounts, name="accounts"),
    path("accounts/new/", rows.new_account, name="new_account"),
    path("accounts/<int:pk>/", rows.account, name="account"),
    path("<slug:kind>/<int:pk>/offers/", rows.offers, name="offers"),
    path("<slug:kind>/<int:pk>/places/", rows.places, name="places"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/import/", calendar.imports, name="import"),
    path("calendar/days/<slug:day>/", calendar.day, name="day"),
    path("calendar/days/<slug:day>/resets/", calendar.day_resets, name="day_reset"),
    path("calendar/<int:year>/", calendar.year, name="calendar"),
]
