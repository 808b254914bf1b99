"""What a reorganisation would do, before anybody does it; and how far those are that were decided.

Nothing is written here: carrying a plan out is a command, given by another hand than the page's.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import DateField, TextAreaField
from wtforms.validators import InputRequired, Length

from services.workflow import store
from services.workflow.catalogue import catalogue_after, read_plan
from services.workflow.domain.reorganisation import Plan, PlanRefused, changes
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.db import Reading, Transaction
from shared.web import Form, gettext, lazy

LONGEST_PLAN = 20_000  # characters


class PlanForm(Form):
    on = DateField(lazy("Ngày đầu tiên"), [InputRequired(lazy("Hãy nhập ngày bắt đầu"))], format=["%d/%m/%Y"])
    plan = TextAreaField(
        lazy("Phương án"),
        [InputRequired(lazy("Hãy dán nội dung tệp phương án")), Length(max=LONGEST_PLAN)],
        description=lazy("Nội dung tệp JSON: close, open, move, people, source"),
    )


def serve(desk: Desk) -> None:
    app = desk.app

    @app.route("/desk/reorganisation", methods=["GET", "POST"])
    @auth.needs("admin")
    def reorganisation() -> ResponseReturnValue:
        form, effect = PlanForm.sent(), None
        with desk.database.reading() as look:
            if form.is_good():
                try:
                    effect = _effect(desk, look, form.plan.data, form.on.data)
                except (PlanRefused, BadConfig) as refused:
                    form.plan.errors = list(getattr(refused, "reasons", (str(refused),)))
            return desk.page(
                look,
                "desk/reorganisation.html",
                here="reorganisation",
                status=422 if form.wrong else 200,
                f=form,
                wrong=form.wrong,
                longest=LONGEST_PLAN,
                effect=effect,
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
    roles, named = {row.role: row.name for row in after.roles}, after.unit_name
    return SimpleNamespace(
        on=on,
        closed=[(named(unit), named(heir), counts.get(unit, 0)) for unit, heir in plan.heirs.items()],
        opened=[one.name for one in plan.open],
        changes=[
            (desk.topic(one.code) or roles.get(one.code, one.code), named(one.before), named(one.after))
            for one in changes(before, after, on)
        ],
        people=[(one.name, desk.unit(one.unit), named(unit)) for one, unit in people if unit and unit != one.unit],
        stay=[one.name for one, unit in people if unit in plan.heirs],
        command=gettext("python -m services.workflow reorganise --on %(on)s --plan TỆP.json", on=on.isoformat()),
    )
