"""Folders of cards, the files in them, their versions, and the bytes that versions point to."""

from .blobs import Blob
from .files import File, Version
from .folders import Folder, layout
from .keys import DavKey
from .uploads import Upload

__all__ = ["Blob", "DavKey", "File", "Folder", "Upload", "Version", "layout"]
