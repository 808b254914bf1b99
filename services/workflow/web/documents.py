"""The configuration on the screen: read as tables, changed in two steps by two persons, with its history."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions import DocumentUnknown, DraftDecided, DraftOutdated, newest_text
from services.workflow.catalogue import read_letters
from services.workflow.domain.document import Document, Line, Row, changes, digest_of, line_of, rows_of, with_row
from services.workflow.domain.permission import may_configure
from services.workflow.domain.rules import Rules
from services.workflow.domain.simulation import simulate
from services.workflow.rulebook import RuleBook
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.config_words import DAYS, FIELDS, LISTS, MISSING, NAMES, OUTCOMES, REASONS, STATES, VALUES
from services.workflow.web.drawing import draw
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.db import Reading
from shared.text import fold
from shared.web import current_language, gettext, lazy

READERS = ("admin", "office", "director")
SORTS = frozenset({"sorting.json", "topics.json", "routing.json", "organisation.json", "kinds.json"})
"""Documents that decide what a petition is and who handles it: their drafts are tried on what came lately."""

TRIED = {"some": 500, "all": 2000}  # newest cases a simulation looks at, at once and when asked for more
TRIED_FOR = timedelta(days=30)
EXAMPLES = 12
KEPT = 48  # letters of what stays at each side of what changes in a long line
SHOWN_DAYS = 200
BELOW = ("valid_from", "valid_to", "source", "confidence", "name", "name_en")
"""Fields of a row that have a column of their own."""

ISO_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")

INCOMPLETE = {
    ("valid_from", "past"): lazy("Ngày hiệu lực đã qua: hãy chọn hôm nay hoặc một ngày sau"),
    ("valid_from", "before_last"): lazy("Đã có bản công bố có hiệu lực sau ngày này: hãy chọn ngày không sớm hơn"),
    ("valid_from", "date"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("text", "unchanged"): lazy("Chưa có gì thay đổi so với bản đang dùng"),
    ("text", "missing"): lazy("Hãy nhập nội dung"),
    ("text", "too_long"): lazy("Nội dung dài quá"),
    ("reason", "missing"): lazy("Hãy ghi vì sao và căn cứ nào, ít nhất 10 ký tự"),
    ("reason", "too_long"): lazy("Lý do dài quá"),
}


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(DocumentUnknown, 404, words=lazy("Không có tài liệu này."))
    app.refuses(DraftDecided, 409, words=lazy("Bản thay đổi này đã được công bố hoặc đã rút."))
    app.refuses(
        DraftOutdated,
        409,
        words=lazy(
            "Tài liệu đã có bản mới hơn từ khi bạn mở nó. Hãy mở bản mới và làm lại thay đổi, để không xóa mất."
        ),
    )

    @app.get("/desk/config")
    @auth.needs(*READERS)
    def config() -> ResponseReturnValue:
        with desk.database.reading() as look:
            edition = _book(desk).edition(look)
            return _page(
                desk,
                look,
                "index",
                documents=[_line(desk, look, name) for name in _book(desk).names],
                drafts=store.drafts(look),
                left_out=[(one.document, _reason(one.why)) for one in edition.left_out],
                unconfirmed=_unconfirmed(edition.rules, look),
            )

    @app.get("/desk/config/doc/<name>")
    @auth.needs(*READERS)
    def config_document(name: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            text, first_day = _newest(desk, look, name)
            lists = {key: rows for key, rows in rows_of(text).items() if rows}
            key = request.args.get("list", "") if request.args.get("list", "") in lists else next(iter(lists), "")
            asked = fold(request.args.get("q", ""))
            found = [row for row in lists.get(key, []) if asked in fold(" ".join(map(said, row.value.values())))]
            return _page(
                desk,
                look,
                "document",
                document=_line(desk, look, name),
                is_to_come=first_day > _today(desk, look),
                first_day=first_day,
                lists={one: len(rows) for one, rows in lists.items()},
                key=key,
                rows=[_row(row, _today(desk, look)) for row in found],
                count=len(lists.get(key, [])),
                asked=request.args.get("q", ""),
                others=_others(text, lists),
            )

    @app.route("/desk/config/doc/<name>/row", methods=["GET", "POST"])
    @auth.needs("admin")
    def config_row(name: str) -> ResponseReturnValue:
        """One row in a form: written anew, or ended and followed by another."""
        with desk.database.reading() as look:
            text, _ = _newest(desk, look, name)
        row = next((one for one in rows_of(text).get(request.args.get("list", ""), []) if _is_asked(one)), None)
        if row is None:
            raise DocumentUnknown
        if request.method == "GET":
            return _form(desk, name, text, row=row)
        return _drafted(desk, name, text, row=row)

    @app.route("/desk/config/doc/<name>/text", methods=["GET", "POST"])
    @auth.needs("admin")
    def config_text(name: str) -> ResponseReturnValue:
        """The text of the whole document."""
        with desk.database.reading() as look:
            text, _ = _newest(desk, look, name)
        return _form(desk, name, text) if request.method == "GET" else _drafted(desk, name, text)

    @app.get("/desk/config/doc/<name>/history")
    @auth.needs(*READERS)
    def config_history(name: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _page(
                desk,
                look,
                "history",
                document=_line(desk, look, name),
                versions=store.history_of(look, name),
            )

    @app.get("/desk/config/doc/<name>/export")
    @auth.needs(*READERS)
    def config_export(name: str) -> ResponseReturnValue:
        """The text that holds, or one of its versions, as a file."""
        with desk.database.reading() as look:
            text, _ = _newest(desk, look, name)
            version = request.args.get("version", "")
            if version:
                text = next((one.text for one in store.published(look, name) if str(one.version) == version), "")
        if not text:
            raise DocumentUnknown
        stem = name.removesuffix(".json") + (f"-{version}" if version else "")
        headers = {"Content-Disposition": f'attachment; filename="{stem}.json"'}
        return Response(text, content_type="application/json; charset=utf-8", headers=headers)

    @app.get("/desk/config/drafts/<uuid:document_id>")
    @auth.needs(*READERS)
    def config_draft(document_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _review(desk, look, _found(look, document_id))

    @app.post("/desk/config/drafts/<uuid:document_id>/publish")
    @auth.needs(*READERS)
    def config_publish(document_id: UUID) -> ResponseReturnValue:
        try:
            with desk.database.writing() as tx:
                kept = actions.publish_document(tx, _book(desk), person=auth.me(), document_id=document_id)
        except BadConfig:
            with desk.database.reading() as look:
                return _review(desk, look, _found(look, document_id), status=422)
        except NotAllowed as refusal:
            abort(403, description=str(words.REFUSALS.get(refusal.reason.value, refusal)))
        flash(gettext("Đã công bố %(name)s, bản %(version)s", name=_name(kept.name), version=kept.version))
        return redirect(url_for("config_history", name=kept.name), 303)

    @app.post("/desk/config/drafts/<uuid:document_id>/withdraw")
    @auth.needs(*READERS)
    def config_withdraw(document_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.withdraw_draft(tx, person=auth.me(), document_id=document_id)
        flash(gettext("Đã rút bản thay đổi; nó vẫn còn trong lịch sử"))
        return redirect(url_for("config"), 303)

    @app.get("/desk/config/letters")
    @auth.needs(*READERS)
    def config_letters() -> ResponseReturnValue:
        asked = fold(request.args.get("q", ""))
        letters = [one for one in read_letters(_book(desk).folder) if asked in fold(f"{one.name} {one.text}")]
        with desk.database.reading() as look:
            return _page(desk, look, "letters", letters=letters, asked=request.args.get("q", ""))

    @app.get("/desk/config/workflows")
    @auth.needs(*READERS)
    def config_workflows() -> ResponseReturnValue:
        tables = sorted({table.name: table for table in desk.rules.current.values()}.values(), key=lambda one: one.name)
        chosen = next((one for one in tables if one.name == request.args.get("table")), tables[0])
        with desk.database.reading() as look:
            return _page(
                desk,
                look,
                "workflows",
                tables=tables,
                chosen=chosen,
                drawing=draw(chosen, current_language(), said=lambda name: str(words.STEPS.get(name, name))),
            )

    @app.get("/desk/config/days")
    @auth.needs(*READERS)
    def config_days() -> ResponseReturnValue:
        """Due days that may still move, because nobody confirmed the calendar of their year."""
        with desk.database.reading() as look:
            confirmed = desk.rules.calendar.is_confirmed
            days = [one for one in store.count_due_days(look) if not confirmed(_today(desk, look), one[0])]
            cases = []
            if days:
                cases = store.due_between(look, auth.me(), days[0][0], date.max, limit=SHOWN_DAYS)
            return _page(desk, look, "days", days=days, cases=cases, unconfirmed=_unconfirmed(desk.rules, look))


# ---- what pages show


def _page(desk: Desk, look: Reading, template: str, *, status: int = 200, **context: Any) -> ResponseReturnValue:
    me = auth.me()
    return desk.page(
        look,
        f"desk/config/{template}.html",
        here="config",
        status=status,
        names=store.names_of(look),
        title_of=_name,
        list_title=lambda key: LISTS.get(key, key),
        label=lambda field: FIELDS.get(field, field),
        states=STATES,
        said=said,
        may={action: bool(may_configure(me, action)) for action in ("draft", "publish", "withdraw")},
        me=me,
        **context,
    )


def _book(desk: Desk) -> RuleBook:
    if not isinstance(desk.book, RuleBook):
        abort(404)
    return desk.book


def _name(name: str) -> str:
    return str(NAMES.get(name, name))


def _newest(desk: Desk, look: Reading, name: str) -> tuple[str, date]:
    if name not in _book(desk).names:
        raise DocumentUnknown
    return newest_text(look, _book(desk), name)


def _found(look: Reading, document_id: UUID) -> Document:
    found = store.find_document(look, document_id)
    if found is None:
        raise DocumentUnknown
    return found


def _today(desk: Desk, look: Reading) -> date:
    return desk.rules.calendar.local_day(look.now)


def _line(desk: Desk, look: Reading, name: str) -> SimpleNamespace:
    """A document as the lists show it: which version holds since when, and what is to come."""
    if name not in _book(desk).names:
        raise DocumentUnknown
    in_force = _book(desk).edition(look).documents.get(name)
    known = store.published(look, name)
    to_come = known[-1] if known and known[-1].valid_from > _today(desk, look) else None
    return SimpleNamespace(name=name, title=_name(name), in_force=in_force, to_come=to_come, versions=len(known))


def _row(row: Row, today: date) -> SimpleNamespace:
    value = row.value
    until = value.get("valid_to")
    since = value.get("valid_from")
    return SimpleNamespace(
        number=row.number,
        name=row.name,
        title=value.get("name") or value.get("step") or "",
        facts=[(key, said(one)) for key, one in value.items() if key not in BELOW and one not in (None, [], "")],
        since=_day_of(since),
        until=_day_of(until),
        is_dated="valid_from" in value,
        is_over=bool(until) and str(until) < today.isoformat(),
        is_to_come=bool(since) and str(since) > today.isoformat(),
        source=value.get("source") or "",
        confidence=VALUES.get(value.get("confidence", ""), ""),
    )


def _others(text: str, lists: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What stands in a document beside its lists of rows."""
    return [(key, said(value)) for key, value in json.loads(text).items() if not lists.get(key)]


