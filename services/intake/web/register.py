"""The public register: a list to search, a page for each case, a map, feeds, and following a case that somebody else
reported."""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField

from services.intake import register, store
from services.intake.catalogue import Named
from services.intake.contact import masked_email, masked_phone
from services.intake.domain.petition import Reader, Refused, Wrong
from services.intake.domain.register import NUMBER, Follower, FollowRefused, PublicCase
from services.intake.domain.secret import hashed, pin_of
from services.intake.door import Door, the_door
from services.intake.web import doubting
from services.intake.web.drafts import present_words
from services.intake.web.filing import which_network_counts, who_counts
from services.intake.web.form import mark, topic_name
from services.intake.web.papers import file_response
from services.intake.web.ward_map import drawn
from shared.db import Reading
from shared.files import read_file
from shared.web import Form, WebApp, cacheable, current_language, gettext, lazy, private, typed_once
from shared.web.app import with_query

LISTED = 20
FEED = 50
BATCH = 500  # rows of open data in one answer of JSON, or in one look at the database for CSV
LONGEST_SEARCH = 100  # characters
READING = "600 per minute"  # for one address, which a whole village may share
ALL_OF_IT = "6 per minute"  # the whole register as one file
FRESH_S = 60  # how long a page of the register may lie in a cache
STATES = {"cho": (True, lazy("Đang xử lý")), "xong": (False, lazy("Đã trả lời"))}
SHOWS = {"before": lazy("Trước khi làm"), "after": lazy("Sau khi làm")}
YEARS = range(2000, 2100)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    "number", "received_on", "due_on", "answered_on", "is_on_time", "is_open", "topic", "ward", "unit",
    "title", "text", "answer", "late_reason", "place", "lat", "lng",
)  # fmt: skip
"""What open data say of a case, in this order."""

pages = Blueprint("register", __name__)
theirs = Blueprint("follower", __name__, url_prefix="/theo/<token>")


class SeenToo(Form):
    """Where somebody who saw the same wants to be told."""

    email = StringField(lazy("Thư điện tử"), description=lazy("Chúng tôi báo khi có kết quả hoặc khi ngày hẹn đổi."))
    phone = StringField(lazy("Số điện thoại"), description=lazy("Số di động, để nhận tin nhắn; để trống cũng được."))
    sms = BooleanField(lazy("Nhắn tin cho tôi theo số điện thoại trên"))
    website = StringField(lazy("Để trống ô này"))


def add_to(app: WebApp, door: Door) -> None:
    app.limit(READING, methods=["GET"])(pages)
    app.limit(door.limits.filing, methods=["POST"], key=who_counts)(pages)
    app.limit(door.limits.filing_of_network, methods=["POST"], key=which_network_counts)(pages)
    app.limit(door.limits.following, methods=["POST"])(theirs)
    app.register_blueprint(pages)
    app.register_blueprint(theirs)
    app.add_url_rule("/so-phan-anh/du-lieu.csv", "register.as_csv", app.limit(ALL_OF_IT)(as_csv))
    app.refuses(
        FollowRefused, 409, words=lazy("Việc này đã có kết quả hoặc không còn công khai, nên không theo dõi được nữa.")
    )


# ---- the list


@pages.get("/so-phan-anh")
@cacheable(FRESH_S)
def cases() -> ResponseReturnValue:
    """What is public, the newest first, narrowed by words, topic, ward and state."""
    door, wanted = the_door(), _wanted()
    with door.database.reading() as tx:
        rows = store.public_cases(tx, wanted, most=LISTED + 1)
    last = rows[LISTED - 1] if len(rows) > LISTED else None
    return render_template(
        "register.html",
        rows=rows[:LISTED],
        older=with_query(sau=_mark(last)) if last else "",
        newest=with_query(sau=None) if wanted.after else "",
        wanted=wanted,
        state=request.args.get("trang-thai", ""),
        states=STATES,
        topics=[(topic.code, topic_name(topic)) for topic in door.catalogue.topics_on(door.today())],
        wards=[(ward.code, f"{ward.type_name} {ward.name}") for ward in door.catalogue.wards_on(door.today())],
        **_names(door),
    )


