"""Take part: one page that gathers what people may have a say in, a section for each way to do so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from services.intake.door import Door
from shared.db import Reading
from shared.web import WebApp


@dataclass(frozen=True)
class Section:
    """A part of the page: its template, which begins with an `h2`, and what it shows, under `part.shows`."""

    template: str
    shows: Mapping[str, Any]


MakeSection = Callable[[Door, Reading], Section]
"""What a way to take part contributes to the page."""


def add_to(app: WebApp, door: Door, sections: Sequence[MakeSection]) -> None:
    @app.get("/tham-gia")
    def take_part() -> ResponseReturnValue:
        with door.database.reading() as tx:
            parts = [make(door, tx) for make in sections]
        return render_template("take-part.html", parts=parts)
