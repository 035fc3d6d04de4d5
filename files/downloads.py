"""The one way out for bytes: as they are, as an attachment, in whole or in one range; never run in our origin (B17, B25)."""

import re
from os import SEEK_END

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from . import store

PIECE = 256 * 1024
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
# Whatever it is, it gets an origin of its own where nothing runs and nothing is fetched.
ALONE = "default-src 'none'; sandbox"


def let_out(request, blob, name, mime="", place=None, size=None):
    """The bytes under the name people know; with a ``mime`` the page plays or draws them, without one they are saved.

    ``place`` and ``size`` are of something drawn from the blob instead of it. Bytes that are gone are a page that
    says so (410), and an alarm.
    """
    tag = f'"{blob.sha256}{"" if place is None else place[-16:]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    try:
        file = store.opened(blob, place)
    except store.Missing:
        return render(request, "errors/410.html", status=410)
    size = blob.size if place is None else file.seek(0, SEEK_END)
    first, last = wanted(request, size, tag)
    if first is None:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    whole = (first, last) == (0, size - 1)
    if settings.FILES_ACCEL and place is None:
        file.close()
        response = HttpResponse(headers={"X-Accel-Redirect": f"{settings.FILES_ACCEL}{blob.place}"})
    else:
        response = StreamingHttpResponse(pieces(file, first, last - first + 1), status=200 if whole else 206)
        response._resource_closers.append(file.close)
        response.headers["Content-Length"] = last - first + 1
        if not whole:
            response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"], response.headers["ETag"] = "bytes", tag
    return guarded(response, name, mime)


def guarded(response, name, mime=""):
    """The answer with all that keeps what is in it from being anything but saved, or played by a page of ours."""
    response.headers["Content-Type"] = mime or "application/octet-stream"
    response.headers["Content-Disposition"] = content_disposition_header(not mime, name) or "attachment"
    response.headers["Content-Encoding"] = (
        "identity"  # never packed: the length that was promised is the length that comes
    )
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def wanted(request, size, tag):
    """First and last byte that the request asks for, all of them by default; (None, None) where there are none such.

    A list of ranges, and a range of what has changed since, is answered with everything, as RFC 9110 allows.
    """
    asked = RANGE.match(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", tag) != tag or asked.groups() == ("", ""):
        return 0, size - 1
    first, last = asked.groups()
    if len(first + last) > 30:
        return None, None
    if not first:
        first, last = max(0, size - int(last)), size - 1
    first, last = int(first), min(int(last) if last != "" else size - 1, size - 1)
    return (first, last) if first <= last else (None, None)


def pieces(file, first, left):
    """The bytes from ``first`` on, a piece at a time."""
    file.seek(first)
    while left > 0 and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece
