"""What came with a request for a step: the form of a page, or the JSON of a program. Steps read both alike."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request
from werkzeug.datastructures import MultiDict


def asked() -> MultiDict[str, str]:
    """The fields that came with this request."""
    found: MultiDict[str, str] | None = g.get("asked")
    return request.form if found is None else found


@contextmanager
def asking(fields: MultiDict[str, str]) -> Iterator[None]:
    """Within the block these fields are what came, whatever the form says."""
    g.asked = fields
    try:
        yield
    finally:
        g.pop("asked")
