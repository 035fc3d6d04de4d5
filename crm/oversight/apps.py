from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "crm.oversight"
    label = "oversight"

    def ready(self):
        from crm.oversight import asking, digests, notices, reminding  # noqa: F401
