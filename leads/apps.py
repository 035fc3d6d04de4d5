from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"
    label = "leads"

    def ready(self):
        from leads import beside, notices, robots  # noqa: F401
        from leads.imports import running  # noqa: F401
