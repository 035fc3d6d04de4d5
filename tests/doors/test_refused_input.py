"""What is refused is told in words beside the field, keeps what was typed, and changes nothing; twice is once."""

import json
import re
import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize
from django.test import RequestFactory

from chats.models import Message
from crm.cards.models import Card, Event
from crm.clients.models import Company, Contact
from crm.once import OnceMiddleware
from deals.models import Deal
from expenses.models import Expense, Payment
from leads.models import Lead

from .world import signed_in, undone

pytestmark = pytest.mark.django_db

MOST = "9 999 999 999,99"


def kept(*rows):
    """Rows as they stand in the database."""
    return serialize("json", [row for one in rows for row in type(one).objects.filter(pk=one.pk)])


def page_of(answer):
    return answer.content.decode()


def beside(name, page):
    """The words of the error that stands beside a field and is announced with it."""
    control = re.search(rf'<(?:input|textarea|select)[^>]*name="{name}"[^>]*>', page)[0]
    assert f"id_{name}_error" in control and 'aria-invalid="true"' in control
    return re.sub(r"<[^>]+>", "", re.search(rf'id="id_{name}_error".*?</p>', page, re.S)[0].partition(">")[2]).strip()


@pytest.fixture
def form(world):
    """Send the owner a form; the answer and what stands in the database afterwards."""
    client = signed_in(world.a.user)

    def post(url, /, *rows, **values):
        with undone():
            answer = client.post(url, values)
            return answer, kept(*rows)

    return post


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1e5", "Введите сумму в рублях"),
        ("1_000", "Введите сумму в рублях"),
        ("-1", "не может быть меньше нуля"),
        ("12,5 тыс", "Введите сумму в рублях"),
        ("NaN", "Введите сумму в рублях"),
        ("Infinity", "Введите сумму в рублях"),
        ("9 999 999 999,991", "не более чем двумя цифрами"),
        ("9" * 5000, "не больше 999 999 999 999 ₽"),
        ("1\0", "Введите сумму в рублях"),
    ],
)
@pytest.mark.parametrize("kind", ["deals", "leads", "expenses"])
def test_an_absurd_sum(world, form, kind, typed, words):
    card = {"deals": world.a.deal, "leads": world.a.lead, "expenses": world.a.expense}[kind]
    before = kept(card)
    answer, after = form(f"/{kind}/{card.pk}/edit/", card, title="Имя", amount=typed, kind="full", vat="none")
    assert answer.status_code == 422 and after == before
    assert words in beside("amount", page_of(answer))
    if "\0" not in typed:
        assert f'value="{typed}"' in page_of(answer)


def test_a_great_sum_to_the_kopeck(world, form):
    deal = world.a.deal
    answer, after = form(f"/deals/{deal.pk}/edit/", Card.objects.get(pk=deal.pk), title="Имя", amount=f"{MOST} ₽")
    assert answer.status_code == 303 and '"amount": "9999999999.99"' in after


LONG = [
    ("leads/{lead}/edit/", Lead, "lead", ["title", "person", "firm", "phone", "source_note"]),
    ("deals/{deal}/edit/", Deal, "deal", ["title", "source_note", "site", "decision_maker"]),
    ("expenses/{expense}/edit/", Expense, "expense", ["payee", "purpose", "invoice_number"]),
    ("clients/companies/{company}/edit/", Company, "company", ["name", "address", "site", "inn"]),
    ("clients/contacts/{contact}/edit/", Contact, "contact", ["name", "position"]),
]


