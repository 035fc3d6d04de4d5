"""Who takes a step."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Who:
    """Who may take a step: a name for people and a check of (card, user)."""

    name: str
    label: str | Promise
    check: Callable
    # Whether this person may take such a step with any card at all.
    ever: Callable = lambda user: True

    def __call__(self, card, user):
        return self.check(card, user)


worker = Who("worker", _("those who work on the card"), lambda card, user: True)
executive = Who("executive", _("an executive"), lambda card, user: user.is_executive, lambda user: user.is_executive)
accountant = Who(
    "accountant", _("an accountant or an executive"), lambda card, user: user.is_accountant or user.is_executive,
    lambda user: user.is_accountant or user.is_executive,
)  # fmt: skip
author = Who(
    "author",
    _("the author, the responsible person or an executive"),
    lambda card, user: user.is_executive or user.pk in (card.author_id, card.owner_id),
)
nobody = Who("nobody", _("the system"), lambda card, user: False, lambda user: False)
