"""The desk's own figures: each month of a unit and of its people, and what comes back, with a remedy one click away."""

from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.domain import figures
from services.workflow.domain.inspection import month_of
from services.workflow.domain.remedy import OVERSEERS
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
            return desk.page(look, "desk/figures.html", here="figures", **_month(desk, look))

    @app.get("/desk/repeats")
    @auth.needs("head", *OVERSEERS)
    def repeats() -> ResponseReturnValue:
        """What comes back by topic and place, and which unit keeps its days less often than before."""
        me = auth.me()
        with desk.database.reading() as look:
            since = look.now - LOOKED_BACK
            found = store.repeats_of(look, me, since=since - LOOKED_BACK, middle=since)
            now, then = (_span(look.now - MONTH * back, look.now - MONTH * (back - 1), look.now) for back in (1, 2))
            rising = figures.rising_lateness(
                store.months_of(look, me, now, by="unit"), store.months_of(look, me, then, by="unit")
            )
            return desk.page(
                look,
                "desk/repeats.html",
                here="repeats",
                spots=figures.hot_spots(found)[:SHOWN],
                rising=rising,
                days=LOOKED_BACK.days,
                remedy_for=lambda what: url_for("remedies", what=what, _anchor="new"),
            )


def _month(desk: Desk, look: Reading) -> dict[str, Any]:
    me, calendar = auth.me(), desk.rules.calendar
    today = calendar.local_day(look.now)
    month = request.args.get("month") or f"{today:%Y-%m}"
    first, after = month_of(month)  # a month that is none is not found
    unit = _unit(desk, me, look.now)
    span = _span(calendar.start_of_day(first), calendar.start_of_day(after), look.now)
    people = store.months_of(look, me, span, by="officer", unit=unit)
    return {
        "month": month,
        "first": first,
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "following": f"{after:%Y-%m}" if after <= today else "",
        "unit": unit,
        "units": desk.units_now(look.now) if me.role in OVERSEERS else [],
        "whole": figures.together(people, unit),
        "people": people,
        "urged": None if me.role == "officer" else store.urged_of(look, me, span, unit),
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
