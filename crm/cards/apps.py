from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "crm.cards"
    label = "cards"

    def ready(self):
        from . import checks  # noqa: F401
