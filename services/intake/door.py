"""What pages and programs' entrance hold in their hands: database, configuration, the house's key, and the limits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from flask import current_app, request

from services.intake import files, store
from services.intake.actions import tell_readers
from services.intake.catalogue import Catalogue
from services.intake.domain.consultation import KIND
from services.intake.domain.guidance import Guidances
from services.intake.domain.petition import FILES_AT_MOST, Answered, Kept, Petition, Reader, Wrong, check_petition
from services.intake.domain.procedure import Procedures
from services.intake.domain.questions import PREFIX, read_answers
from services.intake.domain.steps import Late, Way, Ways, late_terms
from services.intake.files import FileRefused
from services.intake.proof import Prover
from services.intake.published import Book
from services.intake.scanner import Scanner, ScannerDown
from services.intake.store import Filed
from services.intake.tiles import Tiles
from shared.db import Database, Reading
from shared.events.base import AUDIENCES, DESK, DOOR
from shared.files import INFECTED, WAITING, end_waiting, read_file, remove_file, store_file, waiting_files
from shared.known_answers import KnownAnswers
from shared.outbox import stored_body
from shared.questions import Question, asked_about
from shared.settings import Settings
from shared.telemetry import log
from shared.web import current_language

FILING_BODY = 48 * 2**20  # bytes: four files of 10 MB, and room to say which one is too large
WORDS_BODY = 2**18  # bytes: a petition without files, every letter of it percent-encoded
UNSIGNED_STAGES = frozenset({"received", "in_triage", "waiting", "assigned"})
UPLOADS_LIVE = timedelta(hours=24)
FOLLOWED_FOR = timedelta(days=60)  # after a public case is over: until then it may be closed late, or opened again
STEPPED = ("complaint", "denunciation")
"""Kinds that citizens file by steps."""


@dataclass(frozen=True)
class Limits:
    """How often one address may do what."""

    filing: str  # in the words of the limiter
    following: str
    filing_by_program: int  # a minute, of one network, in each process
    filing_of_network: str  # beyond it a whole network waits
    of_network_per_hour: int  # beyond it what a network files is doubted
    unproven: str  # beyond it each form has to bring a proof
    same_words: str  # beyond it the same words of one network are doubted
    is_proof_required: bool
    shortest_s: int  # nobody fills in a form in less
    uploads: str  # four files for each filing


class Allowance:
    """So many a minute for each: the limiter's job in a few microseconds, for the one path that must be lean."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute, self._minute = per_minute, 0
        self._used: Counter[str] = Counter()

    def take(self, who: str, now: datetime) -> int:
        """Seconds to wait: 0 when it may go on."""
        minute, second = divmod(int(now.timestamp()), 60)
        if minute != self._minute:
            self._minute, self._used = minute, Counter()
        self._used[who] += 1
        return 60 - second if self._used[who] > self._per_minute else 0


