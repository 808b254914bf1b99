import hashlib
import re
from uuid import uuid4

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from services.audit import prove, publish
from services.audit.publish import SignerLoop
from services.audit.tlog.note import Verifier, open_checkpoint
from services.audit.tlog.receipt import open_receipt
from services.audit.web import make_pages
from services.audit.web.words import TITLES
from shared import auth
from shared.events import SHAPES
from shared.events.codec import b64u, canonical, open_fields
from shared.outbox import outbox
from shared.web import untranslated
from tests.audit.builders import ORIGIN, append, case_assigned, case_progressed, many, petition_filed

PASSWORD = "một câu dài chỉ tôi biết"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    """Hashing that costs nothing: these tests are about something else."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(auth, "hasher", lambda: cheap)


@pytest.fixture
def signer(database, tmp_path):
    return publish.make_key(tmp_path / "logkey", ORIGIN)


@pytest.fixture
def app(database, make_settings, signer):
    app = make_pages(make_settings("audit"), database, signer.verifier)
    app.config["TESTING"] = True
    app.limiter.enabled = False
    return app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def sign(database, signer, tmp_path):
    """Sign what is there."""
    loop = SignerLoop(database, signer, tmp_path / "signer.json")
    return loop.once


@pytest.fixture
def account(database):
    def make(role="auditor"):
        with database.writing() as tx:
            return auth.add_account(
                tx,
                login=f"nguoi.{role}",
                name="Lê Thị Thu Hà",
                email="ha@example.vn",
                role=role,
                unit=None,
                password=PASSWORD,
            )

    return make


@pytest.fixture
def auditor(client, account):
    """A browser in which an auditor is signed in."""
    account()
    auth.sign_in_client(client, "nguoi.auditor", PASSWORD)
    return client


@pytest.fixture
def a_life(database, keys, intake, workflow, sign):
    """A log with one petition's short life. Returns its id and the message that filed it."""
    petition = uuid4()
    filed = intake.tell(petition_filed(petition))
    append(database, [*filed, *workflow.tell(case_assigned(petition), case_progressed(petition))], keys=keys)
    sign()
    return petition, filed[0]


def digest_of(message):
    return hashlib.sha256(canonical(open_fields(message.body))).digest()


def event_of(message):
    return open_fields(message.body)["id"]


def readings(database):
    with database.reading() as tx:
        rows = tx.connection.execute(outbox.select().where(outbox.c.type == "access.read.v1").order_by(outbox.c.id))
        return [(row.subject, open_fields(row.body)["data"]) for row in rows]


# ---- for everybody


def test_the_newest_checkpoint_is_for_everybody_and_only_for_a_moment(client, database, keys, workflow, sign, signer):
    append(database, many(workflow, 3), keys=keys)
    sign()

    answer = client.get("/log/checkpoint")

    assert open_checkpoint(answer.text, signer.verifier).size == 5
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"


def test_there_is_no_checkpoint_before_the_first_signature(client):
    assert client.get("/log/checkpoint").status_code == 404


def test_the_log_s_key_is_told(client, signer):
    assert Verifier.read(client.get("/log/vkey").text) == signer.verifier


def test_tiles_are_for_everybody_and_for_ever(client, database, keys, workflow, sign):
    append(database, many(workflow, 300), keys=keys)
    sign()

    full, partial = client.get("/log/tile/0/000"), client.get("/log/tile/0/001.p/46")

    assert (len(full.data), len(partial.data)) == (8192, 46 * 32)
    assert client.get("/log/tile/1/000.p/1").status_code == 200
    assert full.content_type == "application/octet-stream"
    assert "immutable" in full.headers["Cache-Control"]


def test_a_partial_tile_is_a_prefix_of_the_wider_one(client, database, keys, workflow, sign):
    append(database, many(workflow, 300), keys=keys)
    sign()

    wide = client.get("/log/tile/0/000").data

    for width in (1, 17, 255):
        assert client.get(f"/log/tile/0/000.p/{width}").data == wide[: width * 32]


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/002",
        "/log/tile/0/001",
        "/log/tile/0/001.p/47",
        "/log/tile/1/000",
        "/log/tile/1/000.p/2",
        "/log/tile/0/0",
        "/log/tile/0/x000/000",
        "/log/tile/0/000.p/256",
        "/log/tile/x/000",
        "/log/tile/63/x999/x999/x999/x999/x999/999",
        "/log/tile/entries/000",
        "/log/tile/entries/001.p/46",
    ],
)
def test_what_is_no_tile_of_the_signed_log_is_not_found(client, database, keys, workflow, sign, path):
    append(database, many(workflow, 300), keys=keys)
    sign()

    assert client.get(path).status_code == 404


def test_no_tile_is_shown_before_a_checkpoint_covers_it(client, database, keys, workflow, sign):
    append(database, many(workflow, 3), keys=keys)
    sign()
    append(database, many(workflow, 3), keys=keys)

    assert client.get("/log/tile/0/000.p/5").status_code == 200
    assert client.get("/log/tile/0/000.p/6").status_code == 404


# ---- receipts


