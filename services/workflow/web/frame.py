"""What all pages of the desk share: places to go with their counts, names of things, the commands of the palette."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import render_template, url_for

from services.workflow import store
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import UnknownWord, holds
from services.workflow.web import words
from shared import auth
from shared.auth import Person
from shared.db import Database, Reading
from shared.web import WebApp, current_language, gettext

STAFF = ("officer", "head", "office", "director")
"""Who works on cases. Auditors read the log elsewhere; admins manage people."""

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
        unread = store.count_unread(tx, me) if views else 0
        nav = self._nav(me, views, counts | {"mentions": unread}, here)
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

    def _nav(self, me: Person, views: tuple[str, ...], counts: Mapping[str, int], here: str) -> list[Any]:
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
            unread = counts["mentions"]
            items.append((gettext("Nhắc đến tôi"), url_for("mentions"), unread, unread > 0, here == "mentions"))
            groups.append((gettext("Khung nhìn"), items))
            done = (words.VIEWS["done"], url_for("queue", view="done"), None, False, here == "done")
            groups.append((gettext("Đã xong"), [done]))
        if me.role == "admin":
            groups.append(
                (gettext("Quản trị"), [(gettext("Người dùng"), url_for("people"), None, False, here == "people")])
            )
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
