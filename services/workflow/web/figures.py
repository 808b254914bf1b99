"""The desk's own figures: each month of a unit and of its people, and what comes back, with a remedy one click away."""

from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.domain import figures
from services.workflow.domain.inspection import month_of
from services.workflow.domain.remedy import OVERSEERS
from services.workflow.web.addresses import Facts, sees
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading

LOOKED_BACK = timedelta(days=90)
MONTH = timedelta(days=30)
SHOWN = 50


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/figures", endpoint="figures")
    @desk.needs()
    def months() -> ResponseReturnValue:
        with desk.database.reading() as look:
            facts = month_of_unit(desk, look)
            return desk.page(look, "desk/figures.html", here="figures", **facts, **_around(desk, look, facts["month"]))

    @app.get("/desk/repeats")
    @auth.needs("head", *OVERSEERS)
    def repeats() -> ResponseReturnValue:
        """What comes back by topic and place, and which unit keeps its days less often than before."""
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/repeats.html",
                here="repeats",
                days=LOOKED_BACK.days,
                remedy_for=lambda what: url_for("remedies", what=what, _anchor="new"),
                **what_repeats(desk, look),
            )


@sees("repeats", "spots", "rising", roles=("head", *sorted(OVERSEERS)))
def what_repeats(desk: Desk, look: Reading) -> Facts:
    """What comes back by topic and place, and which units keep their days less often than before"""
    me, since = auth.me(), look.now - LOOKED_BACK
    found = store.repeats_of(look, me, since=since - LOOKED_BACK, middle=since)
    now, then = (_span(look.now - MONTH * back, look.now - MONTH * (back - 1), look.now) for back in (1, 2))
    rising = figures.rising_lateness(
        store.months_of(look, me, now, by="unit"), store.months_of(look, me, then, by="unit")
    )
    return {"spots": figures.hot_spots(found)[:SHOWN], "rising": rising}


@sees("figures", "month", "unit", "whole", "people", "urged", query=("month", "unit"))
def month_of_unit(desk: Desk, look: Reading) -> Facts:
    """A month of a unit and of its people; of an officer, their own"""
    me, calendar = auth.me(), desk.rules.calendar
    month = request.args.get("month") or f"{calendar.local_day(look.now):%Y-%m}"
    first, after = month_of(month)  # a month that is none is not found
    unit = _unit(desk, me, look.now)
    span = _span(calendar.start_of_day(first), calendar.start_of_day(after), look.now)
    people = store.months_of(look, me, span, by="officer", unit=unit)
    return {
        "month": month,
        "unit": unit,
        "whole": figures.together(people, unit),
        "people": people,
        "urged": None if me.role == "officer" else store.urged_of(look, me, span, unit),
    }


def _around(desk: Desk, look: Reading, month: str) -> dict[str, Any]:
    """What the page shows beside the figures: the months before and after, the units to choose from."""
    me, (first, after) = auth.me(), month_of(month)
    return {
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "following": f"{after:%Y-%m}" if after <= desk.rules.calendar.local_day(look.now) else "",
        "units": desk.units_now(look.now) if me.role in OVERSEERS else [],
        "names": store.names_of(look),
        "is_own": me.role == "officer",
        "few": figures.FEWEST,
    }


def _unit(desk: Desk, me: auth.Person, now: datetime) -> str:
    """The unit that was asked for, where this person may choose; else their own."""
    asked = request.args.get("unit", "")
    if me.role in OVERSEERS and asked in {code for code, _ in desk.units_now(now)}:
        return asked
    return me.unit or ""


def _span(first: datetime, before: datetime, now: datetime) -> store.Span:
    return store.Span(first=first, before=before, until=min(before, now))
