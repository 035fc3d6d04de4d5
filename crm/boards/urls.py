from django.urls import path

from . import views

app_name = "boards"
urlpatterns = [
    path("boards/<slug:slug>/", views.board, name="board"),
    path("boards/<slug:slug>/list/", views.table, name="list"),
    path("boards/<slug:slug>/columns/<slug:stage>/", views.column, name="column"),
    path("boards/<slug:slug>/cards/<int:pk>/", views.card, name="card"),
]