@pytest.mark.parametrize(("url", "model", "what", "names"), LONG)
@pytest.mark.parametrize("typed", ["ё" * 10_000, "Бар\0кет"], ids=["long", "nul"])
def test_a_name_of_ten_thousand_letters_or_with_a_nul(world, form, url, model, what, names, typed):
    row = getattr(world.a, what)
    values = {"title": "Имя", "name": "Имя", "kind": "full" if what == "expense" else "client", "vat": "none"}
    before = kept(row)
    values |= {"version": row.version} | dict.fromkeys(names, typed)
    answer, after = form("/" + url.format(**{what: row.pk}), row, **values)
    assert answer.status_code == 422 and after == before
    for name in names:
        assert re.search("[Нн]е более|символ|Символ|телефон|цифр", beside(name, page_of(answer))), name
        assert len(typed) < 100 or typed in page_of(answer)


def test_marks_of_other_scripts_are_letters_too(world, form):
    name = "\u202bעברית\u202c \u200fعربي 👩‍👩‍👧 café́"
    answer, after = form(f"/deals/{world.a.deal.pk}/edit/", Card.objects.get(pk=world.a.deal.pk), title=name)
    assert answer.status_code == 303
    assert name.encode("unicode_escape").decode()[:5] in after or name in after


@pytest.mark.parametrize(
    "typed", ["31.02.2026", "2026-02-31", "0001-01-01", "99999", "99999-01-01", "завтра", "1999-12-31"]
)
@pytest.mark.parametrize("name", ["due_on", "invoice_date"])
def test_a_wrong_date(world, form, name, typed):
    expense = world.a.expense
    before = kept(expense)
    answer, after = form(
        f"/expenses/{expense.pk}/edit/", expense, title="Имя", kind="full", vat="none", **{name: typed}
    )
    assert answer.status_code == 422 and after == before
    assert "дату" in beside(name, page_of(answer)).lower()
    assert f'value="{typed}"' in page_of(answer)


@pytest.mark.parametrize("typed", ["abc", "-1", "0", "999999999", str(2**63), "1.5", "1e3"])
@pytest.mark.parametrize("name", ["company", "contact"])
def test_a_client_that_is_not_there(world, form, name, typed):
    deal = world.a.deal
    before = kept(deal)
    answer, after = form(f"/deals/{deal.pk}/edit/", deal, title="Имя", **{name: typed})
    assert answer.status_code == 422 and after == before
    assert (
        beside(name, page_of(answer)) == "Выберите корректный вариант. Вашего варианта нет среди допустимых значений."
    )


def test_somebody_elses_client_is_as_absent(world, form):
    deal, theirs = world.a.deal, world.b.private_company
    answer, _after = form(f"/deals/{deal.pk}/edit/", deal, title="Имя", company=theirs.pk)
    absent, _after = form(f"/deals/{deal.pk}/edit/", deal, title="Имя", company=999_999_999)
    assert beside("company", page_of(answer)) == beside("company", page_of(absent))
    assert theirs.name not in page_of(answer)


@pytest.mark.parametrize(
    ("at", "what", "name"),
    [
        ("/deals/{}/edit/", "deal", "title"),
        ("/leads/{}/edit/", "lead", "title"),
        ("/expenses/{}/edit/", "expense", "purpose"),
        ("/clients/companies/{}/edit/", "company", "name"),
        ("/clients/contacts/{}/edit/", "contact", "name"),
    ],
)
def test_of_two_who_edit_the_second_is_told_and_loses_nothing(world, at, what, name):
    row = getattr(world.a, what)
    url, values = at.format(row.pk), {"title": "Имя", "name": "Имя", "vat": "none"}
    values |= {"kind": "full" if what == "expense" else "client", "role": "customer", "company": world.a.company.pk}
    with undone():
        row.refresh_from_db()
        values["version"] = row.version
        first, second = signed_in(world.a.user), signed_in(world.cast.irina)
        assert first.post(url, values | {name: "Первый написал"}).status_code == 303
        stands = kept(row)
        answer = second.post(url, values | {name: "Второй написал"})
        assert answer.status_code == 422
        assert "Второй написал" in page_of(answer)
        assert re.search(r'role="alert">.*?(измен)', page_of(answer), re.S)
        assert kept(row) == stands


