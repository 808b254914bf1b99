"""The entrance for programs: file a petition, follow it. Refusals are problem documents in the caller's language.

Source: RFC 9457 (problems), OpenAPI 3.1, the Idempotency-Key header of the IETF's HTTP API working group.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from services.intake import openapi, store
from services.intake.domain.petition import CONSENTS, LANGUAGES, Kept, Petition, Refused, Wrong
from services.intake.domain.questions import PREFIX, field_of
from services.intake.domain.secret import hashed
from services.intake.domain.signature import SENT
from services.intake.door import Door, accept_all, bound_body, digest_of, keep_all, the_door
from services.intake.files import forget
from services.intake.steps import KeyUsedBefore, Receipt, file_petition
from services.intake.story import tell
from services.intake.web.doubting import doubts_about_programs
from services.intake.words import wrong_words
from shared.pdf import has_signature
from shared.web import WebApp, cacheable, client_network, current_language, gettext, problem

WORDS = frozenset(
    {
        "kind", "topic", "title", "text", "place", "ward", "party", "organisation", "name", "phone", "email", "address",
        "language",
    }
)  # fmt: skip
NUMBERS = frozenset({"lat", "lng"})
KEY_LENGTH = range(16, 101)

entrance = Blueprint("api", __name__, url_prefix="/api/v1")


class KeyMalformed(Exception):
    """The Idempotency-Key header is too short to be nobody else's, or too long."""


class BodyUnreadable(Exception):
    """The body is no JSON object."""


class BodyOfOtherKind(Exception):
    """The body is neither JSON nor a form."""