def _wanted() -> store.Wanted:
    """What the address asks for; what makes no sense in it is passed over."""
    state, year = STATES.get(request.args.get("trang-thai", "")), request.args.get("nam", type=int)
    topic, ward = request.args.get("linh-vuc", ""), request.args.get("phuong", "")
    catalogue = the_door().catalogue
    return store.Wanted(
        words=request.args.get("q", "").strip()[:LONGEST_SEARCH],
        topic=topic if catalogue.topic(topic) else "",
        ward=ward if catalogue.ward(ward) else "",
        is_open=state[0] if state else None,
        after=_after(request.args.get("sau", "")),
        year=year if year is not None and year in YEARS else None,
    )


def _mark(last: PublicCase) -> str:
    """Where the next page begins."""
    return f"{last.received_on.isoformat()}.{last.number}"


def _after(typed: str) -> tuple[date, str] | None:
    day, _, number = typed.partition(".")
    try:
        return (date.fromisoformat(day), number) if NUMBER.fullmatch(number) else None
    except ValueError:
        return None


def _names(door: Door) -> dict[str, Any]:
    def topic_of(code: str | None) -> str:
        topic = door.catalogue.topic(code)
        return topic_name(topic) if topic else ""

    def ward_of(code: str | None) -> str:
        ward = door.catalogue.ward(code)
        return f"{ward.type_name} {ward.name}" if ward else ""

    return {"topic_of": topic_of, "ward_of": ward_of, "today": door.today(), "licence": door.catalogue.licence}


# ---- one case


@pages.get("/so-phan-anh/<number>")
@cacheable(FRESH_S)
def case(number: str) -> ResponseReturnValue:
    """One case for good at its address; what was taken down says why."""
    door = the_door()
    with door.database.reading() as tx:
        found = _find(tx, number)
        if found.reason is not None:
            reason = door.catalogue.case_reasons.get(found.reason)
            said, heirs = _name(reason) if reason else "", store.public_heirs(tx, found.case_id)
            page = render_template("public-gone.html", one=found, reason=said, heirs=heirs)
            return page, 410
        filed = store.petition_of(tx, found.petition_id)
        followers = store.count_followers(tx, found.case_id)
    unit = filed.unit if filed is not None and not filed.has_parts and filed.unit else found.unit
    return render_template("public-case.html", one=found, unit=unit, followers=followers, shows=SHOWS, **_names(door))


@pages.get("/so-phan-anh/<number>/anh/<uuid:photo_id>")
@cacheable(300)
def photo(number: str, photo_id: Any) -> ResponseReturnValue:
    """A photo that was covered and chosen for everybody."""
    door = the_door()
    with door.database.reading() as tx:
        found = _find(tx, number)
    if found.reason is not None or photo_id not in {one.id for one in found.photos}:
        abort(404)
    try:
        return file_response(read_file(door.settings.files_dir, photo_id), "image/jpeg")
    except FileNotFoundError:
        abort(404)


def _find(tx: Reading, number: str) -> PublicCase:
    found = store.public_case_by_number(tx, number) if NUMBER.fullmatch(number) else None
    if found is None:
        abort(404, description=gettext("Không có việc nào ở địa chỉ này."))
    return found


def _name(row: Named) -> str:
    return row.name_en if current_language() == "en" else row.name


# ---- the map


@pages.get("/so-phan-anh/ban-do")
@cacheable(300)
def by_ward() -> ResponseReturnValue:
    """How many cases of each ward are public: bubbles and a table, without script or tiles."""
    door = the_door()
    with door.database.reading() as tx:
        counts = store.public_by_ward(tx)
    names = _names(door)
    places = [(names["ward_of"](one.ward) or one.ward, one) for one in counts]
    return render_template("register-map.html", places=places, drawing=drawn(places, door.catalogue.bounds), **names)


