from django.apps import AppConfig
from django.core.validators import MaxLengthValidator
from django.utils.translation import ngettext_lazy


class CrmConfig(AppConfig):
    name = "crm"
    label = "crm"

    def ready(self):
        # In every form at once, in the words of our other errors.
        MaxLengthValidator.message = ngettext_lazy(
            "At most %(limit_value)d character; there is %(show_value)d now.",
            "At most %(limit_value)d characters; there are %(show_value)d now.",
            "limit_value",
        )
