"""What a reorganisation would do, before anybody does it; and how far those are that were decided.

Nothing is written here: carrying a plan out is a command, given by another hand than the page's. A form, a file that
somebody wrote and a program all give the same text to the same parser.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Self

from flask import Response, request
from flask.typing import ResponseReturnValue
from wtforms import DateField, FileField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from services.workflow import store
from services.workflow.catalogue import catalogue_after, read_plan
from services.workflow.domain.reorganisation import Plan, PlanRefused, changes
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.frame import Desk
from services.workflow.web.reorganisation_form import PlanFields
from shared import auth
from shared.config import BadConfig
from shared.db import Reading, Transaction
from shared.web import Form, current_language, gettext, lazy

LONGEST_PLAN = 20_000  # characters


class PlanForm(Form):
    """The plan as its file, for who has written one."""

    on = DateField(
        lazy("Ngày đầu tiên của phương án"), [InputRequired(lazy("Hãy nhập ngày bắt đầu"))], format=["%d/%m/%Y"]
    )
    plan = TextAreaField(
        lazy("Phương án"),
        [DataRequired(lazy("Hãy dán nội dung tệp phương án, hoặc chọn tệp")), Length(max=LONGEST_PLAN)],
        description=lazy("Nội dung tệp JSON: close, open, move, people, source"),
    )
    file = FileField(lazy("Hoặc chọn tệp phương án"))

    @classmethod
    def sent(cls, **values: Any) -> Self:
        form = super().sent(**values)
        if form.file.data:
            form.plan.data = form.file.data.read(4 * LONGEST_PLAN).decode("utf-8-sig", errors="replace")
        return form

    def validate_plan(self, field: TextAreaField) -> None:
        """Refuse what was not UTF-8: names would be kept with holes."""
        if "\ufffd" in field.data:
            raise ValidationError(gettext("Hãy lưu tệp dạng UTF-8 rồi chọn lại"))


def serve(desk: Desk) -> None:
    app = desk.app

    @app.route("/desk/reorganisation", methods=["GET", "POST"])
    @auth.needs("admin")
    def reorganisation() -> ResponseReturnValue:
        with desk.database.reading() as look:
            if "plan" in request.form:
                return _as_file(desk, look, PlanForm.sent())
            form = PlanFields(desk, look)
            effect = None
            if request.method == "POST" and form.is_good():
                try:
                    effect = _effect(desk, look, form.text, form.decision.on.data)
                except (PlanRefused, BadConfig) as refused:
                    form.say(getattr(refused, "reasons", (str(refused),)))
            return _page(desk, look, form, PlanForm(), effect, form.text if effect else "")


def _as_file(desk: Desk, look: Reading, pasted: PlanForm) -> ResponseReturnValue:
    """The page after a plan that is a file already: what it would do, or the file itself, to be handed over."""
    effect = None
    if pasted.is_good():
        try:
            effect = _effect(desk, look, pasted.plan.data, pasted.on.data)
        except (PlanRefused, BadConfig) as refused:
            pasted.plan.errors = list(getattr(refused, "reasons", (str(refused),)))
    if effect is not None and request.form.get("do") == "file":
        response = Response(pasted.plan.data, mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{effect.file}"'
        return response
    return _page(desk, look, PlanFields(desk, look), pasted, effect, pasted.plan.data)


def _page(
    desk: Desk, look: Reading, form: PlanFields, pasted: PlanForm, effect: SimpleNamespace | None, text: str
) -> ResponseReturnValue:
    wrong = [*form.wrong, *pasted.wrong]
    return desk.page(
        look,
        "desk/reorganisation.html",
        here="reorganisation",
        status=422 if wrong else 200,
        form=form,
        f=pasted,
        wrong=wrong,
        longest=LONGEST_PLAN,
        effect=effect,
        text=text,
        **decided(desk, look),
    )


@sees("reorganisation", "known", roles=("admin",))
def decided(_desk: Desk, look: Reading) -> Facts:
    """Reorganisations that were decided, and how far they are"""
    return {"known": store.reorganisations(look)}


def _try(tx: Transaction, desk: Desk, *, on: date, plan: Mapping[str, Any]) -> SimpleNamespace:
    """What a plan would change from its first day on. Nothing is written: that takes a command by another hand."""
    return _effect(desk, tx, json.dumps(plan), on)


does(
    "reorganisation",
    _try,
    *("on", "plan"),
    roles=("admin",),
    done=lazy("Đây là bản xem trước: chưa có gì thay đổi"),
)


def _plan_of(text: str) -> Plan:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(text, encoding="utf-8")
        return read_plan(file)


def _effect(desk: Desk, look: Reading, text: str, on: date) -> SimpleNamespace:
    """What the page shows of a plan: units, topics and roles, people, and ordinary cases by number alone."""
    plan, before = _plan_of(text), desk.rules.catalogue
    after = catalogue_after(desk.app.settings.config_dir, plan, on)
    counts = store.count_ordinary(look, plan.heirs)
    people = [(one, plan.unit_of(one.login, one.unit)) for one in auth.list_people(look)]
    roles = {row.role: row.name for row in after.roles}
    file = f"plan-{on.isoformat()}.json"

    def named(unit: str) -> str:
        return after.unit_name(unit, current_language())

    return SimpleNamespace(
        on=on,
        closed=[(named(unit), named(heir), counts.get(unit, 0)) for unit, heir in plan.heirs.items()],
        opened=[named(one.code) for one in plan.open],
        changes=[
            (desk.topic(one.code) or roles.get(one.code, one.code), named(one.before), named(one.after))
            for one in changes(before, after, on)
        ],
        people=[(one.name, desk.unit(one.unit), named(unit)) for one, unit in people if unit and unit != one.unit],
        stay=[one.name for one, unit in people if unit in plan.heirs],
        file=file,
        command=f"python -m services.workflow reorganise --on {on.isoformat()} --plan {file}",
    )
