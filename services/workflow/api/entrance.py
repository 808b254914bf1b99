"""The addresses for programs. Each reads the request, calls what the screens call, and answers in JSON.

Source: RFC 9110 (If-Match, ETag), RFC 6585 (428), the Idempotency-Key header of the IETF's HTTP API working group.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from services.workflow import actions, store
from services.workflow.actions.looking import SHOWN_FOR
from services.workflow.api import bodies, openapi, refusals
from services.workflow.api.caller import let_in, who_counts
from services.workflow.api.refusals import BadFields, BadRequest
from services.workflow.web.addresses import ACTS, LOOKS, PAPERS, Act, Look, Paper
from services.workflow.web.asked import asking
from services.workflow.web.asks import Asks
from services.workflow.web.case import look_at
from services.workflow.web.files import shown
from services.workflow.web.frame import STAFF, Desk
from services.workflow.web.moves import MOVES, NOTE, PURPOSE
from services.workflow.web.queue import listed
from shared import auth
from shared.db import Transaction
from shared.web import WebApp

PREFIX = "/desk/api/v1"
KEY_LENGTH = range(16, 101)
WITH = {"refuse_extension": "extend"}  # a step that is offered together with another one

Doing = Callable[[Transaction], dict[str, Any]]


def add_to(app: WebApp) -> None:
    """Serve programs beside people."""
    desk: Desk = app.extensions["desk"]
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    per_minute = app.settings.environment.integer("API_CALLS_PER_MINUTE", 300, low=1)
    app.limit(f"{per_minute} per minute", key=who_counts)(api)
    api.before_request(lambda: let_in(desk))
    refusals.install(api, desk)
    _reading(api, desk)
    _changing(api, desk)
    _tables(api, desk)
    if app.csrf is not None:
        app.csrf.exempt(api)  # no cookie counts here, so no other site's page can act for anybody
    app.register_blueprint(api)
    app.add_url_rule(
        f"{PREFIX}/openapi.json", "api_document", lambda: _json(openapi.describe(desk, app.settings.public_url))
    )


# ---- reading


def _reading(api: Blueprint, desk: Desk) -> None:
    @api.get("/me")
    @auth.needs(*auth.ROLES)
    def me() -> ResponseReturnValue:
        token: store.Token = g.token
        mine = {"scope": token.scope, "name": token.name, "expires_at": token.expires_at.isoformat()}
        views = list(desk.views_of(auth.me())) if auth.me().role in STAFF else []
        return _json(bodies.colleague(auth.me()) | {"views": views, "token": mine})

    @api.get("/cases")
    @desk.needs()
    def cases() -> ResponseReturnValue:
        """A view, narrowed and paged as its screen is."""
        view = request.args.get("view") or desk.views_of(auth.me())[0]
        if view not in store.VIEWS:
            raise BadRequest(404, "view_unknown")
        with desk.database.reading() as look:
            found = listed(desk, look, view)
        if found["asked"].wrong:
            raise BadRequest(400, "day_malformed")
        page, left = found["page"], found["left"]
        rows = [bodies.row(desk, row, time_left=left[row.case.id].words) for row in page.rows]
        return _json({"view": view, "cases": rows, "newer": page.newer or None, "older": page.older or None})

    @api.get("/cases/<uuid:case_id>")
    @desk.needs()
    def case(case_id: UUID) -> ResponseReturnValue:
        """All that its page shows. That it was read is told first."""
        with desk.database.writing() as tx:
            actions.read_case(tx, person=auth.me(), case_id=case_id)
        with desk.database.reading() as look:
            found = look_at(desk, look, case_id)
            found["raw_entries"] = store.entries_of(look, case_id)
        offered = _offered(found)
        steps = [name for name in MOVES if WITH.get(name, name) in offered]
        return _json(bodies.whole(desk, found, steps), version=found["case"].version)

    @api.get("/attachments/<uuid:attachment_id>")
    @desk.needs()
    def attachment(attachment_id: UUID) -> ResponseReturnValue:
        return shown(desk, attachment_id)

    @api.get("/people")
    @auth.needs(*STAFF, "admin")
    def people() -> ResponseReturnValue:
        """Who works on cases, in all units or in one; to the admin the accounts of all."""
        with desk.database.reading() as look:
            if auth.me().role == "admin":
                return _json({"people": [bodies.account(one) for one in auth.list_people(look)]})
            found = store.colleagues(look, unit=request.args.get("unit"), roles=STAFF)
        return _json({"people": [bodies.colleague(one) for one in found]})

    @api.get("/counts")
    @desk.needs()
    def counts() -> ResponseReturnValue:
        person = auth.me()
        with desk.database.reading() as look:
            return _json(store.count_views(look, person, desk.views_of(person), soon_at=desk.soon_at(look.now)))


def _offered(found: Mapping[str, Any]) -> set[str]:
    """The steps that the page offers now: of the state table, together with others, after the answer."""
    after = found["answering"]
    more = {"keep_promise": after.may_keep, "move_promise": after.may_move, "refuse_reopening": after.may_refuse}
    more["close_follow_up"] = after.may_follow_up
    more["decline_withdrawal"] = found["withdrawal"] is not None and found["may_decline"]
    offered = found["may"] | found["together"].may | {name for name, is_offered in more.items() if is_offered}
    return set(offered) - (set() if after.may_reopen else {"reopen"})


# ---- changing


def _changing(api: Blueprint, desk: Desk) -> None:
    @api.post("/cases/<uuid:case_id>/steps/<step>")
    @desk.needs()
    def take(case_id: UUID, step: str) -> ResponseReturnValue:
        """Take a step of the table that the screens have too."""
        if step not in MOVES:
            raise BadRequest(404, "step_unknown")
        act, done = MOVES[step]
        sent = _body()
        at = {"person": auth.me(), "case_id": case_id, "version": _version(sent)}
        fields = _fields(sent, act)

        def acted(tx: Transaction) -> dict[str, Any]:
            with asking(fields):
                act(tx, desk, at)
            row = store.row_of(tx, auth.me(), case_id)  # a step may lead out of one's sight
            return {"step": step, "case": None if row is None else bodies.brief(desk, row.case)}

        answer, is_new = _once(desk, sent, acted)
        version = answer["case"]["version"] if answer["case"] else None
        return _json(answer | {"done": str(done)}, version=version, is_again=not is_new)

    @api.post("/cases/<uuid:case_id>/notes")
    @desk.needs()
    def note(case_id: UUID) -> ResponseReturnValue:
        sent = _body()
        fields = _fields(sent, NOTE)

        def acted(tx: Transaction) -> dict[str, Any]:
            actions.add_note(tx, person=auth.me(), case_id=case_id, text=fields.get("note", ""))
            return {"case_id": str(case_id)}

        answer, is_new = _once(desk, sent, acted)
        return _json(answer, status=201, is_again=not is_new)

    @api.post("/cases/<uuid:case_id>/contact")
    @desk.needs()
    def contact(case_id: UUID) -> ResponseReturnValue:
        """The sender's contact, for a purpose that the citizen will see; the reading is told before it is shown."""
        fields = _fields(_body(), PURPOSE)
        with desk.database.writing() as tx:
            told = actions.read_contact(tx, person=auth.me(), case_id=case_id, purpose=fields.get("purpose", ""))
            until = tx.now + SHOWN_FOR
        return _json(bodies.contact(told, {}, until))


