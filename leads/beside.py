"""What stands beside the leads' board, and what is done to several leads of its list (R-104, R-117)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.boards.beside import acts_on_many, pages_beside


@pages_beside("leads")
def intake_pages(user):
    """Import and journal for everybody who takes inquiries in, the exclusion list for executives."""
    pages = [("imports", _("Import"), "file-import"), ("journal", _("Intake journal"), "notebook")]
    if user.is_executive:
        pages.append(("exclusions", _("Exclusion list"), "shield-x"))
    return [{"label": label, "icon": icon, "url": reverse(f"leads:{name}")} for name, label, icon in pages]


@acts_on_many("leads")
def distribution(user):
    """Giving leads to people, for those who distribute them."""
    if not user.may_distribute_leads:
        return []
    return [{"label": _("Assign a responsible person"), "icon": "user-share", "url": reverse("leads:assignments")}]
