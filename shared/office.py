"""Whether a document of Word, Excel or LibreOffice is only paper: no macro, no embedded object, nothing fetched from
elsewhere when it is opened.

What a file is called counts for nothing: its kind is read from its structure. The old formats (.doc, .xls) and
documents under a password are one opaque container and are refused.

Source: ECMA-376 part 2 (packages), OASIS OpenDocument 1.3 part 2.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from shared.files import DOCX, ODS, ODT, XLSX

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the container begins in which the old formats and locked documents lie. Source: MS-CFB 2.2."""
ENTRIES_AT_MOST = 2000
BYTES_AT_MOST = 60 * 2**20  # of all entries, unpacked
XML_AT_MOST = 30 * 2**20  # of one entry that is read
RATIO_AT_MOST = 200  # unpacked to packed, of an entry that is large

LOCKED, ACTIVE, BROKEN, TOO_LARGE, UNKNOWN = "locked", "active", "broken", "too_large", "unknown"

_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
}
_ACTIVE_PART = re.compile(
    r"(^|/)(vbaProject|vbaData|activeX|embeddings|externalLinks|ctrlProps|customUI|connections|queryTables|afchunk|"
    r"Basic|Scripts|Object \d+|ObjectReplacements|Dialogs)([/.\d]|$)",
    re.IGNORECASE,
)
_ACTIVE_ENDING = re.compile(
    r"\.(bin|ocx|exe|dll|com|scr|bat|cmd|ps1|vbs|js|jar|html?|mht(ml)?|rtf|ole|zip|docm|xlsm)$", re.IGNORECASE
)
_HARMLESS_BIN = re.compile(r"(^|/)printerSettings\d*\.bin$", re.IGNORECASE)
_ACTIVE_TYPE = re.compile(
    r"macroEnabled|vbaProject|activeX|oleObject|ms-office\.|octet-stream|template\.", re.IGNORECASE
)
_ACTIVE_RELATIONS = frozenset(
    {"attachedtemplate", "oleobject", "package", "afchunk", "subdocument", "frame", "control", "vbaproject"}
)
_LINK = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_FIELD = re.compile(
    r"\s*(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|RD|DATABASE|AUTOTEXT|MACROBUTTON)\b", re.IGNORECASE
)
_FORMULA = re.compile(r"WEBSERVICE|FILTERXML|IMPORTXML|IMPORTDATA|CALL\(|REGISTER|EXEC\(|\w\|'", re.IGNORECASE)
_ACTIVE_TAGS = frozenset({"OLEObject", "oleObject", "control", "ddeLink", "altChunk"})
_FORMULA_TAGS = frozenset({"f", "definedName", "formula1", "formula2"})
_ODF_ACTIVE = frozenset(
    {
        "event-listener", "library-embedded", "library-linked", "dde-source", "dde-link", "dde-connection-decl",
        "table-source", "cell-range-source", "database-source-sql", "database-source-table", "database-source-query",
        "section-source", "plugin", "applet", "object", "object-ole",
    }
)  # fmt: skip
_ODF_LINKS = frozenset({"a"})


