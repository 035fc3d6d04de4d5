"""Nothing that arrives in an address, a query or a form makes the server fail, and what is refused changes nothing."""

import re
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

from crm.launcher.services import ROOT

from .canaries import body_of
from .test_routes import OPEN, address
from .world import undone, visit, writes

pytestmark = pytest.mark.django_db

LONE = "\ud800\udfff\ud83d"
NASTY = [
    "", " ", "0", "-1", "1.5", "abc", "NaN", "Infinity", "-Infinity", "1e30", "1E+9999999", "12,5 тыс", "9999999999.99",
    "9 999 999 999,999", "999999999999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "2147483648", "9" * 5000, "٣٤٥", "²", "Ⅷ", "True", "null", "[]", "[object Object]", '{"a": [1]}', "31.02.2026",
    "2026-02-31", "0001-01-01", "9999-12-31", "99999-01-01", "24:00", "23:59:60", "2026-11-23T25:61", "\0", "a\0b",
    "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028", LONE, "\u202eдерево\u2066\u200f\ufeff", "🛋️" * 300, "ё" * 10_000,
    "a@" * 200, "' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}%s%(a)s{0}", "../../etc/passwd", "+7" + "1" * 60,
    "00000000-0000-0000-0000-000000000000", "a" * 250 + "@example.ru", "http://[::1", "project new x", "leads", "İ" * 120,
]  # fmt: skip
# What has most often made a server fail; all of them take minutes.
FEW = ["", "-1", "1e30", "9223372036854775808", "²", "0001-01-01", "a\0b", LONE, "ё" * 10_000]  # fmt: skip
SETS = pytest.mark.parametrize("values", [FEW, pytest.param(NASTY, marks=pytest.mark.heavy)], ids=["few", "all"])
# Whoever is let in by a POST, or by a GET where there is none.
KEEPS = ("owner", "executive", "accountant", "administrator")


def percent(value):
    """As any client may send it, lone surrogates too."""
    return quote(value, safe="", errors="surrogatepass")


