"""The world the doors are tried in: what manager A has, the same for manager B, and eleven people who come by."""

import io
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Max
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from chats.verbs import post
from crm.activities.models import Task
from crm.activities.verbs import add
from crm.calls.models import Call
from crm.cards.access import permission_id
from crm.cards.models import Event
from crm.cards.verbs import hand_over, note, share, touch
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.notifications.models import Notice, Outbox, PushDevice
from crm.office import memory
from crm.office.models import Account, Area, Entry, Export, SettingsChange, TaskTemplate
from crm.office.starter import load
from crm.people.models import Role, User
from crm.pipelines.moves import open_card, take
from deals.models import Attraction, Project, Reminder
from expenses.models import Expense
from expenses.payments import pay
from expenses.verbs import register
from files import store
from files.bin import put_away
from files.models import Blob, Folder, Upload
from files.verbs import put
from leads.intake import keep_out, receive
from leads.models import Exclusion, ImportRow, Lead, LeadImport
from tests.conftest import hire, person

from .canaries import Mint, body_of

ABSENT = 999_999_999

# Whom every door must say something about; the order is that of the columns in matrix.py.
ACTORS = {
    "anonymous": "nobody signed in",
    "owner": "manager A, whose records they are",
    "other": "manager B",
    "viewer": "a colleague invited to see A's lead and deal",
    "worker": "a colleague invited to work on A's lead and deal",
    "former": "the manager who had it all before A",
    "executive": "",
    "accountant": "",
    "administrator": "who is not an executive",
    "left": "deactivated, with a cookie that is still valid",
    "demoted": "an executive whose role was taken away in mid-session",
    "bare": "the same person, signed in anew",
}
# Which groups of A's canaries an actor may ever meet; the accountant knows what the deals of expenses are called (G1).
SHARED = {"lead", "deal", "deal-name", "expense", "client"}
MONEY = {"expense", "private-expense", "client", "deal-name", "payee"}
ALL = SHARED | MONEY | {"private"}
MAY_SEE = {
    "anonymous": set(), "owner": ALL, "other": set(), "viewer": SHARED, "worker": SHARED, "former": set(),
    "executive": ALL, "accountant": MONEY, "administrator": set(), "left": set(), "demoted": set(), "bare": set(),
}  # fmt: skip


RHYTHM = {
    "needs": ["light"], "letter_times": 2, "letter_per": "year", "call_times": 0, "call_per": "year", "meeting_times": 0,
    "meeting_per": "year",
}  # fmt: skip


def belongings(user, mark, start, before=None):
    """Make one of everything; ``before`` had the shared cards first and handed them over."""
    mint, first = Mint(mark, start), before or user
    mine = SimpleNamespace(user=user)
    for group, prefix in (("client", ""), ("private", "private_"), ("payee", "paid_")):
        company = Company.objects.create(owner=user, **mint.fill(Company, group))
        contact = Contact.objects.create(owner=user, company=company, **mint.fill(Contact, group))
        for client in (company, contact):
            add_channels(client, [mint.phone(group)], [f"{mint.token(group)}@snag.example"])
        setattr(mine, f"{prefix}company", company)
        setattr(mine, f"{prefix}contact", contact)
    clients = {"company": mine.company, "contact": mine.contact}
    mine.lead = receive(
        "phone", by=first, owner=first, **mint.fill(Lead, "lead"), **clients, source="call", may_refer=True
    )
    mine.kept = keep_out("site", f"{mint.token('private')}@spam.example", mint.token("private"), user)
    mine.excluded = Exclusion.objects.create(kind="mail", value=f"{mint.token('private')}@spam.example")
    mine.batch = LeadImport.objects.create(
        digest=mark, by=user, name=mint.token("private"), columns=["Имя"], fields=["person"]
    )
    for n, state in enumerate(ImportRow.State.values):
        mine.batch.rows.create(line=n, cells=[mint.token("private")], state=state)
    mine.deal = open_card(Project, by=first, owner=first, **mint.fill(Project, "deal"), **clients)
    mint.group_of[mine.deal.title] = "deal-name"
    mine.expense = register(
        first, deal=mine.deal, company=mine.company, due_on=date(2027, 3, 1), **mint.fill(Expense, "expense")
    )
    for card in (mine.lead, mine.deal, mine.expense):
        if before:
            Notice.objects.create(user=first, card_id=card.pk, kind="assigned")
            hand_over(card, user, first)
        Notice.objects.create(user=user, card_id=card.pk, kind="assigned")
    mine.lost = Outbox.objects.create(
        key=f"letter:{user.pk}:{mark}", kind="letter", payload={"to": "lost@snag.example"}, dead_at=timezone.now()
    )
    mine.device = PushDevice.objects.create(user=user, endpoint=f"https://fcm.googleapis.com/wp/{mark}", name="Firefox")
    mine.notice = Notice.objects.filter(user=user).last()
    mine.private_deal = open_card(
        Attraction, by=user, owner=user, company=mine.private_company, contact=mine.private_contact,
        **mint.fill(Attraction, "private"),
    )  # fmt: skip
    mine.reminding = open_card(Reminder, by=user, owner=user, **mint.fill(Reminder, "private"))
    take(mine.reminding, "schedule", user, RHYTHM)
    mine.turn = mine.reminding.turns.first()
    mine.private_expense = register(user, due_on=date(2027, 3, 2), **mint.fill(Expense, "private-expense"))
    mine.approved = register(
        user, company=mine.paid_company, due_on=date(2027, 3, 3), **mint.fill(Expense, "private-expense")
    )
    take(mine.approved, "send", user)
    take(mine.approved, "approve", User.objects.executives().first())
    mine.payment = pay(mine.approved, 1, date(2026, 11, 23), by=User.objects.accountants().first())
    for card in (mine.lead, mine.deal, mine.private_deal, mine.reminding):
        post(card.room, mint.token("deal" if card is mine.deal else "lead" if card is mine.lead else "private"), user)
    note(mine.deal, mint.token("deal"), user)
    touch(mine.deal, "call", user, text=mint.token("deal"))
    mine.event = take(mine.deal, "clarify", user)
    # The suite takes longer than the seconds in which a move can be taken back.
    Event.objects.filter(pk=mine.event.pk).update(at=timezone.now() + timedelta(hours=1))
    later = timezone.now() + timedelta(days=20)
    mine.task = add(mine.deal, user, due_at=later, **mint.fill(Task, "deal"), checklist=[mint.token("deal")])
    # Its executor sees the card no longer: a task alone opens nothing.
    Task.objects.filter(pk=mine.task.pk).update(owner=first)
    mine.private_task = add(mine.private_deal, user, due_at=later, **mint.fill(Task, "private"))
    mine.check = mine.task.checks.get()
    mine.message = mine.deal.room.messages.get(author=user)
    mine.room, mine.folder = mine.deal.room, mine.deal.folders.get(parent=None)
    mine.subfolder = mine.folder.children.first()
    Folder.objects.filter(pk=mine.subfolder.pk).update(name=mint.token("deal"))
    mine.talk = Call.objects.create(card_id=mine.deal.pk, by=user, kind="video")
    mine.talk.participants.create(user=user, state="ringing")
    mine.file, mine.binned = (
        put(mine.folder, f"{mint.token('deal')}.txt", io.BytesIO(mint.token("deal").encode()), user) for _n in range(2)
    )
    mine.version = mine.file.versions.get()
    put(mine.folder, mine.file.name, io.BytesIO(mint.token("deal").encode()), user)
    draw(mine.file)
    put_away(mine.binned, user)
    mine.upload = Upload.objects.create(card_id=mine.deal.pk, name=mint.token("deal"), size=5, by=user)
    mine.entry = Entry.objects.get(catalogue="source", code="site")
    mine.template = TaskTemplate.objects.get(code="offer-prices")
    mine.account = Account.objects.first()
    mine.setting = SettingsChange.objects.create(
        area=Area.LIMITS, act="changed", model="office", row=1, values={"stuck_days": [4, 5]}, by=user
    )
    Export.objects.create(pipeline="project", query=f"q={mint.token('private')}", rows=1, by=user)
    mine.deal.refresh_from_db()
    mine.mint = mint
    # Rows up to here are theirs or of somebody before them.
    mine.last = {model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in apps.get_models()}
    return mine


