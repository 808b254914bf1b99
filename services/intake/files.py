"""Files that citizens send, recognised by what they are and not by what they are called: pictures are drawn anew and
stripped of everything that was not the picture; a PDF or an Office document that is only paper is kept as it came.

No name that anybody typed is ever part of a path. Until a petition is sent, its files lie in `files_dir/drafts/`,
locked with a key that only the citizen's browser has.
"""

import hashlib
import io
import os
import re
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pillow_heif
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from services.intake.domain.petition import FILE_BYTES_AT_MOST, Kept
from shared.files import SEALED, path_of, read_file, remove_file, store_file
from shared.office import OLE, UNKNOWN, BadOffice, check_office
from shared.pdf import BadPdf, check_pdf

LONG_SIDE = 1600  # pixels
QUALITY = 82
PIXELS_AT_MOST = 60_000_000
PDF_PAGES_AT_MOST = 200
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_DRAFTS = "drafts"

pillow_heif.register_heif_opener(thumbnails=False)


class FileRefused(ValueError):
    """A file that is not taken. `problem` names the reason; `words.py` says it to the citizen."""

    def __init__(self, problem: str, name: str = "") -> None:
        super().__init__(problem)
        self.problem, self.name = problem, name


def accept(data: bytes) -> tuple[Kept, bytes]:
    """The file as we keep it: a fresh JPEG without metadata, or the paper as it came. Raises FileRefused."""
    if not data:
        raise FileRefused("file_empty")
    if len(data) > FILE_BYTES_AT_MOST:
        raise FileRefused("file_too_large")
    had_position = False
    if b"%PDF-" in data[:1024]:
        try:
            check_pdf(data, pages_at_most=PDF_PAGES_AT_MOST)
        except BadPdf as bad:
            raise FileRefused(f"pdf_{bad.problem}") from None
        media_type = "application/pdf"
    elif data.startswith((b"PK\x03\x04", OLE)):
        try:
            media_type = check_office(data)
        except BadOffice as bad:
            raise FileRefused("file_type" if bad.problem == UNKNOWN else f"office_{bad.problem}") from None
    else:
        media_type, (data, had_position) = "image/jpeg", _drawn_anew(data)
    kept = Kept(
        id=uuid4(),
        media_type=media_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        had_position=had_position,
    )
    return kept, data


def keep(
    files_dir: Path,
    file_id: UUID,
    data: bytes,
    *,
    seal: Callable[[bytes], bytes] | None = None,
    form: str = SEALED,
) -> None:
    """Write a file to its place, whole and on the disk before this returns; sealed, in this form, with `seal`."""
    if seal is None:
        store_file(files_dir, file_id, data)
    else:
        store_file(files_dir, file_id, seal(data), form)


def forget(files_dir: Path, kept: Iterable[Kept]) -> None:
    """Remove files whose petition was not filed after all."""
    for one in kept:
        remove_file(files_dir, one.id)


def put_aside(files_dir: Path, kept: Kept, data: bytes, key: bytes, *, at: datetime) -> None:
    """Keep a file of a draft, locked: without the citizen's key nobody can look at it."""
    store_file(files_dir / _DRAFTS, kept.id, SecretBox(key).encrypt(data))
    os.utime(path_of(files_dir / _DRAFTS, kept.id), (at.timestamp(), at.timestamp()))


def take_back(files_dir: Path, file_id: UUID, key: bytes) -> bytes:
    """A file of a draft. Raises FileRefused when it is gone."""
    try:
        return SecretBox(key).decrypt(read_file(files_dir / _DRAFTS, file_id))
    except (OSError, CryptoError):
        raise FileRefused("file_gone") from None


def drop_aside(files_dir: Path, file_ids: Iterable[UUID], *, also_kept: bool = False) -> None:
    """Forget files of a draft; `also_kept`: and what was written for a filing that never came to its end."""
    for file_id in file_ids:
        remove_file(files_dir / _DRAFTS, file_id)
        if also_kept:
            remove_file(files_dir, file_id)


def old_aside(files_dir: Path, *, older_than: datetime) -> list[UUID]:
    """Files of drafts that were written before an instant."""
    found = []
    for path in (files_dir / _DRAFTS).glob("*/*"):
        with suppress(FileNotFoundError, ValueError):
            if path.stat().st_mtime < older_than.timestamp():
                found.append(UUID(path.name))
    return found


def _drawn_anew(data: bytes) -> tuple[bytes, bool]:
    """The picture alone, and whether it had said where it was taken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a picture too large or odd we are the judges
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if opened.width * opened.height > PIXELS_AT_MOST:
                    raise FileRefused("picture_too_large")
                had_position = bool(opened.getexif().get_ifd(ExifTags.IFD.GPSInfo))
                opened.draft("RGB", (LONG_SIDE, LONG_SIDE))
                picture = ImageOps.exif_transpose(opened)
                picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
                return _jpeg(picture), had_position
    except FileRefused:
        raise
    except Image.DecompressionBombError:
        raise FileRefused("picture_too_large") from None
    except UnidentifiedImageError:
        raise FileRefused("file_type") from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        ArithmeticError,
        MemoryError,
        RuntimeError,
        KeyError,
        IndexError,
    ):
        raise FileRefused("picture_broken") from None


def _jpeg(picture: Image.Image) -> bytes:
    if picture.mode in {"RGBA", "LA", "PA", "P"}:
        coloured = picture.convert("RGBA")
        ground = Image.new("RGB", coloured.size, "white")
        ground.paste(coloured, mask=coloured.getchannel("A"))
        picture = ground
    # A new picture from the bare pixels: no comment, profile or position of the old one comes along.
    bare = Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def safe_name(typed: str) -> str:
    """A file's name as it may be shown beside a message; never used for a path."""
    return re.sub(r"[^\w .()\-]+", "_", typed.replace("\\", "/").rsplit("/", 1)[-1])[:60] or "?"