# ---- what stands in the tables of the screens


def _tables(api: Blueprint, desk: Desk) -> None:
    """Each address of the screens, under the same name."""
    views: list[tuple[str, Collection[str], Callable[..., Response], Sequence[str]]] = [
        *((address, look.roles, _seeing(desk, look), ("GET",)) for address, look in LOOKS.items()),
        *((address, act.roles, _doing(desk, act), ("POST",)) for address, act in ACTS.items()),
        *((address, paper.roles, _giving(desk, paper), paper.methods) for address, paper in PAPERS.items()),
    ]
    for number, (address, roles, view, methods) in enumerate(views):
        api.add_url_rule(f"/{address}", f"table_{number}", auth.needs(*roles)(view), methods=[*methods])


def _seeing(desk: Desk, look: Look) -> Callable[..., Response]:
    def see(**at: Any) -> Response:
        return _json(bodies.plain(desk, look(desk, **at)))

    return see


def _doing(desk: Desk, act: Act) -> Callable[..., Response]:
    def do(**at: Any) -> Response:
        g.act = act
        is_form = bool(act.upload) and request.mimetype == "multipart/form-data"
        if act.upload and not act.asks.fields and not is_form:
            raise BadRequest(415, "files_of_other_kind")
        if is_form:
            request.max_content_length = act.most_bytes
        sent = {} if is_form else _body()
        fields = request.form if is_form else _fields(sent, act.asks)

        def acted(tx: Transaction | None) -> dict[str, Any]:
            with asking(fields):
                return {"made": bodies.plain(desk, act(desk, tx, **at))}

        answer, is_new = _once(desk, sent, acted) if act.asks.is_in_one else (acted(None), True)
        return _json(answer | {"done": str(act.done)}, is_again=not is_new)

    return do


