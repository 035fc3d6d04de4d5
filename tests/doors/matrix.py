"""What each door answers to whom: every route of the product is declared here, and every socket in ``test_sockets``.

A row names the answer to each actor of ``world.ACTORS``, in that order, about a record of A's:

- ``ok``: an answer below 400, with A's canaries of the groups in ``shows`` for the owner; ``login``: sent to sign in;
- a number: exactly that status. 404 is «unseen is absent»: nothing of A, in the words used for an id that is not there.

To declare a new route, add a ``Door``: its name, the arguments of its address (names of things in ``world.belongings``,
or literals), a row for GET and a row for POST, and a valid ``body`` where POST may be ``ok``. Nothing is assumed: a row
of fewer answers than actors fails, and so does a route without a Door.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.office.changes import version_of
from crm.office.forms.limits import LimitsForm
from crm.office.models import Office
from crm.people.models import User

from .world import ACTORS, RHYTHM


def nothing(mine):
    return {}


@dataclass(frozen=True)
class Door:
    name: str
    args: str
    GET: str
    POST: str
    # What an acceptable form holds, given the belongings of the one who sends it.
    body: Callable[..., dict] = nothing
    # Groups of canaries that the owner reads there.
    shows: str = ""
    query: str = ""
    # Why its GET may write, where one may.
    writes: str = ""

    def __str__(self):
        return f"{self.name} {self.args} {self.query}".strip()

    def expected(self, method):
        cells = getattr(self, method).split()
        if len(cells) != len(ACTORS):
            raise ValueError(f"{self} {method}: {len(cells)} answers for {len(ACTORS)} actors")
        return dict(zip(ACTORS, cells, strict=True))


# fmt: off
#              anonymous        viewer      former          accountant   left        bare
#                    owner other      worker      executive       admin       demoted
NO =          "login 405   405   405   405   405   405   405   405   login login 405"  # the method is not offered
ANYBODY =     "ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok "
GET_ONLY =    "405   405   405   405   405   405   405   405   405   405   405   405"
NOWHERE =     "404   404   404   404   404   404   404   404   404   404   404   404"
SIGNED_IN =   "login ok    ok    ok    ok    ok    ok    ok    ok    login login ok "
ADMIN =       "login 404   404   404   404   404   404   404   ok    login login 404"
MANAGERS =    "login ok    ok    ok    ok    ok    ok    404   404   login login 404"
CREATES =     "login ok    ok    ok    ok    ok    ok    403   403   login login 403"
PAYERS =      "login ok    ok    ok    ok    ok    ok    ok    404   login login 404"
SEES =        "login ok    404   ok    ok    404   ok    404   404   login login 404"
WORKS =       "login ok    404   404   ok    404   ok    404   404   login login 404"
OWNS =        "login ok    404   404   404   404   ok    404   404   login login 404"
SEES_MONEY =  "login ok    404   ok    ok    404   ok    ok    404   login login 404"
WORKS_MONEY = "login ok    404   404   404   404   ok    ok    404   login login 404"
KEEPS_CLIENT ="login ok    404   404   ok    404   ok    ok    404   login login 404"
OWNS_MONEY =  WORKS_MONEY
# The card is seen, but this is not for everybody who sees it.
MOVES =       "login ok    404   409   ok    404   ok    404   404   login login 404"
HANDS =       "login ok    404   404   403   404   ok    404   404   login login 404"
SAID =        "login ok    404   403   403   404   403   404   404   login login 404"
SHARES =      "login ok    404   403   403   404   ok    404   404   login login 404"
UNDOES =      "login ok    404   404   409   404   409   404   404   login login 404"
# Settings: administrators and executives.
KEEPERS =     "login 404   404   404   404   404   ok    404   ok    login login 404"
# Executives alone.
EXECUTIVES =  "login 404   404   404   404   404   ok    404   404   login login 404"
# A file of leads is imported by nobody but its person.
MINE =        "login ok    404   404   404   404   404   404   404   login login 404"
# Pages of a call; these have never been in one.
# Nothing has been moved yet.
UNMOVED =     "login 409   404   404   409   404   409   404   404   login login 404"
INSIDE =      "login 410   404   410   410   404   410   404   404   login login 404"
NOBODY =      "login 404   404   404   404   404   404   404   404   login login 404"
# Who sees the card and does not work on it puts nothing into its folder.
ATTACHES =    "login ok    404   403   ok    404   ok    404   404   login login 404"
SPLITS =      "login ok    404   404   404   404   ok    403   404   login login 404"
PAYS =        "login 403   404   404   404   404   ok    ok    404   login login 404"
# Open to all who create such things; a client or a deal of A's is no choice for those who do not see it.
CREATES_MONEY="login ok    ok    ok    ok    ok    ok    ok    403   login login 403"
TAKES_CARD =  "login ok    422   ok    ok    422   ok    403   403   login login 403"
TAKES_DEAL =  "login ok    422   ok    ok    422   ok    ok    403   login login 403"
TAKES_CLIENT ="login ok    422   ok    ok    422   ok    ok    404   login login 404"
# fmt: on


def invitation(mine):
    """The accountant sees no deal of anybody's yet."""
    return {"person": User.objects.accountants().first().pk, "work": "see"}


