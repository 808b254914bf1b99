"""Valid events of a petition's life, of which a test says only what matters to it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.insight.reactions import by, read_wishes
from shared.db import Cause, Database, Transaction
from shared.events.base import Event, Sealed, subject_of
from shared.events.intake import ContactGiven, PetitionFiled, PetitionRated
from shared.events.notify import NoticeAccepted
from shared.events.workflow import CaseAnswered, CaseExtended, CaseOpened, CaseRouted, Sorting
from tests.support import ROOT

REACTIONS = by(read_wishes(ROOT / "config"))
HUE = ZoneInfo("Asia/Ho_Chi_Minh")


def noon(day: date) -> datetime:
    """Noon in Huế on this day."""
    return datetime.combine(day, time(12), HUE).astimezone(UTC)


def hear(tx: Transaction, heard: Event, *, on: date) -> None:
    """Let the mirror react to an event of this day."""
    cause = Cause(id=uuid4(), source="workflow", subject=subject_of(heard), time=noon(on), correlation="test")
    REACTIONS[type(heard)](tx.because(cause), heard)


def filed(petition_id: UUID, *, on: date, channel: str = "web") -> PetitionFiled:
    return PetitionFiled(
        petition_id=petition_id,
        public_code="7K3M9HDT",
        kind="report",
        topic="C01",
        ward="thuan_hoa",
        language="vi",
        channel=channel,
        party="individual",
        signature_status="none",
        attachment_count=0,
        received_at=noon(on),
        code=Sealed.closed(),
        title=Sealed.closed(),
        text=Sealed.closed(),
        place=Sealed.closed(),
        position=Sealed.closed(),
        name=Sealed.closed(),
        phone=Sealed.closed(),
        email=Sealed.closed(),
        address=Sealed.closed(),
        attachments=Sealed.closed(),
    )


def contact(petition_id: UUID) -> ContactGiven:
    return ContactGiven(
        petition_id=petition_id,
        language="vi",
        channels=("email",),
        code=Sealed.closed(),
        email=Sealed.closed(),
        mobile=Sealed.closed(),
        name=Sealed.closed(),
        link_token=Sealed.closed(),
    )


def opened(
    petition_id: UUID,
    case_id: UUID,
    *,
    on: date,
    due: date | None,
    kind: str | None = "report",
    topic: str | None = "C01",
    is_restricted: bool = False,
) -> CaseOpened:
    return CaseOpened(
        petition_id=petition_id,
        case_id=case_id,
        kind=kind,
        topic=topic,
        priority="normal",
        is_restricted=is_restricted,
        publication="public_summary",
        workflow_version=1,
        received_at=noon(on),
        answer_due_on=due,
        deadlines=(),
        sorting=Sealed(Sorting(kind=kind or "denunciation", topic=topic, unit="KCHT")),
    )


def routed(petition_id: UUID, case_id: UUID, *, unit: str | None = "KCHT") -> CaseRouted:
    return CaseRouted(
        petition_id=petition_id,
        case_id=case_id,
        actor="system",
        route="accept",
        unit=unit,
        excluded_units=(),
        excluded=Sealed.closed(),
        destination=Sealed.closed(),
    )


def answered(
    petition_id: UUID, case_id: UUID, *, due: date | None, round: int = 1, is_on_time: bool = True
) -> CaseAnswered:
    return CaseAnswered(
        petition_id=petition_id,
        case_id=case_id,
        actor="u:1",
        round=round,
        outcome="done",
        promised_on=None,
        due_on=due,
        is_on_time=is_on_time,
        is_rated=True,
        answer=Sealed.closed(),
        signer=Sealed.closed(),
    )


def rated(
    petition_id: UUID, score: int, *, round: int = 1, words: str | None = None, **aspects: int | None
) -> PetitionRated:
    """`aspects`: t1 … t4, for those who judged more than the whole."""
    said = {name: Sealed(mark) for name, mark in aspects.items()}
    return PetitionRated(petition_id=petition_id, round=round, score=Sealed(score), words=Sealed(words), **said)


def told(petition_id: UUID, *, audience: str = "petitioner", purpose: str = "answered") -> NoticeAccepted:
    return NoticeAccepted(
        petition_id=petition_id,
        notice_id=uuid4(),
        audience=audience,
        channel="email",
        purpose=purpose,
        template="answered@1",
        units=1,
        attempts=1,
        is_possible_duplicate=False,
    )


Story = list[tuple[date, Event]]


def a_story(
    *,
    received: date,
    due: date | None,
    answer: date | None = None,
    rating: int | None = None,
    unit: str = "KCHT",
    topic: str = "C01",
    is_restricted: bool = False,
    extended_to: date | None = None,
    more: Sequence[tuple[date, Event]] = (),
    petition_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Story:
    """The events of one petition, oldest first."""
    petition_id, case_id = petition_id or uuid4(), case_id or uuid4()
    story: Story = [
        (received, filed(petition_id, on=received)),
        (received, contact(petition_id)),
        (received, opened(petition_id, case_id, on=received, due=due, topic=topic, is_restricted=is_restricted)),
        (received, routed(petition_id, case_id, unit=unit)),
    ]
    if extended_to is not None and due is not None:
        extension = CaseExtended(
            petition_id=petition_id,
            case_id=case_id,
            actor="u:2",
            asked_by="u:1",
            rule="topic:C01",
            due_before=due,
            due_on=extended_to,
            due_at=noon(extended_to),
            reason=Sealed.closed(),
        )
        story.append((due, extension))
    story += more
    if answer is not None:
        story.append((answer, answered(petition_id, case_id, due=extended_to or due)))
        story.append((answer, told(petition_id)))
    if answer is not None and rating is not None:
        story.append((answer, rated(petition_id, rating)))
    return story


def tell(database: Database, *stories: Story) -> None:
    """Let the mirror hear whole stories, one after the other."""
    with database.writing() as tx:
        for story in stories:
            for day, heard in story:
                hear(tx, heard, on=day)
