"""Photos and papers of an answer, as they are kept: a photo drawn anew from its bare pixels, a paper that does nothing
by itself. No name that anybody typed is ever part of a path.
"""

import hashlib
import io
import warnings
from collections.abc import Iterable
from uuid import uuid4

import pillow_heif
from PIL import Image, ImageDraw, ImageOps

from services.workflow.domain.answering import FileLimits
from services.workflow.domain.summary import COLUMNS, ROWS
from shared.events.intake import Attachment
from shared.pdf import ACTIVE, BadPdf, check_pdf

QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

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
        try:
            check_pdf(data, pages_at_most=limits.pages_at_most)
        except BadPdf as bad:
            raise FileRefused("active_paper" if bad.problem == ACTIVE else "bad_paper") from None
        media_type = "application/pdf"
    else:
        media_type, data = "image/jpeg", _drawn_anew(data, limits)
    kept = Attachment(id=uuid4(), media_type=media_type, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    return kept, data


def painted_over(data: bytes, cells: Iterable[int]) -> tuple[Attachment, bytes]:
    """A copy of a kept photo with cells painted black, drawn from its bare pixels; the photo itself is not touched.

    Raises FileRefused.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            picture = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError):
        raise FileRefused("not_a_picture") from None
    pen = ImageDraw.Draw(picture)
    for cell in cells:
        row, column = divmod(cell, COLUMNS)
        left, right = column * picture.width // COLUMNS, (column + 1) * picture.width // COLUMNS
        top, bottom = row * picture.height // ROWS, (row + 1) * picture.height // ROWS
        pen.rectangle((left, top, right, bottom), fill="black")
    drawn = _jpeg(picture)
    kept = Attachment(
        id=uuid4(), media_type="image/jpeg", size_bytes=len(drawn), sha256=hashlib.sha256(drawn).hexdigest()
    )
    return kept, drawn


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
