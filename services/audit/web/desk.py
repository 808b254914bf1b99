"""The auditors' desk: they read the log, decide nothing, and each of their readings is an entry that others see.

What is shown are pseudonyms, never names. A reading is written down before its answer is given.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.audit import store
from services.audit.domain.chain import Head
from services.audit.domain.search import NotUnderstood, Search, read_search
from services.audit.domain.timeline import Moment, state_after, stretches
from services.audit.prove import NotSignedYet, receipt_of
from services.audit.store import Line, Told
from services.audit.tlog.note import Verifier
from services.audit.web import histogram, words
from shared import auth
from shared.db import Database, Reading
from shared.events.common import AccessRead
from shared.web import WebApp, _, lazy
from shared.web.i18n import ZONE, num

LISTS = UUID("6c6f672d-6c69-4173-9400-000000000000")
"""The subject of readings that are about no single petition: lists and the log's own state."""

ORDINARY = Search(without_types=("audit.batch.v1",))
"""What is shown when nothing is asked: everything but the log's own record of each minute."""

PAGE = 50
MOST_EXPORTED = 5000
MOST_MARKED = 60  # receipts that one request may ask for
ZONE_NAME = str(ZONE)

CHIPS = (
    ("", lazy("Tất cả")),
    ("type:case.* type:petition.* type:answer.*", lazy("Hồ sơ")),
    ("type:access.*", lazy("Lượt mở")),
    ("type:notice.*", lazy("Tin gửi")),
    ("type:case.clock_* type:case.extended.v1 type:case.overdue.v1", lazy("Đồng hồ")),
    ("source:log", lazy("Sổ")),
)


@dataclass(frozen=True)
class Row:
    """One entry as the list shows it."""

    line: Line
    title: str
    who: str
    change: str
    is_reading: bool
    is_late: bool


@dataclass(frozen=True)
class SourceState:
    """How complete the log is about one source."""

    name: str
    pos: int
    behind: int | None  # events it has numbered and the log does not have; None: it was never asked
    is_equal: bool  # same position, same hash: then every event is the same
    unnumbered: int
    is_frozen: bool
    held: int
    asked_at: datetime | None

    @property
    def is_well(self) -> bool:
        return not self.is_frozen and not self.held and (self.is_equal or not self.behind or self.behind < 1000)


def add_to(app: WebApp, database: Database, verifier: Verifier) -> None:
    """Put the auditors' pages up."""
    _guard(app)
    _serve_list(app, database)
    _serve_entries(app, database, verifier)
    _serve_lives(app, database)
    _serve_integrity(app, database, verifier)


def _guard(app: WebApp) -> None:
    @app.before_request
    def keep_out_of_caches() -> None:
        if request.path.startswith("/audit"):
            g.is_private = True

    @app.context_processor
    def always() -> dict[str, Any]:
        return {"menu": _menu} if request.path.startswith("/audit") else {}


def _menu() -> list[tuple[str, list[tuple[Any, ...]]]]:
    return [
        (_("Sổ sự kiện"), [(_("Nhật ký"), url_for("entries")), (_("Toàn vẹn"), url_for("integrity"))]),
        (
            _("Tra cứu có sẵn"),
            [
                (_("Mở danh tính"), _find("type:access.read.v1")),
                (_("Gia hạn"), _find("type:case.extended.v1")),
                (_("Quá hạn"), _find("type:case.overdue.v1 type:case.escalated.v1")),
                (_("Tin không tới"), _find("type:notice.failed.v1")),
                (_("Bị từ chối truy cập"), _find("type:access.denied.v1")),
                (_("Kiểm tra viên đã xem"), _find("source:audit")),
            ],
        ),
    ]


def _find(query: str) -> str:
    return url_for("entries", q=query)


def _note_reading(database: Database, subject: UUID, *, kind: str = "audit") -> None:
    """Write down who reads, before anything is shown; if that fails, nothing is."""
    me = auth.me()
    with database.writing() as tx:
        tx.emit(
            AccessRead(petition_id=subject, actor=me.person, role=me.role, unit=me.unit, kind=kind, purpose="audit")
        )


# ---- the list


def _serve_list(app: WebApp, database: Database) -> None:
    @app.get("/audit/")
    @auth.needs("auditor")
    def entries() -> ResponseReturnValue:
        """The log, newest first; the address is the query."""
        query, search, wrong = _asked()
        _note_reading(database, search.subject or LISTS)
        with database.reading() as tx:
            before, after = request.args.get("before", type=int), request.args.get("after", type=int)
            found = store.find_lines(tx, search, limit=PAGE + 1, before=before, after=after)
            lines, newer, older = _page(found, before, after)
            days = store.days_of(tx, search, zone=ZONE_NAME)
            page = {
                "rows": _rows(tx, lines),
                "newer": url_for("entries", q=query, after=lines[0].idx) if newer else "",
                "older": url_for("entries", q=query, before=lines[-1].idx) if older else "",
                "sources": source_states(tx),
                "log": integrity_of(tx),
            }
        page |= {"drawings": _drawings(_bars(days))}
        status = 422 if wrong else 200
        return render_template("entries.html", query=query, unknown=wrong, chips=_chips(query), **page), status

    @app.get("/audit/entries.csv")
    @auth.needs("auditor")
    def entries_csv() -> ResponseReturnValue:
        query, search, wrong = _asked()
        if wrong:
            abort(422)
        _note_reading(database, search.subject or LISTS, kind="export")
        with database.reading() as tx:
            lines = store.find_lines(tx, search, limit=MOST_EXPORTED)
        return _as_csv(query, lines)


