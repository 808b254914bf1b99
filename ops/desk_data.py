"""Ten million cases for the desk: a database filled by the server itself, so that measuring starts within minutes.

`fill(url, cases=…)` makes cases as they come in a big city over three years, the last tenth still open. Rows are made
in SQL from their number alone: the same number gives the same case, and nothing travels. Only for databases that hold
nothing else.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, cast

import msgspec
import psycopg
from psycopg import sql

from services.workflow.domain import deadline as clocks
from services.workflow.domain.rules import Rules
from shared.auth import fold_login
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


def filled_with(rules: Rules, *, cases: int, now: datetime) -> Filled:
    """What a database holds that was filled with so many cases, the newest at `now`."""
    return Filled(cases, cases // 10, tuple(sorted({unit for _, unit in _topics_of(rules, now)})), now)


def _topics_of(rules: Rules, now: datetime) -> list[tuple[str, str]]:
    """The topics of reports with their units."""
    topics = rules.catalogue.topics_on(rules.calendar.local_day(now))
    return [(one.code, str(one.routes_to.unit)) for one in topics if one.routes_to.unit and one.kind == "report"]


def fill(url: str, rules: Rules, *, cases: int, now: datetime | None = None, say: Say = lambda _: None) -> Filled:
    """Fill a migrated, empty database of the desk. `url` is psycopg's; its role must own the tables and may skip
    the checks of foreign keys.
    """
    now = now or datetime.now(UTC)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '1GB'")
        filled = filled_with(rules, cases=cases, now=now)
        made = _Numbers(connection, rules, filled)
        with _without_indexes(connection, say):
            made.people()
            for first in range(1, cases + 1, STEP):
                last = min(first + STEP - 1, cases)
                made.rows(first, last)
                say(f"{last:,} cases")
        say("looking at what is there")
        connection.execute("VACUUM ANALYZE")
    return filled


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

    def __init__(self, connection: psycopg.Connection[Any], rules: Rules, filled: Filled) -> None:
        self._connection, self._rules = connection, rules
        self.units, self.open_cases, self._now = filled.units, filled.open_cases, filled.now
        self._closed = filled.cases - filled.open_cases
        self._topics = _topics_of(rules, filled.now)

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
                [(person, fold_login(person), person, role, unit, self._now) for person, role, unit in rows],
            )

    def rows(self, first: int, last: int) -> None:
        """The cases of these numbers, with all that belongs to them."""
        opens = self._now - timedelta(days=OPEN_FOR_DAYS)
        values = {
            "first": first,
            "last": last,
            "closed": self._closed,
            "open": self.open_cases,
            "begins": opens - timedelta(days=365 * YEARS),
            "opens": opens,
            "closed_span_s": 365 * YEARS * 86400,
            "open_span_s": OPEN_FOR_DAYS * 86400,
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
        for statement in (_ONE, _CASES, _WORDS, _EXCLUDED, _DEADLINES, _TIMELINE, _NOTICES):
            self._connection.execute(statement, values)
        self._connection.execute("DROP TABLE one")


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

_ONE = """
CREATE TEMP TABLE one ON COMMIT PRESERVE ROWS AS
SELECT n, a.*, b.*, c.*, d.*, e.head, e.tail,
  (e.head || '7000' || e.tail)::uuid AS petition_id, (e.head || '7001' || e.tail)::uuid AS id
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
CROSS JOIN LATERAL (SELECT
  n > %(closed)s AS is_open,
  (n * 7919) %% 1000 AS dice,
  1 + (n * 104729) %% cardinality(%(topics)s::text[]) AS t,
  CASE WHEN n <= %(closed)s
    THEN %(begins)s::timestamptz + make_interval(secs => %(closed_span_s)s::float8 * n / %(closed)s)
    ELSE %(opens)s::timestamptz + make_interval(secs => %(open_span_s)s::float8 * (n - %(closed)s) / %(open)s)
    END AS received_at) AS a
CROSS JOIN LATERAL (SELECT
  (%(topics)s::text[])[a.t] AS topic,
  CASE WHEN a.dice < 40 THEN 'PCAT' ELSE (%(units)s::text[])[a.t] END AS unit,
  CASE WHEN a.dice < 10 THEN 'denunciation' WHEN a.dice < 40 THEN 'complaint' ELSE 'report' END AS kind,
  CASE WHEN a.dice < 10 THEN 'secret' WHEN a.dice < 40 THEN 'restricted' ELSE 'ordinary' END AS kind_class,
  CASE WHEN a.dice < 40 THEN (%(units)s::text[])[1 + n %% cardinality(%(units)s::text[])] END AS about,
  CASE WHEN NOT a.is_open THEN
    CASE (n * 31) %% 20 WHEN 0 THEN 'transferred' WHEN 1 THEN 'refused' ELSE 'closed' END
  ELSE (ARRAY['triage', 'accepted', 'assigned', 'assigned', 'in_progress', 'in_progress', 'in_progress',
    'in_progress', 'in_progress', 'waiting', 'drafted', 'answered'])[1 + (n * 613) %% 12] END AS stage) AS b