class TooFast(Exception):
    """This network files more in a minute than it may."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


def add_to(app: WebApp, door: Door) -> None:
    app.limiter.exempt(entrance)
    app.register_blueprint(entrance)
    app.register_error_handler(TooFast, _too_fast)
    app.register_error_handler(
        KeyMalformed, lambda _: problem(400, gettext("Idempotency-Key phải dài từ 16 đến 100 ký tự ASCII"))
    )
    app.register_error_handler(
        BodyUnreadable, lambda _: problem(400, gettext("Thân yêu cầu phải là một đối tượng JSON"))
    )
    app.register_error_handler(
        BodyOfOtherKind,
        lambda _: problem(415, gettext("Hãy gửi application/json hoặc multipart/form-data")),
    )
    app.register_error_handler(
        KeyUsedBefore,
        lambda _: problem(422, gettext("Idempotency-Key này đã dùng cho một nội dung khác"), field="Idempotency-Key"),
    )
    app.register_error_handler(Refused, _refused)
    document = json.dumps(openapi.describe(door.catalogue, door.settings.public_url, door.today()), ensure_ascii=False)
    app.add_url_rule("/api/v1/openapi.json", "api.openapi", lambda: Response(document, content_type="application/json"))


@entrance.post("/petitions")
def file() -> ResponseReturnValue:
    """File a petition. The same Idempotency-Key with the same content files once and answers alike."""
    door = the_door()
    bound_body()
    if wait_s := door.programs.take(client_network(), door.database.clock.now()):
        raise TooFast(wait_s)
    once = _once()
    typed, language, uploads = _read_body()
    signature = typed.pop("signature", "none")
    _refuse_unknown_answers(door, typed)
    sent = door.check(typed, language=language, is_lenient=True)
    taken, wrong = accept_all(uploads)
    if signature != "none" and not wrong:
        sent, wrong = _signed(sent, signature, taken)
    if wrong:
        raise Refused(tuple(wrong))
    kept = keep_all(door, taken, kind=sent.kind)
    doubts = doubts_about_programs(sent)
    try:
        with door.database.writing() as tx:
            receipt = file_petition(tx, sent=sent, kept=kept, once=once, key=door.key, channel="api", doubts=doubts)
            digest = digest_of(tx, receipt.filed)
    except KeyUsedBefore:
        forget(door.settings.files_dir, kept)
        raise
    if not receipt.is_new:
        forget(door.settings.files_dir, kept)
    return _json(_receipt(door, receipt, digest), 201, location=f"/api/v1/petitions/{receipt.filed.code}")


@entrance.get("/petitions/<code>")
def follow(code: str) -> ResponseReturnValue:
    """Where a petition stands, for who holds its secret."""
    door = the_door()
    token = request.headers.get("X-Petition-Secret", "")
    if not token:
        return problem(401, gettext("Cần tiêu đề X-Petition-Secret: giá trị secret nhận được khi gửi"))
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(token))
        if filed is None or filed.code != code.upper():
            return problem(404, gettext("Không có hồ sơ nào với mã và secret này"))
        story = tell(tx, door, filed)
        digest = digest_of(tx, filed)
    answer = story.answer
    body = {
        "code": filed.code,
        "kind": filed.kind,
        "topic": filed.topic,
        "stage": filed.stage,
        "label": story.label,
        "received_at": filed.received_at.isoformat(),
        "due_on": story.due_on.isoformat() if story.due_on else None,
        "is_estimate": story.is_estimate,
        "unit": {"code": filed.unit, "name": door.unit_name(filed.unit)} if filed.unit else None,
        "question": {"text": story.question.note, "reply_by": filed.reply_by.isoformat() if filed.reply_by else None}
        if story.question
        else None,
        "answer": {
            "round": answer.facts["round"],
            "outcome": answer.facts["outcome"],
            "text": answer.words.get("answer"),
            "signer": answer.words.get("signer"),
            "promised_on": answer.facts["promised_on"],
            "is_on_time": answer.facts["is_on_time"],
            "answered_at": answer.at.isoformat(),
        }
        if answer
        else None,
        "parts": [
            {
                "number": part.number,
                "topic": part.topic or None,
                "stage": part.stage,
                "label": part.label,
                "due_on": part.due_on.isoformat() if part.due_on else None,
                "unit": {"code": part.unit, "name": door.unit_name(part.unit)} if part.unit else None,
                "answer": part.answer.words.get("answer") if part.answer else None,
            }
            for part in story.parts
        ],
        "timeline": [
            {"at": line.at.isoformat(), "what": line.what, "title": line.title, "note": line.note or None}
            for line in reversed(story.lines)
        ],
        "openings": [
            {"who": one.who, "purpose": one.purpose, "last_at": one.last_at.isoformat(), "times": one.times}
            for one in story.openings
        ],
        "event_id": str(filed.event_id),
        "digest": digest,
    }
    return _json(body, 200)


@entrance.get("/catalogue")
@cacheable(300)
def catalogue() -> ResponseReturnValue:
    """What may be chosen: kinds, topics, wards."""
    door = the_door()
    known, day = door.catalogue, door.today()
    kinds = sorted(known.choices(door.database.clock.now()).kinds)
    body = {
        "kinds": [{"id": k, "name": known.kinds[k].name, "name_en": known.kinds[k].name_en} for k in kinds],
        "topics": [{"code": t.code, "name": t.name, "name_en": t.name_en} for t in known.topics_on(day)],
        "wards": [{"code": w.code, "name": f"{w.type_name} {w.name}".strip()} for w in known.wards_on(day)],
    }
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")


def _once() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return f"api:{secrets.token_hex(16)}"
    if len(key) not in KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise KeyMalformed
    return f"api:{key}"


def _read_body() -> tuple[dict[str, str], str, list[tuple[str, bytes]]]:
    """The fields as the rules read them, the petition's language, and the files."""
    if request.mimetype == "application/json":
        return (*_read_json(), [])
    if request.mimetype not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise BodyOfOtherKind
    values: dict[str, Any] = dict(request.form.items())
    values["consents"] = request.form.getlist("consents")
    uploads = [(one.filename or "", one.read()) for one in request.files.getlist("files")]
    return (*_fields(values), uploads)


def _read_json() -> tuple[dict[str, str], str]:
    try:
        values = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BodyUnreadable from None
    if not isinstance(values, dict):
        raise BodyUnreadable
    return _fields(values)


