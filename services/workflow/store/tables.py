"""The tables of the desk. What a citizen wrote stands in tables of its own, so that it can be erased alone."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
)

from shared import auth
from shared.db import Instant

IS_NEIGHBOUR = "NOT is_ended AND linked_to IS NULL AND kind_class = 'ordinary'"
"""Which cases others may be about too: open, ordinary, and not following another one themselves."""

AWAITS = "NOT is_ended AND stage <> 'answered'"
"""Which cases still await their answer: what the queues hold."""

IS_DONE = "(is_ended OR stage = 'answered')"
AWAITS_THE_CLOSE = "consultation_id IS NOT NULL AND answer_rule IS NULL AND answered_at IS NULL AND NOT is_ended"
"""Which comments on drafts have no clock yet: those whose consultation is open, and for a moment those after it."""

HAS_LOST_ITS_OFFICER = "(officer IS NULL AND stage NOT IN ('triage', 'accepted'))"

metadata = MetaData()
auth.add_tables(metadata)


SEEN = ("kind_class", "unit", "officer", "has_excluded")
"""What decides who sees a case. Indexes that are counted hold it, so that counting reads nothing else."""


def _of_a_list(name: str, *columns: str, only: str = AWAITS, also: tuple[str, ...] = ()) -> Index:
    """An index in the order of a list, over the rows of that list alone; `also` can be read from it."""
    more = [column for column in also if column not in columns]
    return Index(name, *columns, postgresql_where=text(only), sqlite_where=text(only), postgresql_include=more)


case_ = Table(
    "case_",  # CASE is a word of SQL
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),  # several rows after a split
    Column("code", String(24), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("topic", String(16)),
    Column("unit", String(16), nullable=False),
    Column("officer", String(40)),
    Column("stage", String(24), nullable=False),
    Column("is_ended", Boolean, nullable=False),
    Column("workflow", String(40), nullable=False),
    Column("workflow_version", Integer, nullable=False),
    Column("route", String(24), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("kind_class", String(12), nullable=False),
    Column("publication", String(16), nullable=False),
    Column("title", Text, nullable=False),  # empty for secret kinds, whose title stands with the words
    Column("folded", Text, nullable=False),  # what the search looks at; empty for restricted and secret kinds
    Column("ward", String(40)),
    Column("language", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("signature_status", String(16), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("answer_due_at", Instant),
    Column("answer_due_on", Date),
    Column("answer_rule", String(48)),
    Column("queue_at", Instant, nullable=False),  # order of the queue: the due instant, far away while the clock waits
    Column("resumes_to", String(24)),
    Column("next_step", String(24)),
    Column("next_step_at", Instant),
    Column("ladder", JSON, nullable=False),  # the steps of the ladder that were taken
    Column("linked_to", Uuid),
    Column("drafted_by", String(40)),
    Column("approved_by", String(40)),
    Column("draft_version", Integer, nullable=False),
    Column("extension_asked_by", String(40)),
    Column("is_apology_owed", Boolean, nullable=False),
    Column("apologised_at", Instant),
    Column("answered_at", Instant),
    Column("answer_round", Integer, nullable=False),
    Column("excluded", JSON, nullable=False),
    Column("has_excluded", Boolean, nullable=False, server_default=false()),  # whether `case_excluded` names anybody
    Column("flags", JSON, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("attachment_count", Integer, nullable=False),
    Column("proposal", JSON, nullable=False),  # what the sorting proposed, with its reasons
    Column("decision", JSON),  # what a person decided
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("supporting", JSON, nullable=False),  # units whose contribution was asked for: `support` has the questions
    Column("consultation_id", Uuid),  # the draft on which it comments
    Index("case_petition", "petition_id"),
    Index(
        "case_consultation",
        "consultation_id",
        "id",
        postgresql_where=text("consultation_id IS NOT NULL"),
        sqlite_where=text("consultation_id IS NOT NULL"),
    ),
    _of_a_list("case_awaits_the_close", "consultation_id", "id", only=AWAITS_THE_CLOSE),
    Index("case_code", "code", postgresql_ops={"code": "varchar_pattern_ops"}),  # found by its beginning
    _of_a_list("case_queue", "queue_at", "id", also=(*SEEN, "stage")),
    _of_a_list("case_unit_queue", "unit", "queue_at", "id", also=(*SEEN, "stage")),
    _of_a_list("case_officer_queue", "officer", "queue_at", "id", also=(*SEEN, "stage")),
    _of_a_list("case_stage_queue", "stage", "queue_at", "id", also=(*SEEN, "drafted_by", "route")),
    _of_a_list("case_unit_stage_queue", "unit", "stage", "queue_at", "id", also=(*SEEN, "drafted_by")),
    _of_a_list("case_topic_queue", "topic", "queue_at", "id"),
    _of_a_list("case_ward_queue", "ward", "queue_at", "id"),
    _of_a_list("case_kind_queue", "kind", "queue_at", "id"),
    _of_a_list("case_class_queue", "kind_class", "queue_at", "id", only=f"{AWAITS} AND kind_class <> 'ordinary'"),
    _of_a_list("case_extension_queue", "queue_at", "id", only=f"{AWAITS} AND extension_asked_by IS NOT NULL"),
    _of_a_list("case_apology_queue", "queue_at", "id", only=f"{AWAITS} AND is_apology_owed"),
    _of_a_list(
        "case_nobody_queue", "queue_at", "id", only=f"{AWAITS} AND {HAS_LOST_ITS_OFFICER}", also=(*SEEN, "stage")
    ),
    _of_a_list("case_unit_done", "unit", "id", only=IS_DONE),
    _of_a_list("case_officer_done", "officer", "id", only=IS_DONE),
    _of_a_list("case_elsewhere", "stage", "changed_at", only="stage IN ('transferred', 'quarantined')"),
    _of_a_list("case_open", "id", only="NOT is_ended"),
    _of_a_list("case_unit_open", "unit", "id", only="NOT is_ended", also=("kind_class",)),
    Index("case_received", "received_at", "id", postgresql_include=["has_excluded"]),
    Index(
        "case_answered_weeks",
        "answered_at",
        "unit",
        "answer_due_at",
        "id",
        postgresql_include=["has_excluded"],
        postgresql_where=text("answered_at IS NOT NULL"),
        sqlite_where=text("answered_at IS NOT NULL"),
    ),
    Index("case_related", "topic", "ward", "received_at"),
    Index(
        "case_next_step",
        "next_step_at",
        postgresql_where=text("next_step_at IS NOT NULL"),
        sqlite_where=text("next_step_at IS NOT NULL"),
    ),
    Index("case_nearby", "topic", "received_at", postgresql_where=text(IS_NEIGHBOUR), sqlite_where=text(IS_NEIGHBOUR)),
    Index(
        "case_answered",
        "kind",
        "answered_at",
        postgresql_where=text("answered_at IS NOT NULL"),
        sqlite_where=text("answered_at IS NOT NULL"),
    ),
    Index(
        "case_secret",
        "id",
        postgresql_where=text("kind_class = 'secret'"),
        sqlite_where=text("kind_class = 'secret'"),
    ),
    Index(
        "case_linked",
        "linked_to",
        postgresql_where=text("linked_to IS NOT NULL"),
        sqlite_where=text("linked_to IS NOT NULL"),
    ),
)

case_words = Table(
    "case_words",  # the citizen's words and person: erased alone
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("place", Text),
    Column("position", String(40)),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("address", Text),
    Column("party", String(16), nullable=False),
    Column("organisation", Text),
    Column("answers", JSON, nullable=False, server_default="[]"),  # to the questions of the form
)

case_attachment = Table(
    "case_attachment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("case_attachment_case", "case_id"),
)

case_excluded = Table(
    "case_excluded",  # units and pseudonyms that a case is about: they neither handle, see nor hear of it
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("who", String(40), primary_key=True),
    Index("case_excluded_who", "who", "case_id"),
)

deadline = Table(
    "deadline",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("rule", String(48), nullable=False),
    Column("step", String(48), nullable=False),
    Column("state", String(8), nullable=False),  # running, paused, met, missed, void
    Column("is_governing", Boolean, nullable=False),
    Column("due_on", Date),
    Column("due_at", Instant, nullable=False),
    Column("body", JSON, nullable=False),  # the clock itself, as the domain writes it
    Index("deadline_case", "case_id"),
    Index(
        "deadline_running",
        "rule",
        "due_at",
        postgresql_where=text("state = 'running'"),
        sqlite_where=text("state = 'running'"),
    ),
)

supplement = Table(
    "supplement",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text),
    Column("attachment_count", Integer, nullable=False),
    Index("supplement_case", "case_id"),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("reason", Text),  # none: not said, or of a secret kind, whose words are locked away
    Column("asked_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # asked, taken, declined, over: it ended otherwise
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
    Index(
        "withdrawal_waiting", "asked_at", postgresql_where=text("state = 'asked'"), sqlite_where=text("state = 'asked'")
    ),
)

question = Table(
    "question",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reply_by", Date, nullable=False),
    Column("ended_at", Instant),  # replied, or the wait was over
    Column("is_replied", Boolean, nullable=False),
    Index("question_case", "case_id"),
)

answer = Table(
    "answer",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("promised_on", Date),
    Column("basis", Text),
    Column("state", String(12), nullable=False),  # draft, submitted, returned, approved, answered
    Column("drafted_by", String(40), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
    Column("words", Text),  # why it was returned
)

extension_request = Table(
    "extension_request",  # granted or refused by another person than who asked
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
)

note = Table(
    "note",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Index("note_case", "case_id"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String(32), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("is_public", Boolean, nullable=False),  # the citizen sees it
    Column("data", JSON, nullable=False),  # codes, dates, pseudonyms
    Column("words", Text),  # what a person wrote
    Index("timeline_case", "case_id", "id"),
)

notice = Table(
    "notice",  # the postman's ledger, as far as we heard it
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", String(40)),
    Column("at", Instant, nullable=False),
    Index("notice_petition", "petition_id"),
)

reading = Table(
    "case_reading",  # who read what: a second look within a minute is the same reading
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("at", Instant, nullable=False),
)
