"""Whether a PDF that somebody sends is only paper: nothing in it acts by itself, and no other file hides in it.

Source: ISO 32000-2, 7.7.2 (the catalogue), 12.6 (actions), 7.11.4 (embedded files), 7.5.7 (object streams).
"""

import io
import zlib
from collections.abc import Iterator

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

LOCKED, BROKEN, ACTIVE = "locked", "broken", "active"
OBJECTS_AT_MOST = 20_000
_ACTS = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFiles",
        "/EmbeddedFile",
        "/GoToE",
        "/RichMedia",
        "/XFA",
        "/SubmitForm",
        "/ImportData",
    }
)
_NAMED_BY = ("/S", "/Type", "/Subtype")
_BREAKS = (
    PyPdfError,
    zlib.error,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    OSError,
    RecursionError,
    MemoryError,
)
"""What reading bytes that are no PDF may end in."""


class BadPdf(ValueError):
    """A PDF that is not taken. `problem` says why: locked, broken, active."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def check_pdf(data: bytes, *, pages_at_most: int) -> None:
    """Raises BadPdf: of what needs a password, cannot be read, has no pages or too many, or acts by itself."""
    try:
        document = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if document.is_encrypted:
            raise BadPdf(LOCKED)
        if not 0 < len(document.pages) <= pages_at_most:
            raise BadPdf(BROKEN)
        if any(_acts(thing) for thing in _things_of(document)):
            raise BadPdf(ACTIVE)
    except BadPdf:
        raise
    except _BREAKS:
        raise BadPdf(BROKEN) from None


def _acts(thing: DictionaryObject) -> bool:
    """Whether this is a script, a launcher, a form that sends, or another file."""
    named = {str(thing[name]) for name in _NAMED_BY if name in thing}  # also where the name is an object of its own
    has_file = "/EF" in thing and ("/F" in thing or "/UF" in thing)
    return has_file or bool(_ACTS & (named | set(map(str, thing))))


def _things_of(document: pypdf.PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the root, each once. Raises BadPdf where there are too many."""
    waiting: list[object] = [document.trailer.raw_get("/Root")]
    seen: set[tuple[int, int]] = set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if (thing.idnum, thing.generation) in seen:
                continue
            seen.add((thing.idnum, thing.generation))
            if len(seen) > OBJECTS_AT_MOST:
                raise BadPdf(BROKEN)
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject):
            yield thing
            waiting += [thing.raw_get(name) for name in thing]
        elif isinstance(thing, ArrayObject):
            waiting += thing


def has_signature(data: bytes) -> bool:
    """Whether a PDF holds a digital signature. Nothing is said of whose it is, or whether it is a good one.

    Source: ISO 32000-2, 12.8 (digital signatures).
    """
    try:
        document = pypdf.PdfReader(io.BytesIO(data), strict=False)
        return any("/ByteRange" in thing and "/Contents" in thing for thing in _things_of(document))
    except (BadPdf, *_BREAKS):
        return False