def _fields(values: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Raises Refused, naming every field that is unknown or of a wrong type."""
    typed: dict[str, str] = {}
    wrong: list[Wrong] = []
    for name, value in values.items():
        if name == "consents":
            if not isinstance(value, list) or not all(one in CONSENTS for one in value):
                wrong.append(Wrong("consents", "not_a_choice"))
            else:
                typed |= dict.fromkeys(value, "y")
        elif name == "answers":
            answers = _answers(value)
            typed |= answers or {}
            if answers is None:
                wrong.append(Wrong("answers", "not_answers"))
        elif name == "signature":
            typed["signature"] = str(value)
            if value not in ("none", *SENT):
                wrong.append(Wrong("signature", "not_a_choice"))
        elif name in NUMBERS and not isinstance(value, bool) and isinstance(value, int | float | str):
            typed[name] = str(value)
        elif name in WORDS and isinstance(value, str):
            typed[name] = value
        elif name in WORDS | NUMBERS and value is None:
            continue
        else:
            wrong.append(Wrong(str(name)[:60], "wrong_type" if name in WORDS | NUMBERS else "unknown_field"))
    language = typed.pop("language", "") or current_language()
    if language not in LANGUAGES:
        wrong.append(Wrong("language", "not_a_choice"))
    if wrong:
        raise Refused(tuple(wrong))
    return typed, language


def _answers(value: Any) -> dict[str, str] | None:
    """Answers by the code of their question, named as the fields of a page are; None where they are no such thing."""
    if isinstance(value, str):  # in a form
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, dict) or len(value) > openapi.ANSWERS_AT_MOST:
        return None
    found: dict[str, str] = {}
    for code, said in value.items():
        if isinstance(said, list) and all(isinstance(one, str) for one in said):
            found[PREFIX + code] = ",".join(said)
        elif isinstance(said, float):
            found[PREFIX + code] = str(said).replace(".", ",")  # 1.125 on a Vietnamese form is more than a thousand
        elif isinstance(said, str | int) and not isinstance(said, bool):
            found[PREFIX + code] = str(said)
        else:
            return None
    return found


def _refuse_unknown_answers(door: Door, typed: Mapping[str, str]) -> None:
    given = [name for name in typed if name.startswith(PREFIX)]
    if not given:
        return
    known = {field_of(one) for one in door.asked(typed)}
    if unknown := [name for name in given if name not in known]:
        raise Refused(tuple(Wrong(name[:60], "unknown_field") for name in unknown))


def _signed(sent: Petition, status: str, taken: Sequence[tuple[Kept, bytes, str]]) -> tuple[Petition, list[Wrong]]:
    """The petition with the signature that its files are said to hold. A digital one is looked for, not verified."""
    is_digital = any(one.media_type == "application/pdf" and has_signature(data) for one, data, _ in taken)
    if not taken or (status == "digital" and not is_digital):
        return sent, [Wrong("letter", "no_digital_signature" if taken else "letter_missing")]
    return replace(sent, signature_status=status), []


def _receipt(door: Door, receipt: Receipt, digest: str) -> dict[str, Any]:
    return {
        "code": receipt.filed.code,
        "secret": receipt.token,
        "pin": receipt.pin,
        "tracking_url": door.follow_url(receipt.token),
        "received_at": receipt.filed.received_at.isoformat(),
        "event_id": str(receipt.filed.event_id),
        "digest": digest,
    }


def _refused(refused: Refused) -> Response:
    errors = [{"field": _named(one.field), "code": one.problem, "detail": wrong_words(one)} for one in refused.wrong]
    return problem(422, gettext("Có chỗ chưa đúng"), gettext("Hãy sửa các mục trong errors rồi gửi lại"), errors=errors)


def _named(field: str) -> str:
    """A field as programs know it: answers.hole_size, signature."""
    return f"answers.{field.removeprefix(PREFIX)}" if field.startswith(PREFIX) else field.replace("letter", "signature")


def _too_fast(too_fast: TooFast) -> Response:
    response = problem(429, gettext("Bạn gửi hơi nhanh"), gettext("Hãy đợi một lát rồi thử lại. Chưa có gì bị mất."))
    response.headers["Retry-After"] = str(too_fast.wait_s)
    return response


def _json(body: Mapping[str, Any], status: int, *, location: str = "") -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if location:
        response.headers["Location"] = location
    return response