class BadOffice(Exception):
    """A document that is not taken; `problem` is locked, active, broken, too_large or unknown."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def check_office(data: bytes) -> str:
    """The media type of a document that is only paper. Raises BadOffice."""
    if data.startswith(OLE):
        raise BadOffice(LOCKED)
    if not data.startswith(b"PK\x03\x04"):
        raise BadOffice(UNKNOWN)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            if "[Content_Types].xml" in names:
                _measure(package, data)
                return _check_ooxml(package, names)
            if "mimetype" in names and "META-INF/manifest.xml" in names:
                _measure(package, data)
                return _check_odf(package, names)
    except DefusedXmlException:  # a document type or an entity: no document that anybody saves has one
        raise BadOffice(ACTIVE) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ParseError,
        LookupError,
        ValueError,
        OSError,
        NotImplementedError,
    ):
        raise BadOffice(BROKEN) from None
    raise BadOffice(UNKNOWN)


def _measure(package: zipfile.ZipFile, data: bytes) -> None:
    """No name of an entry is a trick, and all together are of a bearable size. Raises BadOffice."""
    entries = package.infolist()
    if len(entries) > ENTRIES_AT_MOST or sum(one.file_size for one in entries) > BYTES_AT_MOST:
        raise BadOffice(TOO_LARGE)
    ends_whole = data[-22:].startswith(b"PK\x05\x06")
    if not ends_whole or not entries or min(one.header_offset for one in entries) != 0:
        raise BadOffice(BROKEN)  # something else lies before or behind the document
    names = [one.filename for one in entries]
    if len({name.lower() for name in names}) != len(names):
        raise BadOffice(BROKEN)  # readers would disagree about which of two is meant
    for one in entries:
        if one.flag_bits & 0x1:
            raise BadOffice(LOCKED)
        if one.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise BadOffice(BROKEN)
        if one.filename.startswith(("/", "\\")) or ".." in one.filename.split("/") or "\\" in one.filename:
            raise BadOffice(BROKEN)
        if one.file_size > 2**20 and one.file_size > RATIO_AT_MOST * max(one.compress_size, 1):
            raise BadOffice(TOO_LARGE)
        is_bin_of_printer = _HARMLESS_BIN.search(one.filename)
        if _ACTIVE_PART.search(one.filename) or (_ACTIVE_ENDING.search(one.filename) and not is_bin_of_printer):
            raise BadOffice(ACTIVE)


# ---- Word, Excel


def _check_ooxml(package: zipfile.ZipFile, names: list[str]) -> str:
    kinds = set()
    for one in _elements(package, "[Content_Types].xml"):
        media_type = one.get("ContentType", "")
        if _ACTIVE_TYPE.search(media_type) and "printerSettings" not in media_type and one.get("Extension") != "bin":
            raise BadOffice(ACTIVE)
        if media_type in _MAIN:
            kinds.add(_MAIN[media_type])
    if len(kinds) != 1:
        raise BadOffice(UNKNOWN)
    for name in names:
        if name.endswith(".rels"):
            _check_relations(package, name)
        elif name.endswith((".xml", ".vml")) and name != "[Content_Types].xml":
            _check_part(package, name)
    return kinds.pop()


def _check_relations(package: zipfile.ZipFile, name: str) -> None:
    for one in _elements(package, name):
        kind = one.get("Type", "").rsplit("/", 1)[-1].lower()
        if kind in _ACTIVE_RELATIONS:
            raise BadOffice(ACTIVE)
        is_link = kind == "hyperlink" and _LINK.match(one.get("Target", "").strip())
        if one.get("TargetMode", "").lower() == "external" and not is_link:
            raise BadOffice(ACTIVE)


def _check_part(package: zipfile.ZipFile, name: str) -> None:
    """A field of Word may be cut into pieces that only together say what it does."""
    fields: list[str] = []
    for one in _elements(package, name):
        tag = _local(one.tag)
        if tag in {"instrText", "delInstrText"}:
            fields.append(one.text or "")
        elif tag == "fldSimple":
            fields.extend(f"\n{value}\n" for key, value in one.attrib.items() if _local(key) == "instr")
        elif tag == "fldChar":
            fields.append("\n")
        elif tag in _ACTIVE_TAGS or (tag in _FORMULA_TAGS and _FORMULA.search(one.text or "")):
            raise BadOffice(ACTIVE)
    if any(map(_FIELD.match, "".join(fields).split("\n"))):
        raise BadOffice(ACTIVE)


# ---- LibreOffice


def _check_odf(package: zipfile.ZipFile, names: list[str]) -> str:
    if package.getinfo("mimetype").file_size > 100:
        raise BadOffice(BROKEN)
    media_type = package.read("mimetype").decode("ascii").strip()
    if media_type not in {ODT, ODS}:
        raise BadOffice(UNKNOWN)
    if "META-INF/macrosignatures.xml" in names:
        raise BadOffice(ACTIVE)
    for one in _elements(package, "META-INF/manifest.xml"):
        if _local(one.tag) == "encryption-data":
            raise BadOffice(LOCKED)
    for name in names:
        if name.endswith((".xml", ".rdf")) and name != "META-INF/manifest.xml":
            _check_content(package, name)
    return media_type


def _check_content(package: zipfile.ZipFile, name: str) -> None:
    for one in _elements(package, name):
        tag = _local(one.tag)
        if tag in _ODF_ACTIVE or (tag == "script" and (one.text or "").strip()):
            raise BadOffice(ACTIVE)
        for key, value in one.attrib.items():
            if _local(key) == "formula" and _FORMULA.search(value):
                raise BadOffice(ACTIVE)
            if _local(key) == "href" and not _stays_inside(tag, value.strip()):
                raise BadOffice(ACTIVE)


def _stays_inside(tag: str, target: str) -> bool:
    """A hyperlink leads where it may; everything else is a part of the document itself."""
    if tag in _ODF_LINKS:
        return target.startswith("#") or bool(_LINK.match(target))
    return ":" not in target and not target.startswith(("/", "..", "\\"))


# ---- reading


def _elements(package: zipfile.ZipFile, name: str) -> Iterator[Element]:
    """The elements of a part, each whole; no document type, no entity, nothing outside. Raises BadOffice."""
    with package.open(name) as part:
        for _, element in iterparse(_Bounded(part), forbid_dtd=True):
            yield element
            element.clear()


class _Bounded:
    """A stream that ends with BadOffice where it says more than it should."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part, self._left = part, XML_AT_MOST

    def read(self, size: int = -1) -> bytes:
        data = self._part.read(size if size >= 0 else 65536)
        self._left -= len(data)
        if self._left < 0:
            raise BadOffice(TOO_LARGE)
        return data


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
