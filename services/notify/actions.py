"""What the postman's loops ask for: take what is due, note what came of it, ask about what is unclear; erase."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.notify import store
from services.notify.domain.letter import (
    FOLLOWER_PATH,
    GUEST_PATH,
    LIST_PATH,
    NEWS,
    RATINGS,
    CannotWrite,
    Letters,
    Office,
    Rendered,
    clean,
    unsubscribe_mark,
)
from services.notify.domain.notice import (
    FINAL,
    FOLLOWER,
    GUEST,
    LOCAL,
    OUTSIDER,
    PETITIONER,
    STAFF,
    Contact,
    Notice,
    Petition,
    QuietHours,
    notice_id,
    without_excluded,
)
from services.notify.domain.outcome import Breaker, Outcome, Prepared, Result
from services.notify.domain.rule import Rules
from shared.db import Cause, Transaction
from shared.events.notify import NoticeAccepted, NoticeFailed, NoticeSuppressed

Pack = Callable[[Notice, Rendered, str], Prepared]
"""Makes the bytes of a notice for an address. Raises CannotWrite."""


@dataclass(frozen=True)
class Desk:
    """What is needed to put a notice into words."""

    rules: Rules
    letters: Letters
    office: Office
    public_url: str

    def write(self, notice: Notice, petition: Petition, contact: Contact) -> Rendered:
        """The words of a notice; about a discreet petition only that there is news. Raises CannotWrite."""
        purpose, version, facts = notice.purpose, notice.version, dict(notice.facts)
        language = contact.language if notice.audience != STAFF else "vi"
        rule = self.rules.named(notice.rule)
        if petition.is_discreet and notice.audience in NEWS and not (rule and rule.is_neutral):
            purpose, facts = NEWS[notice.audience], {}
            version = self.letters.version_on(purpose, notice.channel, notice.created_at.astimezone(LOCAL).date())
        facts |= self.office.facts(language if language in ("vi", "en") else "vi")
        if notice.audience == STAFF:
            facts |= self._of_desk(notice, petition)
        elif notice.audience == OUTSIDER:
            facts |= self._of_outsider(contact, language)
        elif notice.audience == GUEST:
            facts |= self._of_guest(contact, language)
        elif notice.audience == FOLLOWER:
            facts["following_link"] = f"{self.public_url}{FOLLOWER_PATH}{contact.link_token}"
        else:
            facts |= self._of_person(notice, petition, contact, language)
        written = self.letters.write(
            purpose=purpose,
            channel=notice.channel,
            language=language,
            version=version,
            audience=notice.audience,
            facts=facts,
        )
        is_optional = rule is not None and rule.optional is not None
        return replace(written, unsubscribe=facts["stop_link"]) if is_optional and facts.get("stop_link") else written

    def _of_person(self, notice: Notice, petition: Petition, contact: Contact, language: str) -> dict[str, str]:
        link = f"{self.public_url}/t/{contact.link_token}" if contact.link_token else f"{self.public_url}/theo-doi"
        name = "" if petition.is_discreet else clean(contact.name or "").replace("\n", " ")
        if language == "en":
            greeting = f"Dear {name}" if name else "Dear Sir or Madam"
        else:
            greeting = f"Kính gửi Ông/Bà {name}".rstrip()
        survey_link = f"{self.public_url}/k/{notice.facts.get('token', '')}"
        rule = self.rules.named(notice.rule)
        return {
            "verify_link": f"{self.public_url}/xac-minh/{notice.facts.get('token', '')}",
            "verify_code": notice.facts.get("token", ""),
            "stop_link": self._stop_link(notice, contact, rule.optional if rule else None),
            "survey_link": survey_link,
            "survey_stop_link": f"{survey_link}/thoi",
            "code": contact.code or petition.public_code or "",
            "follow_link": link,
            **self._ratings(notice, f"{link}/danh-gia"),
            "greeting": greeting,
        }

    def _ratings(self, notice: Notice, link: str) -> dict[str, str]:
        """Where the answer is judged, if it is asked for: the page records nothing before its button is pressed."""
        if notice.facts.get("is_rated") != "yes":
            return dict.fromkeys(("rate_link", *RATINGS), "")
        return {"rate_link": link} | {name: f"{link}?diem={level}" for name, level in RATINGS.items()}

    def _stop_link(self, notice: Notice, contact: Contact, sort: str | None) -> str:
        """Where no more of this sort is asked for; empty where nobody may."""
        if sort is None or not contact.link_token:
            return ""
        mark = unsubscribe_mark(notice.petition_id, contact.link_token)
        return f"{self.public_url}/ngung/{sort}/{notice.petition_id}/{mark}"

    def _of_outsider(self, contact: Contact, language: str) -> dict[str, str]:
        name = clean(contact.name or "").replace("\n", " ")
        return {
            "consult_link": f"{self.public_url}/desk/consult/{contact.link_token}",
            "greeting": f"Dear {name}" if language == "en" else f"Kính gửi {name}",
        }

    def _of_guest(self, contact: Contact, language: str) -> dict[str, str]:
        """Who was named by the desk has no seat at the door to look at, and reads all in the letter."""
        link = f"{self.public_url}{GUEST_PATH}{contact.link_token}" if contact.link_token else ""
        name = clean(contact.name or "").replace("\n", " ")
        return {
            "list_link": f"{self.public_url}{LIST_PATH}{contact.link_token}",
            "dialogue_link": link or f"{self.public_url}/tham-gia",
            "greeting": f"Dear {name}" if language == "en" else f"Kính gửi Ông/Bà {name}",
        }

    def _of_desk(self, notice: Notice, petition: Petition) -> dict[str, str]:
        # Of a discreet petition the code opens the follow page, so staff get the case's own number instead.
        number = notice.case_id or petition.id
        reference = petition.public_code if petition.public_code and not petition.is_discreet else None
        return {
            "case_ref": reference or number.hex[-8:].upper(),
            "desk_link": f"{self.public_url}/desk/" + (f"cases/{notice.case_id}" if notice.case_id else ""),
        }


@dataclass(frozen=True)
class Ready:
    """A notice that may leave, with its bytes."""

    notice: Notice
    prepared: Prepared


def take_due(
    tx: Transaction,
    *,
    desk: Desk,
    channel: str,
    pack: Pack,
    most: int,
    owner: str,
    lease: timedelta,
    is_marked: bool,
) -> tuple[list[Ready], int]:
    """Lease what is due, with its bytes made; also returns how many notices were looked at.

    What must not leave any more ends here. `is_marked`: they are marked as leaving at once, which is right where the
    provider's books can be asked after a crash; else each is marked just before its first byte (`mark_leaving`).
    """
    ready, ended, waiting = [], [], []
    found = store.claim(tx, channel, most)
    for notice, petition, contact in found:
        changed = _guarded(tx, desk, notice, petition, contact)
        if changed is None:
            assert contact is not None
            try:
                ready.append(_prepare(desk, pack, notice, petition, contact, tx.now, is_marked=is_marked))
            except CannotWrite as problem:
                ended.append(notice.unprintable(problem.error_class, str(problem), tx.now))
        elif changed.state in FINAL:
            ended.append(changed)
        else:
            waiting.append(changed)
    store.lease(tx, [r.notice for r in ready], owner=owner, until=tx.now + lease)
    store.save(tx, ended + waiting)
    for notice in ended:
        _tell(tx, notice)
    return ready, len(found)


def _guarded(tx: Transaction, desk: Desk, notice: Notice, petition: Petition, contact: Contact | None) -> Notice | None:
    """What the notice becomes when it must not leave now; None when it may."""
    if tx.now >= notice.valid_until:
        return notice.suppressed("expired", tx.now)
    rule = desk.rules.named(notice.rule)
    if rule is not None and petition.is_over_for(rule.not_after, notice.created_at):
        return notice.suppressed("superseded", tx.now)
    units = {notice.recipient: contact.unit} if contact is not None and contact.unit else {}
    if not without_excluded([notice.recipient], petition.excluded, units):
        return notice.suppressed("about_them", tx.now)
    if rule is not None and contact is not None and rule.optional in contact.declined:
        return notice.suppressed("not_wanted", tx.now)
    if contact is not None and not contact.is_active:
        return notice.suppressed("not_allowed", tx.now)
    at = desk.rules.quiet.earliest(tx.now, channel=notice.channel, lane=notice.lane, valid_until=notice.valid_until)
    if at > tx.now:
        return replace(notice, next_at=at)
    if contact is None or contact.address(notice.channel) is None:
        return notice.waiting_for_contact(tx.now)
    return None


def _prepare(
    desk: Desk,
    pack: Pack,
    notice: Notice,
    petition: Petition,
    contact: Contact,
    now: datetime,
    *,
    is_marked: bool,
) -> Ready:
    address = contact.address(notice.channel)
    assert address is not None
    # The hour on the letter is that of the first attempt, so that a retry has the same bytes.
    dated = replace(notice, prepared_at=notice.prepared_at or now)
    prepared = pack(dated, desk.write(dated, petition, contact), address)
    leased = replace(
        dated,
        state="dispatching" if is_marked else "leased",
        fence=notice.fence + 1,
        prepared_sha256=prepared.sha256,
        units=prepared.units,
    )
    return Ready(leased, prepared)


def mark_leaving(tx: Transaction, notice: Notice, *, owner: str, lease_until: datetime) -> Notice | None:
    """Write down that this notice leaves now, before its first byte does. None: it is not ours any more, so no byte."""
    if not store.mark_leaving(tx, notice, owner=owner, until=lease_until):
        return None
    return replace(notice, state="dispatching")


@dataclass(frozen=True)
class Tried:
    """One attempt: what came of sending this notice, from when to when."""

    notice: Notice
    outcome: Outcome
    started_at: datetime
    ended_at: datetime


def note_outcomes(tx: Transaction, *, desk: Desk, provider: str, tried: Sequence[Tried], is_troubled: bool) -> bool:
    """Write the ledger and tell what ended; who lost his lease writes nothing. Returns whether the provider is unwell.

    `is_troubled`: it was before; when it was not, and is not now, its state is not even read.
    """
    held = store.lock(tx, [t.notice for t in tried])
    valid = [t for t in tried if held.get(t.notice.id) in {(t.notice.fence, "dispatching"), (t.notice.fence, "leased")}]
    after = [t.notice.after(t.outcome, tx.now, desk.rules.quiet) for t in valid]
    store.save(tx, after)
    store.add_attempts(
        tx,
        [
            (notice, t.outcome, t.started_at, t.ended_at)
            for notice, t in zip(after, valid, strict=True)
            if t.outcome.result is not Result.HELD
        ],
        provider=provider,
    )
    for notice in after:
        if notice.state in FINAL:
            _tell(tx, notice)
            if notice.error_class == "recipient":
                _turn_to_another_channel(tx, desk, notice)
    if not is_troubled and all(t.outcome.result is Result.ACCEPTED for t in tried):
        return False
    before = store.breaker_of(tx, provider)
    breaker = before.after([t.outcome for t in tried], tx.now)
    if breaker != before:
        store.save_breaker(tx, provider, breaker)
    return breaker != Breaker()


def _turn_to_another_channel(tx: Transaction, desk: Desk, notice: Notice) -> None:
    """A dead address changes the channel, it does not end the duty to tell."""
    if notice.audience != PETITIONER:
        return
    store.refuse_address(tx, notice.petition_id, notice.channel)
    rule = desk.rules.named(notice.rule)
    usable = store.usable_channels(tx, [notice.petition_id]).get(notice.petition_id, ())
    if rule is None or not usable:
        return
    others = [channel for channel in rule.reaches(usable) if channel != notice.channel]
    day = tx.now.astimezone(LOCAL).date()
    store.add_notices(
        tx,
        [
            replace(
                notice,
                id=notice_id(
                    event_id=notice.event_id,
                    rule=notice.rule,
                    recipient=f"{PETITIONER}:{notice.petition_id}",
                    channel=channel,
                    purpose=notice.purpose,
                ),
                channel=channel,
                version=desk.letters.version_on(notice.purpose, channel, day),
                created_at=tx.now,
                next_at=tx.now,
                state="queued",
                attempt_no=0,
                fence=0,
                prepared_at=None,
                prepared_sha256=None,
                units=1,
                error_class="",
                error_code="",
                final_at=None,
            )
            for channel in others
        ],
    )


def take_stranded(tx: Transaction, *, owner: str | None, most: int = 100) -> tuple[list[Notice], int]:
    """Notices whose fate must be asked for: their worker died while they left, or nobody answered it.

    What was only leased goes back into the line: not a byte of it left. Also returns how many went back.
    """
    stranded = store.stranded(tx, owner=owner, most=most)
    store.save(
        tx,
        [
            replace(n, state="queued" if n.state == "leased" else "unknown", next_at=tx.now, fence=n.fence + 1)
            for n in stranded
        ],
    )
    return store.unclear(tx, most=most), sum(n.state == "leased" for n in stranded)


def note_answers(tx: Transaction, answers: Sequence[tuple[Notice, bool | None]], *, quiet: QuietHours) -> int:
    """Write what the providers' books said of each of these notices. Returns how many counted."""
    held = store.lock(tx, [notice for notice, _ in answers])
    after = []
    for notice, is_taken in answers:
        if held.get(notice.id) != (notice.fence, "unknown"):
            continue
        found = notice.found(is_taken=is_taken, now=tx.now)
        after.append(replace(found, fence=notice.fence + 1) if found.state == "retry" else found)
    store.save(tx, after)
    for notice in after:
        if notice.state in FINAL:
            _tell(tx, notice)
    return len(after)