@dataclass(frozen=True)
class Door:
    """The door's own things, made once at start."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    procedures: Book[Procedures]
    guidance: Book[Guidances]
    questions: Book[tuple[Question, ...]]
    ways: Book[Ways]
    known_answers: Book[KnownAnswers]
    key: bytes = field(repr=False)  # links and PINs follow from it
    limits: Limits
    programs: Allowance
    prover: Prover
    scanner: Scanner | None = None
    tiles: Tiles | None = None

    def check(self, typed: Mapping[str, str], *, language: str, is_lenient: bool = False) -> Petition:
        """The petition that was typed; `is_lenient`: no answer to a question is required. Raises Refused."""
        choices, today = self.catalogue.choices(self.database.clock.now()), self.today()
        asked = self.asked(typed) if not is_lenient or any(name.startswith(PREFIX) for name in typed) else ()

        def answers_of(reader: Reader) -> tuple[Answered, ...]:
            return read_answers(reader, asked, today=today, is_lenient=is_lenient)

        return check_petition(typed, choices=choices, language=language, read_answers=answers_of)

    def asked(self, typed: Mapping[str, str]) -> tuple[Question, ...]:
        """The questions that belong to what was typed: those of its steps, or of its topic."""
        way = self.way(typed)
        if way is not None:
            return way.questions
        if not typed.get("topic"):
            return ()
        with self.database.reading() as tx:
            return asked_about(self.questions.on_day(tx, self.today()), typed["topic"], self.today())

    def way(self, typed: Mapping[str, str]) -> Way | None:
        """The steps by which this is filed; None where one page is enough, as it is for who files for somebody."""
        if typed.get("kind") not in STEPPED or typed.get("via"):
            return None
        with self.database.reading() as tx:
            return self.ways.on_day(tx, self.today()).of(typed.get("kind"), self.today())

    def late(self, way: Way, typed: Mapping[str, str]) -> tuple[Late, ...]:
        """Terms of the law that are over, seen what was typed."""
        today = self.today()
        terms = self.catalogue.terms_on(today)
        return late_terms(way, typed, terms=terms, add_days=self.catalogue.calendar.add_days_rolled, today=today)

    def check_comment(self, typed: dict[str, str], *, language: str) -> Petition:
        """A comment on a draft that was typed: of a kind that nobody chooses elsewhere. Raises Refused."""
        choices = replace(self.catalogue.choices(self.database.clock.now()), kinds=frozenset({KIND}))
        return check_petition({**typed, "kind": KIND}, choices=choices, language=language)

    def expected_answer(self, tx: Reading, filed: Filed) -> date | None:
        """The day by which an answer can be expected before the desk has said its own; of a comment on a draft, counted
        from that one's close."""
        draft = store.consultation_of(tx, filed.consultation_id) if filed.consultation_id else None
        if draft is not None:
            return draft.answers_due_on
        return self.catalogue.estimated_answer(filed.kind, filed.topic, filed.received_at)

    def awaits_signature(self, filed: Filed) -> bool:
        """Whether the law wants it signed, and no signature has come yet."""
        is_early = filed.stage in UNSIGNED_STAGES
        return is_early and filed.signature_status == "none" and self.catalogue.needs_signature(filed.kind)

    def today(self) -> date:
        return self.catalogue.calendar.local_day(self.database.clock.now())

    def keep(self, one: Kept, data: bytes, *, kind: str | None) -> Kept:
        """Write a file to its place. What a denouncer sends is sealed for the desk: the door opens it no more. What no
        scanner has looked at yet is sealed for the door until one has.
        """
        if one.is_waiting:
            seal = partial(self.database.codec.keys.seal, AUDIENCES[DOOR])
            files.keep(self.settings.files_dir, one.id, data, seal=seal, form=WAITING)
        else:
            self.keep_scanned(one.id, data, kind=kind)
        return one

    def keep_scanned(self, file_id: UUID, data: bytes, *, kind: str | None) -> None:
        """Write a file that may be opened to its place."""
        keys = self.database.codec.keys
        seal = partial(keys.seal, AUDIENCES[DESK]) if self.catalogue.is_sealed(kind) else None
        files.keep(self.settings.files_dir, file_id, data, seal=seal)

    def is_scanned(self, data: bytes) -> bool:
        """Whether a file may be opened: no scanner is asked for, or it found nothing; False while it is away.

        Raises FileRefused.
        """
        if self.scanner is None:
            return True
        try:
            found = self.scanner.finds_in(data)
        except ScannerDown as down:
            log.warning("the virus scanner gave no verdict", reason=str(down))
            return False
        if found:
            log.warning("a file with a virus was refused", found=found)
            raise FileRefused("file_infected")
        return True

    def follow_url(self, token: str) -> str:
        """The link that opens a petition."""
        return f"{self.settings.public_url}/t/{token}"

    def unit_name(self, code: str | None) -> str:
        """The public name of a unit in the page's language; empty when it is not known."""
        unit = self.catalogue.units.get(code or "")
        if unit is None:
            return code or ""
        return unit.name_en if current_language() == "en" else unit.name


def the_door() -> Door:
    """The door of the application that answers now."""
    door: Door = current_app.extensions["door"]
    return door


def bound_body() -> None:
    """Let what a program sends be as long as its sort needs. What says that it is longer is refused unread."""
    request.max_content_length = FILING_BODY if request.mimetype == "multipart/form-data" else WORDS_BODY


