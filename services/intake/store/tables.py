"""The tables of the door. What citizens wrote lies in columns of its own, which an erasure empties."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
)
from sqlalchemy import text as sql_text

from shared.db import Instant

metadata = MetaData()

UNKEYED = "(email IS NOT NULL AND email_key IS NULL) OR (phone IS NOT NULL AND phone_key IS NULL)"
"""Petitions from before addresses had keys."""

_serial = BigInteger().with_variant(Integer, "sqlite")

petition = Table(
    "petition",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("once", String(120), nullable=False, unique=True),  # the idempotency key: one filing, one petition
    Column("fingerprint", LargeBinary, nullable=False),  # of what was sent under that key
    Column("code", String(9), nullable=False, unique=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("digits_check", LargeBinary, nullable=False),
    Column("has_pin", Boolean, nullable=False),
    Column("is_bearer", Boolean, nullable=False),
    Column("kind", String(32)),  # as chosen by the citizen; none: left to us
    Column("topic", String(16)),
    Column("ward", String(40)),
    Column("language", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("consents", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("event_id", Uuid, nullable=False),  # of the event that told of its filing, for good
    # The citizen's words, until they are erased.
    Column("title", Text),
    Column("text", Text),
    Column("place", Text),
    Column("position", String(40)),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("address", Text),
    Column("organisation", Text),
    Column("answers", JSON(none_as_null=True)),  # to the questions of the form: a list of what `Answered` holds
    Column("signature_status", String(16), nullable=False, server_default="none"),  # as it came, or was sent later
    # What is known of its case, from what the desk told.
    Column("stage", String(16), nullable=False),
    Column("unit", String(16)),
    Column("due_on", Date),
    Column("reply_by", Date),  # a question is open until then
    Column("round", Integer, nullable=False),  # of the last answer; 0: none yet
    Column("is_rated", Boolean, nullable=False),  # whether a judgement of the answer is asked for
    Column("answered_at", Instant),
    Column("case_id", Uuid),  # of the first case that the desk opened
    Column("has_parts", Boolean, nullable=False),  # there are several: `part` has each
    Column("consultation_id", Uuid),  # the draft on which it comments
    Column("is_doubted", Boolean, nullable=False, server_default=false()),  # a person looks before anything is sent
    # Where they are told: found by keyed hashes, so that an index bears no address.
    Column("email_key", LargeBinary),
    Column("phone_key", LargeBinary),
    Column("email_verified_at", Instant),
    Column("phone_verified_at", Instant),
    Column("declined", JSON, nullable=False, server_default="[]"),  # sorts of notices that are not wanted
    Column("is_kept_close", Boolean, nullable=False, server_default=sql_text("false")),  # in no list of one's petitions
    Column("erased_at", Instant),
    Index("petition_email", "email_key"),
    Index("petition_phone", "phone_key"),
    Index("petition_unkeyed", "id", postgresql_where=sql_text(UNKEYED), sqlite_where=sql_text(UNKEYED)),
    Index(
        "petition_consultation",
        "consultation_id",
        postgresql_where=sql_text("consultation_id IS NOT NULL"),
        sqlite_where=sql_text("consultation_id IS NOT NULL"),
    ),
)

part = Table(
    "part",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # in the order in which they were opened
    Column("stage", String(16), nullable=False),
    Column("unit", String(16)),
    Column("due_on", Date),
    Column("reply_by", Date),
    Column("round", Integer, nullable=False),
    Column("is_rated", Boolean, nullable=False),
    Column("answered_at", Instant),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("no", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", String(24), nullable=False),
    Column("facts", JSON, nullable=False),  # codes and dates
    Column("words", JSON),  # what was sealed for the door: questions, reasons, answers
    Column("case_id", Uuid),  # none: about the petition as a whole
)

opening = Table(
    "opening",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("role", String(24), nullable=False),
    Column("unit", String(16)),
    Column("kind", String(24), nullable=False),
    Column("purpose", String(32), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # accepted, delivered, failed, suppressed
    Column("at", Instant, nullable=False),
)

supplement = Table(
    "supplement",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("once", String(120), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
)

# That an answer was judged, so that nobody judges it twice. The judgement itself is not kept here.
rating = Table(
    "rating",
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
)
