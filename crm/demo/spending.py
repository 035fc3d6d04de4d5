"""How the demo company's expenses came to stand where they stand."""

from decimal import Decimal

from crm.office.calendar import add_working_days
from crm.pipelines.moves import take
from deals.models import Deal
from expenses.payments import pay
from expenses.verbs import register, split

from . import words

ROAD = ("send", "approve", "order", "settle")


class SpendingStories:
    """The stories of money; ``Stories`` adds those of leads and deals, and what all of them share."""

    def expense(self, author, start, deal=None, far=None):
        """A supplier's invoice, ``far`` steps on its way through approval to payment, or "cancelled" before them."""
        random, age = self.random, self.days_since(start)
        supplier, article, purpose = random.choice(self.firm.suppliers if deal else self.firm.overheads)
        if far is None:
            far = random.choice([0, 1, 1, 2]) if age < 4 else random.choice([1, 2, 3, 4, 4]) if age < 15 else 4
        moments = [max(m, start) for m in self.diary.moments_between(age, min(age, random.choice([0, 1, 2])), 6)]
        yield moments[0]
        estimate = Deal.objects.get(pk=deal.pk).cost_estimate if deal else None
        amount = (
            (estimate * random.randint(15, 35) / 100).quantize(Decimal("0.01"))
            if estimate
            else self.money(0, 4) + 18_500
        )
        due = add_working_days(moments[0].date() if far == 4 else self.diary.today, random.choice([-1, 0, 1, 3, 6, 12]))
        invoice = str(random.randint(40, 990))
        expense = register(
            author, title=f"{supplier.name}: {purpose}", company=supplier, amount=amount, due_on=due, article=article,
            deal=deal, purpose=f"Оплата по счёту № {invoice}, {purpose}", invoice_number=invoice,
            invoice_date=moments[0].date(), payer=self.firm.account,
        )  # fmt: skip
        if far == 0:
            if random.random() < 0.3:
                half = (amount / 2).quantize(Decimal("0.01"))
                split(expense, [(half, due), (amount - half, add_working_days(due, 15))], author)
            return
        executive, accountant = random.choice(self.firm.executives), self.firm.accountant
        fate = random.random()
        if far == "cancelled" or fate < 0.06:
            take(expense, "cancel", by=author, answers={})
            return
        yield moments[1]
        take(expense, "send", by=author, answers={})
        if fate < 0.16:
            yield moments[2]
            take(expense, "give_back", by=executive, answers={"remark": random.choice(words.RETURNS)})
            if far < 3:
                return
            take(expense, "send", by=author, answers={})
        for moment, step in zip(moments[2:], ROAD[1:far], strict=False):
            yield moment
            answers = {}
            if step == "settle":
                number = str(random.randint(100, 900))
                if fate > 0.7 and age < 15:
                    pay(expense, (amount / 2).quantize(Decimal("0.01")), moment.date(), number, by=accountant)
                    return
                answers = {"paid": str(amount), "paid_on": moment.date().isoformat(), "order_number": number}
            take(expense, step, by=executive if step == "approve" else accountant, answers=answers)
