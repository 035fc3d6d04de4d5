from django.urls import path

from crm.cards import views

from . import moves

app_name = "cards"
urlpatterns = [
    path("cards/<int:pk>/moves/", moves.moves, name="moves"),
    path("cards/<int:pk>/touches/", views.touches, name="touches"),
    path("cards/<int:pk>/notes/", views.notes, name="notes"),
    path("cards/<int:pk>/owners/", views.owners, name="owners"),
    path("events/<int:pk>/undos/", moves.undos, name="undos"),
]
