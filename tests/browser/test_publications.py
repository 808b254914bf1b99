"""What is made public, in a browser: the register and the procedures at the desk, pages and prints at the door."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.intake.__main__ import build
from shared.clock import MovableClock
from shared.settings import Settings
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.intake.test_publications import post
from tests.support import database_url
from tests.workflow.builders import HEAD, OFFICER, Office
from tests.workflow.test_procedures import decided, proposed
from tests.workflow.test_publications import posted, prepared

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("width", [360, 1280])
def test_s10a_the_register_shuts_nobody_out(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Callable[[Any], list[Finding]], width: int
) -> None:
    new, waiting = posted(office), prepared(office)
    page = open_page(width=width, bypass_csp=True)
    found: dict[str, list[Any]] = {}

    for person, paths in (
        (OFFICER, ("", "?list=waiting&lang=en", "/new", f"/{new.id}")),
        (HEAD, (f"/{new.id}", f"/{waiting.id}?lang=en")),
    ):
        enter(page, person)
        for path in paths:
            page.goto(f"{desk}/desk/publications{path}")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
            found[f"{person.role} {path}"] = [axe(page), scrolls_sideways(page)]
    new_dossier, settled = proposed(office)[0], decided(office, proposed(office)[0])[0]
    for path in ("procedures", "procedures/DB-02", f"dossiers/{new_dossier.id}", f"dossiers/{settled.id}", "dossiers"):
        page.goto(f"{desk}/desk/{path}?lang=vi")
        found[path] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in found}


@pytest.mark.parametrize("width", [360, 1280])
def test_s12b_what_is_public_shuts_nobody_out(
    tmp_path: Path,
    make_settings: Callable[..., Settings],
    clock: MovableClock,
    serve: Callable[[Any], str],
    open_page: OpenPage,
    axe: Callable[[Any], list[Finding]],
    width: int,
) -> None:
    with database_url(tmp_path, "intake") as url:
        service = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        service.database.metadata.create_all(service.database.engine)
        post(service.app.extensions["door"])
        home, page = serve(service.app), open_page(width=width, bypass_csp=True)
        found: dict[str, list[Any]] = {}

        for path in (
            "/cong-khai",
            "/cong-khai?q=xe",
            "/cong-khai/2026-01",
            "/cong-khai/2026-01/in",
            "/tham-gia?lang=en",
        ):
            page.goto(home + path)
            found[path] = [axe(page), scrolls_sideways(page)]
        service.database.close()

    assert found == {path: [[], False] for path in found}
