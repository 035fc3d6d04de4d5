from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"
    label = "files"

    def ready(self):
        from files import asking, finding, robots, sweeping  # noqa: F401
        from files.dav import keys  # noqa: F401
