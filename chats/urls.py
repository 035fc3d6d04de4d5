from django.urls import path

from . import views

app_name = "chats"
urlpatterns = [
    path("<int:pk>/", views.room, name="room"),
    path("<int:pk>/messages/", views.messages, name="messages"),
]
