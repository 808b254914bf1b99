"""Writing a document anew: a row in a form or the whole text, kept as a draft or sent back with line and reason."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions
from services.workflow.domain.document import Row, digest_of, line_of, with_row
from services.workflow.steps import Incomplete
from services.workflow.web.config_page import book_of, page, reason_of, state_of, today_of
from services.workflow.web.config_words import DAYS
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.web import lazy

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


def is_asked(row: Row) -> bool:
    return str(row.number) == request.args.get("row", "")


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
    written = text
    try:
        on = _day(request.form.get("valid_from", ""))
        if on is None:
            raise Incomplete("valid_from", "date")
        written = request.form.get("text", "") if row is None else _with_typed_row(text, row, on)
        with desk.database.writing() as tx:
            draft = actions.draft_document(
                tx,
                book_of(desk),
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
        return form(desk, name, text, row=row, status=422, wrong=wrong)
    except BadConfig as bad:
        tidy = written.replace("\r\n", "\n")
        line = line_of(tidy, name, str(bad))
        trouble = SimpleNamespace(words=reason_of(str(bad)), plain=str(bad), line=line)
        wrong = [SimpleNamespace(id="trouble", errors=[trouble.words])]
        return form(desk, name, text, row=row, status=422, trouble=trouble, excerpt=_excerpt(tidy, line), wrong=wrong)
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
