"""What the expenses come to in their deal, whatever is paid, undone or left over, to the kopeck (R-317, R-318)."""

from decimal import Decimal

import pytest

from crm.office.calendar import company_today
from crm.pipelines.moves import take
from crm.pipelines.undo import undo
from deals.models import Deal
from expenses.models import Expense


def approved_sum(project):
    return Deal.objects.get(pk=project.pk).approved_total


@pytest.mark.parametrize(("step", "by"), [("order", "natalia"), ("cancel", "anna")])
def test_undo_leaves_the_approved_sum_as_it_was(cast, project, approved, step, by):
    user = getattr(cast, by)
    assert approved_sum(project) == 100
    undo(take(approved, step, user), user)
    assert approved_sum(project) == 100


def test_undo_of_the_approval_takes_its_sum_away(cast, project, expense):
    take(expense, "send", cast.anna)
    undo(take(expense, "approve", cast.irina), cast.irina)
    assert approved_sum(project) == 0


@pytest.mark.parametrize("paid", ["100", "150"])
def test_nothing_left_makes_no_additional_payment(cast, approved, paid):
    """An additional payment of nothing, or of less than nothing, is none."""
    answers = {"paid": paid, "paid_on": company_today(), "rest": "extra", "over": "on"}
    take(approved, "settle", cast.natalia, answers)
    assert Expense.objects.count() == 1
    assert Expense.objects.get().paid_total == Decimal(paid)
