from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "crm.notifications"
    label = "notifications"

    def ready(self):
        from crm.notifications import mail, notices  # noqa: F401
