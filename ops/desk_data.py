"""Ten million cases for the desk: a database filled by the server itself, so that measuring starts within minutes.

`fill(url, cases=…)` makes cases as they come in a big city over three years, the last tenth still open. Rows are made
in SQL from their number alone: the same number gives the same case, and nothing travels. Only for databases that are
thrown away afterwards.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, cast

import msgspec
import psycopg
from psycopg import sql

from services.workflow.domain import deadline as clocks
from services.workflow.domain.rules import Rules
from shared.text import fold

STEP = 250_000  # cases a statement: enough to be quick, few enough to show that it goes on
OPEN_FOR_DAYS, YEARS = 60, 3
OFFICERS = 20  # of each unit
WHATS = (
    "Ổ gà sâu", "Đèn đường hỏng", "Xe buýt bỏ chuyến", "Biển báo gãy", "Nắp cống vỡ", "Vạch sơn mờ", "Cây đổ chắn lối",
    "Lấn chiếm vỉa hè",
)  # fmt: skip
ROADS = (
    "Điện Biên Phủ", "Nguyễn Huệ", "Lê Lợi", "Hùng Vương", "Bà Triệu", "Trần Phú", "Phạm Văn Đồng", "An Dương Vương",
    "Tố Hữu", "Đống Đa",
)  # fmt: skip

Say = Callable[[str], None]


@dataclass(frozen=True)
class Filled:
    """What was made."""

    cases: int
    open_cases: int
    units: tuple[str, ...]
    now: datetime  # the instant of the newest case


def fill(url: str, rules: Rules, *, cases: int, now: datetime | None = None, say: Say = lambda _: None) -> Filled:
    """Fill a migrated, empty database of the desk. `url` is psycopg's; its role must own the tables and may skip
    the checks of foreign keys.
    """
    now = now or datetime.now(UTC)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '1GB'")
        made = _Numbers(connection, rules, cases=cases, now=now)
        with _without_indexes(connection, say):
            made.people()
            for first in range(1, cases + 1, STEP):
                last = min(first + STEP - 1, cases)
                made.rows(first, last)
                say(f"{last:,} cases")
        say("looking at what is there")
        connection.execute("VACUUM ANALYZE")
    return Filled(cases, made.open_cases, made.units, now)


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any], say: Say) -> Any:
    """Indexes are made once, at the end, instead of grown row by row."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))"
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for name, definition in found:
        say(f"index {name}")
        connection.execute(cast("LiteralString", definition))


class _Numbers:
    """Rows by their number: the older a case, the smaller."""

    def __init__(self, connection: psycopg.Connection[Any], rules: Rules, *, cases: int, now: datetime) -> None:
        self._connection, self._rules = connection, rules
        self.open_cases = cases // 10
        self._closed, self._now, self._cases = cases - self.open_cases, now, cases
        day = rules.calendar.local_day(now)
        topics = [topic for topic in rules.catalogue.topics_on(day) if topic.routes_to.unit and topic.kind == "report"]
        self.units = tuple(sorted({str(topic.routes_to.unit) for topic in topics}))
        self._topics = [(topic.code, str(topic.routes_to.unit)) for topic in topics]
        self._function()

    def _function(self) -> None:
        """What other tables need to know of a case, by its number."""
        opens = self._now - timedelta(days=OPEN_FOR_DAYS)
        begins = opens - timedelta(days=365 * YEARS)
        self._connection.execute(
            f"""
            CREATE FUNCTION pg_temp.received(n bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$
              SELECT CASE WHEN n <= {self._closed}
                THEN timestamptz '{begins.isoformat()}'
                     + (timestamptz '{opens.isoformat()}' - timestamptz '{begins.isoformat()}') * n / {self._closed}
                ELSE timestamptz '{opens.isoformat()}'
                     + (timestamptz '{self._now.isoformat()}' - timestamptz '{opens.isoformat()}')
                     * (n - {self._closed}) / {self.open_cases} END $$;
            CREATE FUNCTION pg_temp.id(n bigint, salt int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
              SELECT (lpad(to_hex((extract(epoch FROM pg_temp.received(n)) * 1000)::bigint), 12, '0') || '7'
                || lpad(to_hex(salt), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;
            """.encode()
        )

    def people(self) -> None:
        rows = []
        for unit in self.units:
            rows += [(f"u:{unit}-{number}", "officer", unit) for number in range(OFFICERS)]
            rows.append((f"u:{unit}-head", "head", unit))
        rows += [("u:office", "office", "VP"), ("u:director", "director", "SXD")]
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO account (person_id, person, login, name, email, role, unit, password_hash, is_active, "
                "language, created_at) VALUES (gen_random_uuid(), %s, %s, %s, 'x@example.vn', %s, %s, '-', true, "
                "'vi', %s)",
                [(person, person, person, role, unit, self._now) for person, role, unit in rows],
            )

    def rows(self, first: int, last: int) -> None:
        """The cases of these numbers, with all that belongs to them."""
        values = {
            "first": first,
            "last": last,
            "closed": self._closed,
            "now": self._now,
            "topics": [code for code, _ in self._topics],
            "units": [unit for _, unit in self._topics],
            "wards": [ward.code for ward in self._rules.catalogue.wards],
            "officers": OFFICERS,
            "whats": list(WHATS),
            "roads": list(ROADS),
            "folded_whats": [fold(what) for what in WHATS],
            "folded_roads": [fold(road) for road in ROADS],
            "proposal": json.dumps(_PROPOSAL),
            "clocks": [json.dumps(body) for body in _clocks(self._rules, self._now)],
        }
        for statement in (_CASES, _WORDS, _EXCLUDED, _DEADLINES, _TIMELINE, _NOTICES):
            self._connection.execute(statement, values)


