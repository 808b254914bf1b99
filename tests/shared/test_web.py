"""What the web kit promises each page: headers, guards, errors, limits, health."""

import gzip
import json
import os
import re
from ipaddress import IPv6Address
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from limits.storage import storage_from_string

from shared.settings import BadSetting
from shared.web import make_app
from tests.shared.sample import make_sample

HTML = {"Accept": "text/html"}


@pytest.fixture
def door(make_settings: Any) -> FlaskClient:
    return make_sample(make_settings("intake")).test_client()


@pytest.fixture
def desk(make_settings: Any) -> FlaskClient:
    return make_sample(make_settings("workflow"), is_staff=True).test_client()


@pytest.fixture
def shared_counter() -> str:
    """The address of a Redis server; without one the test is skipped."""
    url = os.environ.get("TEST_RATE_LIMIT_URL", "redis://127.0.0.1:6379")
    if not storage_from_string(url).check():
        pytest.skip(f"no server at {url}")
    return url


def test_every_page_has_the_strict_headers(door: FlaskClient) -> None:
    headers = door.get("/form").headers

    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers  # the public address is http


def test_behind_https_the_browser_is_told_to_stay_there(make_settings: Any) -> None:
    app = make_sample(make_settings("intake", PUBLIC_URL="https://lang-nghe.example.vn"))

    headers = app.test_client().get("/form").headers

    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert app.config["SESSION_COOKIE_SECURE"]


def test_applications_of_one_process_share_what_was_compiled(make_settings: Any) -> None:
    first, second = (make_sample(make_settings("intake")).jinja_env.get_template("rows.html") for _ in range(2))

    assert first.root_render_func.__code__ is second.root_render_func.__code__


def test_two_pages_never_share_a_nonce(door: FlaskClient) -> None:
    found = {re.search(r"nonce-([^']+)", door.get("/form").headers["Content-Security-Policy"])[1] for _ in range(3)}  # type: ignore[index]

    assert len(found) == 3


