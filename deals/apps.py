from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "deals"
    label = "deals"

    def ready(self):
        from deals import beside, finding, hints, robots  # noqa: F401
