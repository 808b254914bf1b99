"""Every page of the door with an example of each: a door with one of everything, and where to look at it.

Whoever adds a page adds a row to `PAGES`, or excuses its route in `NO_PAGES`; a test names what was forgotten.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask.testing import FlaskClient

from services.intake import own, store
from services.intake.domain.secret import hashed, unsubscribe_mark
from services.intake.door import Door
from services.intake.steps import Receipt
from services.intake.web.stead import SURVEYS
from shared.events.base import Event, Sealed
from shared.events.common import AccessRead
from shared.events.intake import Attachment
from shared.events.workflow import (
    CaseAccepted,
    CaseClockPaused,
    CaseClosed,
    CaseRefused,
    CaseRouted,
    CaseUnpublished,
    DialogueCalledOff,
    PromiseAsked,
    PublicationWithdrawn,
    PublicPhoto,
    SurveyClosed,
)
from shared.files import store_file
from shared.keys import KeyRing
from shared.passes import LIVES, Pass, write_pass
from tests.builders import an_event
from tests.intake import test_consultations as drafts
from tests.intake import test_dialogues as sessions
from tests.intake import test_publications as notices
from tests.intake import test_register as register
from tests.intake import test_surveys as surveys
from tests.intake.builders import a_letter, a_picture, case_answered, case_opened, file_one, hear, info_requested
from tests.intake.by_steps import choose, walk
from tests.intake.test_counter import come_in
from tests.intake.test_parts import taken_apart_of
from tests.intake.test_web import code_of, filed, fill, send
from tests.support import NOON, emitted

GLYPHS = "Ẵ Ặ Ữ Ỡ ẫ ễ ợ đ Đ: NGUYỄN THỊ HỖ, đường Điện Biên Phủ lại trễ hẹn, chẳng ai biết"
"""Letters with two marks, above and below: what is clipped first."""

LONG = "Trước cổng trường có ổ gà sâu khoảng 20 cm. " + GLYPHS + " https://example.vn/" + "a" * 90

UNTIL = date(2026, 12, 23)
EXAMPLE_OF_ERROR = "an example of an error"
GROUNDS = {CaseRefused: "out_of_time", CaseClockPaused: "expert_opinion"}
Cookies = list[dict[str, str]]


@dataclass
class Furnished:
    """A door with one of everything: where each thing stands, and what the browsers of its visitors hold."""

    door: Door
    app: Any
    at: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, Cookies] = field(default_factory=dict)

    def browser(self) -> FlaskClient:
        found: FlaskClient = self.app.test_client()
        return found

    def keep(self, visitor: str, browser: FlaskClient) -> None:
        """Other browsers may hold what this one holds."""
        held = browser._cookies or {}
        self.visitors[visitor] = [{"name": one.key, "value": one.value, "path": one.path} for one in held.values()]


@dataclass(frozen=True)
class Example:
    """One page to look at.

    `path` may name what stands in `Furnished.at`; `visitor` whose cookies are sent; `press` the form whose button is
    pressed, as it stands, before one looks, by somebody whose draft is lost until then where `loses`; `status` what the
    page answers before that.
    """

    name: str
    endpoint: str
    path: str
    status: int = 200
    visitor: str = ""
    press: str = ""
    loses: bool = False


EMPTY = "main form[method=post]"
FILES = "main form[enctype]"

PAGES = (
    Example("the first page", "home.home", "/"),
    Example("privacy", "home.privacy", "/quyen-rieng-tu"),
    Example("accessibility", "home.accessibility", "/tiep-can"),
    Example("for developers", "developers.page", "/open311"),
    # Filing.
    Example("form", "filing.form", "/gui"),
    Example("form, sent empty", "filing.form", "/gui", press="main form.form, main form[enctype]"),
    Example("form with the questions of a topic", "filing.form", "/gui?linh-vuc=C03"),
    Example("form, draft lost", "filing.form", "/gui", press=FILES, loses=True),
    Example("older link to a complaint", "filing.form", "/gui?loai=complaint"),
    Example("older link to a denunciation", "filing.form", "/gui?loai=denunciation"),
    Example("complaint, first step", "steps.step", "/gui/buoc/1", visitor="begins a complaint"),
    Example("complaint, sent empty", "steps.step", "/gui/buoc/1", visitor="begins a complaint", press=FILES),
    *(
        Example(f"complaint, step {n}, draft lost", "steps.step", f"/gui/buoc/{n}", 200, "complains", FILES, loses=True)
        for n in (1, 2, 3, 4)
    ),
    Example("complaint out of time", "steps.step", "/gui/buoc/2", visitor="complains"),
    Example("complaint, who", "steps.step", "/gui/buoc/4", visitor="complains"),
    Example("complaint, check and sign", "steps.last", "/gui/buoc/ky", visitor="complains"),
    Example(
        "complaint, not signed", "steps.last", "/gui/buoc/ky", visitor="complains", press="main form:has(#signature)"
    ),
    Example("complaint, letter to sign", "steps.letter", "/gui/buoc/don", visitor="complains"),
    Example("complaint, letter after sending", "following.by_link.printed", "/t/{complaint}/don"),
    Example("denunciation, first step", "steps.step", "/gui/buoc/1", visitor="begins a denunciation"),
    Example("denunciation, draft lost", "steps.step", "/gui/buoc/1", visitor="denounces", press=FILES, loses=True),
    Example("denunciation, who", "steps.step", "/gui/buoc/4", visitor="denounces"),
    Example("denunciation, check and sign", "steps.last", "/gui/buoc/ky", visitor="denounces"),
    Example("help", "help.guide", "/huong-dan"),
    Example("poster for offices", "posters.poster", "/ap-phich"),
    Example("poster about a topic", "posters.poster", "/ap-phich?linh-vuc=C13"),
    Example("form with a draft", "filing.form", "/gui", visitor="drafted"),
    Example("form at the counter", "filing.form", "/gui", visitor="at the counter"),
    Example("form at the counter, sent empty", "filing.form", "/gui", visitor="at the counter", press=FILES),
    Example("form without a network", "offline.form", "/gui/trong"),
    Example("no network", "offline.page", "/ngoai-mang"),
    Example("check", "filing.check", "/kiem-tra", visitor="drafted"),
    Example("check without a draft", "filing.check", "/kiem-tra", status=410),
    Example("receipt", "filing.receipt", "/bien-nhan/{filed}"),
    Example("receipt with a PIN", "filing.receipt", "/bien-nhan/{with_pin}"),
    Example("receipt of a complaint", "filing.receipt", "/bien-nhan/{complaint}"),
    Example("receipt that is none", "filing.receipt", "/bien-nhan/none", status=404),
    Example("receipt at the counter", "counter.receipt", "/gui/tai-quay/bien-nhan", visitor="filed at the counter"),
    Example("receipt at the counter, over", "counter.receipt", "/gui/tai-quay/bien-nhan", status=403),
    # Following.
    Example("look up", "following.look_up", "/theo-doi"),
    Example("look up, sent empty", "following.look_up", "/theo-doi", press=EMPTY),
    Example("look up with a wrong code", "following.look_up", "/theo-doi?ma=7K3M-9HDD", press=EMPTY),
    Example("followed by code", "following.by_code.follow", "/theo-doi/{code}", visitor="knows the code"),
    Example("follow: just filed", "following.by_link.follow", "/t/{filed}"),
    Example("follow: being worked on", "following.by_link.follow", "/t/{working}"),
    Example("follow: paused", "following.by_link.follow", "/t/{paused}"),
    Example("follow: late", "following.by_link.follow", "/t/{late}"),
    Example("follow: asked", "following.by_link.follow", "/t/{asked}"),
    Example("follow: asked, sent empty", "following.by_link.follow", "/t/{asked}", press=EMPTY),
    Example("follow: answered", "following.by_link.follow", "/t/{answered}"),
    Example("follow: refused", "following.by_link.follow", "/t/{refused}"),
    Example("follow: closed", "following.by_link.follow", "/t/{closed}"),
    Example("follow: in parts", "following.by_link.follow", "/t/{parts}"),
    Example("follow: a complaint", "following.by_link.follow", "/t/{complaint}"),
    Example("follow: a denunciation", "following.by_link.follow", "/t/{denunciation}"),
    Example("follow: a comment on a draft", "following.by_link.follow", "/t/{comment}"),
    Example("follow: nothing", "following.by_link.follow", "/t/none", status=404),
    # After the answer.
    Example("rate", "following.by_link.rate", "/t/{answered}/danh-gia"),
    Example("rate, sent empty", "following.by_link.rate", "/t/{answered}/danh-gia", press=EMPTY),
    Example("rate before the answer", "following.by_link.rate", "/t/{filed}/danh-gia", status=409),
    Example("rated", "following.by_link.rate", "/t/{rated}/danh-gia"),
    Example("reopen", "following.by_link.reopen", "/t/{answered}/mo-lai"),
    Example("reopen, sent empty", "following.by_link.reopen", "/t/{answered}/mo-lai", press=EMPTY),
    Example("reopen before the answer", "following.by_link.reopen", "/t/{filed}/mo-lai", status=409),
    Example("promise", "following.by_link.promise", "/t/{answered}/loi-hen"),
    Example("promise, sent empty", "following.by_link.promise", "/t/{answered}/loi-hen", press=EMPTY),
    Example("withdraw", "following.own.withdraw", "/t/{working}/rut"),
    Example("withdraw a complaint", "following.own.withdraw", "/t/{complaint}/rut"),
    Example("withdraw a denunciation", "following.own.withdraw", "/t/{denunciation}/rut"),
    Example("withdraw after the answer", "following.own.withdraw", "/t/{answered}/rut", status=409),
    Example("contact", "following.own.contact", "/t/{reached}/lien-he"),
    Example("contact of a denouncer", "following.own.contact", "/t/{denunciation}/lien-he"),
    Example("code by SMS", "following.own.type_code", "/t/{reached}/ma"),
    Example("link by e-mail", "contact.verify", "/xac-minh/{verify}"),
    Example("link by e-mail that is none", "contact.verify", "/xac-minh/none", status=410),
    Example("told of less", "contact.unsubscribe", "{unsubscribe}"),
    Example("told of less by a link that is none", "contact.unsubscribe", "{unsubscribe}x", status=404),
    Example("all my petitions, asked for", "mine.ask", "/ho-so-cua-toi"),
    Example("all my petitions, sent empty", "mine.ask", "/ho-so-cua-toi", press=EMPTY),
    Example("all my petitions", "mine.mine", "/ho-so-cua-toi/{list}"),
    Example("all my petitions, too old", "mine.mine", "/ho-so-cua-toi/none", status=410),
    Example("own data", "following.own.data", "/t/{reached}/du-lieu"),
    Example("own data, sent empty", "following.own.data", "/t/{reached}/du-lieu", press=EMPTY),
    Example("own data of a denouncer", "following.own.data", "/t/{denunciation}/du-lieu"),
    # Taking part.
    Example("take part", "take_part", "/tham-gia"),
    Example("draft, open", "consultations.draft", "/gop-y/7"),
    Example("draft, open, sent empty", "consultations.draft", "/gop-y/7", press=EMPTY),
    Example("draft, closed and answered", "consultations.draft", "/gop-y/8"),
    Example("draft that is none", "consultations.draft", "/gop-y/99", status=404),
    Example("poster of a draft", "consultations.poster", "/gop-y/7/ap-phich"),
    Example("sheet of a draft", "consultations.paper_form", "/gop-y/7/phieu"),
    Example("session", "dialogues.session", "/tham-gia/buoi/{session}"),
    Example("session, sent empty", "dialogues.session", "/tham-gia/buoi/{session}", press=EMPTY),
    Example("session without seats", "dialogues.session", "/tham-gia/buoi/{full_session}"),
    Example("session called off", "dialogues.session", "/tham-gia/buoi/{session_off}"),
    Example("registration", "dialogues.own", "{registration}"),
    Example("survey", "survey.by_link", "/khao-sat/2026-1"),
    Example("survey, sent empty", "survey.by_link", "/khao-sat/2026-1", press=EMPTY),
    Example("survey, over", "survey.by_link", "/khao-sat/2026-0", status=410),
    Example("survey, thanks", "survey.thanks", "/khao-sat/cam-on"),
    Example("poster of a survey", "survey.poster", "/khao-sat/2026-1/ap-phich"),
    Example("invitation", "survey.invited", "/k/{invitation}"),
    Example("invitation, no more", "survey.stop", "/k/{invitation}/thoi"),
    Example("surveys on paper", "survey.to_type_in", "/khao-sat/nhap", visitor="types in"),
    Example("survey on paper", "survey.type_in", "/khao-sat/nhap/2026-1", visitor="types in"),
    Example(
        "survey on paper, sent empty",
        "survey.type_in",
        "/khao-sat/nhap/2026-1",
        visitor="types in",
        press="form:has(#way), main form:has([name=once])",
    ),
    # What everybody reads.
    Example("publications", "publications.public", "/cong-khai"),
    Example("publications, nothing found", "publications.public", "/cong-khai?q=khong-co-gi"),
    Example("publication", "publications.one", "/cong-khai/2026-01"),
    Example("publication that is none", "publications.one", "/cong-khai/1999-01", status=404),
    Example("publication, withdrawn", "publications.one", "/cong-khai/2026-02", status=410),
    Example("publication on paper", "publications.on_paper", "/cong-khai/2026-01/in"),
    Example("questions", "publications.questions", "/hoi-dap"),
    Example("questions, nothing found", "publications.questions", "/hoi-dap?q=khong-co-gi"),
    Example("question", "publications.answer", "/hoi-dap/khac-nhau"),
    Example("question that is none", "publications.answer", "/hoi-dap/khong-co", status=404),
    Example("register", "register.cases", "/so-phan-anh"),
    Example("register, nothing found", "register.cases", "/so-phan-anh?q=khong-co-gi"),
    Example("register, narrowed", "register.cases", "/so-phan-anh?linh-vuc=C01"),
    Example("public case", "register.case", "/so-phan-anh/2026-0001"),
    Example("public case, answered late", "register.case", "/so-phan-anh/2026-0002"),
    Example("public case, taken down", "register.case", "/so-phan-anh/2026-0003", status=410),
    Example("public case that is none", "register.case", "/so-phan-anh/1999-0001", status=404),
    Example("register as a map", "register.by_ward", "/so-phan-anh/ban-do"),
    Example("seen too", "register.seen_too", "/so-phan-anh/2026-0001/toi-cung-gap"),
    Example(
        "seen too, with a wrong address",
        "register.seen_too",
        "/so-phan-anh/2026-0001/toi-cung-gap?tu=nhap",
        visitor="knows a wrong address",
        press=EMPTY,
    ),
    Example("followed by somebody else", "follower.mine", "{follower}"),
    Example("procedures", "procedures.procedures", "/thu-tuc"),
    Example("procedures, nothing found", "procedures.procedures", "/thu-tuc?q=khong-co-gi"),
    Example("procedure", "procedures.one", "/thu-tuc/VT-01"),
    Example("procedure that is none", "procedures.one", "/thu-tuc/XX-99", status=404),
    Example("procedure on paper", "procedures.on_paper", "/thu-tuc/VT-01/in"),
    # When it did not work.
    Example("nothing there", "", "/khong-co-trang-nay", status=404),
    *(Example(f"error {status}", "", f"/loi/{status}", status=status) for status in (403, 413, 429, 500)),
)

NO_PAGES = {
    **dict.fromkeys(("api.catalogue", "api.follow", "api.openapi"), "for programs"),
    **dict.fromkeys(
        (
            f"open311_{world}.{what}"
            for world in ("production", "test")
            for what in ("discovery", "services", "service", "requests", "one", "token", "nowhere")
        ),
        "for programs",
    ),
    **dict.fromkeys(("open311_places.discovery", "open311_places.nowhere"), "for programs"),
    **dict.fromkeys(("healthz", "readyz", "metrics", "static"), "for machines"),
    **dict.fromkeys(("filing.due_day", "dialogues.calendar_file", "dialogues.own_calendar_file"), "a calendar file"),
    **dict.fromkeys(("filing.draft_file", "consultations.document", "register.photo"), "a file"),
    **dict.fromkeys(("register.feed", "register.as_json", "register.as_csv"), "for programs"),
    **dict.fromkeys(
        (f"following.by_{way}.{what}" for way in ("link", "code") for what in ("own_file", "letter")), "a file"
    ),
    **dict.fromkeys((f"following.by_code.{what}" for what in ("rate", "reopen", "promise")), "as by the link"),
    "following.own.take_home": "a file",
    "filing.find_topic": "a list for the script of the form",
    "proof.challenge": "a sum for the script of a form",
    "filing.guidance": "a piece of the form",
    "offline.worker": "a script for the browser itself",
    "filing.questions": "a piece of the form",
    "following.by_code.printed": "as by the link",
    "counter.come_in": "leads to the form",
    "survey.surveys": "leads to the page of taking part",
}
"""Routes that answer to GET with no page of their own, and why."""


def furnish(app: Any, door: Door) -> Furnished:
    """One of everything, with letters that are clipped first and words that are too long for a phone."""
    app.add_url_rule("/loi/<int:status>", EXAMPLE_OF_ERROR, lambda status: abort(status))
    made = Furnished(door, app)
    for add in (_petitions, _own, _drafts, _sessions, _surveys, _publications, _register, _visitors):
        add(made)
    return made


# ---- petitions


def _petitions(made: Furnished) -> None:
    told = _Petitions(made)
    told.file("filed", phone="0905 123 456", sms="y", email="anh.nth@example.vn", place="120 Điện Biên Phủ")
    told.file("with_pin")
    told.file(
        "complaint", kind="complaint", name="Nguyễn Thị Hồng Ánh", address="120 Điện Biên Phủ", phone="0905 123 456"
    )
    told.file("denunciation", kind="denunciation")
    told.file("working", CaseRouted, CaseAccepted)
    told.file("paused", CaseRouted, CaseAccepted, CaseClockPaused)
    told.file("late", CaseRouted, answer_due_on=date(2026, 11, 16))
    told.file("asked", _asked)
    told.file("answered", answer_of, promise_asked)
    told.file("rated", _given)
    told.file("refused", CaseRefused)
    told.file("closed", _given, CaseClosed)
    taken_apart_of(made.door.database, told.file_only("parts").filed.id)
    made.browser().post(f"/t/{made.at['rated']}/danh-gia", data={"score": "4", "words": ""})


def _own(made: Furnished) -> None:
    """Somebody who is reached by e-mail and telephone, and what was sent there."""
    door, email = made.door, "anh.nth@example.vn"
    token = filed(made.browser(), email=email, phone="0905 123 456", sms="y")
    with door.database.writing() as tx:
        found = store.petition_by_token(tx, hashed(token))
        assert found is not None
        own.ask_list(tx, email=email, phone=None, language="vi", key=door.key)
        own.send_lists(tx, key=door.key)
        own.ask_check(tx, petition_id=found.id, channel="email", key=door.key)
        told: list[Any] = emitted(tx)
    made.at |= dict(zip(("list", "verify"), (one.token.value for one in told), strict=True))
    mark = unsubscribe_mark(found.id.hex, hashed(token))
    made.at |= {"reached": token, "unsubscribe": f"/ngung/progress/{found.id}/{mark}"}


class _Petitions:
    def __init__(self, made: Furnished) -> None:
        self.made = made

    def file(self, name: str, /, *heard: Any, answer_due_on: date = date(2026, 12, 3), **words: str) -> Receipt:
        """A petition of which the desk told all this, in order."""
        receipt = self.file_only(name, **words)
        petition_id = receipt.filed.id
        if heard:
            self._hear(case_opened(petition_id, answer_due_on=answer_due_on))
        for one in heard:
            self._hear(_about(one, petition_id) if isinstance(one, type) else one(self.made.door, petition_id))
            self._hear(
                an_event(AccessRead, petition_id=petition_id, role="officer", kind="case", purpose="assigned_case")
            )
        return receipt

    def file_only(self, name: str, /, **words: str) -> Receipt:
        receipt = file_one(self.made.door.database, **{"text": LONG} | words)
        self.made.at[name] = receipt.token
        return receipt

    def _hear(self, told: Event) -> None:
        hear(self.made.door.database, told, at=NOON)


def _about(kind: type[Event], petition_id: UUID) -> Event:
    usual = {"route": "accept", "ground": GROUNDS.get(kind), "destination": Sealed("KCHT"), "outcome": "answered"}
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return an_event(
        kind,
        petition_id=petition_id,
        case_id=petition_id,
        **{name: value for name, value in usual.items() if name in known},
    )


def answer_of(door: Door, petition_id: UUID) -> Event:
    """An answer with a photo, a letter and a promise, which may be looked at again."""
    photo = Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=10, sha256="0" * 64)
    store_file(door.settings.files_dir, photo.id, a_picture(size=(640, 480)))
    return replace(
        case_answered(petition_id, letter=a_letter()),
        outcome="scheduled",
        promised_on=date(2026, 11, 23),
        reopen_until=UNTIL,
        evidence=Sealed((photo,)),
        answer=Sealed(LONG),
    )


def promise_asked(_door: Door, petition_id: UUID) -> Event:
    """The citizen is asked whether it was done."""
    return PromiseAsked(
        petition_id=petition_id,
        case_id=petition_id,
        promise_id=uuid4(),
        promised_on=date(2026, 11, 23),
        judge_until=UNTIL,
    )


def _asked(_door: Door, petition_id: UUID) -> Event:
    return info_requested(petition_id)


def _given(_door: Door, petition_id: UUID) -> Event:
    return case_answered(petition_id)


# ---- taking part


def _drafts(made: Furnished) -> None:
    door, browser = made.door, made.browser()
    drafts.opened(door)
    over = drafts.opened(door, number=8)
    sent = browser.post("/gop-y/8", data=drafts.COMMENT | {"text": LONG})
    drafts.answer_to(door, drafts.petition_of(door, sent))
    made.at["comment"] = sent.headers["Location"].rsplit("/", 1)[1]
    drafts.closed(door, over, closed_on=date(2026, 11, 22))


def _sessions(made: Furnished) -> None:
    door, browser = made.door, made.browser()
    off = sessions.a_session(door)
    full = sessions.a_session(door, seats=1)
    made.at |= {
        "session": str(sessions.a_session(door, seats=20, title=Sealed(GLYPHS))),
        "full_session": str(full),
        "session_off": str(off),
        "registration": sessions.join(browser, full).headers["Location"],
    }
    hear(door.database, DialogueCalledOff(dialogue_id=off, actor="u:office", reason=Sealed("Hội trường bị ngập")))


def _surveys(made: Furnished) -> None:
    door = made.door
    over, open_round = surveys.opening(code="2026-0"), surveys.opening()
    surveys.hear(door, over)
    surveys.hear(door, an_event(SurveyClosed, survey_id=over.survey_id))
    invited = surveys.answered(door, phone="0914 000 111")
    surveys.hear(door, open_round)
    made.at["invitation"] = surveys.token_for(door, open_round, invited)


# ---- what everybody reads


def _publications(made: Furnished) -> None:
    notices.post(made.door, text=Sealed(LONG), title=Sealed(GLYPHS))
    gone = notices.post(made.door, number="2026-02")
    notices.hear(made.door, an_event(PublicationWithdrawn, publication_id=gone, reason="personal_data"))


def _register(made: Furnished) -> None:
    door = made.door
    shots = [PublicPhoto(uuid4(), shows, 10, "0" * 64) for shows in ("before", "after")]
    for shot in shots:
        store_file(door.settings.files_dir, shot.id, a_picture(size=(640, 480)))
    register.show(door.database, title=Sealed(GLYPHS), text=Sealed(LONG), photos=Sealed((shots[0],)))
    register.show(
        door.database,
        number="2026-0002",
        answered_on=date(2026, 12, 8),
        is_on_time=False,
        answer=Sealed(LONG),
        late_reason=Sealed(LONG),
        photos=Sealed(tuple(shots)),
    )
    gone = register.show(door.database, number="2026-0003")
    hear(door.database, an_event(CaseUnpublished, case_id=gone.case_id, petition_id=gone.petition_id, reason="consent"))
    sent = made.browser().post("/so-phan-anh/2026-0001/toi-cung-gap", data={"email": "anh.nth@example.vn"})
    made.at["follower"] = sent.headers["Location"]


# ---- visitors


def _visitors(made: Furnished) -> None:
    drafted = made.browser()
    fill(drafted, (a_picture(size=(640, 480)), "ảnh.jpg"), text=LONG, phone="0905 123 456", sms="y")
    made.keep("drafted", drafted)

    mistaken = made.browser()
    mistaken.post("/gui", data={"kind": "report", "email": "anh.nth@"})
    made.keep("knows a wrong address", mistaken)
    complaining, denouncing = made.browser(), made.browser()
    walk(complaining, "complaint", a_knew_on="02/03/2026", text=LONG, name="Nguyễn Thị Hồng Ánh")
    made.keep("complains", complaining)
    walk(denouncing, "denunciation", text=LONG)
    made.keep("denounces", denouncing)
    for kind in ("complaint", "denunciation"):
        beginning = made.browser()
        choose(beginning, kind)
        made.keep(f"begins a {kind}", beginning)

    known = made.browser()
    token = filed(known, phone="0905 123 456")
    made.at["code"] = code_of(known, token)
    known.post("/theo-doi", data={"code": made.at["code"], "digits": "3456"})
    made.keep("knows the code", known)

    made.keep("at the counter", _with_pass(made))
    at_counter = _with_pass(made)
    fill(at_counter, channel="counter", signature="none")
    send(at_counter)
    made.keep("filed at the counter", at_counter)
    made.keep("types in", _with_pass(made, channel=SURVEYS))


def _with_pass(made: Furnished, **more: Any) -> FlaskClient:
    """A browser of an officer whom the desk let in."""
    door, browser = made.door, made.browser()
    usual = Pass(
        audience="intake",
        person="u:officer",
        unit="KCHT",
        channel="counter",
        expires_at=door.database.clock.now() + LIVES,
        nonce=uuid4().hex,
    )
    keys = KeyRing.load(Path(door.settings.keys_dir), "workflow")
    assert come_in(browser, write_pass(keys, replace(usual, **more))).status_code == 303
    return browser
