"""Two languages: Vietnamese is written in the code and the templates, English stands in translations/en.po.

PO files are read as they are at start: no build step, and a translator's change shows after a restart.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import LazyProxy
from flask import current_app, g, has_app_context, has_request_context
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

LANGUAGES = ("vi", "en")
SOURCE = "vi"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
KIT = Path(__file__).parent
WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
Catalog = Mapping[str, tuple[str, ...]]  # Vietnamese → English, one form or two

_VALUES = re.compile(r"%\((\w+)\)")
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


class UntranslatedFile(Exception):
    """A PO file cannot be read."""


# ---- which language ----


def current_language() -> str:
    """The language of the page being made: vi or en."""
    forced = _spoken.get()
    if forced:
        return forced
    if has_request_context():
        if "language" not in g:
            choose: Callable[[], str] = current_app.extensions["choose_language"]
            g.language = choose()
        return str(g.language)
    return SOURCE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language within the block, whatever the request asked for."""
    token = _spoken.set(language if language in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _spoken.reset(token)


# ---- words ----


def read_catalog(*files: Path) -> dict[str, tuple[str, ...]]:
    """English by Vietnamese, from several PO files; later files win, fuzzy and empty entries do not count.

    Raises UntranslatedFile.
    """
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        if file.is_file():
            found |= _read_file(file, file.stat().st_mtime_ns)
    return found


@cache
def _read_file(file: Path, changed_ns: int) -> Catalog:
    """The words of a file as it is now: parsed once for all applications of a process."""
    with file.open("rb") as source:
        try:
            entries = read_po(source, locale="en", abort_invalid=True)
        except Exception as problem:
            raise UntranslatedFile(f"{file}: {problem}") from None
    found = {}
    for entry in entries:
        forms = _as_tuple(entry.string)
        if any(entry.id) and not entry.fuzzy and all(forms):
            found[_as_tuple(entry.id)[0]] = forms
    return found


def gettext(words: str, /, **values: Any) -> str:
    """These words in the page's language, with values put in."""
    said_so = _forms(words)[0]
    return said_so % values if values else said_so


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """Words with a number in them: `%(num)s` is the number as the language writes it."""
    said_so = _counted(one, many, number)
    return said_so % {"num": num(number), **values}


_ = gettext


def lazy(words: str, /, **values: Any) -> str:
    """Words for class bodies, where no request is there yet: they are said when they are shown."""
    return cast(str, LazyProxy(gettext, words, enable_cache=False, **values))


def said(texts: Mapping[str, str] | str) -> str:
    """A text from a configuration file that stands there in several languages."""
    return texts if isinstance(texts, str) else texts.get(current_language()) or texts[SOURCE]


def _forms(words: str) -> tuple[str, ...]:
    if current_language() == SOURCE or not has_app_context():
        return (words,)
    catalog: Catalog = current_app.extensions["words"]
    return catalog.get(words) or (words,)


def _counted(one: str, many: str, number: int) -> str:
    if current_language() == SOURCE:
        return many
    forms = _forms(one)
    return forms[0 if number == 1 else -1] if forms != (one,) else (one if number == 1 else many)


def install(environment: Environment) -> None:
    """Give the templates `_`, `ngettext` and the filters."""
    environment.add_extension("jinja2.ext.i18n")
    environment.globals.update(
        {
            "_": _in_template,
            "gettext": _in_template,
            "ngettext": _counted_in_template,
            "said": said,
            "language": current_language,
        }
    )
    environment.filters.update(FILTERS)


@pass_context
def _in_template(context: Context, words: str, /, **values: Any) -> str:
    # Our words may hold markup; what is put into them is escaped.
    said_so = _forms(words)[0]
    if context.eval_ctx.autoescape:
        said_so = Markup(said_so)
    return said_so % values if values else said_so


@pass_context
def _counted_in_template(context: Context, one: str, many: str, number: int, /, **values: Any) -> str:
    said_so = _counted(one, many, number)
    if context.eval_ctx.autoescape:
        said_so = Markup(said_so)
    return said_so % {"num": num(number), **values}


# ---- numbers and days ----


def num(value: float | None, digits: int | None = None) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English; with `digits`, always that many after the comma."""
    if value is None:
        return ""
    form = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=form, locale=_locale())


def percent(value: float | None, digits: int = 1) -> str:
    """A share of one as percent: 0.931 → 93,1%."""
    form = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return "" if value is None else format_percent(value, format=form, locale=_locale())


def file_size(size: int | None) -> str:
    """Bytes as people read them: 1,2 MB."""
    if size is None:
        return ""
    for unit, step in (("MB", 1_000_000), ("KB", 1000)):
        if size >= step:
            return f"{num(size / step, 1 if unit == 'MB' else 0)} {unit}"
    return f"{num(size)} B"


def local(value: datetime) -> datetime:
    """The same instant on a clock in Huế."""
    return value.astimezone(ZONE)


def day(value: date | None) -> str:
    """23/11/2026. An instant gives its day in Huế."""
    if value is None:
        return ""
    return format_date(_as_date(value), "dd/MM/yyyy", locale=_locale())


def weekday_day(value: date | None) -> str:
    """thứ Sáu 20/11/2026."""
    if value is None:
        return ""
    return f"{WEEKDAYS[current_language()][_as_date(value).weekday()]} {day(value)}"


def instant(value: datetime | None) -> str:
    """07:42, thứ Sáu 20/11/2026."""
    return "" if value is None else f"{local(value):%H:%M}, {weekday_day(value)}"


def hour(value: datetime | None) -> str:
    """07:42."""
    return "" if value is None else f"{local(value):%H:%M}"


def short_instant(value: datetime | None) -> str:
    """07:42, 20/11: for lists whose year is plain."""
    return "" if value is None else f"{local(value):%H:%M}, {local(value):%d/%m}"


def grouped(code: str | None) -> str:
    """A petition's code in groups of four: 7K3M-9HDT."""
    plain = (code or "").replace("-", "").replace(" ", "")
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


FILTERS: dict[str, Callable[..., Any]] = {
    "num": num,
    "percent": percent,
    "file_size": file_size,
    "day": day,
    "weekday_day": weekday_day,
    "instant": instant,
    "hour": hour,
    "short_instant": short_instant,
    "said": said,
    "code": grouped,
}


def _as_tuple(words: Any) -> tuple[str, ...]:
    return (str(words or ""),) if isinstance(words, str) or words is None else tuple(words)


def _as_date(value: date) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _locale() -> Locale:
    return Locale("en", "GB") if current_language() == "en" else Locale("vi")


# ---- what still lacks English ----


def untranslated(package: Path) -> list[str]:
    """The words in a package's templates and code that English lacks, has only fuzzy, or fills with other values."""
    known = read_catalog(KIT / "translations" / "en.po", package / "translations" / "en.po")
    return [words for words in messages(package) if words not in known or not _fits(words, known[words])]


def _fits(words: str, forms: tuple[str, ...]) -> bool:
    given = set(_VALUES.findall(words))
    return all(set(_VALUES.findall(form)) <= given for form in forms)


def messages(package: Path) -> dict[str, str | None]:
    """Every message of a package, each with its plural, in the order of files and lines."""
    found: dict[str, str | None] = {}
    methods = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
    options = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    keywords = {**DEFAULT_KEYWORDS, "lazy": None}
    for _file, _line, message, _comments, _context in extract_from_dir(package, methods, options, keywords=keywords):
        one, many = message if isinstance(message, tuple) else (message, None)
        if one:
            found.setdefault(one, many)
    return found


def skeleton(package: Path) -> str:
    """PO entries for what is missing, to be filled in."""
    lines = []
    every = messages(package)
    for words in untranslated(package):
        many = every[words]
        ends = 'msgstr ""\n' if many is None else f'msgid_plural {_po(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n'
        lines.append(f"msgid {_po(words)}\n{ends}")
    return "\n".join(lines)


def _po(words: str) -> str:
    quoted = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{quoted}"'
