from django.urls import path

from . import views

app_name = "expenses"
urlpatterns = [
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/payments/", views.payments, name="payments"),
    path("<int:pk>/payments/<int:payment>/stornos/", views.stornos, name="stornos"),
    path("<int:pk>/parts/", views.parts, name="parts"),
    path("new/", views.new, name="new"),
]
