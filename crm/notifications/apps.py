from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "crm.notifications"
    label = "notifications"

    def ready(self):
        from crm.notifications import bundles, mail, notices, push, telegram  # noqa: F401
