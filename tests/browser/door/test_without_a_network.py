"""No network: the form opens again with its draft, nothing is lost, and what must leave no trace leaves none."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.intake import store
from services.intake.__main__ import build
from tests.browser.conftest import OpenPage, scrolls_sideways, serving, unfold
from tests.intake.builders import file_one
from tests.support import database_url

WORDS = "Trước cổng trường có ổ gà sâu khoảng 20 cm, hai xe máy đã ngã."
KEPT = "Object.keys(localStorage).filter(k => k.startsWith('draft'))"
CACHED = """async () => {
  const found = []
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const r of await cache.keys()) found.push([new URL(r.url).pathname, await (await cache.match(r)).text()])
  }
  return found
}"""


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Any], clock: Any) -> Iterator[Any]:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.fixture
def home(service: Any, serve: Callable[[Any], str]) -> str:
    return serve(service.app)


def ready(page: Page, home: str, path: str = "/gui") -> None:
    """Open the form and wait until the browser keeps it."""
    page.goto(home + path)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async () => (await caches.keys()).length && navigator.serviceWorker.controller")


def filed(service: Any) -> int:
    with service.database.reading() as look:
        return len(look.connection.execute(store.petition.select()).all())


def test_the_form_and_its_draft_survive_a_reload_without_a_network(open_page: OpenPage, axe: Any, home: str) -> None:
    page = open_page(width=360, bypass_csp=True)
    ready(page, home)
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.get_by_role("textbox", name="Số điện thoại").fill("0905 123 456")
    unfold(page, "Ghi tên bạn")
    page.get_by_label("Họ và tên").fill("Lê Thị Mẫu")
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp trên máy này lúc")

    page.context.set_offline(True)
    page.reload()

    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(WORDS)
    expect(page.locator("#saved")).to_contain_text("Đã khôi phục bản nháp")
    expect(page.get_by_role("textbox", name="Số điện thoại")).to_have_value("")
    assert axe(page) == []
    assert not scrolls_sideways(page)


def test_what_is_sent_without_a_network_goes_when_it_is_back_and_is_filed_once(
    open_page: OpenPage, service: Any, home: str
) -> None:
    page = open_page(width=360)
    ready(page, home)
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.context.set_offline(True)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").last.click()
    expect(page.get_by_text("Chưa gửi được, bản nháp còn đây")).to_be_focused()

    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm tra rồi gửi")
    page.context.set_offline(True)
    page.get_by_role("button", name="Gửi phản ánh").click()
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_text("có mạng lại trang tự gửi")).to_be_visible()
    assert filed(service) == 0
    page.context.set_offline(False)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận")
    assert filed(service) == 1
    assert page.evaluate(KEPT) == []


def test_what_nobody_answers_stays_on_its_page_and_goes_once_somebody_does(open_page: OpenPage, service: Any) -> None:
    """The telephone believes that there is a network; nothing on the way answers."""
    page, receipt = open_page(width=360), file_one(service.database)
    with serving(service.app) as home:
        ready(page, home)
        page.goto(f"{home}/t/{receipt.token}")
        page.get_by_text("Bổ sung thông tin hoặc ảnh").click()
        page.locator("#bo-sung textarea").fill("Hôm nay hố rộng thêm.")
    page.get_by_role("button", name="Gửi bổ sung").click()
    expect(page.locator(".held")).to_be_focused()
    expect(page.locator("#bo-sung textarea")).to_have_value("Hôm nay hố rộng thêm.")

    with serving(service.app, int(home.rpartition(":")[2])):
        expect(page.get_by_text("Người xử lý sẽ đọc điều bạn vừa gửi.")).to_be_visible()

    with service.database.reading() as look:
        assert store.count_supplements(look, receipt.filed.id) == 1


def test_what_is_cut_off_each_time_is_sent_three_times_more_and_then_waits_for_the_button(
    open_page: OpenPage, service: Any, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway answers every question, and cuts off what is long."""
    page, receipt, asked = open_page(width=360), file_one(service.database), []
    answer = service.app.wsgi_app

    def gateway(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            start("200 OK", [])
            return []
        asked.extend([environ["PATH_INFO"]] * (environ["REQUEST_METHOD"] == "HEAD"))
        return answer(environ, start)

    ready(page, home)
    monkeypatch.setattr(service.app, "wsgi_app", gateway)
    page.goto(f"{home}/t/{receipt.token}")
    page.get_by_text("Bổ sung thông tin hoặc ảnh").click()
    page.locator("#bo-sung textarea").fill("Hôm nay hố rộng thêm.")
    page.get_by_role("button", name="Gửi bổ sung").click()

    expect(page.locator(".held")).to_contain_text("hãy bấm gửi lại khi mạng tốt hơn", timeout=30_000)
    assert asked == ["/"] * 3  # whether somebody is there, before each time
    expect(page.locator("#bo-sung textarea")).to_have_value("Hôm nay hố rộng thêm.")
    monkeypatch.setattr(service.app, "wsgi_app", answer)
    page.get_by_role("button", name="Gửi bổ sung").click()
    expect(page.get_by_text("Người xử lý sẽ đọc điều bạn vừa gửi.")).to_be_visible()


def test_what_one_page_could_not_send_moves_no_other_page(open_page: OpenPage, service: Any) -> None:
    first, second = file_one(service.database), file_one(service.database)
    page = open_page(width=360)
    with serving(service.app) as home:
        ready(page, home)
        other = page.context.new_page()
        for one, receipt in ((page, first), (other, second)):
            one.goto(f"{home}/t/{receipt.token}")
            one.get_by_text("Bổ sung thông tin hoặc ảnh").click()
            one.locator("#bo-sung textarea").fill("Hôm nay hố rộng thêm.")
        other.evaluate("addEventListener('submit', e => e.preventDefault())")  # as where the answer is a file
        other.get_by_role("button", name="Gửi bổ sung").click()

    page.get_by_role("button", name="Gửi bổ sung").click()

    expect(page.locator(".held")).to_be_visible()
    expect(other.locator(".held")).to_have_count(0)


def test_the_browser_keeps_the_empty_form_alone(open_page: OpenPage, home: str) -> None:
    page = open_page()
    ready(page, home)
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.get_by_role("textbox", name="Số điện thoại").fill("0905 123 456")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm tra rồi gửi")
    page.goto(f"{home}/gui")  # shows the draft that the server holds
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(WORDS)

    cached = dict(page.evaluate(CACHED))

    assert {path for path in cached if not path.startswith("/static/")} == {"/gui/trong", "/ngoai-mang"}
    assert not any(WORDS in text or "0905" in text or "csrf" in text for text in cached.values())


def test_another_page_without_a_network_says_what_became_of_the_words(open_page: OpenPage, axe: Any, home: str) -> None:
    page = open_page(width=360, bypass_csp=True)
    ready(page, home)
    page.context.set_offline(True)

    page.goto(f"{home}/theo-doi")

    expect(page.get_by_role("heading", level=1)).to_have_text("Đang mất mạng")
    assert axe(page) == []
    page.get_by_role("link", name="Mở mẫu gửi").click()
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_be_visible()


@pytest.mark.parametrize("secret", ["C24", "complaint", "denunciation"])
def test_what_is_kept_close_leaves_no_draft_on_the_telephone(open_page: OpenPage, home: str, secret: str) -> None:
    page = open_page(width=360)
    ready(page, home)
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Một việc cần giữ kín, xin đừng để lại dấu vết.")
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp")

    if secret == "C24":
        unfold(page, "Chọn lĩnh vực")
        page.locator("#topic").select_option(secret)
        expect(page.locator("#saved")).to_contain_text("Không lưu nháp việc này")
    else:
        page.evaluate(  # by a radio or by a button that goes on by steps, whichever the form has
            """kind => {
              const el = document.querySelector(`input[name=kind][value=${kind}]`)
              el ? (el.checked = true, el.dispatchEvent(new Event('input', { bubbles: true })))
                : document.querySelector(`button[value=${kind}]`).click()
            }""",
            secret,
        )
        page.wait_for_function(f"!{KEPT}.length")

    assert page.evaluate(KEPT) == []
    assert "để lại dấu vết" not in str(page.evaluate(CACHED))


def test_a_draft_is_seven_days_old_at_most_and_can_be_cleared(open_page: OpenPage, home: str) -> None:
    page = open_page(width=360)
    ready(page, home)
    page.evaluate(
        "localStorage['draft:petition'] = JSON.stringify({ t: Date.now() - 7.01 * 864e5, v: { text: 'cũ' } })"
    )
    page.reload()
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value("")
    assert page.evaluate(KEPT) == []

    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.get_by_role("button", name="Xoá bản nháp").click()

    assert page.evaluate(KEPT) == []


def test_a_draft_holds_only_fields_that_say_nothing_of_who(open_page: OpenPage, home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")
    page.evaluate("""document.querySelectorAll('form.petition [name]').forEach(el => {
      if (/text|hidden|search|email|tel/.test(el.type)) el.value = 'x-' + el.name })""")
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp")

    kept = page.evaluate("Object.keys(JSON.parse(localStorage['draft:petition']).v)")

    assert set(kept) <= {"kind", "topic", "text", "place", "road", "km", "ward", "party", "procedure"}


def test_the_worker_is_small(service: Any) -> None:
    import gzip

    body = service.app.test_client().get("/sw.js").data

    assert len(gzip.compress(body)) < 1024
