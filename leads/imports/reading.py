"""A file that somebody calls CSV, read into a table: from Excel, 1C, an exhibition's site, another CRM (R-103)."""

import csv
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 2**20
MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 100_000
DELIMITERS = ";,\t|"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What a text has none of: such a file is a picture, a program, an archive.
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# Excel takes a cell with such a beginning for a formula; the apostrophe keeps it a text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(Exception):
    """The file is no table; the text says why and what to do, in the reader's language."""


@dataclass(frozen=True)
class Table:
    """Headings and rows as (line of the file, cells); every row has a cell for every heading."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]


def read(data: bytes) -> Table:
    """The table in the file. Raises Unreadable."""
    text, delimiter = _delimited(_decode(data))
    rows = _rows(text, delimiter)
    try:
        _line, columns = next(rows)
    except StopIteration:
        raise Unreadable(_("The file is empty.")) from None
    if len(columns) > MOST_COLUMNS:
        raise Unreadable(_("There are more than %(most)s columns in the file.") % {"most": MOST_COLUMNS})
    found = []
    for line, cells in rows:
        if len(found) == MOST_ROWS:
            raise Unreadable(
                _("There are more than %(most)s rows in the file: split it.")
                % {"most": f"{MOST_ROWS:,}".replace(",", "\u00a0")}
            )
        cells += [""] * (len(columns) - len(cells))
        found.append((line, cells))
    if not found:
        raise Unreadable(_("There are headings in the file but no rows."))
    return Table([name[:200] for name in columns], found)


def _decode(data):
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than %(most)s MB: split it.") % {"most": MOST_BYTES // 2**20})
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    if data.startswith(WORKBOOKS):
        raise Unreadable(_("This is an Excel workbook. Save it as CSV and choose that file."))
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = max((data.decode(name, "replace") for name in ("cp1251", "cp866")), key=_russian)
    text = text.rstrip("\x1a")
    if BINARY.search(text):
        raise Unreadable(_("This is not a text table. Save it as CSV and choose that file."))
    return text


def _russian(text):
    """How much of the text reads as Russian: small letters, which a wrong code page turns into something else."""
    return len(re.findall("[а-яё]", text[:100_000]))


def _delimited(text):
    """The text and what separates its cells: what Excel says in its first line, or what the headings have most of."""
    first, _newline, rest = text.lstrip("\r\n").partition("\n")
    if re.fullmatch(r"sep=.\r?", first, re.IGNORECASE):
        return rest, first[4]
    return text, max(DELIMITERS, key=first.count)


def _rows(text, delimiter):
    """(line, cells) of every row in which something is written."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = [_bare(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable(
                _("Line %(line)s cannot be read: a quotation mark is opened and not closed.") % {"line": line}
            ) from None
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Unreadable(_("A cell in line %(line)s is too long.") % {"line": line})
        if any(cells):
            yield line, cells


def _bare(cell):
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def write(columns, rows) -> str:
    """A table as CSV that Excel opens in Russian and in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for cells in (columns, *rows):
        writer.writerow([f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells])
    return "\ufeff" + out.getvalue()
