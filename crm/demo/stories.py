"""How the demo company's leads, deals and expenses came to stand where they stand: each a story told by a Diary."""

from datetime import timedelta
from decimal import Decimal

from chats.models import Room
from chats.verbs import post
from crm.activities.models import Task
from crm.activities.next_step import refresh_next_step
from crm.activities.verbs import add, finish
from crm.cards.verbs import change, hand_over, note, touch
from crm.office.calendar import add_working_days, day_end
from crm.pipelines.moves import open_card, take
from deals.models import Attraction, Deal, Project, Reminder
from deals.rhythm import follow
from leads.intake import receive

from . import words
from .spending import SpendingStories

ROAD = ("clarify", "prepare_offer", "decide", "approve_offer", "sign", "supply", "finish")
PROCESSES = ["offer-selection", "offer-prices", "offer-estimate", "offer-samples", "offer-logistics"]
# What people answer when a card closes with open tasks.
CLOSED = {"open_tasks": "close"}
# How many days ago a deal moved last.
STOOD = [0, 1, 1, 2, 3, 4, 5, 6, 8]
LOSSES = ["price", "competitor", "budget", "terms", "silence"]


class Stories(SpendingStories):
    """All stories share the firm they happen in and the diary they are told by."""

    def __init__(self, firm, diary, random):
        self.firm, self.diary, self.random = firm, diary, random

    def days_since(self, moment):
        return max(0, (self.diary.now - moment).days)

    def lead(self, client, target, first, last):
        """An inquiry that came ``first`` days ago and moved last ``last`` days ago; a deal's steps follow it."""
        random, owner = self.random, client["owner"]
        kind, thing = random.choice(words.OBJECTS)
        came, given, *rest = self.diary.moments_between(first, last, 5)
        yield came
        spam, aside = target == "spam", target == "other"
        title = (
            random.choice(words.SPAM if spam else words.ASIDE)
            if spam or aside
            else f"{thing.capitalize()}, {client['firm']}"
        )
        asked = "" if spam or aside else random.choice(words.REQUESTS)
        channel = random.choice(["mail", "mail", "site", "phone"])
        lead = receive(
            channel, title=title, raw_text=asked, object_type=kind,
            service=random.choice(["furnishing", "furnishing", "consulting"]),
            source={"mail": "mail", "site": "site", "phone": "call"}[channel],
            amount=self.money(3, 90) if asked else None,
            **{name: client[name] for name in ("firm", "person", "phone", "email")},
        )  # fmt: skip
        if target == "new" and random.random() < 0.6:
            return
        yield given
        change(lead, {"may_refer": random.random() < 0.7}, by=self.firm.dispatcher)
        hand_over(lead, owner, by=self.firm.dispatcher)
        lead.refresh_from_db()
        if target == "new":
            return
        if spam or aside:
            take(lead, "exclude" if spam else "put_aside", by=owner, answers=CLOSED)
            return
        yield rest[0]
        take(lead, "discuss", by=owner, answers={})
        self.talk(lead, 2)
        if target == "discuss":
            return
        yield rest[1]
        if target == "saved":
            take(
                lead,
                "save_contact",
                by=owner,
                answers={**CLOSED, "kind": random.choice(["client", "supplier", "partner"])},
            )
            return
        brief = target == "project"
        take(lead, "convert", by=owner, answers={"has_brief": "yes" if brief else "no", "target": "new"})
        deal = Deal.objects.filter(backlinks__source_id=lead.pk).order_by("pk").last().as_kind()
        self.diary.begin(self.project(deal, rest[1]) if brief else self.attraction(deal, rest[1]))
        saved = rest[1] + timedelta(days=7)
        if saved < self.diary.now:
            yield saved
            take(lead, "save_contact")

    def money(self, least, most):
        return Decimal(self.random.randint(least, most) * 100_000 + self.random.randint(0, 99) * 1_000)

    def talk(self, card, most):
        room = Room.objects.get(card_id=card.pk)
        for text in self.random.sample(words.CHAT, self.random.randint(0, most)):
            post(room, text, self.random.choice([card.owner, card.owner, *self.firm.executives]))

    def contact(self, card):
        """The client was spoken with; a few of those who turned to us still wait for their answer."""
        kind, outbound, text = self.random.choice(words.TOUCHES)
        touch(card, kind, card.owner, outbound or self.random.random() < 0.9, text)

    def next_step(self, card, since):
        """A step planned around now, sometimes forgotten, sometimes missing; what earlier stages asked is mostly done."""
        if self.random.random() < 0.92:
            self.finish_tasks(card, **{} if self.days_since(since) > 2 else {"entry__lt": card.entry})
        if self.random.random() < 0.15 or not card.is_open:
            return
        kind, title = self.random.choice(words.NEXT_STEPS)
        day = add_working_days(self.diary.today, self.random.choice([-3, 0, 0, 1, 1, 1, 2, 3, 3, 5, 5, 8]))
        due = day_end(day) - timedelta(hours=self.random.randint(0, 7))
        add(card, card.owner, kind=kind, title=title, due_at=due)

    def finish_tasks(self, card, **which):
        for task in Task.objects.filter(card_id=card.pk, **which).open().exclude(rule="payment"):
            task.checks.update(done=True)
            finish(task, card.owner, self.random.choice(["", "Сделано, подробности в чате."]))

    def attraction(self, deal, start, far=None):
        """Won over step by step; how far depends on how long ago it began."""
        random, owner, age = self.random, deal.owner, self.days_since(start)
        if far is None:
            far = random.choice([0, 1] if age < 3 else [1, 2, 2, 3, 3, 4, 5] if age < 40 else [2, 3, 4, 4, 5])
        moments = self.diary.moments_between(age, min(age, random.choice(STOOD)), min(4, far + 1) + 1)[1:]
        marks = iter([max(m, start) for m in moments])
        if far == 0:
            return
        yield next(marks)
        take(deal, "search", by=owner, answers={})
        change(deal, {"site": "client.example", "learned": random.choice(words.NOTES)}, by=owner)
        if far > 1:
            yield next(marks)
            named = {
                "decision_maker": str(deal.contact or "Секретарь"),
                "decision_maker_position": random.choice(words.JOBS),
            }
            change(
                deal,
                named | {"decision_maker_phone": self.firm.phone(), "amount": deal.amount or self.money(5, 60)},
                by=owner,
            )
            take(deal, "find", by=owner, answers={})
            self.talk(deal, 3)
        if far > 2:
            yield next(marks)
            self.contact(deal)
        if far == 4:
            yield (moment := next(marks))
            request = random.random() < 0.5
            answers = {
                **CLOSED,
                "has_request": "yes" if request else "no",
                "request": random.choice(words.REQUESTS) if request else "",
            }
            take(deal, "enter_pool", by=owner, answers=answers)
            for made in Deal.objects.filter(backlinks__source_id=deal.pk):
                made = made.as_kind()
                self.diary.begin((self.project if isinstance(made, Project) else self.reminder)(made, moment))
        elif far == 5:
            yield next(marks)
            take(deal, "refuse", by=owner, answers={**CLOSED, "loss_reason": random.choice(LOSSES)})
        else:
            yield (moment := next(marks))
            deal.refresh_from_db()
            self.next_step(deal, moment)

    def project(self, deal, start, far=None):
        """A brief that becomes an offer, a contract and a delivery."""
        random, owner, age = self.random, deal.owner, self.days_since(start)
        far = far if far is not None else random.randint(0, 1) if age < 3 else min(7, random.randint(1, 2 + age // 12))
        lost = far > 2 and random.random() < 0.18
        road = ROAD[:far]
        moments = [max(m, start) for m in self.diary.moments_between(age, min(age, random.choice(STOOD)), far + 1)]
        if not road:
            return
        for moment, step in zip(moments[1:], road, strict=False):
            yield moment
            answers = (
                {"processes": random.sample(PROCESSES, random.randint(1, 3))} if step == "prepare_offer" else CLOSED
            )
            if step == "prepare_offer":
                income = deal.amount or self.money(8, 140)
                cost = (income * random.randint(62, 86) / 100).quantize(Decimal("0.01"))
                deal.refresh_from_db()
                change(deal, {"amount": income, "cost_estimate": cost}, by=owner)
            if step in ("prepare_offer", "send", "sign"):
                self.finish_tasks(deal)
            take(deal, step, by=owner, answers=answers)
            self.talk(deal, 3)
            if random.random() < 0.5:
                self.contact(deal)
            if step in ("sign", "supply") and not lost:
                for _one in range(random.randint(1, 2)):
                    self.diary.begin(self.expense(owner, moment, deal=deal))
        yield moments[-1]
        if lost and far < 7:
            take(deal, "refuse", by=owner, answers={**CLOSED, "loss_reason": random.choice(LOSSES)})
            return
        deal.refresh_from_db()
        self.next_step(deal, moments[-1])
        if random.random() < 0.2:
            room = Room.objects.get(card_id=deal.pk)
            post(room, random.choice(words.QUESTIONS), random.choice(self.firm.executives))

    def reminder(self, deal, start, fate=None):
        """A client who knows the firm and is reminded in a rhythm."""
        random, owner, age = self.random, deal.owner, self.days_since(start)
        fate = fate or random.choice(["new", "planned", "planned", "soon", "late", "interest", "silent"])
        agreed, kept, now = (max(m, start) for m in self.diary.moments_between(age, min(age, 1), 3))
        if fate == "new":
            return
        yield agreed
        answers = {
            "needs": random.sample(["furniture", "light", "carpets", "textile", "acoustics", "decor"], 2),
            "letter_times": random.choice([2, 4]), "letter_per": "year", "call_times": 1, "call_per": "quarter",
            "meeting_times": random.choice([0, 1]), "meeting_per": "year",
        }  # fmt: skip
        take(deal, "schedule", by=owner, answers=answers)
        yield kept
        self.contact(deal)
        yield now
        if fate == "interest":
            take(deal, "take_request", by=owner, answers={**CLOSED, "request": random.choice(words.REQUESTS)})
            for made in Project.objects.filter(backlinks__source_id=deal.pk, pipeline=Project.slug):
                self.diary.begin(self.project(made, now))
        elif fate == "silent":
            take(deal, "silence", by=owner, answers={**CLOSED, "loss_reason": "silence"})
        else:
            away = {"planned": random.randint(6, 40), "soon": random.randint(0, 2), "late": -random.randint(2, 8)}[fate]
            day = add_working_days(self.diary.today, away)
            for place, task in enumerate(Task.objects.filter(card_id=deal.pk).open().order_by("due_at", "pk")):
                # The first is due as fate has it, each following channel a few weeks later.
                task.due_at = day_end(add_working_days(day, place * 15))
                task.save(update_fields=["due_at"])
            if not Task.objects.filter(card_id=deal.pk).open().exists():
                add(deal, owner, kind="call", title="Напомнить о компании: звонок", due_at=day_end(day))
            refresh_next_step(deal.pk)
            deal.refresh_from_db()
            follow(deal)

    def own_deal(self, kind, client, far, first):
        """A repeat order, or a client kept warm, opened by the manager without a lead."""
        start = self.diary.moment(first)
        yield start
        owner = client["owner"]
        code, thing = self.random.choice(words.OBJECTS)
        deal = open_card(
            kind, by=owner, owner=owner, title=f"{thing.capitalize()}, {client['firm']}, повторный заказ",
            object_type=code, service="furnishing", source="repeat", may_refer=True, amount=self.money(6, 120),
            brief=self.random.choice(words.REQUESTS), company=client["company"],
        )  # fmt: skip
        note(deal, "Клиент уже заказывал у нас, условия прежние.", owner)
        if kind is Attraction:
            self.diary.begin(self.attraction(deal, start, 0 if first == 0 else None))
        elif kind is Reminder:
            self.diary.begin(self.reminder(deal, start, far))
        else:
            self.diary.begin(self.project(deal, start, far))