def _asked() -> tuple[str, Search, str]:
    """The words of the search, what they mean, and the word that means nothing."""
    query = " ".join(request.args.get("q", "")[:500].split())
    if not query:
        return "", ORDINARY, ""
    try:
        return query, read_search(query), ""
    except NotUnderstood as problem:
        return query, Search(), str(problem)


def _page(found: list[Line], before: int | None, after: int | None) -> tuple[list[Line], bool, bool]:
    """The lines of this page, and whether there are newer and older ones. One more than a page was asked for."""
    has_more = len(found) > PAGE
    if after is not None:
        lines = found[-PAGE:]
        return lines, has_more, bool(lines)
    lines = found[:PAGE]
    return lines, bool(lines) and before is not None, has_more


def _rows(tx: Reading, lines: Sequence[Line]) -> list[Row]:
    entries = store.load_entries(tx, [line.idx for line in lines])
    rows = []
    for line in lines:
        data = json.loads(entries[line.idx])["data"]
        moment = Moment(line.idx, line.occurred_at, line.type, data, line.actor)
        rows.append(
            Row(
                line=line,
                title=words.title_of(line.type, data),
                who=words.who_of(line.source, line.actor, data),
                change=words.change_of(line.type, data),
                is_reading=line.type.startswith("access."),
                is_late=words.is_late(moment, line.recorded_at),
            )
        )
    return rows


def _chips(query: str) -> list[tuple[str, str, bool]]:
    """Groups of events: words, address, whether it is the present one. What else was asked stays."""
    groups = {part for value, _words in CHIPS for part in value.split()}
    rest = [word for word in query.split() if word not in groups]
    here = {word for word in query.split() if word in groups}
    return [
        (str(title), _find(" ".join([*rest, *value.split()])), set(value.split()) == here) for value, title in CHIPS
    ]


def _bars(days: dict[str, int]) -> list[tuple[str, int]]:
    """The last month of a result, days without an entry included."""
    if not days:
        return []
    last = date.fromisoformat(max(days))
    first = max(date.fromisoformat(min(days)), last - timedelta(days=histogram.MOST_BARS - 1))
    shown = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(f"{day:%d/%m}", days.get(day.isoformat(), 0)) for day in shown]


def _drawings(bars: Sequence[tuple[str, int]]) -> list[str]:
    if not bars:
        return []
    return [histogram.draw(bars, width=width, name=f"hist{width}") for width in (680, 300)]


