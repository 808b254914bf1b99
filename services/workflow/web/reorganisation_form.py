"""The plan of a reorganisation as a form: ticks, names and lists become the text that the command reads from its file.

Rules about plans are not here: what the form cannot know, the command's own parser and check refuse, and `say` puts
their reasons beside the fields that they are about.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from flask import request
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from services.workflow.domain.reorganisation import Reason
from services.workflow.domain.vocabulary import holds
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.web import Form, gettext, lazy
from shared.web.i18n import day

NEW = re.compile(r"new-(\d+)")
"""A unit that is described further down on the same form, in the lists of units."""

SPARE = 2  # empty rows after those that are filled in
FEWEST, MOST = 3, 40  # rows of a kind

TYPES = {
    "division": lazy("Phòng, ban"),
    "desk": lazy("Bộ phận tiếp nhận"),
    "agency": lazy("Đơn vị trực thuộc"),
}
REASONS = {
    "own_successor": lazy("%(unit)s sẽ là đơn vị kế tiếp của chính mình"),
    "closed_already": lazy("%(unit)s đã có đơn vị kế tiếp là %(successor)s"),
    "unit_unknown": lazy("%(unit)s không hoạt động vào ngày %(day)s"),
    "code_taken": lazy("Mã %(opened)s là của đơn vị khác: mã không dùng lại"),
    "moved_already": lazy("“%(moved)s” đã đổi nơi xử lý từ ngày %(day)s"),
    "topic_unknown": lazy("“%(moved)s” không có hiệu lực vào ngày %(day)s"),
    "role_unknown": lazy("“%(moved)s” không có hiệu lực vào ngày %(day)s"),
    "topic_nowhere": lazy("“%(moved)s” sẽ không còn nơi xử lý: hãy chuyển cho một đơn vị"),
    "role_nowhere": lazy("“%(moved)s” sẽ không còn nơi xử lý: hãy chuyển cho một đơn vị"),
    "role_outside": lazy("“%(moved)s” sẽ ra ngoài Sở: hãy chuyển cho một đơn vị của Sở"),
    "no_accounts": lazy("Không tài khoản nào làm việc được ở %(unit)s vào ngày %(day)s"),
}


def _capitals(typed: str | None) -> str | None:
    return typed and typed.upper()


class DecisionForm(Form):
    source = StringField(
        lazy("Quyết định số"),
        [DataRequired(lazy("Hãy ghi số quyết định")), Length(max=200)],
        description=lazy("Ví dụ: QĐ 01/QĐ-SXD ngày 16/11/2026"),
    )
    on = DateField(lazy("Ngày đầu tiên"), [InputRequired(lazy("Hãy nhập ngày bắt đầu"))], format=["%d/%m/%Y"])


class RowForm(Form):
    """One of several of its kind; nothing is asked of it until something of it is filled in."""

    @property
    def is_used(self) -> bool:
        return any(field.data for field in self)


Row = TypeVar("Row", bound=RowForm)


class ClosingForm(RowForm):
    closes = BooleanField("")  # named by the unit
    successor = SelectField(lazy("Đơn vị kế tiếp"), [InputRequired(lazy("Hãy chọn đơn vị kế tiếp"))])
    accounts = BooleanField(lazy("Tài khoản của đơn vị chuyển theo"))

    @property
    def is_used(self) -> bool:
        return bool(self.closes.data)


class OpeningForm(RowForm):
    name = StringField(lazy("Tên đơn vị"), [DataRequired(lazy("Hãy ghi tên đơn vị mới")), Length(max=200)])
    name_en = StringField(lazy("Tên tiếng Anh"), [DataRequired(lazy("Hãy ghi tên tiếng Anh")), Length(max=200)])
    code = StringField(
        lazy("Mã, ký hiệu trên văn bản"),
        [
            DataRequired(lazy("Hãy ghi mã của đơn vị mới")),
            Regexp(r"[A-Z][A-Z0-9-]{1,11}\Z", message=lazy("Từ 2 đến 12 chữ hoa không dấu, chữ số, gạch nối")),
        ],
        filters=[_capitals],
        description=lazy("Ví dụ HTGT: văn bản mang ký hiệu 123/SXD-HTGT"),
    )
    type = SelectField(lazy("Loại đơn vị"), [InputRequired()], choices=list(TYPES.items()))

    @property
    def is_used(self) -> bool:
        return bool(self.code.data or self.name.data or self.name_en.data)


class MovingForm(RowForm):
    what = SelectField(lazy("Lĩnh vực, nhiệm vụ"), [InputRequired(lazy("Hãy chọn lĩnh vực hoặc nhiệm vụ"))])
    unit = SelectField(lazy("Chuyển về"), [InputRequired(lazy("Hãy chọn đơn vị nhận"))])


class Group:
    """A part of the form as a place for what is wrong with it as a whole, in the shape of a field."""

    description = ""

    def __init__(self, name: str) -> None:
        self.id, self.errors = name, list[str]()


class PlanFields:
    """Everything the form asks for. `text` is the plan once `is_good`."""

    def __init__(self, desk: Desk, look: Reading) -> None:
        self.desk, self.sent = desk, request.form if request.method == "POST" else None
        self.today = desk.rules.calendar.local_day(look.now)
        self.decision = DecisionForm(self.sent, prefix="decision-")
        self.closing, self.moving = Group("close"), Group("move")
        self.openings = self._rows("open", OpeningForm)
        inside, outside = self._units(), [*desk.bodies()]
        self.closings = {code: self._closing(code, name, inside, outside) for code, name in inside}
        topics = [(f"topics:{code}", name) for code, name in desk.topics_now(look.now)]
        roles = [(f"roles:{code}", name) for code, name in self._roles()]
        self.moves = self._rows("move", MovingForm)
        for one in self.moves:
            one.what.choices = {"": [("", "—")], gettext("Lĩnh vực"): topics, gettext("Nhiệm vụ"): roles}
            one.unit.choices = self._choices(inside, outside)
        self.people = self._rows("people", MovingForm)
        staff = [(one.login, f"{one.name} · {desk.unit(one.unit)}") for one in auth.list_people(look) if one.unit]
        for one in self.people:
            one.what.label.text, one.what.choices = gettext("Tài khoản"), [("", "—"), *staff]
            one.unit.choices = self._choices(inside)

    # ---- the rows

    def _rows(self, name: str, form: type[Row]) -> list[Row]:
        numbers = (re.match(rf"{name}-(\d{{1,3}})-", key) for key in self.sent or ())
        shown = max((int(found[1]) + 1 for found in numbers if found), default=FEWEST)
        rows = [form(self.sent, prefix=f"{name}-{number}-") for number in range(min(shown, MOST))]
        used = max((number for number, one in enumerate(rows, 1) if one.is_used), default=0)
        more = range(len(rows), min(max(FEWEST, used + SPARE), MOST))
        return [*rows, *(form(self.sent, prefix=f"{name}-{number}-") for number in more)]

    def _closing(self, code: str, name: str, inside: Sequence[Any], outside: Sequence[Any]) -> ClosingForm:
        form = ClosingForm(self.sent, prefix=f"close-{code}-")
        form.closes.label.text = name
        form.successor.choices = self._choices([one for one in inside if one[0] != code], outside)
        return form

    def _units(self) -> list[tuple[str, str]]:
        """Those that work now or will."""
        units = self.desk.rules.catalogue.units
        return [(unit.code, self.desk.unit(unit.code)) for unit in units if (unit.valid_to or self.today) >= self.today]

    def _roles(self) -> Iterator[tuple[str, str]]:
        return ((row.role, row.name) for row in self.desk.rules.catalogue.roles if holds(row, self.today))

    def _choices(self, inside: Sequence[Any], outside: Sequence[Any] = ()) -> dict[str, Sequence[Any]]:
        new = [
            (f"new-{number}", ": ".join(filter(None, (gettext("Đơn vị mới %(n)s", n=number + 1), one.name.data))))
            for number, one in enumerate(self.openings)
        ]
        groups: dict[str, Sequence[Any]] = {gettext("Đơn vị mới, ghi bên dưới"): new, gettext("Đơn vị của Sở"): inside}
        if outside:
            groups[gettext("Cơ quan ngoài Sở")] = outside
        return {"": [("", gettext("— Chọn đơn vị —"))], **groups}

    # ---- what was sent

    @property
    def forms(self) -> list[RowForm]:
        """All rows, in the order of the page."""
        return [*self.closings.values(), *self.openings, *self.moves, *self.people]

    @property
    def wrong(self) -> list[Any]:
        """The fields to mend, in the order of the page."""
        first = [*self.decision.wrong, *([self.closing] if self.closing.errors else [])]
        rest = [one for form in (*self.closings.values(), *self.openings) for one in form.wrong]
        last = [one for form in (*self.moves, *self.people) for one in form.wrong]
        return [*first, *rest, *([self.moving] if self.moving.errors else []), *last]

    def is_good(self) -> bool:
        """Everything that can be told without knowing the rules; what is wrong is said at its field."""
        used = [form for form in self.forms if form.is_used]
        for form in (self.decision, *used):
            form.validate()
        if not used:
            self.closing.errors.append(gettext("Hãy chọn đơn vị kết thúc, hoặc ghi đơn vị mới hay việc chuyển đi"))
        for field in (field for form in used for field in form if field.short_name in {"successor", "unit"}):
            found = None if field.errors else NEW.fullmatch(field.data)
            if found and not self.openings[int(found[1])].is_used:
                _add(field, gettext("Hãy ghi đơn vị mới %(n)s ở bên dưới", n=int(found[1]) + 1))
        _once([form.code for form in self.openings])
        _once([form.what for form in self.moves])
        _once([form.what for form in self.people])
        return not self.wrong

    @property
    def text(self) -> str:
        """The plan as its file holds it."""
        moved = [(*one.what.data.split(":", 1), self._unit(one.unit.data)) for one in self.moves if one.is_used]
        plan = {
            "source": self.decision.source.data,
            "close": [
                {"unit": code, "successor": self._unit(one.successor.data), "accounts": one.accounts.data}
                for code, one in self.closings.items()
                if one.is_used
            ],
            "open": [one.data for one in self.openings if one.is_used],
            "move": {kind: {code: unit for what, code, unit in moved if what == kind} for kind in ("topics", "roles")},
            "people": {one.what.data: self._unit(one.unit.data) for one in self.people if one.is_used},
        }
        return json.dumps(plan, ensure_ascii=False, indent=2) + "\n"

    def _unit(self, chosen: str) -> str:
        found = NEW.fullmatch(chosen)
        return str(self.openings[int(found[1])].code.data) if found else chosen

    # ---- what the rules say of it

    def say(self, reasons: Iterable[str]) -> None:
        """Why it is refused, each reason at the field that it is about."""
        for reason in reasons:
            if isinstance(reason, Reason):
                _add(self._place_of(reason), self._said(reason))
            else:
                _add(self.closing, gettext("Bộ quy tắc không nhận phương án này: %(why)s", why=reason))
        for group in (self.closing, self.moving):
            group.errors = list(filter(None, ["; ".join(group.errors)]))  # a place shows one message

    def _said(self, reason: Reason) -> str:
        names = dict(reason.about)
        roles = dict(self._roles())
        for key in {"unit", "successor"} & set(names):
            names[key] = self._name_of(names[key])
        if "moved" in names:
            names["moved"] = roles.get(names["moved"]) or self.desk.topic(names["moved"]) or names["moved"]
        if "day" in names:
            names["day"] = day(date.fromisoformat(names["day"]))
        return str(REASONS[reason.code]) % names

    def _name_of(self, code: str) -> str:
        new = (one.name.data for one in self.openings if one.code.data == code)
        return str(next(new, None) or self.desk.unit(code))

    def _place_of(self, reason: Reason) -> Any:
        about = reason.about
        if reason.code == "no_accounts":
            goes_there = [one.successor for one in self._used(self.closings.values()) if one.accounts.data]
            goes_there += [one.unit for one in self._used(self.people)]
            return next((field for field in goes_there if self._unit(field.data) == about["unit"]), self.closing)
        if "opened" in about:
            return next((one.code for one in self.openings if one.code.data == about["opened"]), self.closing)
        if "moved" in about:
            ours = (one.what for one in self._used(self.moves) if one.what.data.partition(":")[2] == about["moved"])
            return next(ours, self.moving)
        return self.closings[about["unit"]].successor if about["unit"] in self.closings else self.closing

    @staticmethod
    def _used(forms: Collection[Any]) -> list[Any]:
        return [form for form in forms if form.is_used]


def _add(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]


def _once(fields: Iterable[Any]) -> None:
    """What is named in two rows is wrong in the second."""
    seen = set()
    for field in fields:
        if field.data and field.data in seen:
            _add(field, gettext("Đã có ở một dòng trên"))
        seen.add(field.data)