def stop_waiting(tx: Transaction, *, most: int = 500) -> int:
    """Notices that waited for a contact which never came: there is nobody to tell, so they go."""
    waited = store.waited_out(tx, most=most)
    store.forget(tx, [n.id for n in waited])
    return len(waited)


def erase_person(tx: Transaction, *, petition_id: UUID) -> None:
    """Forget a petitioner. What has not left yet is taken back; the ledger keeps ids and outcomes."""
    taken_back = [
        replace(n.suppressed("not_allowed", tx.now), fence=n.fence + 1)
        for n in store.pending_of(tx, [petition_id])
        if n.audience == PETITIONER
    ]
    store.save(tx, taken_back)
    store.erase_person(tx, petition_id)
    for notice in taken_back:
        _tell(tx, notice)


def _tell(tx: Transaction, notice: Notice) -> None:
    """Say what became of a notice, as a consequence of the event that it was about."""
    because = tx.because(
        Cause(notice.event_id, notice.source, notice.petition_id, notice.created_at, notice.correlation)
    )
    ids: Any = {
        "petition_id": notice.petition_id,
        "notice_id": notice.id,
        "audience": notice.audience,
        "channel": notice.channel,
        "purpose": notice.purpose,
    }
    if notice.state == "accepted":
        because.emit(
            NoticeAccepted(
                **ids,
                template=f"{notice.purpose}@{notice.version}",
                units=notice.units,
                attempts=notice.attempt_no,
                is_possible_duplicate=notice.is_possible_duplicate,
            )
        )
    elif notice.state == "failed":
        because.emit(
            NoticeFailed(
                **ids, error_class=notice.error_class, error_code=notice.error_code, attempts=notice.attempt_no
            )
        )
    else:
        because.emit(NoticeSuppressed(**ids, ground=notice.error_class))
