"""Names of files and folders: what every file system takes and every browser sends back the same."""

import re
import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

MOST_BYTES = 255
# Windows keeps these for devices, with any extension.
DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.I)
RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# What turns the reading direction, breaks a line or cannot be seen: «gnp.exe» would read «exe.png».
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
JOINERS = "\u200c\u200d"  # inside Persian words and emoji


def clean(text, most=MOST_BYTES):
    """A name that every file system takes, Windows too: composed letters, no reserved or unseen characters.

    At most ``most`` bytes of UTF-8, cut before the extension. What nothing is left of becomes «-».
    """
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    text = "".join(c for c in text if unicodedata.category(c) not in UNSEEN or c in JOINERS or c in "\t\n\r")
    name = re.sub(r"\s+", " ", RESERVED.sub(" ", text)).strip(" ").rstrip(" .")
    name = DEVICES.sub(r"\1_", name)
    return fit(name, most) or "-"


def fit(name, most=MOST_BYTES):
    """The name in at most so many bytes of UTF-8, its extension kept."""
    if len(name.encode()) <= most:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = name[: len(name) - len(suffix)].encode()[: most - len(suffix.encode())].decode(errors="ignore")
    return stem.rstrip(" .") + suffix


def safe_name(text):
    """The name of a card's folder, short enough to be the beginning of long paths."""
    return clean(text, 200)


def free(name, taken):
    """The name, or «name (2)» when ``taken`` (lower-cased names) has it already."""
    if name.lower() not in taken:
        return name
    suffix = PurePosixPath(name).suffix
    stem, n = name[: len(name) - len(suffix)] if suffix else name, 2
    while True:
        number = f" ({n}){suffix}"
        found = fit(stem, MOST_BYTES - len(number.encode())) + number
        if found.lower() not in taken:
            return found
        n += 1


def copy_of(name):
    """«name (copy)», as a copy in the same folder is called first."""
    suffix = PurePosixPath(name).suffix
    stem, word = name[: len(name) - len(suffix)] if suffix else name, _("copy")
    mark = f" ({word}){suffix}"
    return fit(stem, MOST_BYTES - len(mark.encode())) + mark


def extension(name):
    """The last extension, lower-cased, without its dot."""
    return PurePosixPath(name).suffix[1:].lower()