def sent_twice(client, url, body):
    answers = [client.post(url, body) for _time in range(2)]
    assert answers[0].status_code == answers[1].status_code < 400
    assert answers[0].headers.get("Location") == answers[1].headers.get("Location")


def test_the_same_form_twice_acts_once(world):
    client, deal, key = signed_in(world.a.user), world.a.deal, lambda: str(uuid.uuid4())
    accountant = signed_in(world.cast.natalia)
    pay = {"paid": "1", "paid_on": "2026-11-23", "key": key()}
    for count, who, url, body in [
        (Lead.objects, client, "/leads/new/", {"title": "Лид", "channel": "phone", "key": key()}),
        (Deal.objects, client, "/deals/new/project/", {"title": "Сделка", "key": key()}),
        (Expense.objects, client, "/expenses/new/", {"title": "Расход", "kind": "full", "vat": "none", "key": key()}),
        (Payment.objects, accountant, f"/expenses/{world.a.approved.pk}/payments/", pay),
        (Message.objects, client, f"/chats/{world.a.room.pk}/messages/", {"text": "Раз", "key": key()}),
        (Event.objects, client, f"/cards/{deal.pk}/notes/", {"text": "Раз", "key": key()}),
        (Event.objects, client, f"/cards/{deal.pk}/touches/", {"text": "Раз", "key": key()}),
    ]:
        with undone():
            answer = who.post(url, body)
            assert answer.status_code < 400, (url, page_of(answer)[-800:])
            once = count.count()
        with undone():
            sent_twice(who, url, body)
            assert count.count() == once, url


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_the_same_key_with_another_body_is_refused(world, htmx):
    client, body = signed_in(world.a.user), {"title": "Сделка", "key": str(uuid.uuid4())}
    with undone():
        assert client.post("/deals/new/project/", body | {"amount": "много"}, headers=htmx).status_code == 422
        assert client.post("/deals/new/project/", body, headers=htmx).status_code in (204, 303)
        count = Deal.objects.count()
        answer = client.post("/deals/new/project/", body | {"title": "Другая"}, headers=htmx)
        assert answer.status_code == 409 and Deal.objects.count() == count
        words = json.loads(answer["HX-Trigger"])["toast"]["text"] if htmx else page_of(answer)
        assert "форма уже отправлена" in words
        other = signed_in(world.cast.irina).post("/deals/new/project/", body, headers=htmx)
        assert other.status_code == 409


def test_a_form_whose_first_answer_never_came_may_still_be_mended(world):
    """The process died over it; sent again, it comes back with its errors, and what was mended is taken."""
    client, body = signed_in(world.a.user), {"title": "Сделка", "amount": "много", "key": str(uuid.uuid4())}

    def dies(request):
        raise SystemExit

    request = RequestFactory().post("/deals/new/project/", body)
    request.user = world.a.user
    with pytest.raises(SystemExit):
        OnceMiddleware(dies)(request)
    with undone():
        assert client.post("/deals/new/project/", body).status_code == 422
        assert client.post("/deals/new/project/", body | {"amount": "5"}).status_code == 303
        assert client.post("/deals/new/project/", body).status_code == 409


def test_a_key_that_is_none_is_refused_or_is_no_key(world, form):
    deal, count = world.a.deal, Deal.objects.count()
    answer, _after = form("/deals/new/project/", title="Сделка", key="garbled")
    assert answer.status_code == 422 and 'value="Сделка"' in page_of(answer)
    assert Deal.objects.count() == count
    answer, _after = form(f"/cards/{deal.pk}/notes/", text="Заметка", key="garbled")
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"title": "\\ud800"}'),
        ("text/plain", b"title=1"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"title=1"),
        ("", b"\xff\xfe\x00"),
    ],
)
def test_another_content_type(world, kind, body):
    with undone():
        count = Deal.objects.count()
        answer = signed_in(world.a.user).generic("POST", "/deals/new/project/", body, kind)
        assert answer.status_code in (200, 400, 415, 422)
        assert Deal.objects.count() == count


