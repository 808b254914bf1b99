"""What all pages of the desk share: places to go with their counts, names of things, the commands of the palette."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import render_template, url_for

from services.workflow import store
from services.workflow.actions.book import ROLES as BOOKKEEPERS
from services.workflow.domain.remedy import OVERSEERS
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import UnknownWord, holds
from services.workflow.web import words
from shared import auth
from shared.auth import Person
from shared.db import Database, Reading
from shared.web import WebApp, current_language, gettext, lazy

STAFF = ("officer", "head", "office", "director")
"""Who works on cases. Auditors read the log elsewhere; admins manage people."""

DECIDES = ("head", "director")
"""Who decides whether a case is reopened."""

SOON_DAYS = 2  # working days

GO = {
    "mine": "m",
    "unit": "p",
    "soon": "h",
    "unassigned": "u",
    "waiting": "c",
    "approve": "d",
    "triage": "t",
    "all": "a",
    "support": "s",
}


PLACES: tuple[tuple[Any, tuple[tuple[str, Any, Collection[str]], ...]], ...] = (  # beyond the views, by role
    (
        lazy("Cần xem"),
        (("mentions", lazy("Nhắc đến tôi"), STAFF), ("promises", lazy("Lời hẹn, xin xem lại"), STAFF)),
    ),
    (lazy("Đơn vị"), (("own_unit", lazy("Phân công của đơn vị"), {"head"}),)),
    (
        lazy("Giám sát"),
        (
            ("remedies", lazy("Khắc phục"), STAFF),
            ("checks", lazy("Kiểm tra việc xử lý"), OVERSEERS),
            ("book", lazy("Sổ tiếp nhận"), BOOKKEEPERS),
        ),
    ),
    (
        lazy("Quản trị"),
        (
            ("people", lazy("Người dùng"), {"admin"}),
            ("reorganisation", lazy("Sắp xếp tổ chức"), {"admin"}),
            ("corrections", lazy("Gợi ý cải thiện cụm từ"), {"office", "admin"}),
        ),
    ),
)


@dataclass
class Desk:
    """The application with what its pages need."""

    app: WebApp
    database: Database
    rules: Rules

    def views_of(self, person: Person) -> tuple[str, ...]:
        """The saved views that make sense for a role."""
        if person.role in {"office", "director"}:
            return ("triage", "soon", "unassigned", "waiting", "approve", "all")
        if person.role == "head":
            return ("unit", "soon", "triage", "unassigned", "waiting", "approve", "mine", "support")
        return ("mine", "unit", "soon", "unassigned", "waiting", "support")

    def soon_at(self, now: datetime) -> datetime:
        """The instant before which a due day counts as near."""
        calendar = self.rules.calendar
        return calendar.end_of_day(calendar.add_working_days(calendar.local_day(now), SOON_DAYS))

    def page(self, tx: Reading, template: str, *, here: str = "", status: int = 200, **context: Any) -> tuple[str, int]:
        """A page within the frame, with the counts of the places to go."""
        me = auth.me()
        views = self.views_of(me) if me.role in STAFF else ()
        counts = store.count_views(tx, me, views, soon_at=self.soon_at(tx.now)) if views else {"late": 0}
        nav = self._nav(me, views, counts, here, self._waiting(tx, me))
        commands = [
            (gettext("Đi tới: %(view)s", view=words.VIEWS[view]), url_for("queue", view=view), f"G {GO[view].upper()}")
            for view in views
        ]
        page = render_template(
            template,
            nav=nav,
            commands=commands,
            desk=self,
            words=words,
            here=here,
            go=GO,
            counts=counts,
            now=tx.now,
            **context,
        )
        return page, status

    def _waiting(self, tx: Reading, me: Person) -> dict[str, int]:
        """How much waits for this person at the places that say so."""
        waiting = {}
        if me.role == "head":
            waiting["own_unit"] = store.count_left_behind(tx, me, day=self.rules.calendar.local_day(tx.now))
        if me.role in STAFF:
            waiting["mentions"] = store.count_unread(tx, me)
        if me.role in DECIDES:
            waiting["promises"] = store.count_wishes(tx, me)
        return waiting

    def _nav(
        self,
        me: Person,
        views: tuple[str, ...],
        counts: Mapping[str, int],
        here: str,
        waiting: Mapping[str, int],
    ) -> list[Any]:
        groups: list[tuple[str, list[tuple[Any, ...]]]] = []
        if views:
            items: list[tuple[Any, ...]] = [
                (
                    words.VIEWS[view],
                    url_for("queue", view=view),
                    counts[view],
                    view == "soon" and counts[view] > 0,
                    view == here,
                )
                for view in views
            ]
            groups.append((gettext("Khung nhìn"), items))
            done = (words.VIEWS["done"], url_for("queue", view="done"), None, False, here == "done")
            groups.append((gettext("Đã xong"), [done]))
        for heading, places in PLACES:
            found = [
                (said, url_for(place), waiting.get(place) or None, True, place == here)
                for place, said, roles in places
                if me.role in roles
            ]
            if found:
                groups.append((str(heading), found))
        return groups

    # ---- names of things, in the page's language

    def unit(self, code: str | None) -> str:
        if not code:
            return ""
        try:
            return self.rules.catalogue.unit_name(code, current_language())
        except UnknownWord:
            return code

    def topic(self, code: str | None) -> str:
        row = self._topics.get(code or "")
        return "" if row is None else self._name(row)

    def kind(self, code: str | None) -> str:
        row = self.rules.catalogue.kinds_by_id.get(code or "")
        return "" if row is None else self._name(row)

    def ward(self, code: str | None) -> str:
        row = self._wards.get(code or "")
        return "" if row is None else f"{row.type_name} {row.name}"

    def asked_by(self, rule: Mapping[str, Any]) -> str:
        """What a rule of the routing asks for, in words."""
        priority = words.PRIORITIES.get(rule.get("priority") or "")
        said = (self.kind(rule.get("kind")), self.topic(rule.get("topic")), self.ward(rule.get("ward")), priority)
        return ", ".join(str(one) for one in said if one)

    def _name(self, row: Any) -> str:
        return str(row.name if current_language() == "vi" else row.name_en)

    @cached_property
    def _topics(self) -> dict[str, Any]:
        return {topic.code: topic for topic in self.rules.catalogue.topics}

    @cached_property
    def _wards(self) -> dict[str, Any]:
        return {ward.code: ward for ward in self.rules.catalogue.wards}

    def topics_now(self, now: datetime) -> list[tuple[str, str]]:
        day = self.rules.calendar.local_day(now)
        return [(topic.code, f"{topic.code} {self._name(topic)}") for topic in self.rules.catalogue.topics_on(day)]

    def units_now(self, now: datetime) -> list[tuple[str, str]]:
        day = self.rules.calendar.local_day(now)
        return [(unit.code, self._name(unit)) for unit in self.rules.catalogue.units if holds(unit, day)]

    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.id, self._name(kind)) for kind in self.rules.catalogue.kinds if kind.id != "spam"]

    def bodies(self) -> list[tuple[str, str]]:
        return [(body.code, self._name(body)) for body in self.rules.catalogue.external]

    def needs(self) -> Callable[..., Any]:
        """The guard of a view for those who work on cases."""
        return auth.needs(*STAFF)
