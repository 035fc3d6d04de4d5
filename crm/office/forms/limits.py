"""The form of the company's limits and times, grouped by meaning."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Area, Office
from . import SettingsForm

# Every field of the settings stands in exactly one group; a test keeps it so.
GROUPS = [
    (_("Company"), ["name", "zone"]),
    (_("Working day"), ["day_start", "day_end", "short_day_end"]),
    (_("Terms"), ["stuck_days", "lead_days", "lead_archive_days", "soon_days", "reaction_hours"]),
    (
        _("Oversight"),
        ["overdue_days", "approval_days", "warning_minutes", "digest_time", "manager_digest_time"],
    ),
    (_("Moves and money"), ["undo_seconds", "margin_threshold"]),
    (
        _("What is asked at a move"),
        [
            "asks_discussed",
            "asks_decision_maker",
            "asks_offer",
            "asks_offer_file",
            "asks_article",
            "asks_invoice",
            "second_executive",
        ],
    ),
    (_("What the system does by itself"), ["early_touch", "pauses_reminders", "names_duplicate_owner"]),
]


TIMES = ("day_start", "day_end", "short_day_end", "digest_time", "manager_digest_time")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class LimitsForm(SettingsForm):
    area = Area.LIMITS

    class Meta:
        model = Office
        fields = [name for _group, names in GROUPS for name in names]
        widgets = {name: TimeInput() for name in TIMES}
        help_texts = {
            "name": _("Stands in letters and on printed pages."),
            "zone": _("All dates and hours are in it, such as Europe/Moscow."),
            "day_start": _("Working hours count from here."),
            "day_end": _("Tasks are due by this hour; new cards must be sorted out by then."),
            "short_day_end": _("On the day before a holiday."),
            "stuck_days": _("Then the card's days turn red. A stage may have a norm of its own."),
            "lead_days": _("A lead that stands longer in “Discuss the inquiry” is a violation."),
            "lead_archive_days": _("Counted from the move to “The lead is interesting”; days off count too."),
            "soon_days": _("So many days before, a reminder moves to “Time to remind”."),
            "reaction_hours": _("Then an executive hears that the client has had no answer."),
            "overdue_days": _("Until then it is the manager's own matter."),
            "approval_days": _("Then the waiting expense is a violation."),
            "warning_minutes": _("So long before the end of the day the responsible person is warned."),
            "digest_time": _("On working days, in the app and by mail; an empty one is not sent."),
            "manager_digest_time": _("On working days, in the app and by mail; an empty one is not sent."),
            "undo_seconds": _("So long “Undo” stands after a move; letters and notices wait for it."),
            "margin_threshold": _("A lower margin is red on boards and cards."),
            "asks_discussed": _("A manager creates a deal only after an executive has ticked off the discussion."),
            "asks_decision_maker": _("The move asks for the name and the phone of the decision maker."),
            "asks_offer": _("The move asks for the income estimate and the cost estimate."),
            "asks_offer_file": _("The move asks for it while the offer's subfolder is empty."),
            "asks_article": _("Sending for approval asks for the article when the expense has no deal."),
            "asks_invoice": _("The move asks for the file of the invoice while the expense's folder is empty."),
            "second_executive": _("An executive cannot approve what they have registered themselves."),
            "early_touch": _("A call or a letter moves the deal also from “New” and from the search."),
            "pauses_reminders": _("No reminders while a project of the client is open."),
            "names_duplicate_owner": _("Otherwise it says only that the contact is already there."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["margin_threshold"] = f"{self.instance.margin_threshold.normalize():f}"

    def groups(self):
        """The fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]
