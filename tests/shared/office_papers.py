"""Documents of Office as packages of parts: a plain one of each kind, and what hostile people do to them."""

import io
import zipfile

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006"


def packed(parts: dict[str, bytes | str], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as package:
        for name, content in parts.items():
            package.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else how)
    return out.getvalue()


def relation(kind: str, target: str, mode: str = "External") -> str:
    return (
        f'<Relationships xmlns="{_P}/relationships">'
        f'<Relationship Id="r1" Type="{_R}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    )


def a_docx(body: str = "<w:t>Tôi làm chứng.</w:t>", *, main: str = MAIN, **more: bytes | str) -> bytes:
    """A document of Word; `more` are parts by name, `__` for `/` and `_dot_` for a dot."""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{_P}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": relation("officeDocument", "word/document.xml", "Internal"),
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body><w:p><w:r>{body}</w:r></w:p></w:body></w:document>',
    }
    return packed(parts | {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()})


def an_xlsx(formula: str = "SUM(A1:A3)", **more: bytes | str) -> bytes:
    """A workbook with one cell that is calculated."""
    x = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{_P}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{x}"/>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{x}"><c r="A1"><f>{formula}</f><v>1</v></c></worksheet>',
    }
    return packed(parts | {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()})


def an_odf(kind: str = "text", content: str = "<x/>", manifest: str = "<m/>", **more: bytes | str) -> bytes:
    """A document of LibreOffice."""
    parts: dict[str, bytes | str] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f'<o xmlns:xlink="http://www.w3.org/1999/xlink">{content}</o>',
        "META-INF/manifest.xml": manifest,
    }
    return packed(parts | {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()})
