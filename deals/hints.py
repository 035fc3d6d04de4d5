"""What to write into the fields of «Поиск ЛПР»: hints that came with the product, reworded in settings (R-212)."""

from django.utils.translation import gettext_lazy as _

from crm.office.hints import Hinted, hint, register

from .models import Deal

TEXTS = {
    "site": _("Look for contacts, the team, news of openings and vacancies."),
    "social_networks": _("Pages of the company and of its people: who writes about repairs and openings."),
    "register": _("The director's name and the founders by INN, in the register of legal entities."),
    "tenders": _("Purchases of furniture and finishing, and who signs them."),
    "acquaintances": _("Who of our clients and partners knows them and can introduce us."),
    "designer": _("Who draws the project: the bureau often recommends the supplier."),
    "secretary": _("The name, and what they answered; ask who deals with furnishing."),
    "decision_maker": _("Who says yes to the supplier and to the sum."),
    "decision_maker_position": _("Director, owner, head of purchasing, manager of the construction."),
    "decision_maker_phone": _("A direct or a mobile phone."),
    "decision_maker_email": _("A personal address rather than info@."),
    "learned": _("Plans, terms, budget, current supplier, what matters to them."),
}


def field_of(name):
    """The field as the settings know it."""
    return f"deal-{name}"


def hint_of(name):
    """What to write into this field of «Поиск ЛПР»."""
    return hint(field_of(name))


LABELS = {field.name: field.verbose_name for field in Deal._meta.concrete_fields}
register(Hinted(field_of(name), LABELS[name], TEXTS[name]) for name in Deal.HINTS)
