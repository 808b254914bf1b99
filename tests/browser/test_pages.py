"""Every page of the door, in both languages, on a phone and on a desk: usable by everybody, light, and quiet.

Each page is loaded once a language with an empty cache, on a phone; then the window is made wide.
"""

import gzip
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from pypdf import PdfReader

from services.intake import store
from services.intake.__main__ import build
from shared.clock import MovableClock
from shared.web.i18n import read_catalog
from tests.browser.conftest import LOUD, RULES, serving
from tests.browser.pages import EXAMPLE_OF_ERROR, NO_PAGES, PAGES, Example, Furnished, furnish
from tests.support import NOON, ROOT, database_url, settings_for

PHONE, DESK = {"width": 360, "height": 760}, {"width": 1280, "height": 800}

# Bytes on the wire, heads and fonts included; photos of citizens apart. Pages themselves as if all were compressed:
# those that hold secrets are not, and count as they are in the whole.
FIRST_VISIT = 60_000
HTML = 15_000
SCRIPTS = 5 * 1024  # without their heads
REQUESTS = 6

AXE = """rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false })"""
PRINTED = """() => {
  const isSeen = one => one && one.checkVisibility()
  const needed = { code: '#the-code', square: '.qr svg' }
  const seen = Object.keys(needed).filter(what => isSeen(document.querySelector(needed[what])))
  const faults = [...document.querySelectorAll('nav, form, button, .tools, .acts, .foot, .back')].filter(isSeen)
  for (const one of document.querySelectorAll('main *:not(svg, svg *)')) {
    const style = getComputedStyle(one)
    const says = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    const isGround = !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(style.backgroundColor)
    if (isSeen(one) && !one.closest('.vh') && ((says && style.color !== 'rgb(0, 0, 0)') || isGround)) faults.push(one)
  }
  return [seen, faults.map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`)]
}"""
"""What is seen on paper of what must be, and what must not: things to press, colours, grounds."""
BUTTON = "button:not(.vh, [name], [type=button]), button.btn[value=send]"
LEAST_TARGET = 24  # px, WCAG 2.2, 2.5.8
ROW = 44  # px: what citizens press on purpose
FAULTS = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")
MARKED = re.compile(r"\w*[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]\w*", re.IGNORECASE)
NAME = 8  # words with marks that a proper name has at most


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A door with one of everything."""
    var = tmp_path_factory.mktemp("door")
    with database_url(var, "intake", tables=store.metadata) as url:
        settings = settings_for(
            "intake", var, DATABASE_URL=url, LOOKUPS_PER_MINUTE="100000", FILINGS_PER_MINUTE="100000"
        )
        service = build(settings, clock=MovableClock(NOON))
        service.database.metadata.create_all(service.database.engine)
        yield furnish(service.app, service.app.extensions["door"])
        service.database.close()


@pytest.fixture(scope="module")
def home(made: Furnished) -> Iterator[str]:
    with serving(made.app) as address:
        yield address


class Visitor:
    """One browser for all pages, which remembers nothing from one to the next."""

    def __init__(self, browser: Browser, made: Furnished, home: str) -> None:
        self._made, self._home = made, home
        self._context: BrowserContext = browser.new_context(
            viewport=PHONE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
        )
        self._context.add_init_script(path=Path(__file__).parent / "axe.min.js")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(10_000)
        self.noise: list[str] = []
        self.sent: dict[str, dict[str, Any]] = {}  # what was loaded, by request: url, type, bytes
        self.page.on("console", lambda said: said.type in LOUD and self.noise.append(said.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self._wire: CDPSession = self._context.new_cdp_session(self.page)
        self._wire.send("Network.enable")
        self._wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._wire.on("Network.requestWillBeSent", self._asked)
        self._wire.on("Network.responseReceived", self._begun)
        self._wire.on("Network.loadingFinished", self._loaded)

    def _asked(self, event: dict[str, Any]) -> None:
        self.sent[event["requestId"]] = {
            "url": event["request"]["url"],
            "type": event.get("type", ""),
            "bytes": 0,
            "head": 0,
        }

    def _begun(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.sent:
            self.sent[event["requestId"]]["head"] = int(event["response"]["encodedDataLength"])

    def _loaded(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.sent:
            self.sent[event["requestId"]]["bytes"] = int(event["encodedDataLength"])

    def open(self, one: Example, *, language: str) -> int:
        """Open a page as its visitor and press what is to be pressed; gives its status before that."""
        self.noise.clear()
        self.sent.clear()
        self._hold(*self._made.visitors.get(one.visitor, ()), language=language)
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        answer = self.page.goto(self._home + one.path.format(**self._made.at))
        assert answer is not None
        if one.loses:
            self._hold(language=language)
        if one.press:
            with self.page.expect_navigation():
                self.page.locator(one.press).last.locator(BUTTON).last.click()
            self.noise[:] = [words for words in self.noise if "422" not in words and "410" not in words]
        else:
            self.noise[:] = [words for words in self.noise if str(answer.status) not in words]
        return answer.status

    def _hold(self, *cookies: dict[str, str], language: str) -> None:
        """Hold these cookies and no others."""
        held = [*cookies, {"name": "lang", "value": language, "path": "/"}]
        self._context.clear_cookies()
        self._context.add_cookies([{**cookie, "domain": "127.0.0.1"} for cookie in held])  # type: ignore[typeddict-item]

    def off_host(self) -> list[str]:
        own = (self._home, "data:", "blob:")
        return [one["url"] for one in self.sent.values() if not one["url"].startswith(own)]

    def close(self) -> None:
        self._context.close()


@pytest.fixture(scope="module")
def visitor(browser: Browser, made: Furnished, home: str) -> Iterator[Visitor]:
    found = Visitor(browser, made, home)
    yield found
    found.close()


def _other_words(language: str) -> frozenset[str]:
    """Words of our own that a page in this language never says."""
    kits = (ROOT / "shared/web/translations/en.po", ROOT / "services/intake/translations/en.po")
    pairs = {(words, english) for words, forms in read_catalog(*kits).items() for english in forms}
    ours, others = {words for words, _ in pairs}, {english for _, english in pairs}
    return frozenset(ours - others if language == "en" else others - ours)


OTHERS = {language: _other_words(language) for language in ("vi", "en")}


def look(page: Page) -> dict[str, Any]:
    """What is wrong with a page as it stands in its window."""
    is_phone = page.viewport_size == PHONE
    rules = {"isPhone": is_phone, "target": LEAST_TARGET, "row": ROW, "cutLine": 1.5, "headLine": 1.35}
    faults, texts = page.evaluate(FAULTS, rules)
    language = page.evaluate("document.documentElement.lang")
    if strange := {words for words, spoken in texts if spoken == language and words in OTHERS[language]}:
        faults["not translated"] = strange
    if unmarked := [words for words, spoken in texts if spoken == "en" and len(MARKED.findall(words)) > NAME]:
        faults["Vietnamese that is not marked as such"] = unmarked
    if found := page.evaluate(AXE, RULES)["violations"]:
        faults["axe"] = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]
    return faults


def weighed(visitor: Visitor) -> dict[str, int]:
    """What a first visit loads beyond its budget."""
    own = [one for one in visitor.sent.values() if one["type"] != "Image" and one["url"].startswith("http")]
    scripts = [one for one in own if one["type"] == "Script"]
    figures = {
        "all": (sum(one["bytes"] for one in own), FIRST_VISIT),
        "page": (len(gzip.compress(visitor.page.content().encode(), 6)), HTML),
        "scripts": (sum(one["bytes"] - one["head"] for one in scripts), SCRIPTS),
        "requests": (len(own), REQUESTS),
    }
    return {name: figure for name, (figure, most) in figures.items() if figure > most}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name.replace(" ", "-"))
def test_every_page_is_usable_by_everybody_light_and_quiet(visitor: Visitor, one: Example, language: str) -> None:
    status = visitor.open(one, language=language)
    page = visitor.page
    faults = {"phone": look(page)}
    load = {} if one.press else weighed(visitor)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    faults["desk"] = look(page)
    if one.press:
        assert page.title().startswith({"vi": "Lỗi: ", "en": "Error: "}[language])
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        assert (page.locator("#lost-t").count() == 1) is one.loses

    assert status == one.status
    assert page.evaluate("document.documentElement.lang") == language
    assert faults == {"phone": {}, "desk": {}}
    assert load == {}
    assert visitor.noise == []
    assert visitor.off_host() == []


def test_every_page_has_an_example(made: Furnished) -> None:
    rules = {rule.endpoint for rule in made.app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    shown = {one.endpoint for one in PAGES}

    assert rules - shown - set(NO_PAGES) - {EXAMPLE_OF_ERROR} == set()
    assert set(NO_PAGES) - rules == set()


@pytest.mark.parametrize("saves", [True, False])
def test_who_saves_data_is_sent_no_fonts(browser: Browser, home: str, saves: bool) -> None:
    """Asked of the page itself: what its worker has kept, it does not ask for again."""
    more: dict[str, Any] = {"extra_http_headers": {"Save-Data": "on"}} if saves else {}
    context = browser.new_context(viewport=PHONE, service_workers="block", **more)  # type: ignore[arg-type]
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{home}/gui", wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")

    assert any(url.endswith(".woff2") for url in asked) is not saves
    context.close()


@pytest.mark.parametrize(
    ("page", "most"),
    [("/bien-nhan/{filed}", 1), ("/bien-nhan/{with_pin}", 1), ("/bien-nhan/{complaint}", 2), ("/t/{answered}", 4)],
)
def test_what_is_kept_on_paper_fits_and_is_black_on_white(
    visitor: Visitor, made: Furnished, tmp_path: Path, page: str, most: int
) -> None:
    """A receipt is one side of A5; that of a complaint brings the letter to be signed."""
    visitor.open(Example("paper", "", page), language="vi")
    paper = visitor.page

    paper.emulate_media(media="print")
    seen, colours = paper.evaluate(PRINTED)
    printed = PdfReader(io.BytesIO(paper.pdf(prefer_css_page_size=True)))
    paper.emulate_media(media="screen")

    assert len(printed.pages) <= most
    assert seen == ([] if page.startswith("/t/") else ["code", "square"])
    assert colours == []