def _giving(desk: Desk, paper: Paper) -> Callable[..., Response]:
    def give(**at: Any) -> Response:
        with asking(_fields(_body(), paper.asks)):
            return paper.give(desk, **at)

    return give


def _once(desk: Desk, sent: Mapping[str, Any], act: Doing) -> tuple[dict[str, Any], bool]:
    """Do it in one transaction. Asked again under the same Idempotency-Key, answer alike and do nothing."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with desk.database.writing() as tx:
            return act(tx), True
    if len(key) not in KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise BadRequest(400, "key_malformed")
    mine, fingerprint = auth.me().person_id, _fingerprint(sent)
    with desk.database.writing() as tx:
        before = store.take_key(tx, mine, key, fingerprint)
        if before is None:
            answer = act(tx)
            store.keep_answer(tx, mine, key, answer)
            return answer, True
    if before[0] != fingerprint:
        raise BadRequest(422, "key_used")
    return before[1], False


def _fingerprint(sent: Mapping[str, Any]) -> str:
    """What tells two requests apart: where they go and what they say. The version they saw is no part of it."""
    fields = {name: value for name, value in sent.items() if name != "version"}
    said = json.dumps([request.full_path.rstrip("?"), fields], sort_keys=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def _body() -> dict[str, Any]:
    data = request.get_data()
    if not data.strip():
        return {}
    if request.mimetype != "application/json":
        raise BadRequest(415, "body_of_other_kind")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadRequest(400, "body_unreadable") from None
    if not isinstance(found, dict):
        raise BadRequest(400, "body_unreadable")
    return found


def _fields(sent: Mapping[str, Any], asks: Asks) -> MultiDict[str, str]:
    """The fields as a form would bring them. Raises BadFields, naming each that is unknown or no text."""
    fields: MultiDict[str, str] = MultiDict()
    wrong: list[tuple[str, str]] = []
    for name, value in sent.items():
        shown_name = name[:60].encode("utf-8", "replace").decode()
        if name == "version" and name not in asks.fields:
            continue
        if name not in asks.fields:
            wrong.append((shown_name, "unknown_field"))
        if name in asks.structured:
            value = json.dumps(value)  # its reader looks into it
        for one in value if isinstance(value, list) else [value]:
            text = _text(one)
            if text is None:
                wrong.append((shown_name, "wrong_type"))
            elif not _is_writable(text):
                wrong.append((shown_name, "unreadable"))
            else:
                fields.add(name, text)
    if wrong:
        raise BadFields(wrong)
    return fields


def _text(value: Any) -> str | None:
    """A value as a form would say it; None where no form could."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else None


def _is_writable(text: str) -> bool:
    """Whether a database takes it: no NUL, and no half of a character."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _version(sent: Mapping[str, Any]) -> int | None:
    """The version that the caller saw; None for `If-Match: *`, which takes whichever there is."""
    header = request.headers.get("If-Match", "").strip()
    if header == "*":
        return None
    typed = header.removeprefix("W/").strip('"') if header else sent.get("version")
    if typed is None:
        raise BadRequest(428, "version_missing")
    if isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) < 10:
        return int(typed)
    if isinstance(typed, int) and not isinstance(typed, bool):
        return typed
    raise BadRequest(400, "version_malformed")


def _json(
    body: Mapping[str, Any], *, status: int = 200, version: int | None = None, is_again: bool = False
) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
    if version is not None:
        response.set_etag(str(version))
    if is_again:
        response.headers["Idempotency-Replayed"] = "true"
    return response
