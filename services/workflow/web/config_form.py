"""Writing a document anew: a row in a form or the whole text, kept as a draft or sent back with line and reason."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from services.workflow import actions
from services.workflow.domain.document import Document, Row, digest_of, line_of, rows_of, with_row
from services.workflow.rulebook import RuleBook
from services.workflow.steps import Incomplete
from services.workflow.web.addresses import does
from services.workflow.web.asked import asking
from services.workflow.web.config_page import page, reason_of, state_of, today_of
from services.workflow.web.config_words import DAYS
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.db import Transaction
from shared.web import lazy

INCOMPLETE = {
    ("valid_from", "past"): lazy("Ngày hiệu lực đã qua: hãy chọn hôm nay hoặc một ngày sau"),
    ("valid_from", "before_last"): lazy("Đã có bản công bố có hiệu lực sau ngày này: hãy chọn ngày không sớm hơn"),
    ("valid_from", "missing"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("text", "unchanged"): lazy("Chưa có gì thay đổi so với bản đang dùng"),
    ("text", "missing"): lazy("Hãy nhập nội dung"),
    ("text", "too_long"): lazy("Nội dung dài quá"),
    ("reason", "missing"): lazy("Hãy ghi vì sao và căn cứ nào, ít nhất 10 ký tự"),
    ("reason", "too_long"): lazy("Lý do dài quá"),
}


def row_asked_for(text: str) -> Row:
    """The row of a document that the address names, by its list and its number. Raises DocumentUnknown."""
    rows = rows_of(text).get(request.args.get("list", ""), [])
    found = next((one for one in rows if str(one.number) == request.args.get("row", "")), None)
    if found is None:
        raise actions.DocumentUnknown
    return found


def form(
    desk: Desk, name: str, text: str, *, row: Row | None = None, status: int = 200, **trouble: Any
) -> ResponseReturnValue:
    """The form of a change; after a refusal with what was typed."""
    with desk.database.reading() as look:
        today = today_of(desk, look)
        typed = request.form if request.method == "POST" else {}
        return page(
            desk,
            look,
            "row" if row else "text",
            status=status,
            document=state_of(desk, look, name),
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


def drafted(desk: Desk, name: str, text: str, *, row: Row | None = None) -> ResponseReturnValue:
    """Keep what was typed as a draft and show it for review; or the form again, with what is wrong and where."""
    act, typed = WRITE_TEXT, MultiDict(request.form)
    if row is not None:
        act = WRITE_ROW
        typed["row"] = _json(_typed_row(row))
    try:
        with asking(typed):
            draft = act(desk, name=name)
    except Incomplete as refusal:
        wrong = [SimpleNamespace(id=refusal.field, errors=[act.said_of(refusal)])]
        return form(desk, name, text, row=row, status=422, wrong=wrong)
    except BadConfig as bad:
        tidy = _written(text, row).replace("\r\n", "\n")
        line = line_of(tidy, name, str(bad))
        trouble = SimpleNamespace(words=reason_of(str(bad)), plain=str(bad), line=line)
        wrong = [SimpleNamespace(id="trouble", errors=[trouble.words])]
        return form(desk, name, text, row=row, status=422, trouble=trouble, excerpt=_excerpt(tidy, line), wrong=wrong)
    return redirect(url_for("config_draft", document_id=draft.id), 303)


def _written(text: str, row: Row | None) -> str:
    """The document as it would be with what stands in the form."""
    if row is None:
        return request.form.get("text", "")
    on = _day(request.form.get("valid_from", ""))
    return _with_row(text, row, _typed_row(row), on if request.form.get("how") == "follow" else None)


def _with_row(text: str, row: Row, value: Mapping[str, Any], follows_on: date | None) -> str:
    """The row written anew; or ended on the day before, with the new one as the row that follows it."""
    if follows_on is None:
        return with_row(text, row, value)
    ended = row.value | {"valid_to": (follows_on - timedelta(days=1)).isoformat()}
    return with_row(text, row, ended, next_one={**value, "valid_from": follows_on.isoformat()})


def _write_row(
    tx: Transaction,
    book: RuleBook,
    *,
    person: auth.Person,
    name: str,
    row: Mapping[str, Any],
    how: str = "",
    valid_from: date,
    reason: str,
    based_on: str | None = None,
) -> Document:
    """A draft in which one row is written anew; or (`how` is `follow`) ended, and followed by another."""
    text, _ = actions.newest_text(tx, book, _known(book, name))
    written = _with_row(text, row_asked_for(text), row, valid_from if how == "follow" else None)
    return actions.draft_document(
        tx, book, person=person, name=name, text=written, reason=reason, valid_from=valid_from, based_on=based_on
    )


def _write_text(
    tx: Transaction,
    book: RuleBook,
    *,
    person: auth.Person,
    name: str,
    text: str,
    valid_from: date,
    reason: str,
    based_on: str | None = None,
) -> Document:
    """A draft of the whole document."""
    return actions.draft_document(
        tx,
        book,
        person=person,
        name=_known(book, name),
        text=text,
        reason=reason,
        valid_from=valid_from,
        based_on=based_on,
    )


def _known(book: RuleBook, name: str) -> str:
    if name not in book.names:
        raise actions.DocumentUnknown
    return name


WRITE_ROW = does(
    "config/doc/<name>/row",
    _write_row,
    *("row", "how", "valid_from", "reason", "based_on"),
    query=("list", "row"),
    roles=("admin",),
    done=lazy("Đã lưu bản thay đổi, chờ người khác công bố"),
    wrong=INCOMPLETE,
)
WRITE_TEXT = does(
    "config/doc/<name>/text",
    _write_text,
    *("text", "valid_from", "reason", "based_on"),
    roles=("admin",),
    done=lazy("Đã lưu bản thay đổi, chờ người khác công bố"),
    wrong=INCOMPLETE,
)


def _excerpt(text: str, line: int | None) -> list[tuple[int, str, bool]]:
    """The line that is wrong with the ones around it."""
    if line is None:
        return []
    lines = text.split("\n")
    return [(n, lines[n - 1][:400], n == line) for n in range(max(1, line - 1), min(len(lines), line + 1) + 1)]
