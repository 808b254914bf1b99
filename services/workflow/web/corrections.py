"""How good the proposals of the sorting are, and which phrases would have made them better."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.domain.corrections import confusions, suggestions, tally
from services.workflow.web.addresses import Facts, sees
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading

LOOKED_BACK = timedelta(days=365)


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/corrections")
    @auth.needs("office", "admin")
    def corrections() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(look, "desk/corrections.html", here="corrections", **measured(desk, look))


@sees("corrections", "tally", "looked_at", "confusions", "phrases", roles=("office", "admin"))
def measured(desk: Desk, look: Reading) -> Facts:
    """How often people decided otherwise than was proposed, and which phrases would have made proposals better"""
    found = store.past_decisions(look, auth.me(), since=look.now - LOOKED_BACK)
    every, decided = [one for one, _ in found], [one for one, is_by_person in found if is_by_person]
    today = desk.rules.calendar.local_day(look.now)
    keywords = {topic.code: topic.keywords for topic in desk.rules.catalogue.topics_on(today)}
    return {
        "tally": tally(decided),
        "looked_at": len(every),
        "confusions": confusions(decided)[:30],
        "phrases": suggestions(decided, every, keywords),
    }
