from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "crm.calls"
    label = "calls"

    def ready(self):
        from crm.calls import notices, verbs  # noqa: F401