def _clocks(rules: Rules, now: datetime) -> Sequence[Any]:
    """The clocks of a report, as the desk writes them."""
    found = clocks.deadlines_of(
        rules.catalogue, kind="report", topic=None, conditions=frozenset(), anchors={"received": now, "routed": now}
    )
    return [msgspec.to_builtins(clock) for clock in found]


_PROPOSAL = {
    "kind": "report", "topic": None, "unit": None, "route": "accept", "is_restricted": False, "transfer_to": None,
    "linked_to": None, "ground": None,
    "candidates": [{"topic": "C01", "score": 8, "phrases": ["ổ gà", "mặt đường"]}],
    "reasons": [{"code": "topic", "words": ["ổ gà ×2"]}],
}  # fmt: skip

_OF_ONE = """
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
  CROSS JOIN LATERAL (SELECT
    n > %(closed)s AS is_open,
    (n * 7919) %% 1000 AS dice,
    1 + (n * 104729) %% cardinality(%(topics)s::text[]) AS t,
    pg_temp.received(n) AS received_at) AS a
  CROSS JOIN LATERAL (SELECT
    (%(topics)s::text[])[a.t] AS topic,
    CASE WHEN a.dice < 40 THEN 'PCAT' ELSE (%(units)s::text[])[a.t] END AS unit,
    CASE WHEN a.dice < 10 THEN 'denunciation' WHEN a.dice < 40 THEN 'complaint' ELSE 'report' END AS kind,
    CASE WHEN a.dice < 10 THEN 'secret' WHEN a.dice < 40 THEN 'restricted' ELSE 'ordinary' END AS kind_class,
    CASE WHEN NOT a.is_open THEN
      CASE (n * 31) %% 20 WHEN 0 THEN 'transferred' WHEN 1 THEN 'refused' ELSE 'closed' END
    ELSE (ARRAY['triage', 'accepted', 'assigned', 'assigned', 'in_progress', 'in_progress', 'in_progress',
      'in_progress', 'in_progress', 'waiting', 'drafted', 'answered'])[1 + (n * 613) %% 12] END AS stage) AS b
  CROSS JOIN LATERAL (SELECT
    b.stage IN ('triage', 'accepted') AS is_unassigned,
    b.stage IN ('waiting', 'answered') OR NOT a.is_open AS is_waiting,
    a.received_at + interval '9 days' AS due_at,
    1 + (n * 17) %% cardinality(%(whats)s::text[]) AS w,
    1 + (n * 53) %% cardinality(%(roads)s::text[]) AS r) AS c
  CROSS JOIN LATERAL (SELECT
    (%(whats)s::text[])[c.w] || ' ở số ' || n %% 900 || ' đường ' || (%(roads)s::text[])[c.r] AS title,
    (%(folded_whats)s::text[])[c.w] || ' o so ' || n %% 900 || ' duong ' || (%(folded_roads)s::text[])[c.r] AS folded,
    n %% 900 || ' ' || (%(roads)s::text[])[c.r] AS place) AS d
"""

