"""Where it is and what it looks like, in a browser: position, map, photos that go by themselves."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from services.intake import store
from services.intake.__main__ import build
from tests.browser.conftest import OpenPage, scrolls_sideways
from tests.intake.builders import a_pdf, a_picture
from tests.support import database_url

WORDS = "Trước cổng trường có ổ gà sâu khoảng 20 cm, hai xe máy đã ngã."
TILES = "https://tiles.example.vn/{z}/{x}/{y}.png"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Any], clock: Any) -> Iterator[Any]:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(
            make_settings("intake", DATABASE_URL=url, MAP_TILE_URL=TILES, MAP_ATTRIBUTION="© Bản đồ mẫu"), clock=clock
        )
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.fixture
def home(service: Any, serve: Callable[[Any], str]) -> str:
    return serve(service.app)


def a_photo(*, width: int = 3000, height: int = 2000, at: tuple[float, float] | None = None) -> bytes:
    """A photo as a telephone takes it: large, and it knows where."""
    picture, exif, out = Image.effect_noise((width // 8, height // 8), 90), Image.Exif(), io.BytesIO()
    picture = picture.convert("RGB").resize((width, height))
    if at:
        exif.get_ifd(0x8825).update({1: "N", 2: _degrees(at[0]), 3: "E", 4: _degrees(at[1])})
    picture.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    return (int(value), int(value % 1 * 60), round(value * 60 % 1 * 60, 4))


def pick(page: Page, *named: tuple[str, bytes]) -> None:
    page.set_input_files("#files", [{"name": n, "mimeType": "image/jpeg", "buffer": data} for n, data in named])


def files_of(service: Any) -> list[Any]:
    with service.database.reading() as look:
        return list(look.connection.execute(store.attachment.select().order_by(store.attachment.c.no)))


def send(page: Page) -> None:
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận")


# ---- position


def test_a_position_comes_by_one_button_and_says_how_exact_it_is(open_page: OpenPage, home: str) -> None:
    here = {"latitude": 16.4637, "longitude": 107.5909, "accuracy": 18}
    page = open_page(width=360, permissions=["geolocation"], geolocation=here)
    page.goto(f"{home}/gui")

    page.get_by_role("button", name="Dùng vị trí hiện tại").click()

    expect(page.locator("#geo-msg")).to_contain_text("sai số khoảng 18 m")
    assert page.locator("#lat").input_value() == "16.463700"


def test_a_position_elsewhere_is_not_taken(open_page: OpenPage, home: str) -> None:
    page = open_page(permissions=["geolocation"], geolocation={"latitude": 21.03, "longitude": 105.85, "accuracy": 9})
    page.goto(f"{home}/gui")

    page.get_by_role("button", name="Dùng vị trí hiện tại").click()

    expect(page.locator("#geo-msg")).to_contain_text("ngoài địa bàn")
    assert page.locator("#lat").input_value() == ""


# ---- map


def on_map(page: Page, home: str) -> list[str]:
    """Open the map; gives the tiles that were asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=DOT, content_type="image/png")

    page.route("https://tiles.example.vn/**", answer)
    page.goto(f"{home}/gui")
    assert asked == []
    page.get_by_role("button", name="Chọn trên bản đồ").click()
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    return asked


@pytest.mark.parametrize("width", [360, 1280])
def test_a_pin_is_set_by_a_tap_dragged_and_kept(open_page: OpenPage, axe: Any, home: str, width: int) -> None:
    page = open_page(width=width, bypass_csp=True)
    asked = on_map(page, home)

    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map").click(position={"x": 120, "y": 120})
    first = page.locator("#lat").input_value()
    box = page.locator(".map-pin").bounding_box()
    assert box
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 54, box["y"] + 64, steps=4)
    page.mouse.up()

    assert first
    assert page.locator("#lat").input_value() not in {"", first}
    expect(page.locator(".leaflet-control-attribution")).to_have_text("© Bản đồ mẫu")
    assert all(int(url.split("/")[3]) >= 9 for url in asked)
    assert axe(page) == []
    assert not scrolls_sideways(page)