def test_no_page_of_the_kit_has_an_inline_style(door: FlaskClient, desk: FlaskClient) -> None:
    for page in (door.get("/form"), door.get("/nowhere", headers=HTML), desk.get("/desk")):
        assert "style=" not in page.text
        assert "<style" not in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),
        ({"Origin": "http://localhost"}, 422),
        ({"Origin": "http://127.0.0.1:8000"}, 422),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://behind.a.proxy"}, 422),
        ({"Sec-Fetch-Site": "none"}, 422),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_only_our_own_pages_may_send_a_form(door: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert door.post("/form", headers=headers).status_code == status


def test_a_staff_form_needs_its_token(desk: FlaskClient) -> None:
    refused = desk.post("/late", headers=HTML)
    token = re.search(r'name="csrf" content="([^"]+)"', desk.get("/desk").text)[1]  # type: ignore[index]

    done = desk.post("/late", data={"csrf_token": token}, headers=HTML)

    assert refused.status_code == 400
    assert "đã mở quá lâu" in refused.text
    assert done.status_code == 409  # it arrived: the sample refuses for its own reason


def test_the_gateways_correlation_is_kept_and_a_forged_one_is_not(door: FlaskClient) -> None:
    kept = door.get("/form", headers={"X-Request-Id": "7f3a9c1e-gateway"}).headers["X-Request-Id"]
    forged = door.get("/form", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"]

    assert kept == "7f3a9c1e-gateway"
    assert "<" not in forged
    assert len(forged) == 36


def test_after_a_conflict_the_way_leads_back_to_the_page_before_where_it_is_ours(door: FlaskClient) -> None:
    ours = door.post("/late", headers=HTML | {"Referer": "http://localhost/form?x=1"})
    foreign = door.post("/late", headers=HTML | {"Referer": "https://example.net/form"})

    assert 'href="/form?x=1"' in ours.text
    assert "Về trang trước" not in foreign.text


def test_a_refusal_of_the_domain_becomes_a_page_or_a_problem_document(door: FlaskClient) -> None:
    page = door.post("/late", headers=HTML)
    answer = door.get("/api/v1/late")

    assert page.status_code == answer.status_code == 409
    assert "Quá muộn rồi" in page.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"] == "Quá muộn rồi"
    assert answer.json["correlation"] == answer.headers["X-Request-Id"]


def test_an_unexpected_error_says_sorry_with_its_code_and_no_secret(door: FlaskClient) -> None:
    page = door.post("/broken", data={"description": "Ổ gà <b>sâu</b>"}, headers=HTML)

    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert "a secret of ours" not in page.text
    assert 'value="Ổ gà &lt;b&gt;sâu&lt;/b&gt;"' in page.text  # what was typed can be sent again
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_error_has_its_own_page_in_both_languages(make_settings: Any, status: int, language: str) -> None:
    app = make_sample(make_settings("intake"))
    app.add_url_rule("/fails", "fails", lambda: _abort(status))

    page = app.test_client().get(f"/fails?lang={language}", headers=HTML)

    assert page.status_code == status
    assert f'<html lang="{language}">' in page.text
    title = re.search(r"<h1>(.*?)</h1>", page.text)[1]  # type: ignore[index]
    assert title.isascii() == (language == "en")


def _abort(status: int) -> Any:
    from flask import abort

    abort(status)


def test_our_own_words_for_a_missing_page_are_shown(door: FlaskClient) -> None:
    assert "Không có hồ sơ nào với mã này" in door.get("/gone", headers=HTML).text


def test_the_methods_allowed_are_told(door: FlaskClient) -> None:
    answer = door.get("/late", headers=HTML)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_body_too_large_is_refused_with_a_page(door: FlaskClient) -> None:
    answer = door.post("/form", data={"description": "x" * 3_000_000}, headers=HTML)

    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_too_many_requests_are_told_when_to_come_back(door: FlaskClient) -> None:
    answers = [door.post("/often", headers=HTML) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Bạn gửi hơi nhanh" in answers[-1].text


def test_a_counter_that_cannot_be_reached_by_its_address_stops_the_start(make_settings: Any) -> None:
    with pytest.raises(BadSetting, match="RATE_LIMIT_URL"):
        make_sample(make_settings("intake", RATE_LIMIT_URL="nonsense://counter"))


def test_processes_count_together_in_a_store_that_they_share(make_settings: Any, shared_counter: str) -> None:
    one, other = (make_sample(make_settings("intake", RATE_LIMIT_URL=shared_counter)).test_client() for _ in range(2))
    somebody = {"REMOTE_ADDR": str(IPv6Address(uuid4().int))}

    answers = [client.post("/often", environ_base=somebody).status_code for client in (one, other, one, other)]

    assert answers == [200, 200, 429, 429]


def test_a_store_that_is_down_leaves_each_process_counting_by_itself(make_settings: Any) -> None:
    door = make_sample(make_settings("intake", RATE_LIMIT_URL="redis://127.0.0.1:1")).test_client()

    answers = [door.post("/often").status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_each_address_has_its_own_limit(door: FlaskClient) -> None:
    for _ in range(3):
        door.post("/often", environ_base={"REMOTE_ADDR": "203.0.113.7"})

    assert door.post("/often", environ_base={"REMOTE_ADDR": "203.0.113.8"}).status_code == 200


def test_a_forwarding_header_counts_only_behind_our_own_proxy(make_settings: Any) -> None:
    forged = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}
    alone = make_sample(make_settings("intake")).test_client()
    behind = make_sample(make_settings("intake", TRUST_PROXY="yes")).test_client()

    assert alone.get("/address", headers=forged).text == "127.0.0.1"
    assert behind.get("/address", headers=forged).text == "203.0.113.5"  # the last hop's word, not the client's


def test_private_pages_are_kept_by_no_cache_and_public_ones_by_all(door: FlaskClient, desk: FlaskClient) -> None:
    figures = door.get("/figures")
    again = door.get("/figures", headers={"If-None-Match": figures.headers["ETag"]})

    assert door.get("/mine").headers["Cache-Control"] == "no-store"
    assert desk.get("/desk").headers["Cache-Control"] == "no-store"
    assert figures.headers["Cache-Control"] == "public, max-age=300"
    assert {"Accept-Language", "Cookie"} <= set(figures.vary)
    assert desk.get("/figures").headers["Cache-Control"] == "public, max-age=300"  # a public log beside staff pages
    assert again.status_code == 304


def test_public_pages_are_compressed_and_staff_pages_never(door: FlaskClient, desk: FlaskClient) -> None:
    squeezed = door.get("/form", headers={"Accept-Encoding": "gzip"})
    plain = desk.get("/desk", headers={"Accept-Encoding": "gzip"})

    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert "Ẵ Ặ Ữ Ỡ ẫ ễ ợ đ Đ" in gzip.decompress(squeezed.data).decode()
    assert "Content-Encoding" not in plain.headers


def test_the_monitor_sees_life_readiness_and_figures(make_settings: Any) -> None:
    app = make_sample(make_settings("intake"))
    is_up = [True]
    app.ready_check("database", lambda: None if is_up[0] else 1 / 0)
    client = app.test_client()

    ready = client.get("/readyz")
    is_up[0] = False
    failing = client.get("/readyz")

    assert client.get("/healthz").json == {"alive": True, "service": "intake"}
    assert ready.status_code == 200
    assert failing.status_code == 503
    assert failing.json == {"ready": False, "checks": {"database": "failing"}}
    client.get("/count/3")
    assert 'route="/count/<int:n>"' in client.get("/metrics").text  # the route, not the address


def test_only_the_api_is_described_for_programs(door: FlaskClient) -> None:
    document = door.get("/api/v1/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) <= {"/api/v1/late"}


def test_a_form_tidies_its_text_and_leaves_passwords_alone(door: FlaskClient) -> None:
    sent = {
        "kind": "report",
        "topic": "C01",
        "description": "  Ổ ga\u0300 sâu\r\ntrước trường học  ",
        "location": "Lê Lợi",
        "secret": "  a\u0300 b  ",
        "consent": "y",
    }

    answer = door.post("/form", data=sent).json

    assert answer == {"description": "Ổ gà sâu\ntrước trường học", "secret": "  à b  "}


def test_a_wrong_form_says_so_in_its_title_and_ties_its_errors(door: FlaskClient) -> None:
    page = door.post("/form", data={"description": "Ngắn quá"})

    assert page.status_code == 422
    assert "<title>Lỗi: " in page.text
    assert "Cần từ 20 đến 2000 ký tự" in page.text
    assert 'aria-describedby="description-h description-e description-count"' in page.text
    assert ">Ngắn quá</textarea>" in page.text


def test_a_hostile_word_comes_out_escaped(door: FlaskClient) -> None:
    page = door.post(
        "/form", data={"description": "</textarea><script>alert(1)</script>", "location": '"><img onerror=1>'}
    )

    assert "<script>alert" not in page.text
    assert "<img onerror" not in page.text


def test_a_brand_colour_too_pale_stops_the_start(make_settings: Any, tmp_path: Any) -> None:
    org = tmp_path / "config" / "org.yaml"
    org.parent.mkdir()
    org.write_text('{name: Sở, place: Huế, hotline: "1022", email: a@example.vn, brand: "#58c4dc"}', encoding="utf-8")

    with pytest.raises(BadSetting, match=r"contrast of 2\.\d"):
        make_app("tests.shared.sample", make_settings("intake", CONFIG_DIR=str(org.parent)))


def test_the_authoritys_colour_and_emblem_reach_the_page(make_settings: Any, tmp_path: Any) -> None:
    org = tmp_path / "config" / "org.yaml"
    org.parent.mkdir()
    org.write_text(
        "{name: Sở Xây dựng, place: Huế, hotline: '1022', email: a@example.vn, brand: '#7a1f3d', emblem: river}",
        encoding="utf-8",
    )
    client = make_sample(make_settings("intake", CONFIG_DIR=str(org.parent))).test_client()

    page = client.get("/form").text
    style = client.get(re.search(r"/static/css/app\.\w+\.css", page)[0]).text  # type: ignore[index]

    assert 'fill="#7a1f3d"' in page
    assert "--brand: #7a1f3d" in style
    assert "Sở Xây dựng" in page


def test_problem_documents_are_json_that_keeps_vietnamese(door: FlaskClient) -> None:
    body = door.get("/api/v1/late").data.decode()

    assert "Quá muộn rồi" in body
    assert json.loads(body)["status"] == 409
