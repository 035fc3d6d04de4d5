from django.contrib.auth.views import LogoutView
from django.urls import path

from . import passwords, views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("password/<uidb64>/<token>/", passwords.SetPassword.as_view(), name="set_password"),
    path("profile/", views.profile, name="profile"),
    path("people/", views.people, name="list"),
    path("people/new/", views.person, name="new"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/invitations/", views.invitations, name="invitations"),
]
