from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "chats"
    label = "chats"

    def ready(self):
        from chats import notices, robots, stream  # noqa: F401