def _as_csv(query: str, lines: Sequence[Line]) -> Response:
    """A table for spreadsheets: byte order mark, semicolons, and no cell that a program would run."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=";")
    table.writerow(["# " + _safe(query), num(len(lines))])
    table.writerow(
        ["idx", "recorded_at", "occurred_at", "source", "pos", "type", "subject", "sequence", "actor", "unit"]
    )
    for line in lines:
        cells = (
            line.source,
            line.pos,
            line.type,
            line.subject,
            line.sequence,
            line.actor or "",
            line.unit or "",
        )
        table.writerow([line.idx, line.recorded_at.isoformat(), line.occurred_at.isoformat(), *map(_safe, cells)])
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="log.csv"'
    return response


def _safe(cell: object) -> str:
    """Source: OWASP, CSV injection."""
    text = str(cell)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


# ---- one entry


def _serve_entries(app: WebApp, database: Database, verifier: Verifier) -> None:
    @app.get("/audit/entries/<int:idx>")
    @auth.needs("auditor")
    def entry(idx: int) -> ResponseReturnValue:
        with database.reading() as tx:
            line = store.line_at(tx, idx)
        if line is None:
            abort(404)
        _note_reading(database, line.subject)
        with database.reading() as tx:
            raw = store.load_entry(tx, idx)
            receipt = _receipt(tx, idx)
            code = store.code_of_subject(tx, line.subject)
        if raw is None:
            abort(404)
        told = json.loads(raw)
        return render_template(
            "entry.html",
            line=line,
            title=words.title_of(line.type, told["data"]),
            who=words.who_of(line.source, line.actor, told["data"]),
            change=words.change_of(line.type, told["data"]),
            text=json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True),
            receipt=receipt,
            vkey=verifier.vkey,
            code=code,
        )

    @app.get("/audit/entries/<int:idx>.tlog-proof")
    @auth.needs("auditor")
    def entry_receipt(idx: int) -> Response:
        with database.reading() as tx:
            line = store.line_at(tx, idx)
        if line is None:
            abort(404)
        _note_reading(database, line.subject, kind="proof")
        with database.reading() as tx:
            receipt = _receipt(tx, idx)
        if not receipt:
            abort(404)
        response = Response(receipt, content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{idx}.tlog-proof"'
        return response

    @app.get("/audit/proofs")
    @auth.needs("auditor")
    def proofs() -> Response:
        """Receipts of the entries on a page, so that the browser computes its marks itself."""
        asked = [int(part) for part in request.args.get("idx", "").split(",") if part.isdecimal()][:MOST_MARKED]
        _note_reading(database, LISTS, kind="proof")
        with database.reading() as tx:
            found = {str(idx): receipt for idx in asked if (receipt := _receipt(tx, idx))}
        return Response(json.dumps(found), content_type="application/json")


def _receipt(tx: Reading, idx: int) -> str:
    if store.line_at(tx, idx) is None:
        return ""
    try:
        return receipt_of(tx, idx)
    except NotSignedYet:
        return ""


# ---- one petition


def _serve_lives(app: WebApp, database: Database) -> None:
    @app.get("/audit/petitions/<uuid:subject>")
    @auth.needs("auditor")
    def life(subject: UUID) -> ResponseReturnValue:
        """A petition's life in sentences, with the pauses between, and where it stood at any entry."""
        _note_reading(database, subject)
        with database.reading() as tx:
            lines = store.life_of(tx, subject)
            entries = store.load_entries(tx, [line.idx for line in lines])
            code = store.code_of_subject(tx, subject)
        if not lines:
            abort(404)
        moments = [
            Moment(line.idx, line.occurred_at, line.type, json.loads(entries[line.idx])["data"], line.actor)
            for line in lines
        ]
        at = request.args.get("at", moments[-1].idx, type=int)
        return render_template(
            "life.html",
            subject=subject,
            code=code,
            items=words.story(stretches(sorted(moments, key=lambda moment: (moment.at, moment.idx)))),
            steps=[(moment.idx, words.title_of(moment.type, moment.data), moment.at) for moment in moments],
            at=at,
            facts=words.facts_of(state_after(moments, at)),
        )


# ---- integrity


def _serve_integrity(app: WebApp, database: Database, verifier: Verifier) -> None:
    @app.get("/audit/integrity")
    @auth.needs("auditor")
    def integrity() -> ResponseReturnValue:
        """Whether the log is whole, and how one can tell."""
        _note_reading(database, LISTS)
        with database.reading() as tx:
            page = {
                "log": integrity_of(tx),
                "sources": source_states(tx),
                "findings": store.open_findings(tx),
                "refused": store.count_refused(tx),
                "kinds": words.CODES,
            }
        return render_template("integrity.html", vkey=verifier.vkey, **page)


@dataclass(frozen=True)
class Integrity:
    """The one line that is green or red, and what it rests on."""

    size: int
    signed: int  # entries under the newest checkpoint
    signed_at: datetime | None
    root: str
    is_signed_in_time: bool
    findings: int
    checked_at: datetime | None  # the last time that everything was recomputed
    checked_ms: int
    fault: str

    @property
    def is_whole(self) -> bool:
        return not self.findings and not self.fault and self.is_signed_in_time


def integrity_of(tx: Reading) -> Integrity:
    """Whether the log is whole."""
    log, latest, checked = store.load_log(tx), store.latest_checkpoint(tx), store.last_recomputation(tx)
    waiting = store.line_at(tx, latest.size if latest else 0)
    return Integrity(
        size=log.size,
        signed=latest.size if latest else 0,
        signed_at=latest.made_at if latest else None,
        root=log.root.hex(),
        is_signed_in_time=waiting is None or tx.now - waiting.recorded_at < timedelta(minutes=1),
        findings=len(store.open_findings(tx)),
        checked_at=checked.at if checked else None,
        checked_ms=checked.took_ms if checked else 0,
        fault=checked.fault if checked else "",
    )


def source_states(tx: Reading) -> list[SourceState]:
    """How complete the log is about each source, by name."""
    heads, told, held = store.load_heads(tx), store.load_told(tx), store.count_held(tx)
    return [
        _state(heads.get(name, Head(name)), told.get(name), held.get(name, (0, 0))[0])
        for name in sorted({*heads, *told})
    ]


def _state(head: Head, told: Told | None, held: int) -> SourceState:
    return SourceState(
        name=head.source,
        pos=head.pos,
        behind=max(told.pos - head.pos, 0) if told else None,
        is_equal=told is not None and (told.pos, told.head) == (head.pos, head.leaf),
        unnumbered=told.unnumbered if told else 0,
        is_frozen=head.is_frozen,
        held=held,
        asked_at=told.asked_at if told else None,
    )
