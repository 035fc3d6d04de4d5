from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "crm.boards"
    label = "boards"
