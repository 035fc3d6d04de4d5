"""Loads the demo company into an empty installation: the same names and numbers each time, dated to end now."""

from random import Random

from django.db import transaction

from crm.clients.models import Company
from deals.models import Attraction, Project, Reminder

from .company import Firm
from .diary import Diary
from .stories import Stories

# how many leads end where, and between which days ago they came
LEADS = [
    ("new", 9, (0, 0)),
    ("new", 2, (1, 3)),
    ("discuss", 24, (1, 12)),
    ("attraction", 12, (2, 9)),
    ("project", 14, (2, 9)),
    ("attraction", 50, (15, 150)),
    ("project", 46, (15, 170)),
    ("saved", 63, (6, 170)),
    ("other", 42, (1, 170)),
    ("spam", 38, (1, 170)),
]
PROJECTS = [0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7]
REMINDERS = [
    "new",
    "new",
    "planned",
    "planned",
    "planned",
    "planned",
    "soon",
    "soon",
    "late",
    "late",
    "interest",
    "silent",
]
ATTRACTIONS = [0, 0, 0, 2, 5, 30, 60]
OVERHEADS = [
    (0, 0),
    (0, 0),
    (1, 0),
    (2, 1),
    (3, 1),
    (6, 2),
    (9, 3),
    (10, "cancelled"),
    (12, 3),
    (25, 4),
    (33, 4),
    (61, 4),
    (92, 4),
    (120, 4),
]


@transaction.atomic
def load(said=lambda told: None):
    """Write the whole company in one transaction; ``said`` hears how many acts have been told."""
    random = Random(2)  # noqa: S311
    firm, diary = Firm(random), Diary(random)
    stories = Stories(firm, diary, random)
    clients = iter(firm.clients * 3)
    for target, number, came in LEADS:
        for _one in range(number):
            first = random.randint(*came)
            diary.begin(
                stories.lead(
                    next(clients),
                    target,
                    first,
                    random.randint(0, min(1, first)) if target == "discuss" else max(0, first - random.randint(0, 3)),
                )
            )
    for kind, fates in ((Project, PROJECTS), (Reminder, REMINDERS), (Attraction, ATTRACTIONS)):
        for fate in fates:
            client = next(clients)
            client["company"] = Company.objects.create(name=client["firm"], owner=client["owner"])
            client["company"].refresh_words()
            first = fate if kind is Attraction else 0 if fate in (0, "new") else random.randint(15, 110)
            diary.begin(stories.own_deal(kind, client, fate, first))
    for days, far in OVERHEADS:
        author = random.choice([firm.dispatcher, firm.accountant, *firm.executives])
        diary.begin(stories.expense(author, diary.moment(days), far=far))
    diary.run(said)
    diary.backdate()
