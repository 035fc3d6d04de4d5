"""Profit of a deal: planned, actual and expected, to the kopeck (R-246, R-247, R-320)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def percent(profit, income):
    """Profit in per cent of income, two decimals; None while there is no income to divide by."""
    if profit is None or not income:
        return None
    return (profit * 100 / income).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Money:
    """Roubles as Decimal; ``income`` and ``cost`` are estimates and may be None, what was paid and approved may not."""

    income: Decimal | None
    cost: Decimal | None
    paid: Decimal = Decimal(0)
    approved: Decimal = Decimal(0)

    @property
    def profit(self):
        """«Предварительная прибыль (авто)» = смета дохода − смета расхода."""
        return None if self.income is None or self.cost is None else self.income - self.cost

    @property
    def margin(self):
        """«% предварительной прибыли (авто)»."""
        return percent(self.profit, self.income)

    @property
    def fact(self):
        """«Прибыль факт» = смета дохода − оплаченные расходы."""
        return None if self.income is None else self.income - self.paid

    @property
    def fact_margin(self):
        return percent(self.fact, self.income)

    @property
    def expected(self):
        """Forecast = смета дохода − max(смета расхода, оплачено + утверждено к оплате)."""
        if self.income is None:
            return None
        return self.income - max(self.cost or Decimal(0), self.paid + self.approved)

    @property
    def expected_margin(self):
        return percent(self.expected, self.income)

    @property
    def left(self):
        """What of the cost estimate is neither paid nor approved; negative when it is exceeded."""
        return None if self.cost is None else self.cost - self.paid - self.approved
