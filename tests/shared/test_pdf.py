"""A PDF is taken when it is only paper: whatever acts by itself, hides a file or cannot be read is refused."""

import io
import zlib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from shared import pdf
from shared.pdf import BadPdf, check_pdf

PAGE = {
    1: b"<< /Type /Catalog /Pages 2 0 R %s >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] %s >>",
}


def a_pdf(more: Mapping[int, bytes] | None = None, *, root: bytes = b"", page: bytes = b"") -> bytes:
    """A PDF of one page, written by hand: what stands in its root, on its page, and other objects by their number."""
    objects = PAGE | {1: PAGE[1] % root, 3: PAGE[3] % page} | dict(more or {})
    out, places = io.BytesIO(), {}
    out.write(b"%PDF-1.7\n")
    for number, body in sorted(objects.items()):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in sorted(places.items()):
        out.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    out.write(b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (max(objects) + 1, start))
    return out.getvalue()


def a_packed_pdf(root: bytes = b"") -> bytes:
    """The same inside a compressed object stream, where a look at the bytes finds none of the names."""
    bodies = [(1, PAGE[1] % root), (2, PAGE[2]), (3, PAGE[3] % b"")]
    index, text = b"", b""
    for number, body in bodies:
        index += b"%d %d " % (number, len(text))
        text += body + b" "
    packed = zlib.compress(index + text)
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    stream_at = out.tell()
    out.write(
        b"4 0 obj\n<< /Type /ObjStm /N 3 /First %d /Filter /FlateDecode /Length %d >>\n" % (len(index), len(packed))
    )
    out.write(b"stream\n" + packed + b"\nendstream\nendobj\n")
    table_at = out.tell()
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, stream_at, 0), (1, table_at, 0)]
    table = b"".join(bytes([kind]) + place.to_bytes(2) + bytes([last]) for kind, place, last in rows)
    out.write(b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length %d >>\n" % len(table))
    out.write(b"stream\n" + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % table_at)
    return out.getvalue()


def written(change: Callable[[PdfWriter], object]) -> bytes:
    """A PDF as a usual program writes it."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    change(writer)
    writer.write(out)
    return out.getvalue()


def problem_of(data: bytes) -> str:
    """Why it is refused; empty where it is taken."""
    try:
        check_pdf(data, pages_at_most=3)
    except BadPdf as refused:
        return refused.problem
    return ""


@pytest.mark.parametrize(
    "data",
    [
        a_pdf(),
        a_packed_pdf(),
        a_pdf(page=b"/Annots [<< /Subtype /Link /A << /S /URI /URI (https://example.vn) >> >>]"),
        a_pdf(root=b"/OpenAction [3 0 R /Fit]"),
        a_pdf({4: b"<< /F 1 >>"}, page=b"/Resources << /Font << /EF 4 0 R >> >>"),  # a font may be called anything
        written(lambda writer: writer.add_blank_page(9, 9)),
    ],
    ids=["plain", "packed", "link", "opens at a page", "a font called EF", "written"],
)
def test_paper_is_taken(data: bytes) -> None:
    assert problem_of(data) == ""


ACTION = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"


@pytest.mark.parametrize(
    "data",
    [
        a_pdf(root=ACTION),
        a_packed_pdf(root=ACTION),
        a_pdf(root=b"/OpenAction << /S /J#61vaScript /J#53 (1) >>"),
        a_pdf({4: b"/Launch"}, root=b"/OpenAction << /S 4 0 R /F (calc.exe) >>"),
        a_pdf(page=b"/AA << /O << /S /SubmitForm /F (https://example.vn) >> >>"),
        a_pdf(root=b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>"),
        a_pdf({4: b"<< /F (a.exe) /EF << /F 5 0 R >> >>", 5: b"<< >>"}, page=b"/Annots [<< /FS 4 0 R >>]"),
        a_pdf(page=b"/Annots [<< /Subtype /RichMedia >>]"),
        a_pdf(root=b"/AcroForm << /XFA [] >>"),
        a_pdf({4: b"[[[[[<< /S /Launch >>]]]]]"}, root=b"/Extra 4 0 R"),
        written(lambda writer: writer.add_attachment("a.txt", b"a")),
    ],
    ids=[
        "script",
        "script in an object stream",
        "script spelled in numbers",
        "launcher whose name is an object of its own",
        "form that sends",
        "files in the names",
        "file in an annotation, without a type",
        "media",
        "form of another language",
        "deep in arrays",
        "file as written by a program",
    ],
)
def test_what_acts_by_itself_or_hides_a_file_is_refused(data: bytes) -> None:
    assert problem_of(data) == "active"


def test_what_needs_a_password_is_refused() -> None:
    assert problem_of(written(lambda writer: writer.encrypt("x"))) == "locked"


NESTED = b"[" * 20_000 + b"]" * 20_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 and nothing else",
        a_pdf()[:150],
        a_pdf({2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        written(lambda writer: [writer.add_blank_page(9, 9) for _ in range(3)]),
        a_pdf({4: NESTED}, root=b"/Extra 4 0 R"),
    ],
    ids=["empty", "a word", "cut", "no page", "too many pages", "nested without end"],
)
def test_what_is_no_paper_is_refused(data: bytes) -> None:
    assert problem_of(data) == "broken"


def test_a_circle_is_walked_once() -> None:
    assert problem_of(a_pdf({4: b"<< /Next 5 0 R >>", 5: b"<< /Next 4 0 R >>"}, root=b"/Extra 4 0 R")) == ""
    assert problem_of(a_pdf({4: b"[4 0 R 5 0 R]", 5: b"<< /S /Launch >>"}, root=b"/Extra 4 0 R")) == "active"


def test_a_name_for_a_name_for_itself_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problem_of(a_pdf({4: b"5 0 R", 5: b"4 0 R"}, root=b"/Extra 4 0 R")) in {"", "broken"}


def test_more_objects_than_anybody_writes_are_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "OBJECTS_AT_MOST", 20)
    many = {number: b"<< /Next %d 0 R >>" % (number + 1) for number in range(4, 40)} | {40: b"<< >>"}

    assert problem_of(a_pdf(many, root=b"/Extra 4 0 R")) == "broken"


@given(st.data())
def test_whatever_is_sent_is_taken_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([a_pdf(root=ACTION), a_packed_pdf(), a_pdf()])))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))

    assert problem_of(bytes(whole[: data.draw(st.integers(0, len(whole)))])) in {"", "active", "broken", "locked"}
