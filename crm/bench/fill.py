"""Fills a company with leads, deals and expenses of several years: the same rows for the same seed, dated to end now."""

from collections import deque
from datetime import timedelta
from decimal import Decimal
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.cards.models import Card, Event
from crm.demo import words
from crm.office.calendar import company_date, day_end, deadline
from crm.pipelines.declare import KINDS
from deals.models import Deal
from expenses.models import Decision, Expense, Payment, Spending
from expenses.payments import APPROVED, PROFIT
from leads.models import IntakeRecord, Lead

from .roads import BY_ITSELF, LOSSES, PROCESSES, SHARES, road_of
from .staff import gather_clients, hire
from .story import Story
from .tables import Tables, words_indexed

YEARS = 3


class Filler:
    """What all stories share: who works there, the rows on their way, chance, and now."""

    def __init__(self, managers, seed):
        self.random, self.now, self.tables = Random(seed), timezone.now(), Tables()  # noqa: S311
        self.site = settings.SITE_URL
        self.staff = hire(managers)
        self.promised = deque()  # deals that leads have already named
        self.spending = []  # deals with expenses: (deal, viewers, money paid so far)
        self.due = {}
        self.cards = self.asked_cards = self.asked_events = 0

    def named(self, who, card):
        """The people a stage's task is for."""
        named = {"executives": self.staff.executives, "accountant": [self.staff.accountant]}
        return named.get(who) or [card.owner]

    def deadline(self, moment, days):
        """`office.calendar.deadline`, asked once a day."""
        day = (company_date(moment), days)
        if day not in self.due:
            self.due[day] = deadline(moment, days)
        return self.due[day]

    def moments(self, number, closed):
        """That many moments in order; an open card is of the last half year, a closed one of the last years."""
        first = self.random.uniform(30, YEARS * 365) if closed else self.random.uniform(1, 180)
        last = self.random.uniform(0, first)
        inner = sorted(self.random.uniform(last, first) for _one in range(number - 1))[::-1]
        return [self.now - timedelta(days=days) for days in [first, *inner]]

    def money(self, least, most):
        return Decimal(self.random.randint(least * 100, most * 100) * 1_000)

    def client(self, owner=None):
        owner = owner or self.random.choice(self.staff.managers)
        return self.random.choice(self.staff.clients[owner.pk])

    def talk(self, story):
        """People's own events, so that all together come to what was asked for."""
        self.cards += 1
        wanted = self.asked_events * self.cards // self.asked_cards - self.tables.written[Event]
        story.talk(max(0, min(20, wanted)))

    def next_step(self, story):
        if story.card.closed_at is None and story.card.owner and self.random.random() < 0.6:
            kind, title = self.random.choice(words.NEXT_STEPS)
            due = self.now + timedelta(days=self.random.randint(-6, 15), hours=self.random.randint(0, 8))
            story.plan_own(title, kind, due)

    def lead(self):
        """An inquiry; where it becomes a deal, the deal is promised and opened later."""
        random, road = self.random, road_of("leads", self.random)
        if "convert" in road and len(self.promised) * 2 > self.asked_deals:
            road = ("discuss", "save_contact")
        moments = self.moments(len(road) + 1, bool(road) and road[-1] != "discuss" and road[-1] != "convert")
        client, (object_type, thing) = self.client(), random.choice(words.OBJECTS)
        owner = client.owner if road or random.random() < 0.5 else None
        known = "save_contact" in road or "convert" in road
        channel, source = random.choice([("mail", "mail"), ("site", "site"), ("phone", "call")])
        pk = self.tables.id(Card)
        lead = Lead(
            id=pk, card_ptr_id=pk, pipeline="leads", stage="new", owner=owner, channel=channel, source=source,
            title=f"{thing.capitalize()}, {client.company.name}", raw_text=random.choice(words.REQUESTS),
            firm=client.company.name, person=client.contact.name, phone=client.phone, email=client.mail,
            received_at=moments[0], object_type=object_type, service="furnishing", amount=self.money(3, 90),
            company=client.company if known else None, contact=client.contact if known else None,
        )  # fmt: skip
        story = Story(self, lead, moments[0])
        story.open_room()
        self.tables.add(IntakeRecord(
            at=moments[0], channel=channel, sender=client.mail, text=lead.title, outcome="lead", lead_id=pk
        ))  # fmt: skip
        if owner:
            story.tell([owner], "assigned")
        for name, moment in zip(road, moments[1:], strict=True):
            if name == "convert":
                self._convert(story, moment, client)
            elif name == "save_contact":
                story.move(name, moment, owner, asked={"kind": "client"}, may_refer=True)
            elif name == "exclude":
                story.move(name, moment, owner, more={"excluded": []})
            else:
                story.move(name, moment, owner, **({"may_refer": True} if name == "discuss" else {}))
        self.talk(story)
        self.next_step(story)
        story.end()

    def _convert(self, story, moment, client):
        lead, brief, deal = story.card, self.random.random() < 0.7, self.tables.id(Card)
        kind = "project" if brief else "attraction"
        made = [{"model": f"deals.{kind}", "pk": deal, "rule": "lead-deal", "title": lead.title}]
        story.move("convert", moment, lead.owner, asked={"target": "new"}, more={"made": made}, has_brief=brief)
        self.promised.append((kind, deal, lead, moment, client))

    def deal(self):
        """A deal promised by a lead, or one that a manager opened."""
        random = self.random
        if self.promised:
            slug, pk, lead, begun, client = self.promised.popleft()
            road, title, owner, author = road_of(slug, random), lead.title, lead.owner, None
            amount, moments = lead.amount, [begun, *self._after(begun, road)]
        else:
            slug = random.choices(tuple(SHARES), tuple(SHARES.values()))[0]
            road, pk, lead, client = road_of(slug, random), self.tables.id(Card), None, self.client()
            owner = author = client.owner
            moments = self.moments(
                len(road) + 1, bool(road) and road[-1] in ("finish", "refuse", "enter_pool", "silence")
            )
            title = f"{random.choice(words.OBJECTS)[1].capitalize()}, {client.company.name}, повторный заказ"
            amount = self.money(6, 120)
        deal = KINDS[slug](
            id=pk, card_ptr_id=pk, pipeline=slug, stage="new", title=title, owner=owner, author=author, amount=amount,
            company=client.company, contact=client.contact, source="repeat", may_refer=True,
            object_type=random.choice(words.OBJECTS)[0], service="furnishing", brief=random.choice(words.REQUESTS),
        )  # fmt: skip
        story = Story(self, deal, moments[0], author, lead.pk if lead else None)
        if lead:
            story.link(lead.pk, "lead-deal")
        story.open_room()
        story.open_folder()
        for name, moment in zip(road, moments[1:], strict=True):
            self._step(story, name, moment)
        self.talk(story)
        self.next_step(story)
        story.end()
        if slug == "project" and {"sign", "finish"} & set(road) and deal.stage != "refused":
            viewers = [user for user in (deal.owner, author) if user]
            self.spending.append((deal, list(dict.fromkeys(viewers)), moments[-1]))

    def _after(self, begun, road):
        left = (self.now - begun).total_seconds()
        return [begun + timedelta(seconds=s) for s in sorted(self.random.uniform(0, left) for _step in road)]

    def _step(self, story, name, moment):
        deal, random = story.card, self.random
        by, asked, more, answers = None if name in BY_ITSELF else deal.owner, {}, {}, {}
        if name == "prepare_offer":
            story.change({"cost_estimate": (deal.amount * random.randint(62, 86) / 100).quantize(Decimal("0.01"))}, by)
            asked = {"processes": random.sample(PROCESSES, random.randint(1, 2))}
        elif name == "refuse" or name == "silence":
            asked, answers = {"remark": ""}, {"loss_reason": random.choice(LOSSES)}
        elif name == "enter_pool":
            answers = {"has_request": False}
        elif name == "schedule":
            answers = {"needs": ["furniture"], "call_times": 1, "call_per": "quarter", "letter_times": 2,
                       "letter_per": "year", "meeting_times": 0, "meeting_per": "year"}  # fmt: skip
        elif name == "find":
            answers = {"decision_maker": str(deal.contact), "decision_maker_phone": "+7 999 000-00-00"}
        event = story.move(name, moment, by, asked, more, **answers)
        for code in asked.get("processes", ()):
            story.plan(code, event.data)

    def expense(self):
        """A supplier's invoice of a deal, or of the office, on its way to payment."""
        random, staff, road = self.random, self.staff, road_of("expenses", self.random)
        supplier, article, purpose = random.choice(staff.suppliers)
        moments = self.moments(len(road) + 1, bool(road) and road[-1] in ("settle", "cancel"))
        deal, viewers = None, []
        if self.spending and random.random() < 0.85:
            deal, viewers, begun = random.choice(self.spending)
            moments = [begun, *self._after(begun, road)]
        author, pk = deal.owner if deal else random.choice(staff.managers), self.tables.id(Card)
        amount = (deal.cost_estimate / 8).quantize(Decimal("0.01")) if deal and deal.cost_estimate else self.money(1, 4)
        number, due = str(random.randint(40, 9990)), company_date(moments[-1] + timedelta(days=random.randint(-1, 9)))
        expense = Expense(
            id=pk, card_ptr_id=pk, pipeline="expenses", stage="documents", title=f"{supplier.name}: {purpose}",
            owner=author, author=author, company=supplier, amount=amount, due_on=due, article=article, deal=deal,
            purpose=f"Оплата по счёту № {number}, {purpose}", invoice_number=number, payer=staff.account,
            invoice_date=company_date(moments[0]),
        )  # fmt: skip
        story = Story(self, expense, moments[0], author)
        mine = {author.pk}
        story.grant([(user.pk, "view_card") for user in viewers if user.pk not in mine])
        task = story.plan("payment", owner=author, title=f"Оплата: {supplier}", due_at=day_end(due))
        for name, moment in zip(road, moments[1:], strict=True):
            self._spend(story, name, moment, task)
        self.talk(story)
        story.end()

    def _spend(self, story, name, moment, task):
        expense, staff = story.card, self.staff
        executive = self.random.choice(staff.executives)
        by = {"approve": executive, "order": staff.accountant, "settle": staff.accountant}.get(name, expense.author)
        asked = {}
        if name == "settle":
            asked = {
                "paid": str(expense.amount),
                "paid_on": str(company_date(moment)),
                "order_number": "77",
                "rest": "",
            }
        story.move(name, moment, by, asked)
        if name == "send":
            story.tell(staff.executives, "approve-expense")
        elif name == "approve":
            self.tables.add(Decision(
                expense_id=expense.pk, round=expense.entry - 1, verdict="approved", by=executive, at=moment
            ))  # fmt: skip
            story.tell([staff.accountant], "payment-order")
        elif name == "settle":
            self._pay(story, moment, task)
        elif name == "cancel":
            task.state, task.done_at = "auto", moment

    def _pay(self, story, moment, task):
        expense, staff = story.card, self.staff
        self.tables.add(Payment(
            expense_id=expense.pk, amount=expense.amount, paid_on=company_date(moment), order_number="77",
            by=staff.accountant, at=moment,
        ))  # fmt: skip
        expense.paid_total, task.state, task.done_at = expense.amount, "auto", moment
        story.record(Event.Kind.PAID, staff.accountant, amount=str(expense.amount), paid_on=company_date(moment))
        story.record(Event.Kind.RULE, None, rule="Счета оплачены", runs=[])
        story.tell(staff.executives, "paid", deal=expense.deal_id)
        deal = expense.deal
        if deal is None:
            return
        before = deal.money
        deal.paid_total += expense.amount
        profit, margin = [before.fact, deal.money.fact], [before.fact_margin, deal.money.fact_margin]
        told = Event(card_id=deal.pk, kind=Event.Kind.RULE, at=moment, entry=deal.entry)
        told.data = {"rule": PROFIT, "profit": profit, "margin": margin}
        self.tables.add(told)

    def total(self):
        """What the expenses come to, on their deals."""
        mine = Spending.objects.filter(deal_id=OuterRef("pk")).order_by().values("deal_id")
        paid = mine.annotate(s=Sum("paid_total")).values("s")
        waiting = mine.filter(Q(stage__in=APPROVED), amount__gt=F("paid_total"))
        waiting = waiting.annotate(s=Sum(F("amount") - F("paid_total"))).values("s")
        zero = Value(Decimal(0))
        Deal.objects.filter(pk__in=Spending.objects.exclude(deal=None).values("deal_id")).update(
            paid_total=Coalesce(Subquery(paid), zero), approved_total=Coalesce(Subquery(waiting), zero)
        )


@transaction.atomic
def fill(managers, leads, deals, expenses, events, seed=1, said=lambda what, done, of: None):
    """Write the company in one transaction; returns the number of rows written by table. ``said`` hears how far it is."""
    words_indexed(add=False)
    filler = Filler(managers, seed)
    filler.asked_cards, filler.asked_events, filler.asked_deals = leads + deals + expenses, events, deals
    born = filler.now - timedelta(days=(YEARS + 1) * 365)
    gather_clients(filler.staff, filler.tables, max(managers, (leads + deals) // 8), born, filler.random)
    for what, number, tell in (
        ("leads", leads, filler.lead),
        ("deals", deals, filler.deal),
        ("expenses", expenses, filler.expense),
    ):
        for done in range(number):
            tell()
            if done % 500 == 0:
                said(what, done, number)
    filler.tables.finish()
    filler.total()
    said("constraints", 0, 0)
    connection.check_constraints()  # else the tables await it and take no index
    said("indexes", 0, 0)
    words_indexed(add=True)
    return {model._meta.db_table: rows for model, rows in filler.tables.written.items()}
