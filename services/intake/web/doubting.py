"""What a form brings besides its words: whether work was done for it, since when it is open, what else comes
from there."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from services.intake.domain.doubt import Signs, bare_words, doubts_of
from services.intake.domain.petition import BEARER_KINDS, Petition
from services.intake.door import Door, the_door
from services.intake.proof import NUMBERS
from services.intake.web import stead
from shared.db import Transaction
from shared.web import Form, WebApp, client_network, current_language, gettext, lazy, private

PROOF, BEGAN, ASKED, ANSWER = "altcha", "altcha_began", "altcha_asked", "riddle"
"""Fields of a form; no draft on a telephone keeps any of them."""
PROVEN, OPENED, TRAPPED = "_proven", "_opened", "_trapped"
"""What a draft on the server keeps of them."""
TOLD = "5 per day"
"""So often an address is told that it follows something: anybody can type the address of somebody else."""
PROVEN_COUNTS = 4  # who brings a proof may send so many times as much: a whole town can share one network

pages = Blueprint("proof", __name__)


class RiddleForm(Form):
    """A plain question, where everybody is asked for a proof and this browser could not bring one."""

    riddle = StringField(lazy("Một câu hỏi nhỏ"))


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.filing)(pages)
    app.register_blueprint(pages)
    app.jinja_env.globals.update(opened_at=_opened_at, wants_proof=lambda: bool(door.prover.cost))


@pages.get("/thu-thach")
@private
def challenge() -> ResponseReturnValue:
    """Work for a browser. Source: ALTCHA."""
    door = the_door()
    if not door.prover.cost:
        abort(404)
    return jsonify(door.prover.challenge(door.database.clock.now()))


def _opened_at() -> str:
    """When this form was opened first: shown again with what is wrong it is no fresh one."""
    door, before = the_door(), request.form.get(BEGAN, "")
    now = door.database.clock.now()
    return before if door.prover.seconds_since(before, now) is not None else door.prover.stamp(now)


def _app() -> WebApp:
    app: WebApp = current_app.extensions["web"]
    return app


# ---- petitions: marks that their draft carries


def marks(tx: Transaction, before: Mapping[str, str]) -> dict[str, str]:
    """What the draft keeps of how this form came, beside its words; a proof is spent."""
    found = {name: before[name] for name in (PROVEN, OPENED, TRAPPED) if name in before}
    if request.form.get("website"):
        found[TRAPPED] = "y"
    found.setdefault(OPENED, request.form.get(BEGAN, "")[:60])
    if PROVEN not in found and is_proven(tx):
        found[PROVEN] = "y"
    return found


def is_proven(tx: Transaction) -> bool:
    """Whether this form brought a proof, or the answer to a question of ours."""
    prover, sent = the_door().prover, request.form
    return prover.spend(tx, sent.get(PROOF, "")) or prover.answered(tx, sent.get(ASKED, ""), sent.get(ANSWER, ""))


def doubts_about(sent: Petition, kept: Mapping[str, str]) -> tuple[str, ...]:
    """Why a person should look at this petition first; it counts for its network from now on."""
    door = the_door()
    signs = Signs(
        is_trap_filled=TRAPPED in kept,
        seconds=door.prover.seconds_since(kept.get(OPENED, ""), door.database.clock.now()),
        is_proven=PROVEN in kept,
        is_flood=is_flood(is_proven=PROVEN in kept, is_counted=True),
        is_network_over=_is_network_over(is_proven=PROVEN in kept),
        is_repeated=_is_repeated(sent),
    )
    return doubts_of(sent.text, signs, shortest_s=door.limits.shortest_s)


def doubts_about_programs(sent: Petition) -> tuple[str, ...]:
    """Why a person should look first at what a program sent without anybody's key; it counts as what a form sends."""
    signs = Signs(
        is_trap_filled=False,
        seconds=None,
        is_proven=False,
        is_flood=is_flood(is_proven=False, is_counted=True),
        is_network_over=_is_network_over(is_proven=False),
        is_repeated=_is_repeated(sent),
    )
    return doubts_of(sent.text, signs, shortest_s=0)


def is_flood(*, is_proven: bool, is_counted: bool = False) -> bool:
    """Whether each form has to bring a proof: the house wants it so, or too many came without one lately. Where no work
    is given out, their number says nothing."""
    limits = the_door().limits
    if is_proven:
        return False
    if not the_door().prover.cost:
        return limits.is_proof_required
    return limits.is_proof_required or not _app().within(limits.unproven, "unproven", is_counted=is_counted)


def _is_network_over(*, is_proven: bool) -> bool:
    most = the_door().limits.of_network_per_hour * (PROVEN_COUNTS if is_proven else 1)
    whom = ("network", "proven" if is_proven else "unproven", client_network())
    return not _app().within(f"{most} per hour", *whom)


def _is_repeated(sent: Petition) -> bool:
    """Of kinds whose senders are protected nothing is counted by its words."""
    if sent.kind in BEARER_KINDS:
        return False
    return not _app().within(
        the_door().limits.same_words, "words", client_network(), the_door().prover.blurred(bare_words(sent.text))
    )


# ---- the plain question


def question(kept: Mapping[str, str], *, is_wrong: bool = False) -> Any:
    """The question to ask before sending; None where none is needed."""
    return asked(is_wrong=is_wrong) if is_flood(is_proven=PROVEN in kept) else None


def asked(*, is_wrong: bool = False) -> Any:
    """A fresh question as a form shows it."""
    prover = the_door().prover
    riddle = prover.riddle(the_door().database.clock.now())
    said = NUMBERS[current_language()]
    form = RiddleForm()
    form.riddle.label.text = gettext(
        "%(first)s cộng %(second)s bằng mấy?", first=said[riddle.first], second=said[riddle.second]
    ).capitalize()
    form.riddle.errors = [gettext("Chưa đúng. Đây là câu hỏi mới; hãy trả lời bằng chữ số")] if is_wrong else []
    return SimpleNamespace(field=form.riddle, sealed=prover.seal(riddle))


# ---- forms that are sent at once: a comment, a registration


def must_ask(*, is_proof_needed: bool = False) -> bool:
    """Whether to ask the plain question before this form is taken: it came without proof, and in doubt, or asks for
    what nobody gets without one."""
    door = the_door()
    if stead.present() is not None:
        return False
    with door.database.writing() as tx:
        proven = is_proven(tx)
    passed = door.prover.seconds_since(request.form.get(BEGAN, ""), door.database.clock.now())
    is_hasty = passed is not None and passed < door.limits.shortest_s
    is_over = _is_network_over(is_proven=proven)
    is_much = is_flood(is_proven=proven, is_counted=True)
    return not proven and (is_proof_needed or is_hasty or is_over or is_much)


def is_spoken_to_much(*addresses: str | None) -> bool:
    """Whether one of these addresses was given to us often enough today, by whomever; it counts now."""
    blurred = [the_door().prover.blurred("told", one.casefold()) for one in addresses if one]
    return not all(_app().within(TOLD, "told", one) for one in blurred)


def asked_again() -> Any:
    """The question for such a form, as something to mend: it says so where it was answered wrongly."""
    found = asked(is_wrong=bool(request.form.get(ANSWER, "").strip()))
    found.field.errors = found.field.errors or [gettext("Hãy trả lời câu hỏi nhỏ này rồi gửi")]
    return found