@pytest.mark.parametrize("spelling", [bytes.hex, b64u])
def test_who_knows_the_digest_gets_the_receipt(client, a_life, signer, spelling):
    _, filed = a_life

    answer = client.get(f"/receipts/{event_of(filed)}?digest={spelling(digest_of(filed))}")

    receipt = open_receipt(answer.text, signer.verifier)
    assert event_of(filed) in receipt.entry.decode()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{event_of(filed)}.tlog-proof"'


@pytest.mark.parametrize("digest", ["", "0" * 64, "x", "A" * 43])
def test_who_does_not_know_the_digest_learns_not_even_whether_there_is_a_receipt(client, a_life, digest):
    _, filed = a_life

    wrong = client.get(f"/receipts/{event_of(filed)}?digest={digest}")
    unknown = client.get(f"/receipts/{uuid4()}?digest={digest}")

    assert (wrong.status_code, wrong.data) == (unknown.status_code, unknown.data)
    assert wrong.status_code == 404


def test_a_receipt_that_waits_for_its_checkpoint_is_asked_for_again(client, database, keys, intake):
    filed, *_ = intake.tell(petition_filed())
    append(database, [filed], keys=keys)

    answer = client.get(f"/receipts/{event_of(filed)}?digest={digest_of(filed).hex()}")

    assert (answer.status_code, answer.headers["Retry-After"]) == (404, "5")


def test_a_citizen_opens_the_receipt_s_page_by_its_link(client, a_life):
    _, filed = a_life

    page = client.get(f"/verify?event={event_of(filed)}&digest={digest_of(filed).hex()}")

    assert page.status_code == 200
    assert "Đúng: mục này nằm trong sổ" in page.text
    assert "c2sp.org/tlog-proof@v1" in page.text


def test_without_javascript_the_server_checks_and_says_that_it_did(client, database, a_life):
    with database.reading() as tx:
        receipt = prove.receipt_of(tx, 1)

    good = client.post("/verify", data={"receipt": receipt.replace("\n", "\r\n")})
    bad = client.post("/verify", data={"receipt": receipt.replace("index 1", "index 0")})

    assert good.status_code == 200
    assert "Máy chủ của chúng tôi đã kiểm tra" in good.text
    assert bad.status_code == 422
    assert "Sai: biên nhận này không khớp với sổ" in bad.text


@pytest.mark.parametrize(
    "junk", ["", "x", "\n\n", "<script>alert(1)</script>", "c2sp.org/tlog-proof@v1\n\n\n\n", "😀" * 999]
)
def test_junk_on_the_verify_page_is_answered_politely(client, junk):
    answer = client.post("/verify", data={"receipt": junk})

    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.text


def test_the_verify_page_is_there_in_english(client):
    assert "Check a receipt" in client.get("/verify?lang=en").text


# ---- the desk


@pytest.mark.parametrize(
    "path",
    [
        "/audit/",
        "/audit/integrity",
        "/audit/entries/1",
        "/audit/entries.csv",
        "/audit/proofs?idx=1",
        "/audit/entries/1.tlog-proof",
    ],
)
def test_only_auditors_come_in(client, a_life, account, database, path):
    stranger = client.get(path)
    account("officer")
    auth.sign_in_client(client, "nguoi.officer", PASSWORD)
    officer = client.get(path)

    assert stranger.status_code == 302
    assert "/audit/sign-in" in stranger.headers["Location"]
    assert officer.status_code == 403
    assert readings(database) == []


def test_a_life_s_page_is_for_auditors_only(client, a_life):
    assert client.get(f"/audit/petitions/{a_life[0]}").status_code == 302


def test_the_list_shows_what_happened_in_words_and_never_a_name(auditor, a_life):
    page = auditor.get("/audit/").text

    assert "Phân công" in page
    assert "u:K9ra" in page
    assert "Sổ nguyên vẹn: 6 mục" in page
    assert "Nguyễn Huệ" not in page


def test_each_reading_is_an_event_before_it_is_answered(auditor, a_life, database):
    petition, _ = a_life

    auditor.get("/audit/")
    auditor.get(f"/audit/petitions/{petition}")

    (_, first), (subject, second) = readings(database)
    assert subject == petition
    assert (first["kind"], second["kind"], second["purpose"], second["role"]) == ("audit", "audit", "audit", "auditor")


def test_when_a_reading_cannot_be_written_down_nothing_is_shown(auditor, a_life, database, monkeypatch):
    def broken(*_args, **_more):
        raise OSError("disk full")

    monkeypatch.setattr("shared.outbox.append", broken)
    auditor.application.config["PROPAGATE_EXCEPTIONS"] = False
    page = auditor.get(f"/audit/petitions/{a_life[0]}")

    assert page.status_code == 500
    assert "u:K9ra" not in page.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("to:2027-01-01", 6),
        ("type:case.*", 2),
        ("type:case.assigned.v1", 1),
        ("source:intake", 1),
        ("source:intake source:log", 4),
        ("unit:KCHT", 1),
        ("actor:u:K9ra", 1),
        ("actor:u:nobody", 0),
        ("from:2026-11-23", 6),
        ("from:24/11/2026", 0),
        ("to:2026-11-22", 0),
        ("case:7k3m-9hdx", 3),
        ("case:7K3M9HDX -type:petition.*", 2),
        ("case:AAAA-AAAA", 0),
        ("subject:0193b3c0-5d2e-4c41-9c4a-5e33a70659a6", 0),
    ],
)
def test_a_search_finds_what_it_asks_for(auditor, a_life, query, count):
    page = auditor.get("/audit/", query_string={"q": query})

    assert page.text.count("data-idx=") == count


