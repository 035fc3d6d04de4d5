"""Texts of the interface: gathered from code and templates, compared with what translators have written."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from crm.launcher.services import ROOT

CATALOGUES = ROOT / "crm" / "locale"
SKIPPED = {"docs", "node_modules", "static", "tests", "var"}
JINJA = {"extensions": "jinja2.ext.do", "silent": "false"}
TEMPLATES = ("templates/**.html", "templates/**.txt")
METHODS = [("**.py", "python"), *((pattern, "jinja2") for pattern in TEMPLATES)]
OPTIONS = dict.fromkeys(TEMPLATES, JINJA)
# gettext by the names under which modules import it, beside those that Babel knows.
KEYWORDS = DEFAULT_KEYWORDS | {
    **dict.fromkeys(("__", "_now", "lazy")),
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def gathered() -> Catalog:
    """Every text that code and templates ask to be translated."""
    catalogue = Catalog(fuzzy=False)
    for _file, _line, message, _comments, context in extract_from_dir(
        ROOT,
        METHODS,
        OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda path: not (Path(path).name in SKIPPED or Path(path).name.startswith(".")),
    ):
        catalogue.add(message, context=context)
    return catalogue


def catalogues() -> dict[str, Path]:
    """The translators' files by language."""
    return {path.parts[-3]: path for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/django.po"))}


def read(language: str, path: Path) -> Catalog:
    """One language's catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update() -> None:
    """Bring every catalogue to the texts there are now; new ones stay empty for the translator."""
    texts = gathered()
    for language, path in catalogues().items():
        catalogue = read(language, path)
        catalogue.update(texts, no_fuzzy_matching=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, no_location=True, sort_output=True, ignore_obsolete=True)


def untranslated() -> list[str]:
    """Texts that a language lacks, wholly or in one of its plural forms, each with the language before it."""
    texts = gathered()
    missing = []
    for language, path in catalogues().items():
        catalogue = read(language, path)
        for message in texts:
            if not message.id:
                continue
            found = catalogue.get(message.id, message.context)
            forms = found.string if found and isinstance(found.string, (tuple, list)) else [found and found.string]
            if not all(forms) or (found and found.fuzzy):
                missing.append(f"{language}: {message.id if isinstance(message.id, str) else message.id[0]}")
    return missing
