from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "crm.clients"
    label = "clients"

    def ready(self):
        from crm.clients import finding  # noqa: F401
