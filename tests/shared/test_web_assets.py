"""Stylesheets, scripts and fonts: named by content, compressed, kept for a year, and ours to give away."""

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from shared.web.assets import Assets, NoSuchAsset
from tests.shared.sample import make_sample
from tests.support import ROOT

KIT = ROOT / "shared" / "web"


@pytest.fixture
def door(make_settings: Any) -> FlaskClient:
    return make_sample(make_settings("intake")).test_client()


def test_a_named_file_is_kept_for_a_year_and_compressed(door: FlaskClient) -> None:
    url = re.search(r"/static/css/app\.\w{10}\.css", door.get("/form").text)[0]  # type: ignore[index]

    answer = door.get(url, headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert len(answer.data) < 9000
    assert gzip.decompress(answer.data) == door.get(url).data


def test_a_stylesheet_names_its_fonts_by_content_too(door: FlaskClient) -> None:
    style = door.get("/static/css/app.css").text

    fonts = re.findall(r"url\((/static/fonts/[^)]+)\)", style)

    assert len(fonts) == 2
    for font in fonts:
        answer = door.get(font)
        assert answer.content_type == "font/woff2"
        assert "immutable" in answer.headers["Cache-Control"]


def test_an_old_or_plain_name_still_answers_but_is_asked_for_again(door: FlaskClient) -> None:
    for url in ("/static/css/app.css", "/static/css/app.0123456789.css"):
        answer = door.get(url)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert door.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["nothing.css", "../web/app.py", "..%2f..%2fpyproject.toml", "css/", "css"])
def test_nothing_else_is_given_away(door: FlaskClient, path: str) -> None:
    assert door.get(f"/static/{path}").status_code == 404


def test_a_services_own_files_stand_under_its_name(door: FlaskClient) -> None:
    assert "export const here" in door.get("/static/intake/own.js").text


def test_a_script_names_what_it_imports_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("import { b } from './b.js'")
    (tmp_path / "b.js").write_text("export const b = 1")

    assets = Assets({"js": tmp_path}, {}, appended={})

    assert assets.url("js/b.js") in assets.find("js/a.js").body.decode()


def test_a_script_brings_the_one_it_begins_with_and_their_names_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("import '../js/b.js'\nconst b = 2\n")
    (tmp_path / "b.js").write_text("const b = () => import('./c.js')\n")
    (tmp_path / "c.js").write_text("export const c = 3\n")

    assets = Assets({"js": tmp_path}, {}, appended={})

    lazy = assets.url("js/c.js")
    assert assets.find("js/a.js").body.decode() == f"{{\nconst b = () => import('{lazy}')\n}}\nconst b = 2\n"


def test_what_is_said_to_readers_of_the_code_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("// Why.\nfor (;;) {\n  // how\n  go('https://a') // so\n}\n")
    (tmp_path / "a.css").write_text("/* Why,\n   and how */\na {\n  color: red\n}\n")

    assets = Assets({"js": tmp_path, "vendor": tmp_path}, {}, appended={})

    assert assets.find("js/a.js").body == b"for (;;) {\ngo('https://a') // so\n}\n"
    assert assets.find("js/a.css").body == b"a {\ncolor: red\n}\n"
    assert assets.find("vendor/a.js").body == (tmp_path / "a.js").read_bytes()


def test_no_string_of_our_scripts_spans_lines() -> None:
    for script in (one for one in ROOT.glob("s*/**/static/**/*.js") if "vendor" not in one.parts):
        for line in script.read_text(encoding="utf-8").splitlines():
            assert line.count("`") % 2 == 0, f"{script.name}: {line}"


def test_a_page_that_names_a_missing_file_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(NoSuchAsset, match=r"css/gone\.css"):
        Assets({}, {}, appended={}).url("css/gone.css")


@pytest.mark.parametrize("listing", [KIT / "vendored.yaml", ROOT / "tests" / "browser" / "vendored.yaml"])
def test_what_others_made_is_what_we_say_it_is(listing: Path) -> None:
    for entry in yaml.safe_load(listing.read_text(encoding="utf-8")):
        assert (listing.parent / entry["licence_file"]).is_file()
        for name, digest in entry["files"].items():
            assert hashlib.sha256((listing.parent / name).read_bytes()).hexdigest() == digest


def test_the_font_has_every_vietnamese_letter() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    import unicodedata

    letters = {
        unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in tones
    } | set("đĐ₫–“”…•°")

    for weight in (400, 600):
        known = ttlib.TTFont(KIT / "static" / "fonts" / f"be-vietnam-pro-{weight}.woff2").getBestCmap()
        assert {letter for letter in letters if ord(letter) not in known} == set()


def test_scripts_of_the_kit_stay_small() -> None:
    weigh = lambda name: len(gzip.compress((KIT / "static" / "js" / name).read_bytes(), 9))  # noqa: E731

    assert weigh("app.js") < 5000
    assert weigh("app.js") + weigh("staff.js") < 8000
