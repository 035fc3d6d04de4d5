"""What every row of a file would become: a lead, or why not."""

import hashlib
import json
from dataclasses import dataclass, field
from itertools import islice

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from crm.clients.models import Channel as ClientChannel
from crm.office.models import office

from ..exclusions import addresses, keepers
from ..models import ImportRow
from .fields import Reader

State = ImportRow.State


@dataclass
class Reading:
    """A row as it was read: fields of a lead, what cannot be read, what stands for it, and whom it comes from."""

    line: int
    cells: list
    values: dict
    remarks: list
    digest: str = ""
    reach: list = field(default_factory=list)

    def __post_init__(self):
        self.digest = digest(self.values)
        self.reach = addresses(self.values.get("phone", ""), self.values.get("email", ""))


def digest(values):
    """What stands for a row: the same words make the same lead, whoever should answer for it."""
    said = {name: value for name, value in values.items() if name != "owner"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def chunks(items, size=5000):
    items = iter(items)
    while part := list(islice(items, size)):
        yield part


@transaction.atomic
def check(batch, table):
    """Say of every (line, cells) what it would become; what was said before is forgotten."""
    batch.rows.all().delete()
    reader = Reader(batch)
    readings = [Reading(line, cells, *reader.read(cells)) for line, cells in table]
    judge = Judge(readings, batch.takes_known)
    rows = []
    for one in readings:
        state, remarks = judge.verdict(one)
        rows.append(
            ImportRow(batch=batch, line=one.line, cells=one.cells, state=state, remarks=remarks, digest=one.digest)
        )
    ImportRow.objects.bulk_create(rows, batch_size=1000)


class Judge:
    """Knows what was imported before, who is excluded, who is already here, and which rows came first; asks once for all."""

    def __init__(self, readings, takes_known):
        pairs = {pair for one in readings for pair in one.reach}
        self.imported = imported([one.digest for one in readings])
        self.out = keepers(pairs)
        self.here = {} if takes_known else known(pairs)
        self.takes_known = takes_known
        self.lines, self.senders = {}, {}

    def verdict(self, one):
        """(state, remarks) of a row; a row that is good is remembered, so that the next such one is a repeat."""
        first = self.lines.setdefault(one.digest, one.line)
        if one.remarks:
            return State.BROKEN, one.remarks
        if one.digest in self.imported:
            return State.REPEAT, [["", _("This row was imported before.")]]
        if first != one.line:
            return State.REPEAT, [["", _("The same as line %(line)s.") % {"line": first}]]
        for pair in one.reach:
            if pair in self.out:
                words = _("%(address)s is in the exclusion list: no lead is made of it.")
                return State.EXCLUDED, [["", words % {"address": self.out[pair].value}]]
        for pair in one.reach:
            if pair[1] in self.here:
                return State.KNOWN, [["", already(self.here[pair[1]])]]
            if pair in self.senders and not self.takes_known:
                words = _("The same phone or mail as in line %(line)s.")
                return State.REPEAT, [["", words % {"line": self.senders[pair]}]]
        for pair in one.reach:
            self.senders.setdefault(pair, one.line)
        return State.READY, []


def imported(digests):
    """Those of the rows that are leads already, of whatever file."""
    found = set()
    for part in chunks(digests):
        found.update(ImportRow.objects.filter(lead__isnull=False, digest__in=part).values_list("digest", flat=True))
    return found


def known(pairs):
    """{phone or mail: name of who answers for its client}; of the client itself nothing is said (G9)."""
    found = {}
    for part in chunks(value for _kind, value in pairs):
        rows = ClientChannel.objects.filter(value__in=part).select_related("company__owner", "contact__owner")
        for row in rows:
            owner = (row.company or row.contact).owner
            found[row.value] = owner.name if owner and office().names_duplicate_owner else ""
    return found


def already(owner):
    """«контакт уже есть, ответственный: …», and no more (G9, C-20)."""
    if not owner:
        return _("The contact is already here.")
    return _("The contact is already here, responsible: %(name)s") % {"name": owner}
