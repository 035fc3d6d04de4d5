from django.urls import path

from crm.cards import handing, sharing, views

from . import moves

app_name = "cards"
urlpatterns = [
    path("cards/<int:pk>/moves/", moves.moves, name="moves"),
    path("cards/<int:pk>/touches/", views.touches, name="touches"),
    path("cards/<int:pk>/notes/", views.notes, name="notes"),
    path("cards/<int:pk>/shares/", sharing.shares, name="shares"),
    path("cards/<int:pk>/owners/", views.owners, name="owners"),
    path("people/<int:pk>/handovers/", handing.handovers, name="handovers"),
    path("events/<int:pk>/undos/", moves.undos, name="undos"),
]
