"""The template language of all our pages, and the few words every page uses."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from uuid import uuid4

from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup

from crm.drawn import drawn_once
from crm.office.calendar import company_date, company_zone

THIN, FIXED = "\u2009", "\u00a0"


def grouped(value):
    """Roubles with thin spaces between thousands; kopecks only where there are some."""
    value = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    whole, _dot, cents = f"{abs(value):,.2f}".partition(".")
    text = whole.replace(",", THIN) + ("," + cents if cents != "00" else "")
    return ("\u2212" if value < 0 else "") + text


def roubles(value):
    """A sum for plain text: its thin spaces do not break, for nothing else keeps it on one line there."""
    return f"{grouped(value)}{FIXED}₽".replace(THIN, "\u202f")


def money(value):
    """A sum in roubles that never wraps; a dash where there is none."""
    # Digits and our own spaces alone: formatting through Markup would escape them, for more than all the rest costs.
    return Markup("—") if value is None else Markup(f'<span class="num">{grouped(value)}{FIXED}₽</span>')  # noqa: S704


def percent(value, places=1):
    """«24,6 %», or with two ``places`` «24,61 %»."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded}".replace(".", ",").replace("-", "\u2212") + FIXED + "%"


def day(value):
    """«24 ноя», with the year when it is another one."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = company_date(value)
    same_year = value.year == company_date(timezone.now()).year
    pattern = ("j M" if same_year else "j M Y") if get_language() == "ru" else ("M j" if same_year else "M j, Y")
    return date_format(value, pattern).lower() if get_language() == "ru" else date_format(value, pattern)


def when(value):
    """Hours for today, the day with hours otherwise, in the company's zone."""
    if value is None:
        return "—"
    local = timezone.localtime(value, company_zone())
    hours = f"{local:%H:%M}"
    return hours if local.date() == company_date(timezone.now()) else f"{day(local.date())}, {hours}"


@lru_cache(4096)
def url(name, *args, **kwargs):
    """The address of a page, looked up once: a page names dozens."""
    return reverse(name, args=args, kwargs=kwargs)


def environment(**options):
    env = Environment(**options)  # noqa: S701 — Django passes autoescape=True
    env.globals.update(
        static=static,
        url=url,
        money=money,
        percent=percent,
        day=day,
        when=when,
        grouped=grouped,
        size=filesizeformat,
        new_key=uuid4,
        drawn_once=drawn_once,
    )
    env.install_gettext_callables(gettext, ngettext, newstyle=True)
    return env
