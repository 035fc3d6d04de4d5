from django.urls import path

from . import views

app_name = "clients"
urlpatterns = [
    path("", views.clients, name="list"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("companies/new/", views.new_company, name="new_company"),
    path("companies/<int:pk>/", views.company, name="company"),
    path("companies/<int:pk>/edit/", views.edit_company, name="edit_company"),
    path("contacts/new/", views.new_contact, name="new_contact"),
    path("contacts/<int:pk>/", views.contact, name="contact"),
    path("contacts/<int:pk>/edit/", views.edit_contact, name="edit_contact"),
]
