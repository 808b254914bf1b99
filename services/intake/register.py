"""The public register at the door: what the desk published, where it stands since, and who follows it."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.intake import store
from services.intake.domain.code import new_code
from services.intake.domain.register import (
    LOCAL,
    Follower,
    FollowRefused,
    PublicCase,
    PublicPhoto,
    once_each,
    position_of,
)
from services.intake.domain.secret import digits_check, hashed, house_key, link_token, pin_of
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.intake import FollowerTold, PetitionFollowed
from shared.events.workflow import CaseAnswered, CasePublished, CaseReopened, CaseUnpublished
from shared.inbox import Heard, Together

ADDRESS_KEPT = timedelta(days=14)
"""How long the postman keeps the address of a follower after the last news."""

Moved = tuple[dict[str, Any], str | None]
"""What became known of a public case, and the news of it for who follows; None: none."""


class NoCodeLeft(Exception):
    """Again and again a fresh code was taken: the random numbers of this machine are not random."""


# ---- what the desk told


def show_case(tx: Transaction, heard: CasePublished) -> None:
    """Everybody may read it. What was erased before we heard of it is not shown."""
    if not (heard.title.is_open and heard.text.is_open):
        return
    before = store.public_case_of(tx, heard.case_id)
    here = position_of(_told(heard.position))
    store.keep_public_case(
        tx,
        PublicCase(
            case_id=heard.case_id,
            petition_id=heard.petition_id,
            number=heard.number,
            version=heard.version,
            topic=heard.topic,
            ward=heard.ward,
            unit=heard.unit,
            received_on=heard.received_on,
            due_on=heard.due_on,
            answered_on=heard.answered_on,
            is_on_time=heard.is_on_time,
            is_open=heard.answered_on is None if heard.is_open is None else heard.is_open,
            title=heard.title.value,
            text=heard.text.value,
            answer=_told(heard.answer),
            late_reason=_told(heard.late_reason),
            place=_told(heard.place),
            lat=here[0] if here else None,
            lng=here[1] if here else None,
            photos=tuple(PublicPhoto(one.id, one.shows) for one in _told(heard.photos) or ()),
            published_at=before.published_at if before and before.reason is None else _time(tx),
            updated_at=_time(tx),
        ),
    )
    public = store.public_case_of(tx, heard.case_id)
    if public is not None and store.is_heir(tx, heard.case_id):
        _count_followers(tx, public)


def take_down_case(tx: Transaction, heard: CaseUnpublished) -> None:
    """What it said goes; that it was there, and why it is not, stays. Who followed it follows the cases that go on with
    its matter, by the same code and link; without any, nobody follows it any more."""
    before = store.public_case_of(tx, heard.case_id)
    moving = store.followers_of(tx, heard.case_id)
    store.empty_public_case(tx, heard.case_id, reason=heard.reason, at=_time(tx))
    if not heard.heirs:
        store.let_followers_go(tx, heard.case_id)
        return
    heirs = store.last_heirs(tx, heard.case_id, heard.heirs)
    told = {each: store.followers_of(tx, each) for each in heirs}
    store.keep_heirs(tx, heard.case_id, heirs)
    for one in store.public_heirs(tx, heard.case_id):
        _count_followers(tx, one)
        if before is not None and one.is_open and one.due_on not in {None, before.due_on}:
            new = once_each([*told[one.case_id], *moving])[len(told[one.case_id]) :]
            _tell_all(tx, new, one, news="redated", due_on=one.due_on)


def unlinked(note: Together) -> Together:
    """A case follows another one no longer: nor do those who followed it in public."""
    moved = then(note, let_go)

    def react(tx: Transaction, heard: Sequence[Heard]) -> None:
        for one in heard:
            before = store.public_heirs(tx, one.event.case_id)
            store.forget_heirs(tx, one.event.case_id)
            for each in before:
                _count_followers(tx, each)
        moved.react(tx, heard)

    return Together(react)


def then(note: Together, moved: Callable[[Any, datetime], Moved]) -> Together:
    """A reaction that first notes what the petitioner may know, and then moves what is public of the same cases."""

    def react(tx: Transaction, heard: Sequence[Heard]) -> None:
        note.react(tx, heard)
        public = store.public_among(tx, [one.event.case_id for one in heard])
        for one in (one for one in heard if one.event.case_id in public):
            known, news = moved(one.event, one.cause.time)
            if known:
                store.move_public_case(tx, one.event.case_id, **known, updated_at=one.cause.time)
            if news is not None:
                tell_followers(tx, one.event.case_id, news=news, due_on=known.get("due_on"))

    return Together(react)


def answered(heard: CaseAnswered, at: datetime) -> Moved:
    """What was public of a result was written before this one: it is shown no more until it is written anew."""
    moved = {"is_open": False, "answered_on": local_day(at), "is_on_time": heard.is_on_time, "answer": None}
    return moved, "answered"


def reopened(heard: CaseReopened, at: datetime) -> Moved:
    moved = {"is_open": True, "answered_on": None, "is_on_time": None, "due_on": heard.answer_due_on}
    return moved, "redated" if heard.answer_due_on else None


def redated(heard: Any, at: datetime) -> Moved:
    return {"due_on": heard.due_on}, "redated"


def recounted(heard: Any, at: datetime) -> Moved:
    return ({"due_on": heard.due_on}, "redated" if heard.is_later else None) if heard.is_announced else ({}, None)


def let_go(heard: Any, at: datetime) -> Moved:
    """It stands by itself again."""
    return {"is_open": True, "due_on": heard.answer_due_on}, "redated" if heard.answer_due_on else None


def over(heard: Any, at: datetime) -> Moved:
    return {"is_open": False}, None


def tell_followers(tx: Transaction, case_id: UUID, *, news: str, due_on: date | None) -> None:
    """Tell everybody who follows a public case and left an address."""
    case = store.public_case_of(tx, case_id)
    if case is not None:
        _tell_all(tx, store.followers_of(tx, case_id), case, news=news, due_on=due_on)


def _tell_all(
    tx: Transaction, followers: Iterable[Follower], case: PublicCase, *, news: str, due_on: date | None
) -> None:
    key = house_key(tx.codec.keys.sign)
    for one in followers:
        _tell(tx, one, title=case.title, key=key, news=news, due_on=due_on)


def _count_followers(tx: Transaction, case: PublicCase) -> None:
    count = store.count_followers(tx, case.case_id)
    tx.emit(PetitionFollowed(petition_id=case.petition_id, case_id=case.case_id, followers=count))


# ---- following


def follow_case(
    tx: Transaction, case: PublicCase, *, once: str, key: bytes, language: str, email: str | None, mobile: str | None
) -> tuple[Follower, str]:
    """Follow a public case with a code of one's own; gives the secret of the link too. Asked twice with the same
    `once`, once. An address that follows this case already is told once: a second code comes without it.

    Raises FollowRefused when it is not open any more.
    """
    before = store.follower_by_once(tx, once)
    token = token_of(key, once)
    if before is not None:
        return before, token
    if not case.is_open or case.reason is not None:
        raise FollowRefused
    if any(store.is_following(tx, case.case_id, **one) for one in ({"email": email}, {"mobile": mobile})):
        email = mobile = None
    given: dict[str, Any] = {"language": language, "email": email, "mobile": mobile}
    new, is_new = _with_code(tx, case, once=once, token=token, key=key, **given)
    if not is_new:
        return new, token
    _count_followers(tx, case)
    _tell(tx, new, title=case.title, key=key, news="begun", due_on=case.due_on)
    return new, token


def _with_code(
    tx: Transaction, case: PublicCase, *, once: str, token: str, key: bytes, **given: Any
) -> tuple[Follower, bool]:
    """The follower, kept under a code that nobody has, and whether they are new: the button may have been pressed twice
    at once. Raises NoCodeLeft."""
    for _ in range(5):
        code = new_code(secrets.choice)
        if store.petition_by_code(tx, code) is not None:
            continue
        new = Follower(
            id=uuid4(),
            case_id=case.case_id,
            once=once,
            code=code,
            token_hash=hashed(token),
            digits_check=digits_check(key, code, pin_of(token)),
            since=tx.now,
            **given,
        )
        if store.add_follower(tx, new, petition_id=case.petition_id):
            return new, True
        before = store.follower_by_once(tx, once)
        if before is not None:
            return before, False
    raise NoCodeLeft


def stop_following(tx: Transaction, token: str) -> Follower | None:
    """Follow no longer: the address goes at once, of everything that would tell it of the same matter. None when the
    link opens nothing."""
    found = store.follower_by_token(tx, hashed(token))
    case = store.public_case_of(tx, found.case_id) if found else None
    if found is None or case is None:
        return None
    concerned = _with_heirs(tx, case)
    if store.drop_follower(tx, found.id, petition_id=case.petition_id):
        for one in store.followers_told_at(tx, [*concerned], email=found.email, mobile=found.mobile):
            theirs = store.public_case_of(tx, one.case_id)
            if theirs is not None and store.drop_follower(tx, one.id, petition_id=theirs.petition_id):
                concerned |= _with_heirs(tx, theirs)
        for each in concerned.values():
            _count_followers(tx, each)
    return replace(found, left_at=found.left_at or tx.now, email=None, mobile=None)


def _with_heirs(tx: Reading, case: PublicCase) -> dict[UUID, PublicCase]:
    return {one.case_id: one for one in (case, *store.public_heirs(tx, case.case_id))}


def follower_opened(tx: Reading, *, code: str, digits: str, key: bytes) -> str | None:
    """The secret of the link of who shows the code and PIN of a follower; None when they open none."""
    found = store.follower_by_code(tx, code)
    if found is None or digits_check(key, code, digits) != found.digits_check:
        return None
    return token_of(key, found.once)


def token_of(key: bytes, once: str) -> str:
    return link_token(key, f"follow:{once}")


def _tell(tx: Transaction, one: Follower, *, title: str, key: bytes, news: str, due_on: date | None) -> None:
    if one.email is None and one.mobile is None:
        return
    tx.emit(
        FollowerTold(
            follower_id=one.id,
            news=news,
            language=one.language,
            due_on=due_on,
            forgotten_after=local_day(tx.now) + ADDRESS_KEPT,
            title=Sealed(title),
            code=Sealed(one.code),
            email=Sealed(one.email),
            mobile=Sealed(one.mobile),
            link_token=Sealed(token_of(key, one.once)),
        )
    )


def _told(sealed: Sealed[Any]) -> Any:
    return sealed.value if sealed.is_open else None


def local_day(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def _time(tx: Transaction) -> datetime:
    return tx.cause.time if tx.cause is not None else tx.now
