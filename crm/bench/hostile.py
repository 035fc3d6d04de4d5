"""Files made to harm: markup under every name that is shown, endings in disguise, bombs and floods (B25)."""

import io
import zipfile

from PIL import Image

HTML, SVG = b"<!doctype html><script>alert(1)</script>", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
XML = b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>'


def picture(kind="PNG", size=(8, 8)):
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def word(text):
    """A document with this one line."""
    from docx import Document

    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def sixty():
    """(name, bytes) of sixty: markup under every name that is shown, two kinds at once, disguises, and what is run."""
    shown = ["png", "jpg", "gif", "webp", "pdf", "txt", "csv", "mp4", "webm", "mp3", "docx", "xlsx"]
    yield from ((f"a.{ending}", body) for ending in shown for body in (HTML, SVG, XML))
    yield from (
        (f"both.{end}", picture(kind) + HTML) for kind, end in (("GIF", "html"), ("PNG", "svg"), ("JPEG", "xhtml"))
    )
    yield "pdf.html", b"%PDF-1.7\n" + HTML
    yield "zip.html", b"PK\x03\x04" + HTML
    for name in ("a.html", "a.HTM", "a.xhtml", "a.svg", "a.SvG", "a.svgz", "a.xml", "a.mht", "a.swf", "a.js", "a.pHaR"):
        yield name, HTML
    for name in ("a.png.html", "a.pdf%00.html", "a.html.", "a.html ", "a.html::$DATA", ".htaccess", "a.png\u202elmth"):
        yield name, HTML
    yield "utf16.html", HTML.decode().encode("utf-16")


def bomb():
    """A document of 150 kB that unpacks to 150 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"<" * 150_000_000)
    return out.getvalue()


def laughs():
    """A document whose words are made of ten times ten times ten of each other."""
    xml = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{("&" + a + ";") * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    ) + "]><x>&j;</x>"  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("x"))) as was, zipfile.ZipFile(out, "w") as archive:
        for name in was.namelist():
            archive.writestr(name, xml if name == "word/document.xml" else was.read(name))
    return out.getvalue()


# Name: what makes its bytes. Each is opened by what draws and reads, and must end that process alone.
BOMBS = {
    "42.docx": bomb, "laughs.docx": laughs, "flood.png": lambda: picture(size=(60_000, 1000)),
    "cut.jpg": lambda: picture("JPEG", (400, 300))[:300], "html.pdf": lambda: b"%PDF-1.4 <script>",
    "svg.png": lambda: b"<svg onload=alert(1)>", "rand.xlsx": lambda: b"PK\x03\x04" + bytes(range(256)) * 40,
}  # fmt: skip