_CASES = f"""
INSERT INTO case_ (id, petition_id, code, kind, topic, unit, officer, stage, is_ended, workflow, workflow_version,
  route, priority, kind_class, publication, title, folded, ward, language, channel, signature_status, received_at,
  answer_due_at, answer_due_on, answer_rule, queue_at, resumes_to, next_step, next_step_at, ladder, draft_version,
  is_apology_owed, answered_at, answer_round, excluded, flags, conditions, attachment_count, proposal, version,
  changed_at, drafted_by)
SELECT pg_temp.id(n, 1), pg_temp.id(n, 0), translate(upper(lpad(to_hex((n * 2654435761) %% 1099511627776), 10, '0')),
    '01AEIO', 'WXMKPR'),
  b.kind, b.topic, b.unit, CASE WHEN NOT c.is_unassigned THEN 'u:' || b.unit || '-' || (n %% %(officers)s) END,
  b.stage, NOT a.is_open, CASE b.kind WHEN 'report' THEN 'report' ELSE b.kind END, 1, 'accept',
  CASE WHEN a.dice > 980 THEN 'urgent' WHEN a.dice > 900 THEN 'high' ELSE 'normal' END, b.kind_class,
  'code_holder', CASE WHEN b.kind_class = 'secret' THEN '' ELSE d.title END,
  CASE WHEN b.kind_class <> 'ordinary' THEN '' ELSE
    d.folded || ' gan nga ba troi mua nuoc dong de nghi sua som ma ' || to_hex(n * 40503) END,
  (%(wards)s::text[])[1 + (n * 271) %% cardinality(%(wards)s::text[])], 'vi', 'web', 'none', a.received_at,
  c.due_at, (c.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 1, 'topic:' || b.topic,
  CASE WHEN c.is_waiting THEN timestamptz '9000-01-01 00:00Z' ELSE c.due_at END,
  CASE WHEN b.stage = 'waiting' THEN 'in_progress' END,
  CASE WHEN a.is_open AND NOT c.is_waiting THEN 'remind_80' END,
  CASE WHEN a.is_open AND NOT c.is_waiting THEN %(now)s + interval '1 day' + (n %% 30) * interval '1 day' END,
  '[]', CASE b.stage WHEN 'drafted' THEN 1 ELSE 0 END, false,
  CASE WHEN b.stage IN ('answered', 'closed') THEN c.due_at - interval '1 day' END,
  CASE WHEN b.stage IN ('answered', 'closed') THEN 1 ELSE 0 END, '[]', '[]', '[]', 0, %(proposal)s::json, 3,
  a.received_at, CASE b.stage WHEN 'drafted' THEN 'u:' || b.unit || '-' || (n %% %(officers)s) END
{_OF_ONE}"""

_WORDS = f"""
INSERT INTO case_words (case_id, title, text, place, name, phone, email, party)
SELECT pg_temp.id(n, 1), d.title,
  d.title || ' gần ngã ba. Trời mưa nước đọng che khuất, người đi xe máy không thấy, đã có người ngã. Đề nghị cơ quan '
    || 'sửa sớm và báo kết quả cho người dân. Mã ' || to_hex(n * 40503),
  'số ' || d.place, 'Người Thử', '+84905123456', 'n' || n || '@example.vn', 'individual'
{_OF_ONE}"""

_EXCLUDED = f"""
INSERT INTO case_excluded (case_id, who)
SELECT pg_temp.id(n, 1), (%(units)s::text[])[1 + n %% cardinality(%(units)s::text[])]
{_OF_ONE} WHERE b.kind_class <> 'ordinary'"""

_DEADLINES = f"""
INSERT INTO deadline (id, case_id, rule, step, state, is_governing, due_on, due_at, body)
SELECT pg_temp.id(n, 16 + k::int), pg_temp.id(n, 1), body ->> 'rule', body ->> 'step',
  CASE WHEN a.is_open THEN 'running' ELSE 'met' END, k = 1,
  (c.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 1, c.due_at,
  CASE WHEN a.is_open THEN body ELSE (body::jsonb || '{{"state": "met"}}')::json END
{_OF_ONE} CROSS JOIN LATERAL (SELECT k, clock::json AS body
  FROM unnest(%(clocks)s::text[]) WITH ORDINALITY AS one (clock, k) WHERE a.is_open OR k <= 2) AS e"""

_TIMELINE = f"""
INSERT INTO timeline (id, case_id, at, what, actor, is_public, data)
SELECT pg_temp.id(n, 32 + k), pg_temp.id(n, 1), a.received_at + k * interval '1 hour',
  (ARRAY['opened', 'assign', 'accept', 'answer'])[k], CASE k WHEN 1 THEN 'system' ELSE 'u:' || b.unit || '-0' END,
  true, '{{}}'
{_OF_ONE} CROSS JOIN generate_series(1, CASE WHEN a.is_open THEN 3 ELSE 4 END) AS k"""

_NOTICES = f"""
INSERT INTO notice (id, petition_id, audience, channel, purpose, state, at)
SELECT pg_temp.id(n, 48), pg_temp.id(n, 0), 'citizen', 'email', 'filed', 'accepted', a.received_at
{_OF_ONE}"""


def rules_of(config_dir: Path) -> Rules:
    """The rules that the data is made by."""
    from services.workflow.__main__ import read_rules

    return read_rules(config_dir)
