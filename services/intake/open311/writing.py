"""Answers as XML and as JSON, of the same values.

In XML every element is present, empty where there is no value; in JSON what has no value is left out. So do clients
of either sort read it. Source: Open311 GeoReport v2, JSON and XML conversion.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from flask import Response

MEDIA_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'

# Source: XML 1.0, 2.2: what no document may hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Each:
    """Several of something within a record: in XML elements of this name, in JSON a bare array."""

    name: str
    rows: Sequence[Any]  # records, or words


@dataclass(frozen=True)
class Document:
    """What an answer says: a list of records, or one of them."""

    root: str
    item: str = ""  # of a list, the name of each
    rows: Sequence[Record] = ()
    record: Record | None = None


def respond(document: Document, suffix: str, *, status: int = 200) -> Response:
    body = as_xml(document) if suffix == "xml" else as_json(document)
    return Response(body, status=status, content_type=MEDIA_TYPES[suffix])


def as_xml(document: Document) -> bytes:
    root = ET.Element(document.root)
    if document.record is not None:
        _fill(root, document.record)
    else:
        for row in document.rows:
            _fill(ET.SubElement(root, document.item), row)
    written: bytes = ET.tostring(root, encoding="utf-8", short_empty_elements=False)
    return DECLARATION + written


def as_json(document: Document) -> str:
    if document.record is not None:
        return json.dumps(_plain(document.record), ensure_ascii=False)
    return json.dumps([_plain(row) for row in document.rows], ensure_ascii=False)


def _fill(element: ET.Element, record: Record) -> None:
    for name, value in record.items():
        child = ET.SubElement(element, name)
        if not isinstance(value, Each):
            child.text = _NO_XML.sub("\ufffd", _word(value).replace("\r\n", "\n").replace("\r", "\n"))
            continue
        for row in value.rows:
            one = ET.SubElement(child, value.name)
            if isinstance(row, str):
                one.text = _NO_XML.sub("\ufffd", row)
            else:
                _fill(one, row)


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant(value)
    return str(value)


def _plain(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Each):
            found[name] = [row if isinstance(row, str) else _plain(row) for row in value.rows]
        elif isinstance(value, datetime):
            found[name] = instant(value)
        elif value not in (None, ""):
            found[name] = value
    return found


def instant(at: datetime) -> str:
    """Source: W3C note on dates and times, a profile of ISO 8601."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