def draw(file):
    """As if a worker had drawn the file."""
    file.refresh_from_db()
    Blob.objects.filter(pk=file.blob_id).update(looked_at=timezone.now(), thumb=True, pages=1)
    for what in ("thumb", "page-1"):
        store.storage().save(file.blob.drawn(what), ContentFile(b"picture"))


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def cookie(user):
    """The session cookie of a person who has just signed in."""
    return signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value


@cache
def handler(strict):
    """One chain of middleware for all browsers: making it costs more than most answers."""
    return ClientHandler(enforce_csrf_checks=strict)


def visit(world, actor, strict=False):
    """A browser of this actor with the cookie it was given at first; a ``strict`` one is asked for CSRF tokens."""
    client = Client()
    client.handler = handler(strict)
    if actor in world.cookies:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.cookies[actor]
    return client


def build():
    """Everybody and everything; call inside a transaction that is rolled back."""
    load(apps)
    memory.forget()
    permission_id.cache_clear()
    cast = hire()
    Account.objects.create(firm="Фирма", inn="7700000001", bank="Банк", bik="044525225", number="4" * 20)
    former, viewer, worker = (
        person(email, name, Role.MANAGER)
        for email, name in (("fedor", "Фёдор Прежний"), ("vera", "Вера Гостева"), ("viktor", "Виктор Помощников"))
    )
    world = SimpleNamespace(cast=cast, a=belongings(cast.anna, "zk", 73_939_133, former))
    world.b = belongings(cast.pavel, "qj", 59_393_339)
    world.people = {
        "owner": cast.anna, "other": cast.pavel, "viewer": viewer, "worker": worker, "former": former,
        "executive": cast.irina, "accountant": cast.natalia, "administrator": cast.admin, "left": cast.gone,
        "demoted": cast.oleg, "bare": cast.oleg,
    }  # fmt: skip
    for card in (world.a.lead, world.a.deal):
        share(card, viewer, cast.anna)
        share(card, worker, cast.anna, work=True)
        share(card, cast.gone, cast.anna, work=True)
        share(card, cast.oleg, cast.anna, work=True)
    User.objects.filter(pk=cast.gone.pk).update(is_active=True)
    cast.gone.refresh_from_db()
    world.cookies = {name: cookie(user) for name, user in world.people.items() if name != "bare"}
    User.objects.filter(pk=cast.gone.pk).update(is_active=False)
    cast.oleg.roles = []
    cast.oleg.save()
    cast.oleg.end_sessions()
    world.cookies["bare"] = cookie(cast.oleg)
    return world


@contextmanager
def undone(read_only=False):
    """Whatever happens inside is taken back; ``read_only`` lets the database refuse every write."""
    with transaction.atomic():
        if read_only:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
        try:
            yield
        finally:
            transaction.set_rollback(True)
            memory.forget()


def writes():
    """How many rows this transaction has written so far, tried ones too, sessions apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> 'django_session'"
        )
        return cursor.fetchone()[0]


def text_of(response):
    """Headers and body, where a canary may sit."""
    return "\n".join(f"{name}: {value}" for name, value in response.headers.items()) + "\n" + body_of(response)
