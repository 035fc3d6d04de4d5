"""The template language of all our pages, and the few words every page uses."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup

from crm.office.calendar import company_date, company_zone

THIN, FIXED = "\u2009", "\u00a0"


def grouped(value):
    """Roubles with thin spaces between thousands; kopecks only where there are some."""
    value = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    whole, _dot, cents = f"{abs(value):,.2f}".partition(".")
    text = whole.replace(",", THIN) + ("," + cents if cents != "00" else "")
    return ("\u2212" if value < 0 else "") + text


def money(value):
    """A sum in roubles that never wraps; a dash where there is none."""
    return Markup("—") if value is None else Markup('<span class="num">{}</span>').format(f"{grouped(value)}{FIXED}₽")


def percent(value):
    """«24,6 %»."""
    rounded = Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
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


def url(name, *args, **kwargs):
    return reverse(name, args=args, kwargs=kwargs)


def environment(**options):
    env = Environment(**options)  # noqa: S701 — Django passes autoescape=True
    env.globals.update(static=static, url=url, money=money, percent=percent, day=day, when=when, grouped=grouped)
    env.install_gettext_callables(gettext, ngettext, newstyle=True)
    return env