def test_a_huge_form(world):
    with undone():
        client, count = signed_in(world.a.user), Deal.objects.count()
        much = client.post("/deals/new/project/", {"title": "ё" * 4_000_000})
        many = client.post("/deals/new/project/", {f"f{n}": "" for n in range(3000)} | {"title": "Имя"})
        assert much.status_code in (400, 413) and many.status_code in (400, 413)
        assert Deal.objects.count() == count


def test_a_garbled_cookie_is_nobody(world):
    for value in ('"\\000"', '"aaaaaaaa\\000"', "é" * 32, "\\ud800", "a" * 5000, "../../x", ""):
        with undone():
            client = signed_in(world.a.user)
            client.cookies[settings.SESSION_COOKIE_NAME].set(settings.SESSION_COOKIE_NAME, value, value)
            answer = client.get("/profile/")
            assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/"), value


@pytest.mark.parametrize("slug", ["nonsense", "Project", "cards", "deal", "-", "expense"])
def test_a_pipeline_that_is_not_there(world, slug):
    client = signed_in(world.cast.irina)
    for url in (f"/boards/{slug}/", f"/boards/{slug}/list/", f"/boards/{slug}/columns/new/", f"/deals/new/{slug}/"):
        assert client.get(url).status_code == 404, url


@pytest.mark.parametrize(
    "move", [{"step": "nonsense"}, {"to": "nonsense"}, {"step": "__init__"}, {"step": "delete"}, {}]
)
def test_a_step_that_is_not_there(world, move):
    deal = world.a.deal
    with undone():
        before = kept(deal)
        answer = signed_in(world.a.user).post(f"/cards/{deal.pk}/moves/", move)
        assert answer.status_code == 409 and kept(deal) == before
        assert page_of(answer).strip()


@pytest.mark.parametrize("query", ["sort=nonsense", "sort=-", "page=0", "page=-1", "page=abc", "page=99999", "step=x"])
def test_an_unknown_order_page_or_filter_shows_the_list(world, query):
    answer = signed_in(world.a.user).get(f"/boards/project/list/?{query}")
    assert answer.status_code == 200
    assert "page=99999" in query or world.a.deal.title in page_of(answer)


YEAR = '{"year": 2027, "months": [%s]}'


@pytest.mark.parametrize(
    "data",
    [
        "[" * 90_000,
        r'"\ud800"',
        r'{"year": "\ud800", "months": []}',
        '{"year": 1e400, "months": []}',
        '{"year": 99999999999999999999, "months": []}',
        YEAR % "null",
        YEAR % r'{"month": 1, "days": "\ud800,1"}',
        YEAR % r'{"month": "\u0000", "days": "1"}',
    ],
)
def test_a_calendar_that_is_none(world, data):
    with undone():
        answer = signed_in(world.cast.irina).post("/settings/calendar/import/", {"data": data, "take": "1"})
        assert answer.status_code == 422 and "id_file_error" in page_of(answer)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 422),
        (b"\0" * 100, 422),
        (b'"', 422),
        (b"PK\x03\x04", 422),
        (b"name;phone\n" + b"x" * 200_000, 422),
        (b"\xff\xfe" + "Имя;Телефон\nЁ;1".encode("utf-16-le"), 303),
        (b'name\n"\xd0', 303),
        ("Имя\n\ud800".encode("utf-8", "surrogatepass"), 303),
    ],
)
def test_a_file_of_leads_that_is_none(world, raw, status):
    with undone():
        client = signed_in(world.cast.irina)
        answer = client.post("/leads/imports/", {"file": SimpleUploadedFile("л\u202eи\0ды.csv", raw)})
        assert answer.status_code == status
        if status == 303:
            for shown in (answer["Location"], f"{answer['Location']}mend/"):
                assert client.get(shown).status_code == 200