# ---- for programs


@pages.get("/so-phan-anh/tin.atom")
@cacheable(300)
def feed() -> ResponseReturnValue:
    """The newest cases as a feed. Source: RFC 4287."""
    door = the_door()
    with door.database.reading() as tx:
        rows = store.public_cases(tx, replace(_wanted(), after=None), most=FEED)
    updated = max((one.updated_at for one in rows), default=door.database.clock.now())
    page = render_template("register.atom", rows=rows, updated=updated, url=_public_url, **_names(door))
    return Response(page, content_type="application/atom+xml; charset=utf-8")


def _public_url(one: PublicCase | None = None) -> str:
    path = url_for("register.case", number=one.number) if one else url_for("register.cases")
    return f"{the_door().settings.public_url}{path}"


@pages.get("/so-phan-anh/du-lieu.json")
@cacheable(300)
def as_json() -> ResponseReturnValue:
    """Open data, 500 cases an answer; `next` goes on."""
    door = the_door()
    with door.database.reading() as tx:
        rows = store.public_cases(tx, _wanted(), most=BATCH + 1)
    more = with_query(sau=_mark(rows[BATCH - 1])) if len(rows) > BATCH else None
    licence = {"name": door.catalogue.licence.name, "url": door.catalogue.licence.url}
    answer = jsonify(
        licence=licence, cases=[_row(one) for one in rows[:BATCH]], next=f"{_host()}{more}" if more else None
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _host() -> str:
    return the_door().settings.public_url


def _row(one: PublicCase) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in COLUMNS}
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}
    photos = [
        {"shows": shot.shows, "url": f"{_host()}{url_for('register.photo', number=one.number, photo_id=shot.id)}"}
        for shot in one.photos
    ]
    return said | {"url": _public_url(one), "photos": photos}


