"""The book of reception: what came in over some days, as the law wants it kept."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.workflow import store
from services.workflow.actions.looking import tell_read
from services.workflow.domain.permission import Person, Refusal
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, NotAllowed
from shared.db import Transaction

ROLES = ("office", "director")
MOST_ROWS = 3000
LONGEST = timedelta(days=366)


def read_book(
    tx: Transaction, rules: Rules, *, person: Person, first: date | None, last: date | None
) -> Sequence[store.Received]:
    """What came in between two days, both included, of what this person may see. Of each petition whose words they
    get it is told; of secret ones they get none.

    Source: NĐ 154/2026 Đ27, form 03/TCD.
    """
    if person.role not in ROLES:
        raise NotAllowed(Refusal.NOT_YOUR_ROLE)
    if first is None or last is None:
        raise Incomplete("first_day" if first is None else "last_day")
    if not timedelta() <= last - first <= LONGEST:
        raise Incomplete("last_day", "too_long")
    calendar = rules.calendar
    begin, end = calendar.end_of_day(first - timedelta(days=1)), calendar.end_of_day(last)
    rows = store.received_between(tx, person, begin, end, limit=MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise Incomplete("last_day", "too_many")
    for row in rows:
        if not row.case.is_secret:
            tell_read(tx, row.case, person, kind="export", purpose="supervision")
    return rows
