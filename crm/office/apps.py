from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class OfficeConfig(AppConfig):
    name = "crm.office"
    label = "office"

    def ready(self):
        from .memory import touch

        # The log of exports settles nothing, and nobody's page waits for it.
        for model in set(self.get_models()) - {self.get_model("Export")}:
            post_save.connect(touch, sender=model)
            post_delete.connect(touch, sender=model)
