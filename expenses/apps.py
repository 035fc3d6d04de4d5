from django.apps import AppConfig


class ExpensesConfig(AppConfig):
    name = "expenses"
    label = "expenses"

    def ready(self):
        from expenses import notices, robots  # noqa: F401
