from django.urls import path

from . import due, export, views

app_name = "boards"
urlpatterns = [
    path("boards/<slug:slug>/", views.board, name="board"),
    path("boards/<slug:slug>/numbers/", views.numbers, name="numbers"),
    path("boards/<slug:slug>/due/", due.due, name="due"),
    path("boards/<slug:slug>/due/cards/<int:pk>/", due.due_card, name="due_card"),
    path("boards/<slug:slug>/due/<slug:span>/", due.due_column, name="due_column"),
    path("boards/<slug:slug>/list/", views.table, name="list"),
    path("boards/<slug:slug>/list/export/", export.export, name="export"),
    path("boards/<slug:slug>/columns/<slug:stage>/", views.column, name="column"),
    path("boards/<slug:slug>/cards/<int:pk>/", views.card, name="card"),
]
