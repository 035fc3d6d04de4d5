"""What a file is, by its content; a preview is drawn only where its name and its content agree (B25)."""

import puremagic

from .names import extension

HEAD = 8192
MARKUP = ("<", "%pdf", "{\\rtf")
ZIPPED, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
OLE_KINDS = {"application/x-ole", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}

# Extension: how it is shown, what it is let out as, and what its content may be.
KNOWN: dict[str, tuple[str, str, set[str]]] = {
    **dict.fromkeys(("jpg", "jpeg"), ("picture", "image/jpeg", {"image/jpeg"})),
    "png": ("picture", "image/png", {"image/png"}),
    "gif": ("picture", "image/gif", {"image/gif"}),
    "webp": ("picture", "image/webp", {"image/webp"}),
    "bmp": ("picture", "image/bmp", {"image/bmp", "image/x-ms-bmp", "image/x-bmp"}),
    **dict.fromkeys(("tif", "tiff"), ("picture", "image/tiff", {"image/tiff"})),
    "pdf": ("pdf", "application/pdf", {"application/pdf"}),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp"), ("office", "", {"application/zip"})),
    **dict.fromkeys(("doc", "xls", "ppt"), ("office", "", OLE_KINDS)),
    "rtf": ("office", "", {"application/rtf", "text/rtf"}),
    **dict.fromkeys(("txt", "csv", "md", "log"), ("text", "text/plain", {"text/plain"})),
    **dict.fromkeys(("mp4", "m4v", "mov"), ("video", "video/mp4", {"video/mp4", "video/quicktime"})),
    "webm": ("video", "video/webm", {"video/webm"}),
    "mp3": ("audio", "audio/mpeg", {"audio/mpeg"}),
    "wav": ("audio", "audio/wav", {"audio/wave", "audio/x-wav", "audio/wav"}),
    **dict.fromkeys(("ogg", "oga", "opus"), ("audio", "audio/ogg", {"audio/ogg", "video/ogg"})),
    "m4a": ("audio", "audio/mp4", {"audio/mp4", "audio/x-m4a", "video/mp4"}),
}
ICONS = {
    "picture": "photo", "pdf": "file-type-pdf", "office": "file-text", "text": "file-text", "video": "movie",
    "audio": "music",
}  # fmt: skip
SHEETS = {"xlsx", "xls", "ods", "csv"}
ARCHIVES = {"zip", "rar", "7z", "gz", "tar"}


def sniff(head):
    """The media type that these first bytes speak of, whatever the name; «application/octet-stream» when of none."""
    if not head:
        return "application/x-empty"
    if head.startswith(ZIPPED):
        return "application/zip"
    if head.startswith(OLE):
        return "application/x-ole"
    text = as_text(head)
    if text is not None and not text.lstrip("\ufeff \t\r\n").lower().startswith(MARKUP):
        return "text/plain"
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        found = []
    named = next((guess.mime_type for guess in found if guess.mime_type), "")
    return named or ("text/html" if text is not None else "application/octet-stream")


def as_text(head):
    """The bytes as text if they are nothing else: UTF-8, or Windows-1251 without control characters."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding != "utf-8-sig" or error.start < len(head) - 3:
                continue
            text = head[: error.start].decode(encoding)  # a letter cut in two by the end of the head
        if not any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
            return text
    return None


def shown_as(name, mime):
    """How the file can be shown: picture, pdf, office, text, video, audio, or nothing at all."""
    kind, _out, contents = KNOWN.get(extension(name), ("", "", set()))
    return kind if mime in contents else ""


def let_out_as(name, mime):
    """The media type it is played with in the page, for what a page plays; anything else is only downloaded."""
    kind, out, contents = KNOWN.get(extension(name), ("", "", set()))
    return out if kind in ("video", "audio") and mime in contents else ""


def icon(name):
    """The icon of a file of this name."""
    ending = extension(name)
    if ending in SHEETS:
        return "file-spreadsheet"
    if ending in ARCHIVES:
        return "file-zip"
    return ICONS.get(KNOWN.get(ending, ("",))[0], "file")
