from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "crm.activities"
    label = "activities"

    def ready(self):
        from crm.activities import closing, ical, robots  # noqa: F401