def said(value: Any) -> str:
    """A value of a row as people read it."""
    if isinstance(value, bool):
        return gettext("có") if value else gettext("không")
    if isinstance(value, list):
        return ", ".join(map(said, value))
    if isinstance(value, dict):
        return "; ".join(f"{FIELDS.get(key, key)}: {said(one)}" for key, one in value.items() if one is not None)
    if value is None:
        return ""
    if isinstance(value, str) and ISO_DAY.match(value):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return str(VALUES.get(value, value)) if isinstance(value, str) else str(value)


def _day_of(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _unconfirmed(rules: Rules, look: Reading) -> list[int]:
    """Years from now on into which days fall that are known but not confirmed."""
    calendar = rules.calendar
    years = {day.year for day in calendar.days_off} | {calendar.local_day(look.now).year + 1}
    this_year = calendar.local_day(look.now).year
    return sorted(year for year in years if year >= this_year and year not in calendar.confirmed_years)


# ---- writing


def _is_asked(row: Row) -> bool:
    return str(row.number) == request.args.get("row", "")


def _form(
    desk: Desk, name: str, text: str, *, row: Row | None = None, status: int = 200, **trouble: Any
) -> ResponseReturnValue:
    """The form of a change; after a refusal with what was typed."""
    with desk.database.reading() as look:
        today = _today(desk, look)
        typed = request.form if request.method == "POST" else {}
        return _page(
            desk,
            look,
            "row" if row else "text",
            status=status,
            document=_line(desk, look, name),
            key=request.args.get("list", ""),
            row=row,
            inputs=[] if row is None else [_input(key, value, typed) for key, value in row.value.items()],
            can_follow=row is not None and "valid_from" in row.value,
            text=typed.get("text", text),
            based_on=digest_of(text),
            typed=typed,
            today=today,
            **({"trouble": None, "excerpt": [], "wrong": []} | trouble),
        )


def _input(name: str, value: Any, typed: Mapping[str, str]) -> SimpleNamespace:
    """A field of a row: how it is asked for, and what stands in it."""
    kind = _kind_of(name, value)
    if kind == "lines":
        shown = "\n".join(map(str, value))
    elif kind == "json":
        shown = _json(value)
    elif kind == "date":
        shown = f"{date.fromisoformat(value):%d/%m/%Y}" if value else ""
    else:
        shown = "" if value is None else str(value)
    is_yes = typed.get(f"f-{name}") == "y" if typed else value is True
    return SimpleNamespace(name=name, kind=kind, value=typed.get(f"f-{name}", shown), is_yes=is_yes)


def _kind_of(name: str, value: Any) -> str:
    if name in DAYS:
        return "date"
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "lines"
    if isinstance(value, list | dict):
        return "json"
    return "number" if isinstance(value, int | float) else "words"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _typed_row(row: Row) -> dict[str, Any]:
    return {name: _typed_value(name, value) for name, value in row.value.items()}


def _typed_value(name: str, before: Any) -> Any:
    """What was typed into a field, as the file has it. What cannot be read stays text, and is refused as such."""
    kind, typed = _kind_of(name, before), request.form.get(f"f-{name}", "").strip()
    if kind == "yes":
        return typed == "y"
    if kind == "lines":
        return [line.strip() for line in typed.splitlines() if line.strip()]
    if not typed:
        return None
    if kind == "date":
        return found.isoformat() if (found := _day(typed)) else typed
    return _number_or_json(typed) if kind in {"number", "json"} or before is None else typed


def _number_or_json(typed: str) -> Any:
    try:
        return json.loads(typed)
    except ValueError:
        return typed


def _day(typed: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed, form).date()
        except ValueError:
            continue
    return None


def _drafted(desk: Desk, name: str, text: str, *, row: Row | None = None) -> ResponseReturnValue:
    """Keep what was typed as a draft and show it for review; or the form again, with what is wrong and where."""
    written = text
    try:
        on = _day(request.form.get("valid_from", ""))
        if on is None:
            raise Incomplete("valid_from", "date")
        written = request.form.get("text", "") if row is None else _with_typed_row(text, row, on)
        with desk.database.writing() as tx:
            draft = actions.draft_document(
                tx,
                _book(desk),
                person=auth.me(),
                name=name,
                text=written,
                reason=request.form.get("reason", ""),
                valid_from=on,
                based_on=request.form.get("based_on"),
            )
    except Incomplete as refusal:
        said_so = INCOMPLETE.get((refusal.field, refusal.code), INCOMPLETE["text", "missing"])
        wrong = [SimpleNamespace(id=refusal.field, errors=[said_so])]
        return _form(desk, name, text, row=row, status=422, wrong=wrong)
    except BadConfig as bad:
        tidy = written.replace("\r\n", "\n")
        line = line_of(tidy, name, str(bad))
        trouble = SimpleNamespace(words=_reason(str(bad)), plain=str(bad), line=line)
        wrong = [SimpleNamespace(id="trouble", errors=[trouble.words])]
        return _form(desk, name, text, row=row, status=422, trouble=trouble, excerpt=_excerpt(tidy, line), wrong=wrong)
    return redirect(url_for("config_draft", document_id=draft.id), 303)


def _with_typed_row(text: str, row: Row, on: date) -> str:
    """The row written anew; or ended on the day before, with what was typed as the row that follows it."""
    typed = _typed_row(row)
    if request.form.get("how") != "follow":
        return with_row(text, row, typed)
    ended = row.value | {"valid_to": (on - timedelta(days=1)).isoformat()}
    return with_row(text, row, ended, next_one=typed | {"valid_from": on.isoformat()})


def _excerpt(text: str, line: int | None) -> list[tuple[int, str, bool]]:
    """The line that is wrong with the ones around it."""
    if line is None:
        return []
    lines = text.split("\n")
    return [(n, lines[n - 1][:400], n == line) for n in range(max(1, line - 1), min(len(lines), line + 1) + 1)]


def _reason(problem: str) -> str:
    """Why a document was refused, in the reader's language where we know the sentence."""
    place, _, why = problem.partition(": ")
    for pattern, sentence in REASONS:
        if found := re.search(pattern, why or problem):
            given = {name: value or "" for name, value in found.groupdict().items()}
            return f"{place}: {str(sentence) % given}" if why else str(sentence) % given
    return problem


# ---- the review


def _review(desk: Desk, look: Reading, draft: Document, *, status: int = 200) -> ResponseReturnValue:
    """What a draft changes, whether it still makes sense, and what it would have made of what came lately."""
    before, _ = _newest(desk, look, draft.name)
    is_open = draft.state == "draft"
    is_outdated = is_open and draft.based_on != digest_of(before)
    trouble, tried = None, None
    if is_open and not is_outdated:
        on = max(draft.valid_from, _today(desk, look))
        try:
            new = _book(desk).check(look, draft.name, draft.text, valid_from=on)
            tried = _tried(desk, look, draft, new, on) if draft.name in SORTS else None
        except BadConfig as bad:
            trouble = SimpleNamespace(words=_reason(str(bad)), plain=str(bad))
    base = before if is_open else _base_of(desk, look, draft)
    return _page(
        desk,
        look,
        "review",
        status=status,
        draft=draft,
        document=_line(desk, look, draft.name),
        lines=[] if base is None else [replace(one, parts=_shortened(one)) for one in changes(base, draft.text)],
        is_outdated=is_outdated,
        trouble=trouble,
        tried=tried,
        moves_clocks=draft.name == "calendar.json",
        may_publish=bool(may_configure(auth.me(), "publish", drafted_by=draft.drafted_by)),
        today=_today(desk, look),
    )


def _shortened(line: Line) -> tuple[tuple[str, str], ...]:
    """The parts of a line with what stays left out in the middle, where it is long and something else changes."""
    if len(line.parts) < 2:
        return line.parts
    return tuple(
        (kind, f"{text[:KEPT]} … {text[-KEPT:]}" if kind == "=" and len(text) > 3 * KEPT else text)
        for kind, text in line.parts
    )


def _base_of(desk: Desk, look: Reading, draft: Document) -> str | None:
    """The text that a decided draft was written over."""
    texts = [one.text for one in store.published(look, draft.name)] + [_book(desk).text_of(draft.name, {})]
    return next((text for text in texts if digest_of(text) == draft.based_on), None)


def _tried(desk: Desk, look: Reading, draft: Document, new: Rules, on: date) -> SimpleNamespace:
    """The draft tried on the ordinary cases of the last days, as if they came on its first day."""
    since, most = look.now - TRIED_FOR, TRIED["all" if request.args.get("tried") == "all" else "some"]
    calendar = desk.rules.calendar
    petitions = store.petitions_since(look, since, limit=most)
    at = calendar.next_working_instant(calendar.start_of_day(on))
    found = simulate(desk.rules, new, petitions, at=at)
    titles = store.titles_of(look, auth.me(), [one.case_id for one in found.changed[:200]])
    examples = [(one, *titles[one.case_id]) for one in found.changed if one.case_id in titles][:EXAMPLES]
    there_are = store.count_petitions_since(look, since)
    return SimpleNamespace(
        found=found,
        there_are=there_are,
        is_all=found.looked_at >= there_are,
        can_go_on=found.looked_at < min(there_are, TRIED["all"]),
        most=TRIED["all"],
        counts=[(OUTCOMES[name], found.counts.get(name, 0)) for name in OUTCOMES],
        examples=[
            (one.case_id, code, title, [(OUTCOMES[name], *_both(desk, one, name)) for name in one.fields])
            for one, code, title in examples
        ],
        is_hidden=bool(found.changed) and not examples,
    )


def _both(desk: Desk, one: Any, name: str) -> tuple[str, str]:
    """The old and the new value of an outcome, in words."""
    named = {"kind": desk.kind, "topic": desk.topic, "unit": desk.unit}
    value = named.get(name, lambda code: str(words.PRIORITIES.get(code, code)))
    before, after = getattr(one.before, name), getattr(one.after, name)
    return value(before) or before or str(MISSING), value(after) or after or str(MISSING)