@pytest.mark.parametrize(
    "query", ["hello", "type:", "from:yesterday", "colour:red", "case:' OR 1=1", "type:%", "source:A;"]
)
def test_a_word_that_means_nothing_is_named(auditor, a_life, query):
    page = auditor.get("/audit/", query_string={"q": query})

    assert page.status_code == 422
    assert "Không hiểu" in page.text


def test_pages_follow_each_other_without_holes_while_the_log_grows(auditor, database, keys, workflow):
    append(database, many(workflow, 120), keys=keys)
    seen, path = [], "/audit/?q=to:2027-01-01"

    while path:
        page = auditor.get(path).text
        seen += [int(idx) for idx in re.findall(r'data-idx="(\d+)"', page)]
        append(database, many(workflow, 3), keys=keys)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""

    assert seen == list(range(121, -1, -1))


def test_the_newer_page_is_the_one_before(auditor, database, keys, workflow):
    append(database, many(workflow, 160), keys=keys)
    first = re.findall(r'data-idx="(\d+)"', auditor.get("/audit/").text)
    second = re.findall(r'data-idx="(\d+)"', auditor.get(f"/audit/?before={first[-1]}").text)

    back = re.findall(r'data-idx="(\d+)"', auditor.get(f"/audit/?after={second[0]}").text)

    assert back == first


def test_a_petition_s_life_is_told_with_its_pauses_and_where_it_stood(auditor, database, keys, intake, workflow, clock):
    petition = uuid4()
    filed = intake.tell(petition_filed(petition))
    workflow.at = clock.now().replace(hour=9)
    append(database, [*filed, *workflow.tell(case_assigned(petition))], keys=keys)

    page = auditor.get(f"/audit/petitions/{petition}").text
    early = auditor.get(f"/audit/petitions/{petition}?at=1").text

    assert page.index("Nộp hồ sơ") < page.index("4 giờ") < page.index("<b>Phân công")
    assert "u:7Qm4 (KCHT)" in page
    assert "u:7Qm4 (KCHT)" not in early


def test_an_entry_is_shown_word_for_word_with_its_proof(auditor, a_life, signer):
    page = auditor.get("/audit/entries/1")

    receipt = auditor.get("/audit/entries/1.tlog-proof").text
    assert "petition.filed.v1" in page.text
    assert open_receipt(receipt, signer.verifier).index == 1
    assert auditor.get("/audit/entries/999").status_code == 404
    assert auditor.get("/audit/entries/999.tlog-proof").status_code == 404


def test_the_browser_gets_what_it_needs_for_its_own_marks(auditor, a_life, signer):
    proofs = auditor.get("/audit/proofs?idx=0,1,2,999,x").json

    assert sorted(proofs) == ["0", "1", "2"]
    assert open_receipt(proofs["2"], signer.verifier).index == 2


def test_the_table_can_be_taken_away_and_no_cell_is_a_formula(auditor, database, keys, workflow):
    append(database, workflow.tell(case_assigned(actor="=cmd()")), keys=keys)

    table = auditor.get("/audit/entries.csv", query_string={"q": "type:case.*"})

    assert table.data.startswith("\ufeff".encode())
    assert "'=cmd()" in table.text
    assert readings(database)[-1][1]["kind"] == "export"


def test_a_frozen_source_turns_the_line_red(auditor, database, keys, workflow):
    append(database, many(workflow, 2), keys=keys)
    workflow.head = bytes(32)
    append(database, workflow.tell(case_assigned()), keys=keys)

    page = auditor.get("/audit/integrity").text

    assert "1 phát hiện chưa xử lý" in page
    assert "chuỗi bị đứt" in page
    assert "tạm khóa" in page


def test_no_cache_keeps_an_auditor_s_page(auditor, a_life):
    for path in ("/audit/", "/audit/integrity", f"/audit/petitions/{a_life[0]}", "/audit/entries/1"):
        assert auditor.get(path).headers["Cache-Control"] == "no-store"


def test_the_desk_speaks_english_too(auditor, a_life):
    page = auditor.get("/audit/?lang=en").text

    assert "Event log" in page
    assert "The log is whole" in page


def test_every_event_there_is_has_words():
    assert set(SHAPES) <= set(TITLES)


def test_everything_is_translated(app):
    assert untranslated(app.folder) == []


def test_checkpoints_of_old_can_be_fetched(client, database, keys, workflow, sign, signer):
    for _ in range(3):
        append(database, many(workflow, 2), keys=keys)
        sign()

    notes = client.get("/log/checkpoints?from=5").text

    assert notes.count(ORIGIN + "\n") == 2