def as_csv() -> ResponseReturnValue:
    """Open data for spreadsheets, of a year (`nam`) or all: a byte order mark, semicolons, no cell is a formula."""
    answer = Response(stream_with_context(_lines(_wanted())), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="so-phan-anh.csv"'
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _lines(wanted: store.Wanted) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    while True:
        with the_door().database.reading() as tx:
            rows = store.public_cases(tx, wanted, most=BATCH)
        yield b"".join(_line([_row(one)[name] for name in COLUMNS]) for one in rows)
        if len(rows) < BATCH:
            return
        wanted = replace(wanted, after=(rows[-1].received_on, rows[-1].number))


def _line(cells: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow([_safe(cell) for cell in cells])
    return text.getvalue().encode()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


# ---- following


@pages.get("/so-phan-anh/<number>/toi-cung-gap")
@private
def seen_too(number: str) -> ResponseReturnValue:
    """Ask where to be told; nothing of it is required."""
    typed = {}
    if request.args.get("tu") == "nhap":  # from the page before sending: what was typed there need not be typed again
        words = present_words()
        typed = {name: words[name] for name in ("email", "phone", "sms") if words.get(name)}
    return _follow_page(number, typed)


@pages.post("/so-phan-anh/<number>/toi-cung-gap")
@private
def follow(number: str) -> ResponseReturnValue:
    """Follow, once however often the button is pressed, and show the code of one's own."""
    door = the_door()
    typed = {name: request.form[name] for name in ("email", "phone", "sms") if request.form.get(name)}
    once = typed_once()
    wrong = [Wrong("website", "filled")] if request.form.get("website") else []
    email = mobile = None
    try:
        email, mobile = _address(door, typed)
    except Refused as refused:
        wrong.extend(refused.wrong)
    if wrong:
        return _follow_page(number, typed, wrong=wrong, once=once), 422
    once_here = f"{number}:{once}"
    with door.database.reading() as look:
        is_again = store.follower_by_once(look, once_here) is not None
    if not is_again:
        if doubting.must_ask(is_proof_needed=mobile is not None):
            return _follow_page(number, typed, once=once, is_asked=True), 422
        if doubting.is_spoken_to_much(email, mobile):
            wrong = [Wrong("email" if email else "phone", "told_often")]
            return _follow_page(number, typed, wrong=wrong, once=once), 422
    with door.database.writing() as tx:
        found = _find(tx, number)
        _, token = register.follow_case(
            tx,
            found,
            once=once_here,
            key=door.key,
            language=current_language(),
            email=email,
            mobile=mobile,
        )
    return redirect(url_for("follower.mine", token=token), 303)


def _address(door: Door, typed: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The e-mail address and the mobile number that may be used. Raises Refused."""
    choices = door.catalogue.choices(door.database.clock.now())
    reader = Reader(typed)
    email, phone = reader.email(choices.read_email), reader.phone(choices.read_phone)
    by_sms = "sms" in reader.consents()
    if by_sms and phone is None and "phone" not in reader.wrong:
        reader.refuse("phone", "needed_for_sms")
    elif by_sms and phone is not None and phone.mobile is None:
        reader.refuse("phone", "takes_no_sms")
    reader.finish()
    return email, phone.mobile if phone and by_sms else None


def _follow_page(
    number: str, typed: Mapping[str, str], *, wrong: Any = (), once: str = "", is_asked: bool = False
) -> str:
    door = the_door()
    with door.database.reading() as tx:
        found = _find(tx, number)
        if found.reason is not None:
            abort(410)
        followers = store.count_followers(tx, found.case_id)
    form = SeenToo(**{name: typed.get(name, "") for name in ("email", "phone")}, sms=bool(typed.get("sms")))
    mark(form, list(wrong))
    question = doubting.asked_again() if is_asked else None
    return render_template(
        "seen-too.html",
        one=found,
        f=form,
        wrong=[*form.wrong, *([question.field] if question else [])],
        question=question,
        once=once or secrets.token_urlsafe(16),
        followers=followers,
        **_names(door),
    )


@theirs.get("")
@private
def mine(token: str) -> ResponseReturnValue:
    """What somebody follows: where it stands, their own code, and how to stop."""
    door = the_door()
    with door.database.reading() as tx:
        found, one = _theirs(tx, token)
        heirs = store.public_heirs(tx, one.case_id)
        is_waiting = not heirs and store.has_heirs(tx, one.case_id)
    return _own_page(door, found, one, token, heirs=heirs, is_waiting=is_waiting)


@theirs.post("/thoi")
@private
def stop(token: str) -> ResponseReturnValue:
    """Follow no longer: the address is forgotten at once."""
    with the_door().database.writing() as tx:
        if register.stop_following(tx, token) is None:
            abort(404)
    return redirect(url_for("follower.mine", token=token), 303)


def _theirs(tx: Reading, token: str) -> tuple[Follower, PublicCase]:
    found = store.follower_by_token(tx, hashed(token))
    one = store.public_case_of(tx, found.case_id) if found else None
    if found is None or one is None:
        abort(404, description=gettext("Không có gì ở đường dẫn này. Hãy mở lại từ thư hoặc tin nhắn."))
    return found, one


def _own_page(
    door: Door, found: Follower, one: PublicCase, token: str, *, heirs: list[PublicCase], is_waiting: bool
) -> str:
    """`heirs` are the public cases that go on with what this one was about; `is_waiting`: none of them is public."""
    is_unseen = one.reason is not None and not heirs and not is_waiting
    told_by = [masked_email(found.email)] if found.email else []
    if found.mobile:
        told_by.append(masked_phone(found.mobile))
    names = _names(door)
    return render_template(
        "followed.html",
        found=found,
        shown=heirs if one.reason else [one],
        is_gone=is_unseen and found.left_at is not None,
        is_unseen=is_unseen,
        is_moved=one.reason is not None,
        is_waiting=is_waiting,
        token=token,
        pin=pin_of(token),
        told_by=told_by,
        **names,
    )
