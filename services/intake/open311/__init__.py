"""Open311 GeoReport v2: what other cities' programs speak. Services, requests and tokens, in XML and JSON.

Two endpoints: what is sent to the one for tests is checked and not kept. Confidential kinds are neither offered nor
listed; the words that come out are those of the public register, never those of a letter.
Source: Open311 GeoReport v2; Service Discovery.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, TooManyRequests

from services.intake import store
from services.intake.catalogue import Topic
from services.intake.domain.code import CodeMistyped
from services.intake.domain.open311 import AskedWrong, Wanted, read_id, read_wanted
from services.intake.domain.petition import Refused
from services.intake.door import Door, accept_all, bound_body, keep_all, the_door
from services.intake.files import forget
from services.intake.open311.attributes import Attribute, attribute_rows
from services.intake.open311.filing import Sent, file_request, offered, read_sent
from services.intake.open311.rows import request_row, service_row
from services.intake.open311.words import asked_words, refused_words
from services.intake.open311.writing import MEDIA_TYPES, Document, Each, respond
from services.intake.steps import KeyUsedBefore
from services.intake.store import Partner
from shared.fetch import Reach, read_reach
from shared.questions import asked_about
from shared.web import WebApp, client_address, current_language, gettext
from shared.web.org import Org

CHANGESET = "2026-11-30 22:00"  # when what this endpoint answers last changed its shape
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
PATHS = {"production": "/open311/v2", "test": "/open311/test/v2"}
WINDOW_S = 60

_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_.-]{1,40})\](\[\d{0,4}\])?")

View = Callable[..., ResponseReturnValue]


class NotFound(Exception):
    """What was named does not exist, as far as the public is concerned."""


class KeyRefused(Exception):
    """There is no api_key, or none that files here."""


class TooFast(Exception):
    """This partner sends more in a minute than it may."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


def add_to(app: WebApp, door: Door) -> None:
    """Both endpoints, and where to find them."""
    known = door.settings.environment
    room = _Room(read_reach(known), PartnerAllowance())
    reads = f"{known.integer('OPEN311_READS_PER_MINUTE', 120, low=1)} per minute"
    posts = f"{known.integer('OPEN311_POSTS_PER_MINUTE', 1200, low=1)} per minute"
    strangers = f"{known.integer('OPEN311_STRANGERS_PER_MINUTE', 30, low=1)} per minute"
    for world, path in PATHS.items():
        endpoint = _endpoint(room, world)
        app.limit(reads, methods=["GET"], key=client_address)(endpoint)
        # The key stands in the body: who sends from this address is counted before a byte of it is read.
        app.limit(posts, methods=["POST"], key=client_address)(endpoint)
        app.limit(strangers, methods=["POST"], key=client_address, counts=_is_of_a_stranger)(endpoint)
        app.register_blueprint(endpoint, url_prefix=path)
    places = Blueprint("open311_places", __name__, url_prefix="/open311")
    _add_errors(places)
    app.limit(reads, methods=["GET"], key=client_address)(places)
    places.get("/discovery.<any(xml, json):suffix>", endpoint="discovery")(discovery)
    places.route("/<path:rest>", methods=["GET", "POST"], endpoint="nowhere")(nowhere)
    app.register_blueprint(places)


def _is_of_a_stranger(answer: Response) -> bool:
    """Whether a key was refused: a whole body was read for nobody."""
    return answer.status_code == 403


class PartnerAllowance:
    """So many requests a minute for each partner, as the desk set it; counted in each process."""

    def __init__(self) -> None:
        self._minute, self._used = 0, dict[str, int]()

    def take(self, partner: Partner, now: datetime) -> None:
        """Raises TooFast."""
        minute, second = divmod(int(now.timestamp()), WINDOW_S)
        if minute != self._minute:
            self._minute, self._used = minute, {}
        self._used[partner.code] = self._used.get(partner.code, 0) + 1
        if self._used[partner.code] > partner.per_minute:
            raise TooFast(WINDOW_S - second)


class _Room:
    """What the views of both endpoints share."""

    def __init__(self, reach: Reach, allowance: PartnerAllowance) -> None:
        self.reach, self.allowance = reach, allowance


