"""What all pages of the desk share: places to go with their counts, names of things, the commands of the palette."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g, render_template, url_for

from services.workflow import store
from services.workflow.actions.book import ROLES as BOOKKEEPERS
from services.workflow.domain.permission import MAY_CONFIGURE
from services.workflow.domain.remedy import OVERSEERS
from services.workflow.domain.rules import Book, Rules
from services.workflow.domain.vocabulary import UnknownWord, holds
from services.workflow.web import words
from services.workflow.web.filters import read_filters
from shared import auth
from shared.auth import Person
from shared.db import Database, Reading
from shared.web import WebApp, current_language, gettext, lazy
from shared.web.i18n import num

STAFF = ("officer", "head", "office", "director")
"""Who works on cases. Auditors read the log elsewhere; admins manage people."""

REVIEWERS = ("head", "director", "auditor")
"""Who may be told that somebody opened an identity, and looks at why."""
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
    "aside": "r",
}
DESKS = {"head": "head_desk", "office": "office_desk", "director": "director_desk"}
"""The page on which a role begins its day, where that is no list."""


@dataclass(frozen=True)
class ListLink:
    """A list to go to."""

    key: str  # of the view, or the id of a saved one
    name: str
    address: str
    count: int


@dataclass(frozen=True)
class ListLinks:
    views: Sequence[ListLink]
    own: Sequence[ListLink]
    late: int  # of one's own work

    def all(self) -> Iterator[tuple[str, str, int]]:
        for place in (*self.views, *self.own):
            yield place.key, place.address, place.count


PLACES: tuple[tuple[Any, tuple[tuple[str, Any, Collection[str]], ...]], ...] = (  # beyond the lists, by role
    (
        lazy("Cần xem"),
        (("mentions", lazy("Nhắc đến tôi"), STAFF), ("promises", lazy("Lời hẹn, xin xem lại"), STAFF)),
    ),
    (lazy("Đơn vị"), (("own_unit", lazy("Phân công của đơn vị"), {"head"}),)),
    (
        lazy("Giám sát"),
        (
            ("figures", lazy("Số liệu tháng"), STAFF),
            ("repeats", lazy("Điều lặp lại"), {"head", *OVERSEERS}),
            ("remedies", lazy("Khắc phục"), STAFF),
            ("checks", lazy("Kiểm tra việc xử lý"), OVERSEERS),
            ("book", lazy("Sổ tiếp nhận"), BOOKKEEPERS),
            ("identities", lazy("Mở danh tính"), REVIEWERS),
        ),
    ),
    (
        lazy("Công khai và tham gia"),
        (
            ("consultations", lazy("Lấy ý kiến dự thảo"), STAFF),
            ("publications", lazy("Sổ công khai"), STAFF),
            ("summaries", lazy("Công bố hồ sơ"), STAFF),
            ("dialogues", lazy("Tiếp công dân, đối thoại"), STAFF),
            ("surveys", lazy("Đợt khảo sát"), STAFF),
            ("procedures", lazy("Thủ tục hành chính"), STAFF),
            ("dossiers", lazy("Đơn giản hoá thủ tục"), STAFF),
        ),
    ),
    (lazy("Công cụ"), (("counter", lazy("Tại quầy"), STAFF), ("tokens", lazy("Mã truy cập"), {*STAFF, "admin"}))),
    (
        lazy("Quản trị"),
        (
            ("config", lazy("Sổ quy tắc"), MAY_CONFIGURE["read"]),
            ("people", lazy("Người dùng"), {"admin"}),
            ("partners", lazy("Đối tác"), {"admin"}),
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
    book: Book

    @property
    def rules(self) -> Rules:
        """The rules in force, the same ones during a whole request."""
        if "rules" not in g:
            with self.database.reading() as look:
                g.rules = self.book.in_force(look)
        return g.rules  # type: ignore[no-any-return]

    def views_of(self, person: Person) -> tuple[str, ...]:
        """The saved views that make sense for a role."""
        if person.role in {"office", "director"}:
            return ("triage", "soon", "unassigned", "waiting", "approve", "all", "aside")
        if person.role == "head":
            return ("unit", "soon", "triage", "unassigned", "waiting", "approve", "mine", "support")
        return ("mine", "unit", "soon", "unassigned", "waiting", "support")

    def soon_at(self, now: datetime) -> datetime:
        """The instant before which a due day counts as near."""
        calendar = self.rules.calendar
        return calendar.end_of_day(calendar.add_working_days(calendar.local_day(now), SOON_DAYS))

    def glance(self, now: datetime) -> store.Glance:
        return glance(self.rules, now, soon_at=self.soon_at(now))

    def links(self, tx: Reading, me: Person) -> ListLinks:
        """The lists to which this person may go, with how much waits there."""
        if me.role not in STAFF:
            return ListLinks((), (), 0)
        calendar, views = self.rules.calendar, self.views_of(me)
        mine = store.saved_views_of(tx, me.person)
        own = {str(saved.id): (view_of(saved), saved.query) for saved in mine}
        narrowed = {
            key: (view, read_filters(calendar, query, view=view, at=self.glance(tx.now)).filters)
            for key, (view, query) in own.items()
        }
        counts = store.count_views(tx, me, views, soon_at=self.soon_at(tx.now), more=narrowed)
        return ListLinks(
            tuple(ListLink(view, str(words.VIEWS[view]), url_for("queue", view=view), counts[view]) for view in views),
            tuple(ListLink(str(one.id), one.name, address_of(one), counts[str(one.id)]) for one in mine),
            counts["late"],
        )

    def page(
        self,
        tx: Reading,
        template: str,
        *,
        here: str = "",
        status: int = 200,
        links: ListLinks | None = None,
        **context: Any,
    ) -> tuple[str, int]:
        """A page within the frame, with the counts of the places to go."""
        me = auth.me()
        links = links or self.links(tx, me)
        commands = [
            (gettext("Đi tới: %(view)s", view=place.name), place.address, f"G {GO[place.key].upper()}")
            for place in links.views
        ]
        commands += [(gettext("Đi tới: %(view)s", view=place.name), place.address, "") for place in links.own]
        page = render_template(
            template,
            nav=_nav(me, links, here, self._waiting(tx, me)),
            commands=commands,
            desk=self,
            words=words,
            here=here,
            go=GO,
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
        if me.role == "head":
            waiting["surveys"] = store.count_to_sign(tx, me.unit)
        if me.role in STAFF:
            waiting["summaries"] = store.count_outdated(tx, me)
        if me.role == "admin":
            waiting["partners"] = store.count_paused_webhooks(tx)
        if me.role in DECIDES:
            waiting["promises"] = store.count_wishes(tx, me) + store.count_follow_ups(tx, me)
        if me.role in REVIEWERS:
            waiting["identities"] = store.count_reviews(tx, me.person, me.unit)
        return waiting

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

    @property
    def _topics(self) -> Mapping[str, Any]:
        return self.rules.catalogue.topics_by_code

    @property
    def _wards(self) -> Mapping[str, Any]:
        return self.rules.catalogue.wards_by_code

    def topics_now(self, now: datetime) -> list[tuple[str, str]]:
        day = self.rules.calendar.local_day(now)
        return [(topic.code, f"{topic.code} {self._name(topic)}") for topic in self.rules.catalogue.topics_on(day)]

    def units_now(self, now: datetime) -> list[tuple[str, str]]:
        day = self.rules.calendar.local_day(now)
        return [(unit.code, self._name(unit)) for unit in self.rules.catalogue.units if holds(unit, day)]

    def wards(self) -> list[tuple[str, str]]:
        return [(ward.code, self.ward(ward.code)) for ward in self.rules.catalogue.wards]

    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.id, self._name(kind)) for kind in self.rules.catalogue.kinds if kind.id != "spam"]

    def bodies(self) -> list[tuple[str, str]]:
        return [(body.code, self._name(body)) for body in self.rules.catalogue.external]

    def needs(self) -> Callable[..., Any]:
        """The guard of a view for those who work on cases."""
        return auth.needs(*STAFF)


def _nav(
    me: Person, links: ListLinks, here: str, waiting: Mapping[str, int]
) -> list[tuple[str, list[tuple[Any, ...]]]]:
    def shown(place: ListLink) -> tuple[Any, ...]:
        is_hot = place.key == "soon" and place.count > 0
        return (place.name, place.address, counted(place.count), is_hot, place.key == here)

    def link(name: Any, endpoint: str, key: str, **more: Any) -> tuple[Any, ...]:
        return (name, url_for(endpoint, **more), None, False, key == here)

    groups: list[tuple[str, list[tuple[Any, ...]]]] = []
    if me.role in DESKS:
        groups.append(("", [link(words.DESKS[me.role], DESKS[me.role], DESKS[me.role])]))
    if me.role in STAFF:
        groups.append((gettext("Khung nhìn"), [shown(place) for place in links.views]))
        if links.own:
            manage = link(gettext("Sắp xếp, đổi tên…"), "views", "views")
            groups.append((gettext("Khung nhìn của tôi"), [*map(shown, links.own), manage]))
        groups.append((gettext("Đã xong"), [link(words.VIEWS["done"], "queue", "done", view="done")]))
    for heading, places in PLACES:
        found = [
            (said, url_for(place), counted(waiting[place]) if waiting.get(place) else None, True, place == here)
            for place, said, roles in places
            if me.role in roles
        ]
        if found:
            groups.append((str(heading), found))
    return groups


def glance(rules: Rules, now: datetime, *, soon_at: datetime) -> store.Glance:
    """The instants by which the desks measure: near, late, and so late that the director was told."""
    calendar, day = rules.calendar, rules.calendar.local_day(now)
    for _ in range(min((step.working_days for step in rules.catalogue.ladder.after_due), default=0)):
        day = calendar.roll(day - timedelta(days=1), "backward")
    return store.Glance(now=now, soon_at=soon_at, escalated_at=calendar.end_of_day(day))


def counted(count: int) -> str:
    """A count as a place to go shows it: nobody works through a thousand, so nobody counts further."""
    return f"{num(store.COUNTED - 1)}+" if count >= store.COUNTED else num(count)


def view_of(saved: store.SavedView) -> str:
    view = saved.query.get("view", "")
    return view if view in store.VIEWS else "all"


def address_of(saved: store.SavedView) -> str:
    query: dict[str, Any] = {**saved.query}
    return url_for("queue", saved=saved.id, **query)