class Fields(HTMLParser):
    """A form's fields as a browser would send them untouched."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.values, self.hidden, self.open = {}, {}, None

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        name = at.get("name")
        if tag == "option" and self.open and "selected" in at:
            self.values[self.open] = at.get("value", "")
        if not name or name == "csrfmiddlewaretoken" or tag not in ("input", "textarea", "select"):
            return
        if tag == "select" or tag == "textarea":
            self.open = name
            self.values.setdefault(name, "")
        elif at.get("type") in ("checkbox", "radio"):
            self.values.setdefault(name, [])
            if "checked" in at:
                self.values[name] = [*self.values[name], at.get("value", "on")]
        elif at.get("type") == "hidden":
            self.hidden[name] = at.get("value", "")
        elif at.get("type") != "file":
            self.values[name] = at.get("value", "")

    def handle_data(self, data):
        if self.open and self.lasttag == "textarea":
            self.values[self.open] += data.strip()

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.open = None


def read_by(kind):
    """Names that views take from a query or a form by themselves."""
    wanted = re.compile(rf"""(?:\b{kind}\.get(?:list)?\(|["']?in request\.{kind}|asked\(request, )["'](\w+)["']""")
    sources = [
        path for app in ("crm", "leads", "deals", "expenses", "chats", "files") for path in (ROOT / app).rglob("*.py")
    ]
    return sorted({name for path in sources for name in wanted.findall(path.read_text())})


QUERY = sorted({*read_by("GET"), "q", "mine", "owner", "client", "since", "until", "step", "next"})
POSTED = sorted({*read_by("POST"), "key", "version"})


TURNS = 3


def fillings(names, values, first=0):
    """{name: value} of each request: one value in every name at once.

    Of the few, in the quick run, each request carries all and gives each name three of the nine, the next name the next three.
    """
    if values is NASTY:
        return [dict.fromkeys(names, value) for value in values]
    turns = range(0, len(values), len(values) // TURNS)
    return [{name: values[(first + n + turn) % len(values)] for n, name in enumerate(sorted(names))} for turn in turns]


def short(value):
    """As much of a value as an address takes."""
    return value[:300]


def keeper(door, method):
    return next((actor for actor in KEEPS if door.expected(method)[actor] == "ok"), None)


def send(world, actor, url, body=None, **headers):
    """One request, taken back afterwards; returns (answer or the exception, rows written)."""
    with undone():
        before = writes()
        client = visit(world, actor)
        try:
            if body is None:
                answer = client.get(url, headers=headers)
            else:
                pairs = [(n, v) for n, many in body.items() for v in (many if isinstance(many, list) else [many])]
                data = "&".join(f"{percent(n)}={percent(str(v))}" for n, v in pairs)
                answer = client.generic("POST", url, data, "application/x-www-form-urlencoded", headers=headers)
            wrote = writes() - before
            if body and answer.headers.get("Location", "").startswith("/"):
                shown = client.get(answer["Location"])  # what was saved must also be shown
                answer = shown if shown.status_code >= 500 else answer
        except Exception as error:
            return error, 0
        return answer, wrote


def fault(answer, wrote=0):
    """Why an answer is not acceptable, or nothing."""
    if isinstance(answer, Exception):
        return f"{type(answer).__name__}: {str(answer)[:300]}"
    if answer.status_code >= 500:
        return f"status {answer.status_code}"
    if answer.status_code >= 400 and wrote:
        return f"{answer.status_code} and {wrote} rows were written"
    return ""


def told(faults):
    return "\n".join(f"{where!r:.160} → {what}" for where, what in faults[:40])


@pytest.mark.parametrize("door", [d for d in OPEN if keeper(d, "GET")], ids=str)
@SETS
def test_any_query(world, door, values):
    actor, url = keeper(door, "GET"), address(door, world.a).partition("?")[0]
    faults = []
    for filled in fillings(QUERY, values):
        query = "&".join(f"{name}={percent(short(value))}" for name, value in filled.items())
        for htmx in ({}, {"HX-Request": "true"}) if filled[QUERY[0]] in ("", "abc") else ({},):
            answer, wrote = send(world, actor, f"{url}?{query}", **htmx)
            if why := fault(answer, wrote):
                faults.append((filled, why))
    assert not faults, told(faults)


@pytest.mark.parametrize(
    ("door", "method"), [(d, m) for d in OPEN if d.args for m in ("GET", "POST") if keeper(d, m)], ids=str
)
@SETS
def test_any_address(world, door, method, values):
    actor = keeper(door, method)
    parts, faults = urlsplit(address(door, world.a)).path.split("/"), []
    args = {str(getattr(getattr(world.a, name, None), "pk", name)) for name in door.args.split()}
    body = door.body(world.a) if method == "POST" else None
    for place, part in enumerate(parts):
        if part not in args:
            continue
        for filled in fillings([place], values, place + OPEN.index(door)):
            value = short(filled[place])
            url = "/".join([*parts[:place], percent(value), *parts[place + 1 :]])
            answer, wrote = send(world, actor, url, body)
            if why := fault(answer, wrote):
                faults.append((value, why))
    assert not faults, told(faults)


@pytest.mark.parametrize("door", [d for d in OPEN if keeper(d, "POST")], ids=str)
@SETS
def test_any_form(world, door, values):
    """Values in all fields at once, then only in those that did not refuse theirs, and in what a form hides.

    `make heavy` takes each hidden name alone, so that none is shielded by another's refusal.
    """
    actor, url = keeper(door, "POST"), address(door, world.a)
    form, faults = Fields(), []
    page, _wrote = send(world, actor, url)
    if not isinstance(page, Exception) and page.status_code == 200:
        form.feed(body_of(page))
    hidden = {name: "" for name in POSTED if name not in form.values} | form.hidden
    base = hidden | form.values | {n: v if isinstance(v, list) else str(v) for n, v in door.body(world.a).items()}

    def attempt(filled):
        fresh = {"key": str(uuid4())} if "key" in base else {}
        answer, wrote = send(world, actor, url, base | fresh | filled)
        # What counts wrong passwords writes them down.
        if why := fault(answer, 0 if door.name == "people:sign_in" else wrote):
            faults.append((filled, why))
        return answer

    first = OPEN.index(door)
    for filled in fillings(set(base) - set(hidden), values, first):
        wrong = {"everything"}
        while filled and wrong:
            answer = attempt(filled)
            if isinstance(answer, Exception) or answer.status_code != 422:
                break
            wrong = set(filled) & set(re.findall(r'id="id_([\w-]+?)_error"', body_of(answer)))
            filled = {name: value for name, value in filled.items() if name not in wrong}
    for filled in fillings(hidden, values, first):
        for each in [{name: value} for name, value in filled.items()] if values is NASTY else [filled]:
            attempt(each)
    assert not faults, told(faults)
