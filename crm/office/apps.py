from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class OfficeConfig(AppConfig):
    name = "crm.office"
    label = "office"

    def ready(self):
        from .memory import touch

        for model in self.get_models():
            post_save.connect(touch, sender=model)
            post_delete.connect(touch, sender=model)
