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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers.expat import ExpatError, ParserCreate

from shared.files import DOCX, ODS, ODT, XLSX

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the container begins in which the old formats and locked documents lie. Source: MS-CFB 2.2."""
ENTRIES_AT_MOST = 2000
BYTES_AT_MOST = 60 * 2**20  # of all entries, unpacked
XML_AT_MOST = 8 * 2**20  # bytes of one part that is read
ELEMENTS_AT_MOST = 500_000  # in all parts that are read
DEPTH_AT_MOST = 500  # elements in each other
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
_WITH_WORDS = _FORMULA_TAGS | {"instrText", "delInstrText", "script"}
_XML_ENDINGS = frozenset({"xml", "vml", "svg", "rdf"})
_XML_TYPE = re.compile(r"[+/]xml$|vmldrawing$")
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_PLAIN_ENDINGS = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "webp",
        "emf",
        "wmf",
        "wdp",
        "odttf",
        "bin",
        "sigs",
        "cer",
    }
)
"""Parts of Word and Excel that are no XML: pictures, fonts, settings of printers, signatures."""


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
            reader = _Reader(package)
            if "[Content_Types].xml" in names:
                _measure(package, data)
                return _check_ooxml(reader, names)
            if "mimetype" in names and "META-INF/manifest.xml" in names:
                _measure(package, data)
                return _check_odf(reader, names)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ExpatError,
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


def _check_ooxml(reader: "_Reader", names: list[str]) -> str:
    """What a part is, its content type says; names are compared as readers do, whatever their case."""
    kinds, types = set(), dict[str, str]()
    for one in reader.elements("[Content_Types].xml"):
        media_type = one.get("ContentType").split(";")[0].strip().casefold()
        ending = one.get("Extension").casefold()
        if _ACTIVE_TYPE.search(media_type) and "printersettings" not in media_type and ending != "bin":
            raise BadOffice(ACTIVE)
        if media_type in _MAIN:
            kinds.add(_MAIN[media_type])
        named = _folded(one.get("PartName")) or f".{ending}"
        if media_type and types.setdefault(named, media_type) != media_type and named != ".":
            raise BadOffice(BROKEN)  # readers would disagree about what it is
    if len(kinds) != 1:
        raise BadOffice(UNKNOWN)
    for name in names:
        if name != "[Content_Types].xml" and not name.endswith("/"):
            _check_as(reader, name, types)
    return kinds.pop()


def _check_as(reader: "_Reader", name: str, types: Mapping[str, str]) -> None:
    """One part as what it is. Raises BadOffice, also where nobody knows what it is."""
    ending = _ending(name)
    media_type = types.get(_folded(name)) or types.get(f".{ending}", "")
    if ending == "rels" or media_type == _RELATIONS_TYPE:
        _check_relations(reader, name)
    elif ending in _XML_ENDINGS or _XML_TYPE.search(media_type):
        _check_part(reader, name)
    elif ending not in _PLAIN_ENDINGS:
        raise BadOffice(ACTIVE)


def _folded(name: str) -> str:
    return unquote(name).lstrip("/").casefold()


def _ending(name: str) -> str:
    return name.rsplit("/", 1)[-1].rpartition(".")[2].casefold()


def _check_relations(reader: "_Reader", name: str) -> None:
    for one in reader.elements(name):
        kind = one.get("Type").rsplit("/", 1)[-1].lower()
        if kind in _ACTIVE_RELATIONS:
            raise BadOffice(ACTIVE)
        is_link = kind == "hyperlink" and _LINK.match(one.get("Target").strip())
        if one.get("TargetMode").lower() == "external" and not is_link:
            raise BadOffice(ACTIVE)


def _check_part(reader: "_Reader", name: str) -> None:
    """A field of Word may be cut into pieces that only together say what it does."""
    fields: list[str] = []
    for one in reader.elements(name):
        tag = one.tag
        if tag in {"instrText", "delInstrText"}:
            fields.append(one.text)
        elif tag == "fldSimple":
            fields.extend(f"\n{value}\n" for key, value in one.attributes.items() if _local(key) == "instr")
        elif tag == "fldChar":
            fields.append("\n")
        elif tag in _ACTIVE_TAGS or (tag in _FORMULA_TAGS and _FORMULA.search(one.text)):
            raise BadOffice(ACTIVE)
    if any(map(_FIELD.match, "".join(fields).split("\n"))):
        raise BadOffice(ACTIVE)


# ---- LibreOffice


def _check_odf(reader: "_Reader", names: list[str]) -> str:
    package = reader.package
    if package.getinfo("mimetype").file_size > 100:
        raise BadOffice(BROKEN)
    media_type = package.read("mimetype").decode("ascii").strip()
    if media_type not in {ODT, ODS}:
        raise BadOffice(UNKNOWN)
    if "META-INF/macrosignatures.xml" in names:
        raise BadOffice(ACTIVE)
    types = dict[str, str]()
    for one in reader.elements("META-INF/manifest.xml"):
        if one.tag == "encryption-data":
            raise BadOffice(LOCKED)
        named = {_local(key): value for key, value in one.attributes.items()}
        types[_folded(named.get("full-path", ""))] = named.get("media-type", "").casefold()
    for name in names:
        is_xml = _ending(name) in _XML_ENDINGS or _XML_TYPE.search(types.get(_folded(name), ""))
        if is_xml and name != "META-INF/manifest.xml" and not name.endswith("/"):
            _check_content(reader, name)
    return media_type


def _check_content(reader: "_Reader", name: str) -> None:
    for one in reader.elements(name):
        tag = one.tag
        if tag in _ODF_ACTIVE or (tag == "script" and (one.text).strip()):
            raise BadOffice(ACTIVE)
        for key, value in one.attributes.items():
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


@dataclass(slots=True)
class _Element:
    """An element: its name without namespace, and the words directly in it where they matter."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Flat:
    """What the parser tells of: elements that are whole, no tree of them. Raises BadOffice beyond the bounds."""

    def __init__(self, elements_left: int) -> None:
        self.whole: list[_Element] = []
        self.elements_left = elements_left
        self._open: list[_Element] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements_left -= 1
        if self.elements_left < 0 or len(self._open) >= DEPTH_AT_MOST:
            raise BadOffice(TOO_LARGE)
        self._open.append(_Element(_local(tag), attributes))

    def words(self, words: str) -> None:
        if self._open and self._open[-1].tag in _WITH_WORDS:
            self._open[-1].text += words

    def end(self, tag: str) -> None:
        self.whole.append(self._open.pop())

    def document_type(self, *declared: object) -> None:
        """No document that anybody saves has one, and without it there is no entity and nothing outside."""
        raise BadOffice(ACTIVE)


class _Reader:
    """Reads parts of one package, and no more of all than is bearable."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package, self._elements_left = package, ELEMENTS_AT_MOST

    def elements(self, name: str) -> Iterator[_Element]:
        """The elements of a part in the order of their ends; no document type, no entity, nothing outside.

        Raises BadOffice.
        """
        flat, bytes_left = _Flat(self._elements_left), XML_AT_MOST
        parser = ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = flat.start, flat.end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = flat.words, flat.document_type
        with self.package.open(name) as part:
            while data := part.read(65536):
                bytes_left -= len(data)
                if bytes_left < 0:
                    raise BadOffice(TOO_LARGE)
                parser.Parse(data)
                yield from flat.whole
                flat.whole.clear()
        parser.Parse(b"", True)
        yield from flat.whole
        self._elements_left = flat.elements_left


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
