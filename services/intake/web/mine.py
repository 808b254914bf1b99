"""One link for all petitions of an address. What is answered is the same whether there are any or not."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from services.intake.contact import read_phone
from services.intake.domain.contact import LISTS_OF_ASKER, normal_email, normal_phone
from services.intake.domain.petition import Phone, Refused, Wrong
from services.intake.domain.petition import Reader as FieldReader
from services.intake.domain.secret import link_token
from services.intake.door import Door, the_door
from services.intake.own import ask_list, petitions_in_list
from services.intake.web.form import MineForm, mark, topic_name
from services.intake.words import STAGES
from shared.web import WebApp, client_address, current_language, gettext, private

pages = Blueprint("mine", __name__)


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.following, methods=["POST"], key=client_address)(pages)
    app.register_blueprint(pages)


@pages.get("/ho-so-cua-toi")
@private
def ask() -> ResponseReturnValue:
    return render_template("mine-ask.html", f=MineForm(), wrong=[], is_sent=False)


@pages.post("/ho-so-cua-toi")
@private
def keep_asked() -> ResponseReturnValue:
    door = the_door()
    try:
        email, phone = _address(request.form.get("address", "")[:300], door)
    except Refused as refused:
        form = MineForm(request.form)
        mark(form, refused.wrong)
        return render_template("mine-ask.html", f=form, wrong=form.wrong, is_sent=False), 422
    if _is_seldom(door, normal_email(email) if email else normal_phone(phone) if phone else ""):
        with door.database.writing() as tx:
            ask_list(tx, email=email, phone=phone, language=current_language(), key=door.key)
    return render_template("mine-ask.html", f=MineForm(), wrong=[], is_sent=True)


def _is_seldom(door: Door, address: str) -> bool:
    """Whether this client asks for this address no more often than an owner does who looks for the mail."""
    app: WebApp = current_app.extensions["web"]
    return app.within(LISTS_OF_ASKER, "list", client_address(), door.prover.blurred("list", address))


def _address(typed: str, door: Door) -> tuple[str | None, Phone | None]:
    """The e-mail address or mobile number that was typed. Raises Refused."""
    if "@" in typed:
        reader = FieldReader({"email": typed})
        choices = door.catalogue.choices(door.database.clock.now())
        email, phone = reader.email(choices.read_email), None
    else:
        reader = FieldReader({"phone": typed})
        email, phone = None, reader.phone(read_phone)
        if phone is not None and phone.mobile is None:
            reader.refuse("phone", "takes_no_sms")
    if not typed.strip():
        raise Refused((Wrong("address", "missing"),))
    if reader.wrong:
        first = next(iter(reader.wrong.values()))
        raise Refused((Wrong("address", "not_an_address" if first.problem != "takes_no_sms" else "takes_no_sms"),))
    return email, phone


@pages.get("/ho-so-cua-toi/<token>")
@private
def mine(token: str) -> ResponseReturnValue:
    """All petitions of the address to which this link was sent, but those whose senders are protected."""
    door = the_door()
    with door.database.reading() as tx:
        rows = petitions_in_list(tx, token)
    shown = []
    for filed in rows:
        topic = door.catalogue.topic(filed.topic)
        due_on = filed.due_on if filed.stage not in {"answered", "closed"} else None
        stage = gettext(STAGES.get(filed.stage, filed.stage))
        shown.append((filed, topic_name(topic) if topic else "", stage, due_on, link_token(door.key, filed.once)))
    return render_template("mine.html", rows=shown)
