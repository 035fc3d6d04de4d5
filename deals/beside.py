"""What is done to several deals chosen in a list (R-236)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.boards.beside import acts_on_many


@acts_on_many("reminder")
def putting_off(user):
    """Another date for the reminders of several clients."""
    return [{"label": _("Put reminders off"), "icon": "calendar-plus", "url": reverse("deals:shifts_of_many")}]