CLIENT = {"name": "Имя", "kind": "client"}
PERSON = {"name": "Имя", "roles": ["manager"], "is_active": "on"}


def successor(mine):
    return User.objects.assignable().exclude(pk=mine.user.pk).first()


def of_client(mine):
    return {"title": "Имя", "company": mine.company.pk, "contact": mine.contact.pk}


def contact_form(mine):
    return {**CLIENT, "role": "customer", "company": mine.company.pk}


def new_task(mine):
    return {"title": "Дело", "kind": "task", "day": "2027-02-01", "time": "12:00", "owner": mine.user.pk}


def expense_form(mine):
    return {"title": "Имя", "deal": mine.deal.pk, "kind": "full", "vat": "none"}


def lead_file(mine):
    return {"file": SimpleUploadedFile("leads.csv", "Имя;Телефон\nМарина;8 921 555-14-08\n".encode())}


def some_file(mine):
    return {"file": SimpleUploadedFile("Файл.txt", b"words")}


def chosen_files(mine):
    return {"things": f"f{mine.file.pk}"}


def parts(mine):
    sums = [mine.expense.amount - 1, 1]
    rows = {
        f"form-{n}-{name}": value
        for n, s in enumerate(sums)
        for name, value in (("amount", s), ("due_on", "2027-01-01"))
    }
    return {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, **rows}


def calendar_2027(mine):
    months = [{"month": n, "days": "1,2,3,4,5,6,7,8,9"} for n in range(1, 13)]
    return {"text": json.dumps({"year": 2027, "months": months})}


def limits(mine):
    form = LimitsForm(instance=Office.load())
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in values.items() if value not in (None, False)}


def account_form(mine):
    return {"firm": "Ф", "inn": "7700000002", "bank": "Б", "bik": "044525226", "number": "5" * 20}


def device(mine):
    """A browser that everybody in turn signs in with."""
    return {"endpoint": "https://fcm.googleapis.com/wp/other", "p256dh": "B" * 87, "auth": "A" * 22}


# Who takes a list out of the CRM leaves a trace of it.
TAKEN = "an export is remembered"


def seen(row, /, **form):
    """A form over a row as it is now."""
    return lambda mine: {**form, "version": version_of(getattr(mine, row))}