CROSS JOIN LATERAL (SELECT
  b.stage IN ('triage', 'accepted') AS is_unassigned,
  b.stage IN ('waiting', 'answered') OR NOT a.is_open AS is_waiting,
  a.received_at + interval '9 days' AS due_at,
  ((a.received_at + interval '9 days') AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 1 AS due_on,
  1 + (n * 17) %% cardinality(%(whats)s::text[]) AS w,
  1 + (n * 53) %% cardinality(%(roads)s::text[]) AS r) AS c
CROSS JOIN LATERAL (SELECT
  (%(whats)s::text[])[c.w] || ' ở số ' || n %% 900 || ' đường ' || (%(roads)s::text[])[c.r] AS title,
  (%(folded_whats)s::text[])[c.w] || ' o so ' || n %% 900 || ' duong ' || (%(folded_roads)s::text[])[c.r] AS folded,
  n %% 900 || ' ' || (%(roads)s::text[])[c.r] AS place) AS d
CROSS JOIN LATERAL (SELECT
  lpad(to_hex((extract(epoch FROM a.received_at)::float8 * 1000)::bigint), 12, '0') AS head,
  '8' || lpad(to_hex(n), 15, '0') AS tail) AS e"""
"""The cases of one step with all that their rows have in common; what is made of it reads this table alone."""

_CASES = """
INSERT INTO case_ (id, petition_id, code, kind, topic, unit, officer, stage, is_ended, workflow, workflow_version,
  route, priority, kind_class, publication, title, folded, ward, language, channel, signature_status, received_at,
  answer_due_at, answer_due_on, answer_rule, queue_at, resumes_to, next_step, next_step_at, ladder, draft_version,
  is_apology_owed, answered_at, answer_round, excluded, has_excluded, flags, conditions, attachment_count, proposal,
  version, changed_at, drafted_by)
SELECT id, petition_id, translate(upper(lpad(to_hex((n * 2654435761) %% 1099511627776), 10, '0')),
    '01AEIO', 'WXMKPR'),
  kind, topic, unit, CASE WHEN NOT is_unassigned THEN 'u:' || unit || '-' || (n %% %(officers)s) END,
  stage, NOT is_open, kind, 1, 'accept',
  CASE WHEN dice > 980 THEN 'urgent' WHEN dice > 900 THEN 'high' ELSE 'normal' END, kind_class,
  'code_holder', CASE WHEN kind_class = 'secret' THEN '' ELSE title END,
  CASE WHEN kind_class <> 'ordinary' THEN '' ELSE
    folded || ' gan nga ba troi mua nuoc dong de nghi sua som ma ' || to_hex(n * 40503) END,
  (%(wards)s::text[])[1 + (n * 271) %% cardinality(%(wards)s::text[])], 'vi', 'web', 'none', received_at,
  due_at, due_on, 'topic:' || topic,
  CASE WHEN is_waiting THEN timestamptz '9000-01-01 00:00Z' ELSE due_at END,
  CASE WHEN stage = 'waiting' THEN 'in_progress' END,
  CASE WHEN is_open AND NOT is_waiting THEN 'remind_80' END,
  CASE WHEN is_open AND NOT is_waiting THEN %(now)s + interval '1 day' + (n %% 30) * interval '1 day' END,
  '[]', CASE stage WHEN 'drafted' THEN 1 ELSE 0 END, false,
  CASE WHEN stage IN ('answered', 'closed') THEN due_at - interval '1 day' END,
  CASE WHEN stage IN ('answered', 'closed') THEN 1 ELSE 0 END,
  CASE WHEN about IS NULL THEN '[]'::json ELSE json_build_array(about) END, about IS NOT NULL, '[]', '[]', 0,
  %(proposal)s::json, 3, received_at, CASE stage WHEN 'drafted' THEN 'u:' || unit || '-' || (n %% %(officers)s) END
FROM one"""

_WORDS = """
INSERT INTO case_words (case_id, title, text, place, name, phone, email, party)
SELECT id, title,
  title || ' gần ngã ba. Trời mưa nước đọng che khuất, người đi xe máy không thấy, đã có người ngã. Đề nghị cơ quan '
    || 'sửa sớm và báo kết quả cho người dân. Mã ' || to_hex(n * 40503),
  'số ' || place, 'Người Thử', '+84905123456', 'n' || n || '@example.vn', 'individual'
FROM one"""

_EXCLUDED = """
INSERT INTO case_excluded (case_id, who)
SELECT id, about FROM one WHERE about IS NOT NULL"""

_DEADLINES = """
INSERT INTO deadline (id, case_id, rule, step, state, is_governing, due_on, due_at, body)
SELECT (head || to_hex(28688 + k) || tail)::uuid, id, body ->> 'rule', body ->> 'step',
  CASE WHEN is_open THEN 'running' ELSE 'met' END, k = 1, due_on, due_at,
  CASE WHEN is_open THEN body ELSE (body::jsonb || '{"state": "met"}')::json END
FROM one CROSS JOIN LATERAL (SELECT k, clock::json AS body
  FROM unnest(%(clocks)s::text[]) WITH ORDINALITY AS each (clock, k) WHERE is_open OR k <= 2) AS e"""

_TIMELINE = """
INSERT INTO timeline (id, case_id, at, what, actor, is_public, data)
SELECT (head || to_hex(28704 + k) || tail)::uuid, id, received_at + k * interval '1 hour',
  (ARRAY['opened', 'assign', 'accept', 'answer'])[k], CASE k WHEN 1 THEN 'system' ELSE 'u:' || unit || '-0' END,
  true, '{}'
FROM one CROSS JOIN generate_series(1, CASE WHEN is_open THEN 3 ELSE 4 END) AS k"""

_NOTICES = """
INSERT INTO notice (id, petition_id, audience, channel, purpose, state, at)
SELECT (head || '7030' || tail)::uuid, petition_id, 'citizen', 'email', 'filed', 'accepted', received_at
FROM one"""
