from django.urls import path

from . import attaching, rooms, views

app_name = "chats"
urlpatterns = [
    path("", rooms.rooms, name="rooms"),
    path("<int:pk>/", views.room, name="room"),
    path("of/<int:pk>/", views.of_card, name="of_card"),
    path("<int:pk>/messages/", views.messages, name="messages"),
    path("<int:pk>/files/", attaching.attachments, name="attachments"),
    path("<int:pk>/readings/", views.readings, name="readings"),
    path("<int:pk>/typing/", views.typing, name="typing"),
    path("<int:pk>/people/", views.people, name="people"),
    path("messages/<int:pk>/edits/", views.edits, name="edits"),
    path("messages/<int:pk>/deletions/", views.deletions, name="deletions"),
    path("messages/<int:pk>/restorations/", views.restorations, name="restorations"),
    path("messages/<int:pk>/reactions/", views.reactions, name="reactions"),
    path("messages/<int:pk>/wordings/", views.wordings, name="wordings"),
]
