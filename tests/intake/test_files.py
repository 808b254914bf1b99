"""Files at the door: what is taken is drawn anew, what is not is refused by name."""

import io
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from services.intake import files
from services.intake.files import FileRefused, accept, safe_name
from tests.intake.builders import a_pdf, a_photo_with_position, a_picture
from tests.support import NOON


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_becomes_a_fresh_jpeg(form: str) -> None:
    kept, data = accept(a_picture(form))

    assert kept.media_type == "image/jpeg"
    assert kept.size_bytes == len(data)
    assert Image.open(io.BytesIO(data)).size == (64, 48)


def test_a_photo_loses_its_metadata_and_its_size_and_keeps_its_shape() -> None:
    sent = a_photo_with_position()

    _, data = accept(sent)

    picture = Image.open(io.BytesIO(data))
    assert b"SECRETPHONE" in sent
    assert b"SECRET" not in data
    assert dict(picture.getexif()) == {}
    assert picture.size == (1600, 1067)


def test_a_transparent_picture_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")

    _, data = accept(out.getvalue())

    assert Image.open(io.BytesIO(data)).getpixel((4, 4)) == (255, 255, 255)


def test_a_plain_pdf_is_kept_as_it_came() -> None:
    sent = a_pdf()

    kept, data = accept(sent)

    assert (kept.media_type, data) == ("application/pdf", sent)


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(10**7))
    return out.getvalue()


def a_picture_bomb() -> bytes:
    """A PNG of a few bytes that says it is 60 000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = (60_000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "file_empty"),
        (b"x" * (10 * 2**20 + 1), "file_too_large"),
        (b"MZ\x90 a program", "file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "file_type"),
        (b"<html><script>alert(1)</script>", "file_type"),
        (a_zip(), "file_type"),
        (a_picture("GIF"), "file_type"),
        (a_picture_bomb(), "picture_too_large"),
        (a_picture(size=(640, 480))[:700], "picture_broken"),
        (b"%PDF-1.7 and nothing else", "pdf_broken"),
        (a_pdf(action="JavaScript"), "pdf_active"),
        (a_pdf(action="Launch"), "pdf_active"),
        (a_pdf(attached=b"MZ"), "pdf_active"),
        (a_pdf(password="x"), "pdf_locked"),
    ],
    ids=[
        "empty",
        "large",
        "exe",
        "svg",
        "html",
        "zip",
        "gif",
        "bomb",
        "cut",
        "pdf-cut",
        "pdf-js",
        "pdf-launch",
        "pdf-file",
        "pdf-key",
    ],
)
def test_what_is_not_taken_is_refused_with_its_reason(data: bytes, problem: str) -> None:
    with pytest.raises(FileRefused) as refused:
        accept(data)

    assert refused.value.problem == problem


def test_a_file_of_a_draft_cannot_be_read_without_the_key(tmp_path: Path) -> None:
    kept, data = accept(a_picture())

    files.put_aside(tmp_path, kept, data, b"k" * 32, at=NOON)

    assert files.take_back(tmp_path, kept.id, b"k" * 32) == data
    with pytest.raises(FileRefused):
        files.take_back(tmp_path, kept.id, b"x" * 32)
    stored = next(path for path in tmp_path.rglob("*") if path.is_file())
    assert data[:100] not in stored.read_bytes()


def test_files_of_old_drafts_are_known_by_their_age(tmp_path: Path) -> None:
    kept, data = accept(a_picture())

    files.put_aside(tmp_path, kept, data, b"k" * 32, at=NOON)

    assert files.old_aside(tmp_path, older_than=NOON) == []
    assert files.old_aside(tmp_path, older_than=NOON + timedelta(seconds=1)) == [kept.id]


@pytest.mark.parametrize("typed", ["../../etc/passwd", "C:\\x\\y.jpg", 'a"b\r\nc.jpg', "", "ảnh đẹp.jpg"])
def test_a_typed_name_is_shown_without_its_tricks(typed: str) -> None:
    shown = safe_name(typed)

    assert shown
    assert not set('/\\"\r\n<>') & set(shown)
