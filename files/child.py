"""Draws and reads one untrusted file, alone in a process of few means: `child.py TASK ENDING PATH FOLDER [SOFFICE]`.

Knows nothing of Django, the database or the network's addresses. What it makes lies in FOLDER: ``thumb.webp``,
``page-N.webp``, ``text``. A bomb meets its limits and ends this process only (B25).
"""

import os
import resource
import sys
from pathlib import Path

MEMORY = 1024**3
SECONDS = 30
WRITES = 200 * 1024**2
MOST_PIXELS = 40_000_000
THUMB, PAGE = (320, 320), (1400, 1400)
PAGES = 12
MOST_TEXT = 500_000
MOST_ROWS = 5000


def limit(memory=MEMORY, seconds=SECONDS):
    """Less of everything from now on, for this process and those it starts."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITES, WRITES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def picture(path, folder):
    """Its thumbnail and its view, drawn anew: nothing of the file itself reaches a page."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise SystemExit("too many pixels")
        image.draft("RGB", PAGE)
        view = ImageOps.exif_transpose(image)
        view = view.convert("RGBA" if "A" in view.getbands() or "transparency" in view.info else "RGB")
        draw(view, folder, 1)


def draw(view, folder, page):
    """One page as WebP, and of the first page the thumbnail."""
    view.thumbnail(PAGE)
    view.save(folder / f"page-{page}.webp", quality=82)
    if page == 1:
        view.thumbnail(THUMB)
        view.save(folder / "thumb.webp", quality=75)


def pages(path, folder):
    """The first pages of a PDF as pictures, and what is written on them."""
    import pypdfium2

    document, written = pypdfium2.PdfDocument(path), []
    for n in range(len(document)):
        page = document[n]
        if n < PAGES:
            width, height = page.get_size()
            scale = min(PAGE[0] / max(width, height, 1), 3)
            draw(page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"), folder, n + 1)
        written.append(page.get_textpage().get_text_bounded())
        if sum(map(len, written)) > MOST_TEXT:
            break
    return "\n".join(written)


def docx(path):
    from docx import Document

    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def xlsx(path):
    from openpyxl import load_workbook

    lines = []
    with path.open("rb") as file:  # a path is refused when its name says nothing of the format
        for sheet in load_workbook(file, read_only=True, data_only=True).worksheets:
            lines.append(sheet.title)
            for row in sheet.iter_rows(max_row=MOST_ROWS, values_only=True):
                lines.append("\t".join(str(value) for value in row if value is not None))
    return "\n".join(filter(None, lines))


def pptx(path):
    from pptx import Presentation

    shapes = [shape for slide in Presentation(str(path)).slides for shape in slide.shapes]
    return "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)


def text(path):
    raw = path.read_bytes()[: 4 * MOST_TEXT]
    try:
        return raw.decode("utf-8-sig", "strict" if len(raw) < 4 * MOST_TEXT else "ignore")
    except UnicodeDecodeError:
        return raw.decode("cp1251", "replace")


def unpacked_is_bounded(path):
    """A ZIP that says it unpacks to more than 200 MB, 2,000 members or a hundred times itself is not opened (B25)."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        found = archive.infolist()
    whole = sum(member.file_size for member in found)
    packed = max(1, sum(member.compress_size for member in found))
    if len(found) > 2000 or whole > WRITES or (whole > 1024**2 and whole > 100 * packed):
        raise SystemExit("a bomb")


def main(task, ending, path, folder, soffice=""):
    path, folder = Path(path), Path(folder)
    if task == "office":
        limit(memory=4 * MEMORY, seconds=100)
        if ending in ("docx", "xlsx", "pptx", "odt", "ods", "odp"):
            unpacked_is_bounded(path)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        how = ["--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(folder)]
        os.execv(soffice, [soffice, profile, *how, str(path)])
    limit()
    written = ""
    if task == "picture":
        picture(path, folder)
    elif task in ("pdf", "pages"):
        written = pages(path, folder)
        if task == "pages" and (folder / "text").exists():
            return
    elif ending in ("docx", "xlsx", "pptx"):
        unpacked_is_bounded(path)
        written = {"docx": docx, "xlsx": xlsx, "pptx": pptx}[ending](path)
    elif task == "text" and ending in ("txt", "csv", "md", "log"):
        written = text(path)
    if written:
        (folder / "text").write_text(written[:MOST_TEXT], "utf-8", errors="ignore")


if __name__ == "__main__":
    main(*sys.argv[1:])
