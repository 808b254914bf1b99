"""The tables of the mirror: facts of petitions, cases, promises, judgements and notices."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Uuid

from shared.db import Instant

metadata = MetaData()

LONGEST_WISH = 32  # characters of a code

petition_fact = Table(
    "petition_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("filed_on", Date),  # local day; None while only a contact was heard of
    Column("channel", String(16)),
    Column("ward", String(64)),
    Column("has_contact", Boolean, nullable=False, default=False),
    Index("petition_fact_filed_on", "filed_on"),
)

case_fact = Table(
    "case_fact",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("kind", String(32)),  # None: a secret kind, and then topic and unit are None too
    Column("topic", String(16)),
    Column("is_restricted", Boolean, nullable=False),
    Column("received_on", Date, nullable=False),  # local day
    Column("ending", String(16)),  # answered, refused, spam, transferred, withdrawn, linked, split; None: open
    Column("ended_on", Date),
    Column("heard_at", Instant, nullable=False),
    Index("case_fact_petition", "petition_id"),
    Index("case_fact_received_on", "received_on"),
    Index("case_fact_ended_on", "ended_on"),
)

promise_fact = Table(
    "promise_fact",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),  # 1, and one more after each reopening
    Column("petition_id", Uuid, nullable=False),
    Column("unit", String(16)),
    Column("first_due_on", Date),  # as promised at first; only the citizen's own pauses move it
    Column("due_on", Date),  # in force
    Column("paused_on", Date),  # since when the clock stands still
    Column("pauses", Integer, nullable=False, default=0),
    Column("extensions", Integer, nullable=False, default=0),
    Column("apologies", Integer, nullable=False, default=0),
    Column("answered_on", Date),
    Column("days_taken", Integer),  # calendar days from receipt to answer; first round only
    Column("days_late", Integer),  # calendar days, negative when early
    Column("outcome", String(16)),
    Column("is_rated", Boolean, nullable=False, default=False),  # a rating is asked for
    Index("promise_fact_petition", "petition_id", "round"),
    Index("promise_fact_due_on", "due_on"),
    Index("promise_fact_answered_on", "answered_on"),
)

rating_fact = Table(
    "rating_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("score", Integer, nullable=False),  # 1 very dissatisfied … 5 very satisfied, 0 no opinion
    Column("rated_at", Instant, nullable=False),
    Column("unit", String(16)),  # that gave the answer; None until we heard of it
    Column("published_on", Date),  # local day; None while fewer than a batch wait
    Index("rating_fact_unit", "unit", "published_on"),
    Index("rating_fact_published_on", "published_on"),
)

aspect_fact = Table(
    "aspect_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("aspect", String(4), primary_key=True),  # code of the questionnaire, after_answer
    Column("level", Integer, nullable=False),  # 1 … 5; who has no opinion is not kept
    Column("rated_at", Instant, nullable=False),
    Column("published_on", Date),
    Index("aspect_fact_published_on", "published_on"),
)

wish_fact = Table(
    "wish_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("wish", String(LONGEST_WISH), primary_key=True),  # code of config/wishes; the words are not kept
    Column("topic", String(16)),  # of the answer; None until we heard of it
    Column("rated_at", Instant, nullable=False),
    Column("published_on", Date),
    Index("wish_fact_topic", "topic", "wish", "published_on"),
    Index("wish_fact_published_on", "published_on"),
)

rating_queue = Table(
    "rating_queue", metadata, Column("unit", String(64), primary_key=True)
)  # or aspect, wish and topic

notice_fact = Table(
    "notice_fact",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("taken_on", Date),  # a server or gateway took it
    Column("arrived_on", Date),  # there is evidence that it got there
    Column("is_failed", Boolean, nullable=False, default=False),
    Index("notice_fact_petition", "petition_id"),
)