def test_the_keyboard_moves_the_map_and_sets_the_pin(page: Page, home: str) -> None:
    on_map(page, home)
    page.locator("#map").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Đặt ghim vào giữa bản đồ").press("Enter")
    expect(page.locator("#geo-msg")).to_contain_text("Đã ghi vị trí")
    assert page.locator("#lat").input_value()


def test_the_map_page_lets_pictures_in_from_the_tile_server_alone_and_says_nothing_in_the_console(
    open_page: OpenPage, home: str
) -> None:
    page, noise = open_page(), []
    page.on("console", lambda message: noise.append(message.text))

    on_map(page, home)

    assert noise == []
    policy = page.request.get(f"{home}/gui").headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://tiles.example.vn;" in policy
    assert "tiles.example.vn" not in page.request.get(home).headers["content-security-policy"]


# ---- photos


def test_a_photo_is_made_small_on_the_telephone_and_goes_by_itself(
    open_page: OpenPage, service: Any, home: str
) -> None:
    page, photo = open_page(width=360), a_photo()
    page.goto(f"{home}/gui")

    with page.expect_response("**/gui/tep") as told:
        pick(page, ("a.jpg", photo))

    expect(page.locator(".kept li")).to_have_count(1)
    expect(page.locator(".thumbs li")).to_have_count(0)
    assert len(photo) > 1_000_000
    assert int(told.value.request.all_headers()["content-length"]) < len(photo) / 2
    page.reload()
    expect(page.locator(".kept li")).to_have_count(1)
    send(page)
    assert [row.media_type for row in files_of(service)] == ["image/jpeg"]


def test_a_file_that_is_refused_says_why_and_the_others_go(open_page: OpenPage, service: Any, home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")

    pick(page, ("a.jpg", a_picture()), ("b.txt", b"no picture"), ("c.pdf", a_pdf()))

    expect(page.locator(".kept li")).to_have_count(2)
    expect(page.locator(".thumbs")).to_contain_text("b.txt không phải ảnh")
    page.get_by_role("button", name="Bỏ b.txt").click()
    send(page)
    assert [row.media_type for row in files_of(service)] == ["image/jpeg", "application/pdf"]


def test_a_line_that_breaks_costs_nothing(open_page: OpenPage, service: Any, home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")
    page.route("**/gui/tep", lambda route: route.abort())
    pick(page, ("a.jpg", a_picture()))
    expect(page.locator(".thumbs")).to_contain_text("Chưa tải lên được")

    page.unroute("**/gui/tep")
    page.get_by_role("button", name="Thử lại").click()

    expect(page.locator(".kept li")).to_have_count(1)
    send(page)
    assert len(files_of(service)) == 1


def test_a_file_that_never_went_by_itself_goes_with_the_form(open_page: OpenPage, service: Any, home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")
    page.route("**/gui/tep", lambda route: route.abort())

    pick(page, ("a.jpg", a_picture()))
    expect(page.locator(".thumbs")).to_contain_text("Chưa tải lên được")
    send(page)

    assert len(files_of(service)) == 1


def test_where_a_photo_was_taken_is_offered_and_sent_only_when_it_is_taken(open_page: OpenPage, home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")

    pick(page, ("a.jpg", a_photo(at=(16.4637, 107.5909))))
    offer = page.get_by_role("button", name="Dùng nơi chụp ảnh làm vị trí")
    expect(offer).to_be_visible()
    assert page.locator("#lat").input_value() == ""
    offer.click()

    assert abs(float(page.locator("#lat").input_value()) - 16.4637) < 0.001
    assert abs(float(page.locator("#lng").input_value()) - 107.5909) < 0.001


def test_the_form_loads_little_script_before_it_is_used(open_page: OpenPage, home: str) -> None:
    page, scripts = open_page(width=360), []
    page.on("response", lambda r: r.request.resource_type == "script" and scripts.append(r))

    page.goto(f"{home}/gui", wait_until="networkidle")

    own = [r for r in scripts if not r.url.endswith("/sw.js")]
    assert sum(int(r.headers["content-length"]) for r in own) < 5 * 1024
    assert not any("leaflet" in r.url for r in own)