def accept_all(
    sent: Sequence[tuple[str, bytes]], *, already: int = 0, field: str = "files"
) -> tuple[list[tuple[Kept, bytes, str]], list[Wrong]]:
    """Files (name, bytes) as they will be kept, with their names, and what was wrong with the others."""
    taken: list[tuple[Kept, bytes, str]] = []
    wrong: list[Wrong] = []
    for typed_name, data in sent:
        name = files.safe_name(typed_name)
        if already + len(taken) >= FILES_AT_MOST:
            wrong.append(Wrong(field, "too_many_files", FILES_AT_MOST))
            break
        try:
            is_waiting = not the_door().is_scanned(data)
            kept, fresh = files.accept(data)
            taken.append((replace(kept, is_waiting=is_waiting), fresh, name))
        except FileRefused as refused:
            wrong.append(Wrong(field, refused.problem, given=name))
    return taken, wrong


def keep_all(door: Door, taken: Iterable[tuple[Kept, bytes, str]], *, kind: str | None) -> list[Kept]:
    """Write files to their place, before the petition of this kind that names them is filed."""
    kept = []
    for one, data, _ in taken:
        kept.append(door.keep(one, data, kind=kind))
    return kept


def digest_of(tx: Reading, filed: Filed) -> str:
    """What stands on the receipt: SHA-256 of the open bytes of the event of filing, hexadecimal; empty when they are
    gone."""
    body = stored_body(tx, filed.event_id)
    return sha256(body).hexdigest() if body else ""


class Sweeper:
    """Forgets drafts, their files and wrong tries after a day, proofs that are stale, and who followed what is over."""

    name, idle_s = "sweep", 600.0

    def __init__(self, door: Door) -> None:
        self._door = door

    def once(self) -> int:
        database, files_dir = self._door.database, self._door.settings.files_dir
        now = database.clock.now()
        with database.reading() as tx:
            is_old = store.has_old(tx, drafts_before=now - UPLOADS_LIVE, tries_before=now - UPLOADS_LIVE)
            is_stale = store.has_stale_proofs(tx)
            has_followers = store.has_old_followers(tx, over_before=now - FOLLOWED_FOR)
        gone = 0
        if has_followers:
            with database.writing() as writing:
                gone += store.forget_followers(writing, over_before=now - FOLLOWED_FOR)
        if is_stale:
            with database.writing() as writing:
                gone += store.drop_stale_proofs(writing)
        if is_old:
            with database.writing() as writing:
                gone += store.drop_old(writing, drafts_before=now - UPLOADS_LIVE, tries_before=now - UPLOADS_LIVE)
        for file_id in files.old_aside(files_dir, older_than=now - UPLOADS_LIVE):
            with database.reading() as tx:
                is_filed = bool(store.known_ids(tx, [file_id]))
            files.drop_aside(files_dir, [file_id], also_kept=not is_filed)
            gone += 1
        return gone


class Rescanner:
    """Opens what waited for the scanner, once it has found nothing; removes what it found something in."""

    name, idle_s = "rescan", 60.0

    def __init__(self, door: Door) -> None:
        self._door = door

    def once(self) -> int:
        door = self._door
        if door.scanner is None:
            return 0
        done = 0
        for file_id in waiting_files(door.settings.files_dir):
            with door.database.reading() as tx:
                found = store.kind_of_attachment(tx, file_id)
            if not found:
                continue  # its petition is about to be filed, or never was: the sweeper knows
            try:
                if not self._settle(file_id, kind=found[0]):
                    break
            except FileNotFoundError:
                continue  # erased in the meantime
            done += 1
        return done

    def _settle(self, file_id: UUID, *, kind: str | None) -> bool:
        """Whether there was a verdict."""
        files_dir = self._door.settings.files_dir
        data = self._door.database.codec.keys.open(read_file(files_dir, file_id, WAITING))
        try:
            if not self._door.is_scanned(data):
                return False
            self._door.keep_scanned(file_id, data, kind=kind)
        except FileRefused:
            store_file(files_dir, file_id, b"", INFECTED)
        if not end_waiting(files_dir, file_id):  # erased while it was scanned: nothing of it comes back
            remove_file(files_dir, file_id)
        return True


class ReaderCount:
    """Tells the desk, once a day is over, how often each publication was opened on it."""

    name, idle_s = "readers", 600.0

    def __init__(self, door: Door) -> None:
        self._door = door

    def once(self) -> int:
        today = self._door.today()
        with self._door.database.reading() as look:
            if not store.has_untold_readers(look, before=today):
                return 0
        with self._door.database.writing() as tx:
            return tell_readers(tx, today=today)
