from django.apps import AppConfig


class PipelinesConfig(AppConfig):
    name = "crm.pipelines"
    label = "pipelines"
