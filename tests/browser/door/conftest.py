"""A citizen's phone in three ways, and a door with one of everything for all journeys."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.store import Filed
from shared.events.base import Event
from shared.outbox import outbox
from tests.browser.conftest import OpenPage, scrolls_sideways
from tests.browser.pages import Furnished
from tests.browser.test_pages import home, made
from tests.intake.builders import hear

__all__ = ["home", "made"]  # fixtures

SCRIPT, NO_SCRIPT, AWAY = "script", "no script", "network away"
A_WHILE = timedelta(minutes=1)  # nobody fills in a form in less


class Phone:
    """A phone of 360 px in a citizen's hand: what it opens, presses and shows.

    Where the network is away, each form is first sent without one: nothing goes, what was typed stays and a message
    says so; when the network is back the form goes by itself, once.
    """

    def __init__(self, page: Page, way: str, made: Furnished, home: str) -> None:
        self.page, self.way, self.home = page, way, home
        self.door, self._clock = made.door, made.door.database.clock

    @property
    def has_script(self) -> bool:
        return self.way != NO_SCRIPT

    def open(self, path: str) -> None:
        self.page.goto(self.home + path)

    def go(self, name: str) -> None:
        """Follow the first link of this name in what the page says."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def press(self, name: str) -> None:
        """Press a button that sends its form, and wait for the page that answers."""
        self._clock.move_to(self._clock.now() + A_WHILE)  # type: ignore[attr-defined]
        button = self.page.get_by_role("main").get_by_role("button", name=name).last
        if self.way == AWAY:
            self._press_without_network(button)
        with self.page.expect_navigation():
            if self.way == AWAY:
                self.page.context.set_offline(False)
            else:
                button.click()
        assert not scrolls_sideways(self.page)

    def _press_without_network(self, button: Locator) -> None:
        here, typed = self.page.url, self._typed()
        self.page.context.set_offline(True)
        button.click()
        button.click()  # whoever sees nothing happen presses again
        expect(self.page.locator(".held")).to_be_focused()
        expect(self.page.locator(".held")).to_contain_text("Chưa gửi được")
        assert (self.page.url, self._typed()) == (here, typed)

    def _typed(self) -> Any:
        """What people see of every form: what they wrote, ticked, chose."""
        return self.page.evaluate(
            "[...document.querySelectorAll('main :is(input:not([type=hidden]), textarea, select)')]"
            ".map(one => [one.name, one.checked, one.value])"
        )

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def says(self, *words: str) -> None:
        for one in words:
            expect(self.page.get_by_role("main")).to_contain_text(one)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label)

    def says_nothing_on_device(self) -> None:
        """Nothing of anybody is kept in the browser itself."""
        if self.has_script:
            assert self.page.evaluate("JSON.stringify(localStorage)") == "{}"

    def history(self) -> str:
        """What somebody else finds in the history of this browser: addresses and titles."""
        known = self.page.context.new_cdp_session(self.page).send("Page.getNavigationHistory")
        return " ".join(f"{one['url']} {one['userTypedURL']} {one['title']}" for one in known["entries"])

    # ---- what became of it at the door

    def filed(self) -> Filed:
        """The petition whose receipt or follow page is open; its petitioner has it, and it exists once."""
        token = re.search(r"/(?:bien-nhan|t)/(\w+)", self.page.url)
        assert token, self.page.url
        return self.found(token[1])

    def found(self, token: str) -> Filed:
        with self.door.database.reading() as look:
            found = store.petition_by_token(look, hashed(token))
        assert found is not None
        return found

    def story(self, filed: Filed) -> list[str]:
        """What happened to a petition, in order."""
        with self.door.database.reading() as look:
            return [entry.what for entry in store.story_of(look, filed.id)]

    def told(self, kind: type[Event], filed: Filed) -> int:
        """How many events of a kind the door emitted about a petition."""
        wanted = (outbox.c.subject == filed.id) & (outbox.c.type == kind.TYPE)
        with self.door.database.reading() as look:
            return int(look.connection.execute(select(func.count()).where(wanted)).scalar_one())

    def count(self) -> int:
        """How many petitions there are."""
        with self.door.database.reading() as look:
            return int(look.connection.execute(select(func.count()).select_from(store.petition)).scalar_one())

    def desk_says(self, *told: Event) -> None:
        for one in told:
            hear(self.door.database, one)


@pytest.fixture(params=[SCRIPT, NO_SCRIPT, AWAY])
def phone(request: pytest.FixtureRequest, open_page: OpenPage, made: Furnished, home: str) -> Iterator[Phone]:
    page = open_page(width=360, java_script=request.param != NO_SCRIPT)
    grumbles: list[str] = []
    page.on("pageerror", lambda error: grumbles.append(str(error)))
    yield Phone(page, request.param, made, home)
    assert grumbles == []
