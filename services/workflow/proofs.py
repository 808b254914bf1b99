"""Photos and papers of an answer, as they are kept: a photo drawn anew from its bare pixels, a paper that does nothing
by itself. No name that anybody typed is ever part of a path.
"""

import hashlib
import io
import warnings
from collections.abc import Iterator
from uuid import uuid4

import pillow_heif
import pypdf
from PIL import Image, ImageOps
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from services.workflow.domain.answering import FileLimits
from shared.events.intake import Attachment

QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
OBJECTS_AT_MOST = 20_000
# What makes a PDF act by itself, or carry other files.
ACTIVE = frozenset({"JavaScript", "JS", "Launch", "EmbeddedFiles", "EmbeddedFile", "RichMedia", "XFA", "SubmitForm"})

pillow_heif.register_heif_opener(thumbnails=False)


class FileRefused(ValueError):
    """A file that is not taken; `problem` is the code of the reason."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def accept(data: bytes, limits: FileLimits) -> tuple[Attachment, bytes]:
    """The file as it is kept: a fresh JPEG without position, date or camera, or the PDF as it came.

    Raises FileRefused.
    """
    if len(data) > limits.bytes_at_most:
        raise FileRefused("too_large")
    if b"%PDF-" in data[:1024]:
        _check_paper(data, limits)
        media_type = "application/pdf"
    else:
        media_type, data = "image/jpeg", _drawn_anew(data, limits)
    kept = Attachment(id=uuid4(), media_type=media_type, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    return kept, data


def _drawn_anew(data: bytes, limits: FileLimits) -> bytes:
    side = limits.long_side
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a picture too large we are the judges
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > limits.pixels_at_most:
                    raise FileRefused("too_large")
                opened.draft("RGB", (side, side))
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
                picture.thumbnail((side, side), Image.Resampling.LANCZOS)
                return _jpeg(picture)
    except FileRefused:
        raise
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, ArithmeticError, RuntimeError):
        raise FileRefused("not_a_picture") from None


def _jpeg(picture: Image.Image) -> bytes:
    """From the bare pixels, on white: nothing that lay beside them comes along."""
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _check_paper(data: bytes, limits: FileLimits) -> None:
    try:
        document = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if document.is_encrypted or not 0 < len(document.pages) <= limits.pages_at_most:
            raise FileRefused("bad_paper")
        if any(_is_active(thing) for thing in _things_of(document)):
            raise FileRefused("active_paper")
    except FileRefused:
        raise
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError, OverflowError):
        raise FileRefused("bad_paper") from None


def _is_active(thing: DictionaryObject) -> bool:
    named = {*map(str, thing), str(thing.get("/S", "")), str(thing.get("/Type", ""))}
    return bool(ACTIVE & {name.lstrip("/") for name in named})


def _things_of(document: pypdf.PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the root, each once."""
    waiting: list[object] = [document.trailer.get("/Root")]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if thing.idnum in seen:
                continue
            seen.add(thing.idnum)
            if len(seen) > OBJECTS_AT_MOST:
                raise FileRefused("bad_paper")
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject):
            yield thing
            waiting += [thing.raw_get(name) for name in thing]
        elif isinstance(thing, ArrayObject):
            waiting += thing