def _endpoint(room: _Room, world: str) -> Blueprint:
    views = Blueprint(f"open311_{world}", __name__)
    _add_errors(views)
    suffix = "<any(xml, json):suffix>"
    views.get(f"/discovery.{suffix}", endpoint="discovery")(discovery)
    views.get(f"/services.{suffix}", endpoint="services")(_of_us(services))
    views.get(f"/services/<service_code>.{suffix}", endpoint="service")(_of_us(service))
    views.get(f"/requests.{suffix}", endpoint="requests")(_of_us(requests))
    views.get(f"/requests/<named>.{suffix}", endpoint="one")(_of_us(one_request))
    views.get(f"/tokens/<token>.{suffix}", endpoint="token")(_of_us(token))

    @views.post(f"/requests.{suffix}", endpoint="file")
    @_of_us
    def file(suffix: str) -> ResponseReturnValue:
        return file_one(room, suffix, is_test=world == "test")

    views.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], endpoint="nowhere")(nowhere)
    return views


def _of_us(view: View) -> View:
    """The view, for our jurisdiction; another one does not exist here."""

    @wraps(view)
    def answered(**at: Any) -> ResponseReturnValue:
        bound_body()
        named, ours = request.values.get("jurisdiction_id", "").strip(), _org().jurisdiction
        if named and named != ours:
            raise NotFound
        return view(**at)

    return answered


def _org() -> Org:
    app: WebApp = current_app.extensions["web"]
    return app.org


# ---- what may be read


def discovery(suffix: str) -> ResponseReturnValue:
    """Where the endpoints are. Source: Open311 Service Discovery."""
    door = the_door()
    formats = Each("format", [media_type.split(";")[0] for media_type in MEDIA_TYPES.values()])
    rows = [
        {
            "specification": SPECIFICATION,
            "url": door.settings.public_url + path,
            "changeset": CHANGESET,
            "type": world,
            "formats": formats,
        }
        for world, path in PATHS.items()
    ]
    record = {
        "changeset": CHANGESET,
        "contact": f"{_org().email}, {_org().hotline}",
        "key_service": door.settings.public_url + url_for("developers.page"),
        "endpoints": Each("endpoint", rows),
    }
    return respond(Document("discovery", record=record), suffix)


def services(suffix: str) -> ResponseReturnValue:
    door = the_door()
    topics = offered(door.catalogue, door.database.clock.now())
    with door.database.reading() as look:
        questions = door.questions.on_day(look, door.today())
    rows = [
        service_row(door, topic, has_attributes=bool(asked_about(questions, topic.code, door.today())))
        for topic in topics
    ]
    return respond(Document("services", "service", rows), suffix)


def service(suffix: str, service_code: str) -> ResponseReturnValue:
    """What is asked beside the words: the questions about the topic."""
    door = the_door()
    found = _offered(door, service_code)
    attributes = attribute_rows(door.asked({"topic": found.code}))
    record = {"service_code": found.code, "attributes": Each("attribute", attributes)}
    return respond(Document("service_definition", record=record), suffix)


def requests(suffix: str) -> ResponseReturnValue:
    door = the_door()
    return _listed(door, read_wanted(request.args, now=door.database.clock.now()), suffix)


def one_request(suffix: str, named: str) -> ResponseReturnValue:
    return _listed(the_door(), Wanted(ids=(_id(named),)), suffix, is_one=True)


def token(suffix: str, token: str) -> ResponseReturnValue:
    """Ids are given at once here, so a token is the id itself."""
    door = the_door()
    with door.database.reading() as look:
        found = store.listed_requests(look, Wanted(ids=(_id(token),)))
    if not found:
        raise NotFound
    rows = [{"service_request_id": found[0].id, "token": token}]
    return respond(Document("service_requests", "request", rows), suffix)


def _id(typed: str) -> str:
    try:
        return read_id(typed)
    except CodeMistyped:
        raise NotFound from None


def _listed(door: Door, wanted: Wanted, suffix: str, *, is_one: bool = False) -> Response:
    with door.database.reading() as look:
        found = store.listed_requests(look, wanted)
    if is_one and not found:
        raise NotFound
    return respond(Document("service_requests", "request", [request_row(door, one) for one in found]), suffix)


def _offered(door: Door, code: str) -> Topic:
    """Raises NotFound."""
    found = next((one for one in offered(door.catalogue, door.database.clock.now()) if one.code == code), None)
    if found is None:
        raise NotFound
    return found


# ---- what is sent


