"""Procedures at the desk: when each is looked at again, which cases are about it, and what would make it simpler."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import Case
from services.workflow.domain.permission import may
from services.workflow.domain.procedure import Procedure, procedures_on
from services.workflow.domain.rules import Rules
from services.workflow.domain.simplification import (
    ACCEPTED,
    DECLINED,
    Cut,
    Dossier,
    DossierRefused,
    may_propose,
    may_write,
)
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web.addresses import Act, Facts, does, gives, sees
from services.workflow.web.bulk import safe_cell
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import by_field, status_of
from shared import auth
from shared.db import Reading, Transaction
from shared.web import current_language, gettext, lazy
from shared.web.i18n import day as day_words

SHOWN = 20  # cases beside a procedure
NOTICE_TOPIC = "C31"  # the notice of a procedure is missing or wrong
VERDICTS = (ACCEPTED, DECLINED)
STATES = {
    "draft": lazy("Đang soạn"),
    "proposed": lazy("Đã kiến nghị"),
    "accepted": lazy("Được chấp nhận"),
    "declined": lazy("Không được chấp nhận"),
}
TONES = {"draft": "new", "proposed": "wait", "accepted": "done", "declined": "late"}
WRONG = {
    ("what", "missing"): lazy("Hãy viết cắt gì, vì sao, ít nhất 20 ký tự"),
    ("cut_steps", "nothing"): lazy("Hãy ghi ít nhất một bước, một giấy tờ hoặc một ngày được cắt"),
    ("cut_steps", "too_many"): lazy("Thủ tục không có nhiều bước như vậy"),
    ("cut_papers", "too_many"): lazy("Thủ tục không có nhiều giấy tờ như vậy"),
    ("cut_days", "too_many"): lazy("Thủ tục không có nhiều ngày như vậy"),
    ("cut_steps", "malformed"): lazy("Hãy ghi một số, ví dụ 1"),
    ("cut_papers", "malformed"): lazy("Hãy ghi một số, ví dụ 1"),
    ("cut_days", "malformed"): lazy("Hãy ghi một số, ví dụ 1"),
    ("to", "unknown"): lazy("Hãy chọn nơi quyết định"),
    ("verdict", "missing"): lazy("Hãy chọn được chấp nhận hay không"),
    ("decided_on", "missing"): lazy("Hãy nhập ngày quyết định"),
    ("decided_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("decided_on", "to_come"): lazy("Ngày này chưa tới"),
    ("decided_on", "too_early"): lazy("Ngày này trước ngày kiến nghị"),
    ("outcome", "missing"): lazy("Hãy viết kết quả, ít nhất 10 ký tự"),
}
HEAD = (
    lazy("Lĩnh vực"),
    lazy("Mã thủ tục"),
    lazy("Thủ tục"),
    lazy("Đơn vị"),
    lazy("Nội dung"),
    lazy("Bớt bước"),
    lazy("Bớt giấy tờ"),
    lazy("Bớt ngày"),
    lazy("Số hồ sơ"),
    lazy("Tình trạng"),
    lazy("Nơi quyết định"),
    lazy("Ngày kiến nghị"),
    lazy("Ngày quyết định"),
    lazy("Kết quả"),
)


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(actions.DossierUnknown, 404, words=lazy("Không có thủ tục hoặc hồ sơ đơn giản hoá này."))
    app.refuses(DossierRefused, 409, words=lazy("Hồ sơ này đã được người khác xử lý. Hãy tải lại trang."))

    @app.get("/desk/procedures")
    @desk.needs()
    def procedures() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _list(desk, look)

    @app.get("/desk/procedures/<code>")
    @desk.needs()
    def procedure(code: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _page(desk, look, code)

    @app.post("/desk/procedures/<code>/dossiers")
    @desk.needs()
    def dossier_opened(code: str) -> ResponseReturnValue:
        try:
            new = BEGIN.and_say(desk, code=code)
        except (Incomplete, NotAllowed) as refusal:
            with desk.database.reading() as look:
                return _page(desk, look, code, wrong=refusal)
        return redirect(url_for("dossier", dossier_id=new.id), 303)

    @app.get("/desk/dossiers/<uuid:dossier_id>")
    @desk.needs()
    def dossier(dossier_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _dossier(desk, look, dossier_id)

    @app.post("/desk/dossiers/<uuid:dossier_id>/propose")
    @desk.needs()
    def dossier_proposed(dossier_id: UUID) -> ResponseReturnValue:
        return _moved(desk, dossier_id, PROPOSE)

    @app.post("/desk/dossiers/<uuid:dossier_id>/decide")
    @desk.needs()
    def dossier_decided(dossier_id: UUID) -> ResponseReturnValue:
        return _moved(desk, dossier_id, DECIDE)

    @app.get("/desk/dossiers")
    @desk.needs()
    def dossiers() -> ResponseReturnValue:
        """The list of a year: what was proposed and decided in each field."""
        with desk.database.reading() as look:
            today = desk.rules.calendar.local_day(look.now)
            return desk.page(
                look,
                "desk/dossiers.html",
                here="dossiers",
                this_year=today.year,
                **dossiers_of_year(desk, look),
                **_words(desk),
            )


@gives("dossiers.csv", "text/csv", query=("year",))
def dossiers_csv(desk: Desk) -> Response:
    """The dossiers that were proposed and decided in a `year`, as a table"""
    with desk.database.reading() as look:
        year = _year(desk, look)
        rows = store.dossiers_of_year(look, date(year, 1, 1), date(year, 12, 31))
    response = Response("\ufeff" + _table(desk, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="don-gian-hoa-{year}.csv"'
    return response


# ---- what is done


def _begin(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    code: str,
    what: str,
    cut_steps: int | None = None,
    cut_papers: int | None = None,
    cut_days: int | None = None,
) -> Dossier:
    """A dossier of what a procedure should ask for less: steps, papers, days."""
    cut = Cut(steps=cut_steps or 0, papers=cut_papers or 0, days=cut_days or 0)
    return actions.open_dossier(tx, rules, person=person, procedure=code, what=what, cut=cut)


def _decide(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    dossier_id: UUID,
    verdict: str,
    decided_on: date | None,
    outcome: str,
) -> Dossier:
    """What was decided about a proposal (`accepted`, `declined`), when, and in which words."""
    if verdict not in VERDICTS:
        raise Incomplete("verdict")
    return actions.record_decision(
        tx,
        rules,
        person=person,
        dossier_id=dossier_id,
        is_accepted=verdict == ACCEPTED,
        decided_on=decided_on,
        outcome=outcome,
    )


BEGIN = does(
    "procedures/<code>/dossiers",
    _begin,
    *("what", "cut_steps", "cut_papers", "cut_days"),
    done=lazy("Đã lập hồ sơ đơn giản hoá"),
    wrong=WRONG,
)
PROPOSE = does(
    "dossiers/<uuid:dossier_id>/propose",
    actions.propose_simplification,
    "to",
    done=lazy("Đã kiến nghị"),
    wrong=WRONG,
)
DECIDE = does(
    "dossiers/<uuid:dossier_id>/decide",
    _decide,
    *("verdict", "decided_on", "outcome"),
    done=lazy("Đã ghi kết quả"),
    wrong=WRONG,
)


# ---- procedures


@sees("procedures", "rows", "counts", "unnamed")
def listed(desk: Desk, look: Reading) -> Facts:
    """The procedures of today, how many cases name each, and wrong notices whose procedure nobody named yet"""
    me, today = auth.me(), desk.rules.calendar.local_day(look.now)
    return {
        "rows": procedures_on(desk.rules.catalogue.procedures, today),
        "counts": store.sums_of(store.concerns(look, me)),
        "unnamed": store.rows_by_id(look, me, store.cases_about(look, me, topic=NOTICE_TOPIC, most=SHOWN)),
    }


def _list(desk: Desk, look: Reading) -> ResponseReturnValue:
    today = desk.rules.calendar.local_day(look.now)
    return desk.page(look, "desk/procedures.html", here="procedures", today=today, **listed(desk, look), **_words(desk))


def _row(desk: Desk, look: Reading, code: str) -> Procedure:
    today = desk.rules.calendar.local_day(look.now)
    found = [row for row in desk.rules.catalogue.procedures if row.code == code]
    if not found:
        raise actions.DossierUnknown
    return next((row for row in found if row.holds_on(today)), found[-1])


@sees("procedures/<code>", "one", "topics", "cases", "notices", "reviews", "dossiers", "address", "may_write")
def one_procedure(desk: Desk, look: Reading, code: str) -> Facts:
    """A procedure with the cases that name it, of those that one may see, its reviews and dossiers"""
    me, row = auth.me(), _row(desk, look, code)
    about = store.cases_about(look, me, procedure=code, most=SHOWN)
    notices = store.cases_about(look, me, procedure=code, topic=NOTICE_TOPIC, most=SHOWN)
    return {
        "one": row,
        "topics": [one for one in store.concerns(look, me) if one.procedure == code],
        "cases": store.rows_by_id(look, me, about),
        "notices": store.rows_by_id(look, me, notices),
        "reviews": store.reviews_of(look, me, code),
        "dossiers": store.dossiers(look, procedure=code),
        "address": f"{desk.app.settings.public_url}/thu-tuc/{code}",
        "may_write": row.holds_on(desk.rules.calendar.local_day(look.now)) and bool(may_write(me, row.unit)),
    }


def _page(desk: Desk, look: Reading, code: str, *, wrong: Exception | None = None) -> ResponseReturnValue:
    return desk.page(
        look,
        "desk/procedure.html",
        here="procedures",
        status=status_of(wrong),
        names=store.names_of(look),
        today=desk.rules.calendar.local_day(look.now),
        typed=request.form,
        wrong=by_field(wrong, _said),
        **one_procedure(desk, look, code),
        **_words(desk),
    )


def procedure_of(desk: Desk, look: Reading, case: Case, me: auth.Person) -> dict[str, Any]:
    """What the page of a case shows of its procedure, and those that may be named today."""
    code = store.procedure_of(look, case.id)
    today = desk.rules.calendar.local_day(look.now)
    row = next((one for one in desk.rules.catalogue.procedures if one.code == code), None)
    rows = procedures_on(desk.rules.catalogue.procedures, today) if may(me, "name_procedure", case) else ()
    return {"code": code or "", "name": _name(row) if row else "", "choices": [(one.code, _name(one)) for one in rows]}


# ---- dossiers


def _find(look: Reading, dossier_id: UUID) -> Dossier:
    found = store.find_dossier(look, dossier_id)
    if found is None:
        raise actions.DossierUnknown
    return found


@sees("dossiers/<uuid:dossier_id>", "one", "count", "deciders", "may_propose", "may_decide")
def one_dossier(desk: Desk, look: Reading, dossier_id: UUID) -> Facts:
    """A dossier, how many cases that one may see name its procedure now, who may decide, and what one may do"""
    me, found = auth.me(), _find(look, dossier_id)
    today, is_theirs = desk.rules.calendar.local_day(look.now), bool(may_propose(me, found.unit))
    return {
        "one": found,
        "count": store.sums_of(store.concerns(look, me))[found.procedure],
        "deciders": [(body.code, _name(body)) for body in desk.rules.catalogue.deciders_on(today)],
        "may_propose": found.state == "draft" and is_theirs,
        "may_decide": found.state == "proposed" and is_theirs,
    }


def _dossier(desk: Desk, look: Reading, dossier_id: UUID, *, wrong: Exception | None = None) -> ResponseReturnValue:
    return desk.page(
        look,
        "desk/dossier.html",
        here="dossiers",
        status=status_of(wrong),
        names=store.names_of(look),
        typed=request.form,
        wrong=by_field(wrong, _said),
        **one_dossier(desk, look, dossier_id),
        **_words(desk),
    )


def _moved(desk: Desk, dossier_id: UUID, act: Act) -> ResponseReturnValue:
    try:
        act.and_say(desk, dossier_id=dossier_id)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _dossier(desk, look, dossier_id, wrong=refusal)
    return redirect(url_for("dossier", dossier_id=dossier_id), 303)


@sees("dossiers", "year", "fields", "waiting", query=("year",))
def dossiers_of_year(desk: Desk, look: Reading) -> Facts:
    """What was proposed and decided in a `year` in each field, and dossiers that nobody proposed yet"""
    year = _year(desk, look)
    rows = store.dossiers_of_year(look, date(year, 1, 1), date(year, 12, 31))
    return {
        "year": year,
        "fields": _by_field(desk, rows),
        "waiting": [one for one in store.dossiers(look) if one.state == "draft"],
    }


def _year(desk: Desk, look: Reading) -> int:
    year: int = request.args.get("year", desk.rules.calendar.local_day(look.now).year, type=int)
    if not 2000 <= year <= 2100:
        abort(404)
    return year


def _by_field(desk: Desk, rows: Sequence[Dossier]) -> list[tuple[Any, list[Dossier]]]:
    """All fields in the order of the catalogue: one in which nothing was proposed stands there too."""
    return [
        (field, [one for one in rows if one.field == field.code]) for field in desk.rules.catalogue.procedure_fields
    ]


def _table(desk: Desk, rows: Sequence[Dossier]) -> str:
    said, text = _words(desk), io.StringIO()
    table = csv.writer(text, delimiter=";")
    table.writerow([str(title) for title in HEAD])
    for one in rows:
        cells: tuple[Any, ...] = (
            said["field"](one.field),
            one.procedure,
            said["procedure_name"](one.procedure),
            desk.unit(one.unit),
            one.what,
            one.cut_steps,
            one.cut_papers,
            one.cut_days,
            "" if one.cases is None else one.cases,
            str(STATES[one.state]),
            said["decider"](one.proposed_to),
            day_words(one.proposed_on),
            day_words(one.decided_on),
            one.outcome or "",
        )
        table.writerow([safe_cell(str(cell)) for cell in cells])
    return text.getvalue()


# ---- words


def _words(desk: Desk) -> dict[str, Any]:
    """What the pages call things, in their language."""
    catalogue = desk.rules.catalogue
    procedures = {row.code: row for row in catalogue.procedures}
    fields = {row.code: row for row in catalogue.procedure_fields}
    bodies: dict[str, Any] = {row.code: row for row in catalogue.departments} | {
        row.code: row for row in catalogue.external
    }

    def named(rows: dict[str, Any]) -> Any:
        return lambda code: _name(rows[code]) if code in rows else code or ""

    return {
        "procedure_name": named(procedures),
        "field": named(fields),
        "decider": named(bodies),
        "name": _name,
        "STATES": STATES,
        "TONES": TONES,
    }


def _name(row: Any) -> str:
    return str(row.name if current_language() == "vi" else row.name_en)


def _said(field: str, code: str) -> str:
    return str(WRONG.get((field, code)) or WRONG.get((field, "missing")) or gettext("Hãy điền mục này"))
