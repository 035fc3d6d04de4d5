"""The cells of a row read into fields of a lead: headings guessed, words of catalogues, answers and dates understood."""

from django.core.exceptions import ValidationError
from django.forms import DateTimeField
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.clients.forms import several
from crm.clients.phones import normalise_email, normalise_phone
from crm.office.calendar import company_zone
from crm.office.catalogues import choices
from crm.people.models import User

from ..models import Lead

OWN = ("title", "person", "firm", "raw_text", "source_note", "comment", "amount")
CATALOGUES = ("source", "object_type", "service")
QUESTIONS = ("may_refer", "has_brief")
FIELDS = (
    "title", "person", "firm", "phone", "email", "raw_text", "source", "source_note", "may_refer", "has_brief",
    "object_type", "service", "amount", "received_at", "comment", "owner",
)  # fmt: skip
NAMING = ("title", "person", "firm", "phone", "email")
YES, NO = {"да", "yes", "true", "1", "+", "есть", "можно"}, {"нет", "no", "false", "0", "-", "нельзя"}
DATES = [
    f"{day}{hour}" for day in ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y")
    for hour in ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
]  # fmt: skip
# Headings as other programs write them, besides our own names of the fields in either language.
HEADINGS = {
    "title": "название тема заголовок заявка лид обращение subject name_of_lead",
    "person": "имя|фио|ф.и.о.|контакт|контактное лицо|кто обратился|клиент|name|full name|contact",
    "firm": "организация|фирма|компания|название компании|заказчик|company|company name|organization",
    "phone": "телефон|тел|тел.|номер телефона|мобильный|мобильный телефон|рабочий телефон|phone|mobile|телефоны",
    "email": "почта|эл. почта|электронная почта|e-mail|email|mail|адрес почты",
    "raw_text": "текст|сообщение|что нужно|запрос|описание|текст заявки|message|description|request",
    "source": "источник|источник лида|откуда|source|lead source",
    "source_note": "кто рекомендовал|подробности источника|utm_source",
    "may_refer": "можно ссылаться|ссылаться",
    "has_brief": "тз|есть тз|brief",
    "object_type": "объект|тип объекта",
    "service": "услуга|услуги",
    "amount": "сумма|бюджет|budget|amount|opportunity",
    "received_at": "дата|дата создания|получено|дата обращения|created|created at|date",
    "comment": "комментарий|примечание|заметка|заметки|comment|comments|note|notes",
    "owner": "ответственный|менеджер|responsible|assigned to|owner",
}
HEADINGS["title"] = HEADINGS["title"].replace(" ", "|")


def label_of(name):
    """The field's name as people read it."""
    return str(Lead._meta.get_field(name).verbose_name) if name != "received_at" else _("Received")


def plain(heading):
    return " ".join(heading.casefold().replace("ё", "е").strip(" *:").split())


def guess(columns, may_distribute):
    """The field each heading seems to mean; a field is guessed once, a column that says nothing is left out."""
    free = {
        name: {plain(label_of(name)), plain(name), *HEADINGS[name].split("|")} for name in fields_for(may_distribute)
    }
    found = []
    for heading in columns:
        name = next((name for name, words in free.items() if plain(heading) in words), "")
        free.pop(name, None)
        found.append(name)
    return found


def fields_for(may_distribute):
    """Fields that a column may fill; the responsible person is named only by those who distribute leads."""
    return [name for name in FIELDS if may_distribute or name != "owner"]


class Reader:
    """Reads the cells of one file's rows into fields of a lead."""

    def __init__(self, batch):
        self.batch = batch
        self.fields = fields_for_model(Lead, [*OWN, "phone", "email"])
        self.date = DateTimeField(input_formats=DATES)
        self.codes = {
            name: {plain(word): code for code, label in choices(Lead._meta.get_field(name).catalogue) for word in (code, label)}
            for name in CATALOGUES
        }  # fmt: skip
        people = User.objects.assignable() if "owner" in batch.fields else ()
        self.people = {plain(word): person for person in people for word in (person.name, person.email)}

    def read(self, cells):
        """(values, remarks): fields of a lead, and [field, words] for each that cannot be read."""
        values, remarks = {}, []
        for name, cell in zip(self.batch.fields, cells, strict=False):
            if not name or not cell:
                continue
            try:
                self.take(name, cell, values)
            except (ValidationError, ValueError) as error:
                words = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
                remarks.append([label_of(name), f"{words} «{cell[:60]}»"])
        if any(cells[len(self.batch.fields) :]):
            remarks.append(["", _("There are more cells in the row than headings.")])
        if not remarks and not any(values.get(name) for name in NAMING):
            remarks.append(["", _("There is no name, company, phone or mail in the row.")])
        values["title"] = next(
            (str(values[n]) for n in ("title", "firm", "person", "phone", "email") if values.get(n)), ""
        )
        return values, remarks

    def take(self, name, cell, values):
        if name in CATALOGUES:
            if plain(cell) not in self.codes[name]:
                raise ValueError(_("There is no such entry in the catalogue."))
            values[name] = self.codes[name][plain(cell)]
        elif name in QUESTIONS:
            if plain(cell) not in YES | NO:
                raise ValueError(_("Choose yes or no."))
            values[name] = plain(cell) in YES
        elif name == "owner":
            if plain(cell) not in self.people:
                raise ValueError(_("There is no such person here."))
            values[name] = self.people[plain(cell)]
        elif name == "received_at":
            with timezone.override(company_zone()):
                values[name] = self.date.clean(cell)
            if values[name] > timezone.now():
                raise ValueError(_("This date is still to come."))
        elif name in ("phone", "email"):
            self.reach(name, cell, values)
        else:
            values[name] = (
                "\n".join(filter(None, [str(self.fields[name].clean(cell)), values.get(name)]))
                if name == "comment"
                else self.fields[name].clean(cell)
            )

    def reach(self, name, cell, values):
        """The first phone or mail of the cell; the others stay in the comment, so that none is lost."""
        normalise = normalise_phone if name == "phone" else normalise_email
        first, *others = several(cell)
        for one in (first, *others):
            normalise(one)
        values[name] = self.fields[name].clean(first)
        if others:
            values["comment"] = "\n".join(
                filter(None, [values.get("comment"), f"{label_of(name)}: {', '.join(others)}"])
            )