DOORS = [
    Door("home", "", SIGNED_IN, NO),
    Door("create", "", SIGNED_IN, NO),
    Door("badges", "", SIGNED_IN, NO),
    Door("service_worker", "", ANYBODY, GET_ONLY),
    Door("healthz", "", ANYBODY, GET_ONLY),
    Door("readyz", "", ANYBODY, GET_ONLY),
    # People
    # A wrong password is a form that came back; who is signed in already is sent on.
    Door("people:sign_in", "", ANYBODY, "422 ok ok ok ok ok ok ok ok 422 422 ok"),
    Door("people:sign_out", "", NO, "login login login login login login login login login login login login"),
    Door("people:set_password", "x y", ANYBODY, ANYBODY),
    Door("people:profile", "", SIGNED_IN, SIGNED_IN, lambda mine: {"name": "Имя", "language": "ru"}),
    Door("people:list", "", ADMIN, NO),
    Door("people:new", "", ADMIN, ADMIN, lambda mine: {**PERSON, "email": "n@snag.example"}),
    Door("people:person", "user", ADMIN, ADMIN, lambda mine: {**PERSON, "email": mine.user.email}),
    Door("people:invitations", "user", NO, ADMIN),
    Door("cards:handovers", "user", KEEPERS, KEEPERS, lambda mine: {"to": successor(mine).pk}),
    # Boards
    Door("boards:board", "leads", MANAGERS, NO, shows="lead client"),
    Door("boards:board", "project", MANAGERS, NO, shows="deal deal-name client"),
    Door("boards:board", "attraction", MANAGERS, NO, shows="private"),
    Door("boards:board", "reminder", MANAGERS, NO, shows="private"),
    Door("boards:board", "expenses", PAYERS, NO, shows="expense deal-name private-expense"),
    Door("boards:list", "leads", MANAGERS, NO, shows="lead"),
    Door("boards:list", "project", MANAGERS, NO, shows="deal"),
    Door("boards:list", "expenses", PAYERS, NO, shows="expense private-expense", query="sort=-amount"),
    Door("boards:export", "leads", MANAGERS, NO, shows="lead client", writes=TAKEN),
    Door("boards:export", "project", MANAGERS, NO, shows="deal deal-name client", writes=TAKEN),
    Door("boards:export", "attraction", MANAGERS, NO, shows="private", writes=TAKEN),
    Door("boards:export", "reminder", MANAGERS, NO, shows="private", writes=TAKEN),
    Door("boards:export", "expenses", PAYERS, NO, shows="expense deal-name private-expense", writes=TAKEN),
    Door("boards:due", "project", MANAGERS, NO, shows="deal deal-name client"),
    Door("boards:due", "expenses", PAYERS, NO, shows="expense"),
    Door("boards:due_column", "project week", MANAGERS, NO),
    Door("boards:due_card", "project deal", SEES, NO, shows="deal"),
    Door("boards:numbers", "leads", MANAGERS, NO),
    Door("boards:numbers", "project", MANAGERS, NO),
    Door("boards:numbers", "expenses", PAYERS, NO),
    Door("boards:column", "project clarifying", MANAGERS, NO, shows="deal"),
    Door("boards:column", "expenses documents", PAYERS, NO, shows="expense"),
    Door("boards:card", "project deal", SEES, NO, shows="deal"),
    Door("boards:card", "expenses expense", SEES_MONEY, NO, shows="expense"),
    # What is done to any card
    Door("cards:moves", "lead", NO, MOVES, lambda mine: {"to": "other"}),
    Door("cards:touches", "deal", NO, WORKS, lambda mine: {"text": "Звонок"}),
    Door("cards:notes", "deal", NO, WORKS, lambda mine: {"text": "Заметка"}),
    Door("cards:shares", "deal", SEES, SHARES, invitation, shows="deal-name"),
    Door("cards:owners", "deal", HANDS, HANDS, lambda mine: {"owner": mine.user.pk}, shows="deal-name"),
    Door("cards:undos", "event", NO, UNDOES),
    # Activities
    Door("activities:tasks", "deal", WORKS, WORKS, new_task, shows="deal-name"),
    Door("activities:contacts", "deal", NO, WORKS, lambda mine: {"kind": "call"}),
    Door("activities:steps", "deal", NO, WORKS, lambda mine: {"to": "later"}),
    Door("activities:told", "deal", SEES, NO, shows="deal", query="show=calls"),
    Door("activities:task", "task", SEES, NO, shows="deal deal-name"),
    Door("activities:edit", "task", WORKS, WORKS, new_task, shows="deal deal-name"),
    Door("activities:comments", "task", NO, SEES, lambda mine: {"text": "Ясно"}),
    Door("activities:completions", "task", WORKS, WORKS, shows="deal"),
    Door("activities:reopenings", "task", NO, WORKS),
    Door("activities:cancellations", "task", NO, WORKS),
    Door("activities:dates", "task", WORKS, WORKS, lambda mine: {"day": "2027-02-01", "time": "12:00"}, shows="deal"),
    Door("activities:spans", "task", NO, WORKS, lambda mine: {"to": "later"}),
    Door("activities:checks", "check", NO, WORKS, lambda mine: {"done": "1"}),
    Door("activities:returns", "task", NO, UNMOVED),
    Door("activities:day", "", SIGNED_IN, NO, shows="deal-name private"),
    Door("activities:list", "", SIGNED_IN, NO, shows="deal deal-name private", query="whose=all"),
    Door("activities:due", "", SIGNED_IN, NO, shows="deal deal-name private", query="whose=all"),
    Door("activities:calendar", "", SIGNED_IN, NO),
    Door("activities:gantt", "", SIGNED_IN, NO),
    Door(
        "activities:events",
        "",
        SIGNED_IN,
        NO,
        shows="deal deal-name private",
        query="whose=all&start=2026-11-01T00:00:00&end=2027-03-01T00:00:00",
    ),
    Door("activities:address", "", SIGNED_IN, NO),
    Door("activities:addresses", "", NO, SIGNED_IN),
    Door("activities:revocations", "", NO, SIGNED_IN),
    Door("activities:feed", "wrong", NOWHERE, GET_ONLY),
    # Clients
    Door("clients:list", "", SIGNED_IN, NO, shows="client private"),
    Door("clients:list", "", SIGNED_IN, NO, shows="client private", query="show=contacts"),
    Door("clients:duplicates", "", SIGNED_IN, NO),
    Door("clients:company", "company", SEES_MONEY, NO, shows="client lead deal expense"),
    Door("clients:contact", "contact", SEES, NO, shows="client lead deal"),
    Door("clients:company", "private_company", OWNS, NO, shows="private"),
    Door("clients:contact", "private_contact", OWNS, NO, shows="private"),
    Door("clients:new_company", "", PAYERS, PAYERS, lambda mine: CLIENT),
    Door("clients:new_contact", "", PAYERS, TAKES_CLIENT, contact_form, shows="client private"),
    Door(
        "clients:edit_company",
        "company",
        KEEPS_CLIENT,
        KEEPS_CLIENT,
        lambda mine: {**CLIENT, "version": 1},
        shows="client",
    ),
    Door(
        "clients:edit_contact",
        "contact",
        WORKS,
        WORKS,
        lambda mine: {**contact_form(mine), "version": 1},
        shows="client",
    ),
    # What is found and told
    Door("search", "", SIGNED_IN, NO, shows="lead deal-name expense client private private-expense", query="q={mark}"),
    Door("picks", "companies", SIGNED_IN, NO, shows="client private payee", query="q={mark}"),
    Door("picks", "contacts", SIGNED_IN, NO, shows="client private payee", query="q={mark}"),
    Door("picks", "deals", SIGNED_IN, NO, shows="deal-name private", query="q={mark}"),
    Door("picks", "companies", SIGNED_IN, NO, shows="client"),
    Door("picks", "deals", SIGNED_IN, NO, shows="deal-name"),
    Door("picks", "wrong", NOBODY, NO),
    Door("notices", "", SIGNED_IN, NO, shows="lead deal-name expense"),
    Door("notices_read", "", NO, SIGNED_IN),
    Door("notices_bell", "", SIGNED_IN, NO),
    Door("notice_read", "notice", NO, MINE),
    Door("notices_of_card", "deal", NO, SEES),
    Door("notices_wishes", "", SIGNED_IN, SIGNED_IN, lambda mine: {"digest": "mail"}),
    Door("notices_devices", "", SIGNED_IN, NO),
    Door("notices_device_new", "", NO, SIGNED_IN, device),
    Door("notices_device_removals", "device", NO, MINE),
    # No Telegram without the bot's token.
    Door("notices_telegram_codes", "", NO, "login 404 404 404 404 404 404 404 404 login login 404"),
    Door("notices_telegram_removals", "", NO, "login 404 404 404 404 404 404 404 404 login login 404"),
    # A link names one person's one decision; what it opens is tried in tests/crm/notifications.
    Door("notices_decision", "wrong", NOWHERE, NOWHERE),
    Door("notices_undelivered", "", ADMIN, NO),
    Door("notices_resends", "", NO, ADMIN),
    Door("notices_resend", "lost", NO, ADMIN),
    # Leads, deals, expenses
    Door("leads:card", "lead", SEES, NO, shows="lead client"),
    Door("leads:edit", "lead", WORKS, WORKS, of_client, shows="lead client private"),
    Door("leads:new", "", CREATES, CREATES, lambda mine: {"title": "Имя", "channel": "phone"}),
    Door("leads:known", "", CREATES, NO, query="reach=%2B79215551408"),
    Door("leads:journal", "", MANAGERS, NO, shows="lead private"),
    Door("leads:admissions", "kept", NO, EXECUTIVES),
    Door("leads:assignments", "", EXECUTIVES, EXECUTIVES, lambda mine: {"card": mine.lead.pk, "owner": mine.user.pk}),
    Door("leads:exclusions", "", EXECUTIVES, NO),
    Door("leads:exclusion_new", "", EXECUTIVES, EXECUTIVES, lambda mine: {"address": "bad.example"}),
    Door("leads:restorations", "excluded", NO, EXECUTIVES),
    Door("leads:imports", "", MANAGERS, MANAGERS, lead_file, shows="private"),
    Door("leads:import", "batch", OWNS, OWNS, lambda mine: {"column_0": "title"}, shows="private"),
    Door("leads:mend", "batch", OWNS, NO, shows="private"),
    Door("leads:starts", "batch", NO, MINE),
    Door("leads:removals", "batch", NO, MINE),
    Door("leads:withdrawals", "batch", MINE, MINE),
    Door("deals:card", "deal", SEES, NO, shows="deal client expense"),
    Door("deals:card", "private_deal", OWNS, NO, shows="private"),
    Door("deals:edit", "deal", WORKS, WORKS, of_client, shows="deal client private"),
    Door("deals:turns", "reminding", OWNS, NO, shows="private"),
    Door("deals:rhythms", "reminding", OWNS, OWNS, lambda mine: RHYTHM, shows="private"),
    Door("deals:requests", "reminding", OWNS, OWNS, lambda mine: {"request": "Столы"}, shows="private"),
    Door("deals:shifts", "turn", NO, OWNS, lambda mine: {"by": "week"}),
    Door("deals:shifts_of_many", "", CREATES, CREATES, lambda mine: {"card": mine.reminding.pk, "by": "week"}),
    Door("deals:transfers", "deal", WORKS, WORKS, lambda mine: {"goal": "attraction new"}, shows="deal-name"),
    Door("deals:new", "project", CREATES, TAKES_CARD, of_client, shows="client private"),
    Door("expenses:card", "expense", SEES_MONEY, NO, shows="expense client deal-name"),
    Door("expenses:card", "private_expense", OWNS_MONEY, NO, shows="private-expense"),
    Door(
        "expenses:edit",
        "expense",
        WORKS_MONEY,
        WORKS_MONEY,
        lambda mine: {**expense_form(mine), "payee": mine.company.name},
        shows="expense client deal-name private",
    ),
    Door("expenses:payments", "approved", PAYS, PAYS, lambda mine: {"paid": "1", "paid_on": "2026-11-23"}, shows=""),
    Door("expenses:stornos", "approved payment", PAYS, PAYS, lambda mine: {"remark": "Ошибка"}),
    Door("expenses:parts", "expense", SPLITS, SPLITS, parts, shows="expense"),
    Door("expenses:new", "", CREATES_MONEY, TAKES_DEAL, expense_form, shows="deal-name private"),
    # Chats and files
    Door("chats:rooms", "", SIGNED_IN, NO, shows="lead deal deal-name private"),
    Door("chats:rooms", "", SIGNED_IN, NO, shows="lead deal private", query="q={mark}"),
    Door("chats:room", "room", SEES, NO, shows="deal"),
    Door("chats:of_card", "deal", SEES, NO, shows="deal"),
    Door("chats:messages", "room", SEES, SEES, lambda mine: {"text": "Сообщение"}, shows="deal"),
    Door("chats:attachments", "room", NO, ATTACHES, lambda mine: {"file": SimpleUploadedFile("план.txt", b"words")}),
    Door("chats:readings", "room", NO, SEES, lambda mine: {"seq": "2"}),
    Door("chats:typing", "room", NO, SEES),
    Door("chats:people", "room", SEES, NO),
    Door("chats:edits", "message", NO, SAID, lambda mine: {"text": "Сообщение"}),
    Door("chats:deletions", "message", NO, SAID),
    Door("chats:restorations", "message", NO, SAID),
    Door("chats:reactions", "message", NO, SEES, lambda mine: {"mark": "done"}),
    Door("chats:wordings", "message", EXECUTIVES, NO),
    # Calls; who sees a card calls its other members, and no page that is not in a call passes anything on
    Door("calls:mine", "", SIGNED_IN, NO, shows="deal-name"),
    Door("calls:start", "deal", NO, SEES, lambda mine: {"kind": "audio", "session": str(uuid4())}),
    Door("calls:joins", "talk", NO, SEES, lambda mine: {"session": str(uuid4())}),
    Door("calls:refusals", "talk", NO, SEES),
    Door("calls:departures", "talk", NO, SEES),
    Door("calls:beats", "talk", NO, INSIDE, lambda mine: {"session": str(uuid4())}),
    Door(
        "calls:signals", "talk", NO, NOBODY, lambda mine: {"session": str(uuid4()), "to": str(uuid4()), "words": "{}"}
    ),
    Door("files:of_card", "deal", SEES, NO, shows="deal-name"),
    Door("files:folder", "folder", SEES, NO, shows="deal-name deal"),
    Door("files:folder", "subfolder", SEES, NO, shows="deal"),
    Door("files:folder", "folder", SEES, NO, shows="deal", query="q={mark}"),
    Door("files:archive", "folder", SEES, NO, shows="deal"),
    Door("files:bin", "deal", SEES, NO, shows="deal"),
    Door("files:file", "file", SEES, NO, shows="deal deal-name"),
    Door("files:download", "file", SEES, NO, shows="deal"),
    Door("files:version", "version", SEES, NO, shows="deal"),
    Door("files:thumb", "file", SEES, NO),
    Door("files:leaf", "file 1", SEES, NO),
    Door("files:of_card_uploads", "deal", NO, WORKS, some_file),
    Door("files:uploads", "subfolder", NO, WORKS, some_file),
    Door("files:versions", "file", NO, WORKS, some_file),
    # One's own upload alone; what is no piece of it is not taken.
    # What is chosen of a card's folder
    Door("files:chosen_archive", "deal", NO, SEES, chosen_files, shows="deal"),
    Door("files:chosen_moves", "deal", NO, WORKS, lambda mine: chosen_files(mine) | {"folder": mine.subfolder.pk}),
    Door("files:chosen_copies", "deal", NO, WORKS, lambda mine: chosen_files(mine) | {"folder": mine.folder.pk}),
    Door("files:chosen_removals", "deal", NO, WORKS, chosen_files),
    Door("files:chosen_restorations", "deal", NO, WORKS, query="at=20260101T000000.000000"),
    Door("files:upload", "upload", MINE, "login 415 404 404 404 404 404 404 404 login login 404"),
    Door("files:folders", "subfolder", WORKS, WORKS, lambda mine: {"name": "Папка"}, shows="deal"),
    Door("files:folder_names", "subfolder", WORKS, WORKS, lambda mine: {"name": "Папка"}, shows="deal"),
    Door("files:folder_moves", "subfolder", WORKS, WORKS, lambda mine: {"folder": mine.folder.pk}, shows="deal"),
    Door("files:folder_removals", "subfolder", NO, WORKS),
    Door("files:folder_restorations", "subfolder", NO, WORKS),
    Door("files:names", "file", WORKS, WORKS, lambda mine: {"name": "Файл.txt"}, shows="deal"),
    Door("files:moves", "file", WORKS, WORKS, lambda mine: {"folder": mine.subfolder.pk}, shows="deal"),
    Door("files:copies", "file", WORKS, WORKS, lambda mine: {"folder": mine.folder.pk}, shows="deal"),
    Door("files:removals", "file", NO, WORKS),
    Door("files:restorations", "binned", NO, WORKS),
    Door("files:returns", "version", NO, WORKS),
    Door("files:dav", "", SIGNED_IN, NO),
    Door("files:dav_keys", "", NO, SIGNED_IN),
    Door("files:dav_revocations", "", NO, SIGNED_IN),
    # Oversight
    Door("oversight:control", "", EXECUTIVES, NO),
    Door("oversight:violations", "", SIGNED_IN, NO),
    Door("oversight:questions", "deal", EXECUTIVES, EXECUTIVES, lambda mine: {"text": "Что нового?"}),
    Door("oversight:answers", "task", NOBODY, NOBODY),
    Door("oversight:snoozes", "deal", EXECUTIVES, EXECUTIVES, lambda mine: {"days": "3"}),
    # Settings
    Door("office:limits", "", KEEPERS, KEEPERS, limits),
    Door("office:history", "", KEEPERS, NO, query="area=limits"),
    Door("office:exports", "", KEEPERS, NO),
    Door("office:undo", "setting", NO, KEEPERS),
    Door("office:stages", "", KEEPERS, NO),
    Door("office:stages", "project", KEEPERS, NO),
    Door("office:stage", "project new", KEEPERS, KEEPERS, lambda mine: {"name": "Имя"}),
    Door("office:catalogues", "", KEEPERS, NO),
    Door("office:catalogues", "need", KEEPERS, NO),
    Door("office:new_entry", "need", KEEPERS, KEEPERS, lambda mine: {"name": "Имя"}),
    Door("office:entry", "entry", KEEPERS, KEEPERS, seen("entry", name="Имя")),
    Door("office:tasks", "", KEEPERS, NO),
    Door("office:new_task", "", KEEPERS, KEEPERS, lambda mine: {"title": "Имя", "days": 1}),
    Door("office:task", "template", KEEPERS, KEEPERS, seen("template", title="Имя", days=1)),
    Door("office:hint", "deal-site", KEEPERS, KEEPERS, lambda mine: {"text": "Имя"}),
    Door("office:accounts", "", KEEPERS, NO),
    Door("office:new_account", "", KEEPERS, KEEPERS, account_form),
    Door("office:account", "account", KEEPERS, KEEPERS, lambda mine: account_form(mine) | seen("account")(mine)),
    Door("office:offers", "entries entry", NO, KEEPERS, lambda mine: {"active": "0"}),
    Door("office:places", "tasks template", NO, KEEPERS, lambda mine: {"to": "0"}),
    Door("office:calendar", "", KEEPERS, NO),
    Door("office:calendar", "2025", KEEPERS, NO),
    Door("office:day", "2026-12-30", KEEPERS, KEEPERS, lambda mine: {"kind": "off"}),
    Door("office:day_reset", "2026-12-30", NO, KEEPERS),
    Door("office:import", "", KEEPERS, KEEPERS, calendar_2027),
]
