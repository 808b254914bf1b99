"""What people and programs see and do at an address, beside the steps of a case: three tables for screens and API.

What the screens have at `/desk/unit/duties`, programs have at `/desk/api/v1/unit/duties`: the same roles, fields,
action and words. A page adds its frame and its forms; the API says the same in JSON.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from flask import Response, flash, request

from services.workflow.steps import Incomplete
from services.workflow.web import words
from services.workflow.web.asks import Asks
from services.workflow.web.frame import STAFF, Desk
from shared import auth

Facts = dict[str, Any]
See = Callable[..., Facts]
Give = Callable[..., Response]
Wrong = Mapping[tuple[str, str], Any]


@dataclass(frozen=True)
class Look:
    """Something to look at: `see(desk, look, **at)` tells the facts that the page shows."""

    see: See
    roles: Collection[str]
    gives: tuple[str, ...]  # the names of the facts
    query: tuple[str, ...]  # what may narrow it, in the address
    tells: Callable[..., Any] | None  # the action that tells of the reading, before anything is shown

    def __call__(self, desk: Desk, **at: Any) -> Facts:
        """The facts, for who asks; told before they are shown. Raises what is refused."""
        with desk.database.reading() as look:
            facts = self.see(desk, look, **at)
        if self.tells is not None:
            known = signature(self.tells).parameters
            with desk.database.writing() as tx:
                self.tells(tx, person=auth.me(), **{name: one for name, one in at.items() if name in known})
        return facts


@dataclass(frozen=True)
class Act:
    """Something to do: an action with its fields, and what is said when it is done."""

    asks: Asks
    roles: Collection[str]
    done: Any
    query: tuple[str, ...]  # what is named in the address
    wrong: Wrong  # what is said of a field, where the words are not those of the steps
    upload: str  # the field in which files are sent; empty when none are
    most_bytes: int | None  # of a request with files

    def __call__(self, desk: Desk, tx: Any = None, **at: Any) -> Any:
        """Do it, in a transaction of its own where none is given."""
        if self.upload:
            request.max_content_length = self.most_bytes
        if tx is not None or not self.asks.is_in_one:
            return self.asks(tx, desk, {"person": auth.me()} | at)
        with desk.database.writing() as own:
            return self.asks(own, desk, {"person": auth.me()} | at)

    def said_of(self, refusal: Incomplete) -> str:
        """What is wrong with a field, in words."""
        field, code = refusal.field, refusal.code
        return str(self.wrong.get((field, code)) or self.wrong.get((field, "missing")) or words.incomplete(field, code))

    def and_say(self, desk: Desk, **at: Any) -> Any:
        """Do it, and say on the next page that it is done."""
        result = self(desk, **at)
        flash(str(self.done))
        return result


@dataclass(frozen=True)
class Paper:
    """Something that is no JSON: a file, a letter, a table. `give(desk, **at)` answers pages and programs alike."""

    give: Give
    roles: Collection[str]
    media_type: str
    query: tuple[str, ...]
    fields: tuple[str, ...]  # of what is sent, where it is made of words that are typed
    methods: tuple[str, ...]
    is_shown: bool  # on the screens by itself; else a page of its own shows it

    @property
    def asks(self) -> Asks:
        return Asks(self.give, self.fields)


LOOKS: dict[str, Look] = {}
ACTS: dict[str, Act] = {}
PAPERS: dict[str, Paper] = {}
ROOMS: dict[str, int] = {}
"""Bytes of a request, at addresses that take files beside a step of a case."""


def sees(
    address: str,
    *gives: str,
    roles: Collection[str] = STAFF,
    query: tuple[str, ...] = (),
    tells: Callable[..., Any] | None = None,
) -> Callable[[See], See]:
    """Say what is to be seen at this address. The first line of the docstring describes it to programs."""

    def keep(see: See) -> See:
        LOOKS[address] = Look(see, roles, gives, query, tells)
        return see

    return keep


def does(
    address: str,
    action: Callable[..., Any],
    *fields: str,
    done: Any,
    roles: Collection[str] = STAFF,
    query: tuple[str, ...] = (),
    wrong: Wrong | None = None,
    upload: str = "",
    most_bytes: int | None = None,
) -> Act:
    """Say what may be done at this address: what is called, and the fields that are asked for."""
    ACTS[address] = Act(Asks(action, fields), roles, done, query, wrong or {}, upload, most_bytes)
    return ACTS[address]


def gives(
    address: str,
    media_type: str,
    *,
    roles: Collection[str] = STAFF,
    query: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
    methods: tuple[str, ...] = ("GET",),
    is_shown: bool = True,
) -> Callable[[Give], Give]:
    """Say which paper is given at this address."""

    def keep(give: Give) -> Give:
        PAPERS[address] = Paper(give, roles, media_type, query, fields, methods, is_shown)
        return give

    return keep


def serve(desk: Desk) -> None:
    """The papers on the screens: their addresses have no page. And room for the files that forms bring."""
    of_acts = {address: act.most_bytes for address, act in ACTS.items() if act.most_bytes}
    rooms = {f"/desk/{address}": most_bytes for address, most_bytes in (of_acts | ROOMS).items()}

    @desk.app.url_value_preprocessor
    def make_room(_endpoint: str | None, _at: dict[str, Any] | None) -> None:
        """Before the token of the form is looked for, which reads the whole form."""
        if request.url_rule is not None and request.url_rule.rule in rooms:
            request.max_content_length = rooms[request.url_rule.rule]

    for address, paper in PAPERS.items():
        if not paper.is_shown:
            continue
        desk.app.add_url_rule(
            f"/desk/{address}", view_func=handing(desk, paper), endpoint=paper.give.__name__, methods=[*paper.methods]
        )


def handing(desk: Desk, paper: Paper) -> Callable[..., Any]:
    """The view of a paper, for its roles."""

    @auth.needs(*paper.roles)
    def given(**at: Any) -> Response:
        return paper.give(desk, **at)

    return given
