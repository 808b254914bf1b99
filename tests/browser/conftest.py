"""Browser tests with the system's Chromium, in Vietnamese and on Huế's clock: it is never downloaded by a test.

A machine without Chromium skips them; CI fails instead. CHROMIUM names another place to find it.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from services.workflow import store
from services.workflow.web import make_desk
from shared.clock import MovableClock
from shared.db import Database
from shared.settings import Settings
from tests.conftest import MakeDatabase
from tests.support import IS_CI
from tests.workflow.builders import EVERYBODY, Office, Staff, hire, session_of, the_rules

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOUD = {"warning", "error", "assert"}
WIDTHS = (320, 360, 1280)

OpenPage = Callable[..., Page]
Finding = tuple[str, str, list[Any]]
Enter = Callable[[Page, Staff], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        if IS_CI:
            pytest.fail("CI needs Chromium for the browser tests")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages with nothing remembered: open_page(width=360, java_script=False)."""
    with ExitStack() as stack:

        def opened(*, width: int = 1280, height: int = 800, java_script: bool = True, **more: Any) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
                java_script_enabled=java_script,
                **more,
            )
            stack.callback(context.close)
            context.set_default_timeout(10_000)
            return context.new_page()

        yield opened


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page on a desk."""
    return open_page()


@pytest.fixture
def axe() -> Callable[[Page], list[Finding]]:
    """What axe finds wrong on a page: (rule, impact, where)."""
    source = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")

    def look(page: Page) -> list[Finding]:
        page.wait_for_load_state()
        page.evaluate(source)
        found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
        return [(v["id"], v["impact"], [node["target"] for node in v["nodes"]]) for v in found["violations"]]

    return look


@pytest.fixture
def noise_of() -> Callable[[Page], list[str]]:
    """Collects what a page grumbles: console, script errors, requests to other hosts. Ask before going anywhere."""

    def listen(page: Page) -> list[str]:
        noise: list[str] = []
        home: list[str] = []

        def watch(url: str) -> None:
            if not home and url.startswith("http"):
                home.append("/".join(url.split("/")[:3]))
            if not url.startswith((*home, "data:", "blob:")):
                noise.append("off host: " + url)

        page.on("console", lambda message: message.type in LOUD and noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: watch(request.url))
        return noise

    return listen


@pytest.fixture
def bytes_of() -> Callable[[Page], Callable[[], int]]:
    """Counts what a page loads, heads and fonts included. Ask before going anywhere; call the answer afterwards."""

    def listen(page: Page) -> Callable[[], int]:
        wire, lengths = page.context.new_cdp_session(page), []
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: lengths.append(int(event["encodedDataLength"])))
        return lambda: sum(lengths)

    return listen


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serves an application on a free port; gives its address."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """The address of an application on a free port, or on this one."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def office(make_database: MakeDatabase, clock: MovableClock) -> Office:
    database = make_database(store.metadata, "workflow")
    with database.writing() as tx:
        hire(tx, *EVERYBODY)
    return Office(database, clock, the_rules())


@pytest.fixture
def desk(office: Office, make_settings: Callable[..., Settings], serve: Callable[[Flask], str]) -> str:
    """The address of a desk at work."""
    return serve(make_desk(make_settings("workflow"), office.database, the_rules()))


@pytest.fixture
def enter(office: Office, desk: str) -> Enter:
    """Signs somebody in without a password."""

    def signed_in(page: Page, person: Staff) -> None:
        sign_in(page, office.database, person.person, desk)

    return signed_in


def sign_in(page: Page, database: Database, login: str, desk: str) -> None:
    """Somebody who works at the desk with this database and address has signed in."""
    token = session_of(database, login)
    page.context.add_cookies([{"name": "ln-workflow-in", "value": token, "url": desk}])


def unfold(page: Page, words: str) -> None:
    """Open what few need of a form, as a hand does."""
    page.locator("summary").filter(has_text=words).click()


def scrolls_sideways(page: Page) -> bool:
    """The page is wider than its window: WCAG 2.2, 1.4.10. Waits for a page that a click has only begun to open."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