def file_one(room: _Room, suffix: str, *, is_test: bool) -> ResponseReturnValue:
    """File what a partner sends: once, whatever becomes of the picture at its address."""
    door = the_door()
    partner = _partner(door, is_test=is_test)
    room.allowance.take(partner, door.database.clock.now())
    chosen, once = _offered(door, _typed("service_code")), request.headers.get("Idempotency-Key", "")[:200]
    uploads = [(one.filename or "", one.read()) for one in request.files.getlist("media") if one.filename]
    sent = read_sent(
        {name: _typed(name) for name in request.form},
        [*_attributes()],
        service=chosen,
        questions=door.asked({"topic": chosen.code}),
        catalogue=door.catalogue,
        now=door.database.clock.now(),
        reach=room.reach,
        language=current_language(),
        uploads=[hashlib.sha256(data).hexdigest() for _, data in uploads],
    )
    taken, wrong = accept_all(uploads)
    if wrong:
        raise Refused(tuple(wrong))
    if is_test:
        return _filed(suffix, f"TEST-{sent.digest.hex()[:8].upper()}", gettext("Thử: đã kiểm tra, không lưu gì"))
    kept = keep_all(door, taken, kind=chosen.kind)
    try:
        with door.database.writing() as tx:
            receipt = file_request(tx, sent=sent, partner=partner, once=once, kept=kept, key=door.key)
    except KeyUsedBefore:
        forget(door.settings.files_dir, kept)
        raise
    if not receipt.is_new:
        forget(door.settings.files_dir, kept)
    return _filed(suffix, receipt.filed.code, _notice(door, sent, receipt.token))


def _filed(suffix: str, code: str, notice: str) -> Response:
    row = {"service_request_id": code, "service_notice": notice, "account_id": ""}
    return respond(Document("service_requests", "request", [row]), suffix)


def _notice(door: Door, sent: Sent, token: str) -> str:
    words = gettext("Người gửi theo dõi và bổ sung tại %(link)s", link=door.follow_url(token))
    return f"{words}. {gettext('Ảnh được tải sau.')}" if sent.media_url else words


def _typed(name: str) -> str:
    return str(request.form.get(name, "")).strip()


def _attributes() -> Iterator[Attribute]:
    """Answers that came beside the words, in their order."""
    for name, value in request.form.items(multi=True):
        found = _ATTRIBUTE.fullmatch(name)
        if found is not None:
            yield found[1], value


def _partner(door: Door, *, is_test: bool) -> Partner:
    """Whose key came in the body. Raises KeyRefused."""
    key = _typed("api_key")
    with door.database.reading() as look:
        found = store.partner_by_key(look, hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()) if key else None
    if found is None or not found.is_active or found.is_test != is_test:
        raise KeyRefused
    return found


# ---- what was refused


def nowhere(rest: str) -> ResponseReturnValue:
    """No such address; or a word that this one does not know."""
    is_known = request.method not in {"GET", "POST"}
    return _errors([("405" if is_known else "404", gettext("Không có địa chỉ này"))], 405 if is_known else 404)


def _add_errors(views: Blueprint) -> None:
    views.register_error_handler(
        NotFound, lambda _: _errors([("404", gettext("Không có mã này: dịch vụ, yêu cầu, token hoặc địa bàn"))], 404)
    )
    views.register_error_handler(
        KeyRefused, lambda _: _errors([("403", gettext("api_key thiếu, sai, đã ngừng, hoặc của môi trường khác"))], 403)
    )
    views.register_error_handler(
        KeyUsedBefore,
        lambda _: _errors([("400", gettext("Idempotency-Key này đã dùng cho một nội dung khác"))], 400),
    )
    views.register_error_handler(AskedWrong, lambda wrong: _errors([("400", asked_words(wrong))], 400))
    views.register_error_handler(
        Refused, lambda refused: _errors([("400", refused_words(one)) for one in refused.wrong], 400)
    )
    views.register_error_handler(TooFast, lambda fast: _too_fast(fast.wait_s))
    views.register_error_handler(TooManyRequests, lambda _: _too_fast(WINDOW_S))
    views.register_error_handler(HTTPException, _on_http)


def _too_fast(wait_s: int) -> Response:
    answer = _errors([("429", gettext("Bạn gửi hơi nhanh. Hãy đợi một lát rồi thử lại."))], 429)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _on_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    words = gettext("Có lỗi ở phía chúng tôi. Hãy gửi lại sau.") if status >= 500 else gettext("Yêu cầu chưa đúng")
    if status == 413:
        words = gettext("Thân yêu cầu quá lớn: biểu mẫu nhiều nhất 256 KB, có ảnh (multipart) nhiều nhất 48 MB")
    return _errors([(str(status), words)], status if status in {404, 405, 413} or status >= 500 else 400)


def _errors(found: list[tuple[str, str]], status: int) -> Response:
    suffix = "json" if request.path.endswith(".json") else "xml"
    rows: list[Mapping[str, Any]] = [{"code": code, "description": words} for code, words in found]
    return respond(Document("errors", "error", rows), suffix, status=status)
