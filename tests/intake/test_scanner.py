"""Files and viruses: refused when one is found, kept closed while the scanner is away, opened once it has looked."""

import io
import shutil
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.__main__ import build
from services.intake.door import Door, Rescanner
from services.intake.scanner import Scanner, ScannerDown
from shared.files import DOCX, FORMS, INFECTED, SEALED, WAITING, path_of, remove_file
from shared.settings import BadSetting, Settings
from tests.intake.builders import a_pdf, a_picture
from tests.intake.by_steps import by_steps
from tests.intake.clamd import EICAR, FakeClamd, away, fake_clamd, real_clamd
from tests.shared.office_papers import a_docx
from tests.support import database_url

WORDS = {"kind": "report", "text": "Ổ gà sâu giữa làn xe máy, rất nguy hiểm."}
INFECTED_PDF = a_pdf() + b"\n%" + EICAR


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with fake_clamd() as server:
        yield server


@pytest.fixture
def make_door(tmp_path: Path, make_settings: Callable[..., Settings], clock: Any) -> Iterator[Callable[[str], Any]]:
    """Doors on one database, each with its own scanner."""
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made: list[Any] = []

        def make(scanner: str) -> Any:
            service = build(make_settings("intake", DATABASE_URL=url, CLAMD_URL=scanner), clock=clock)
            service.database.metadata.create_all(service.database.engine)
            made.append(service)
            return service

        yield make
        for service in made:
            service.database.close()


def door_of(service: Any) -> Door:
    found: Door = service.app.extensions["door"]
    return found


def send_form(client: FlaskClient, data: bytes, name: str, **more: str) -> Any:
    return client.post("/gui", data=WORDS | more | {"files": (io.BytesIO(data), name)})


def file(client: FlaskClient) -> str:
    """Send what the form keeps; gives the address of its follow page."""
    seen = client.get("/kiem-tra").text.split('name="seen" value="')[1].split('"')[0]
    sent = client.post("/kiem-tra", data={"seen": seen})
    return sent.headers["Location"].replace("/bien-nhan/", "/t/")


def the_file(service: Any) -> UUID:
    with service.database.reading() as look:
        return look.connection.execute(store.attachment.select()).one().id  # type: ignore[no-any-return]


@pytest.mark.parametrize("data", [INFECTED_PDF, EICAR, a_picture() + EICAR])
def test_s23d_a_file_with_a_virus_is_refused_and_the_words_stay(
    make_door: Callable[[str], Any], clamd: FakeClamd, data: bytes
) -> None:
    client = make_door(clamd.url).app.test_client()

    answer = send_form(client, data, "don.pdf")

    assert answer.status_code == 422
    assert "Tệp don.pdf có mã độc nên không nhận được" in answer.text
    assert WORDS["text"] in answer.text


def test_s23d_types_are_told_by_structure_and_a_paper_is_kept_as_it_came(
    make_door: Callable[[str], Any], clamd: FakeClamd
) -> None:
    service, data = make_door(clamd.url), a_docx()
    client = service.app.test_client()

    send_form(client, data, "anh.jpg")
    follow = file(client)

    with service.database.reading() as look:
        row = look.connection.execute(store.attachment.select()).one()
    got = client.get(f"{follow}/tep/{row.id}")
    assert (row.media_type, got.data) == (DOCX, data)
    assert got.headers["Content-Disposition"] == 'attachment; filename="tep.docx"'
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize("scanner_says", [None, b"INSTREAM size limit exceeded. ERROR\0", b""])
def test_s23d_while_the_scanner_is_away_a_file_is_kept_and_opens_for_nobody(
    make_door: Callable[[str], Any], clamd: FakeClamd, scanner_says: bytes | None
) -> None:
    clamd.answer = scanner_says or b"\0"
    service = make_door(away() if scanner_says is None else clamd.url)
    client, data = service.app.test_client(), a_pdf()

    send_form(client, data, "don.pdf")
    assert "đang chờ quét mã độc" in client.get("/gui").text
    follow = file(client)

    file_id, files_dir = the_file(service), door_of(service).settings.files_dir
    assert client.get(f"{follow}/tep/{file_id}").status_code == 404
    assert "đang chờ quét mã độc" in client.get(follow).text
    assert not path_of(files_dir, file_id).exists()
    assert data[:50] not in path_of(files_dir, file_id, WAITING).read_bytes()
    assert Rescanner(door_of(service)).once() == 0


def test_s23d_what_waited_opens_once_the_scanner_has_looked(make_door: Callable[[str], Any], clamd: FakeClamd) -> None:
    before, data = make_door(away()), a_pdf()
    client = before.app.test_client()
    send_form(client, data, "don.pdf")
    follow = file(client)

    after = make_door(clamd.url)
    assert Rescanner(door_of(after)).once() == 1

    client = after.app.test_client()
    assert client.get(f"{follow}/tep/{the_file(after)}").data == data
    assert "đang chờ quét" not in client.get(follow).text
    assert Rescanner(door_of(after)).once() == 0


def test_s23d_what_waited_and_holds_a_virus_is_removed_and_the_page_says_so(
    make_door: Callable[[str], Any], clamd: FakeClamd
) -> None:
    before = make_door(away())
    client = before.app.test_client()
    send_form(client, INFECTED_PDF, "don.pdf")
    follow = file(client)

    after = make_door(clamd.url)
    assert Rescanner(door_of(after)).once() == 1

    client, file_id = after.app.test_client(), the_file(after)
    assert "có mã độc, đã xoá" in client.get(follow).text
    assert client.get(f"{follow}/tep/{file_id}").status_code == 404
    assert not any(
        EICAR in path.read_bytes() for path in door_of(after).settings.files_dir.rglob("*") if path.is_file()
    )


def test_s23d_a_denouncers_file_is_sealed_for_the_desk_after_its_scan(
    make_door: Callable[[str], Any], clamd: FakeClamd
) -> None:
    before = make_door(away())
    client = before.app.test_client()
    by_steps(client, (a_pdf(), "don.pdf"), kind="denunciation")

    after = make_door(clamd.url)
    Rescanner(door_of(after)).once()

    file_id, files_dir = the_file(after), door_of(after).settings.files_dir
    assert path_of(files_dir, file_id, SEALED).exists()
    assert not path_of(files_dir, file_id).exists()
    assert not path_of(files_dir, file_id, WAITING).exists()


def test_s23d_a_file_of_a_draft_that_waited_is_looked_at_again_when_it_is_sent(
    make_door: Callable[[str], Any], clamd: FakeClamd
) -> None:
    clamd.answer = b"BUSY ERROR\0"
    service = make_door(clamd.url)
    client = service.app.test_client()
    send_form(client, INFECTED_PDF, "don.pdf")
    clamd.answer = b""

    seen = client.get("/kiem-tra").text.split('name="seen" value="')[1].split('"')[0]
    sent = client.post("/kiem-tra", data={"seen": seen}, follow_redirects=True)

    assert "Tệp don.pdf có mã độc" in sent.text
    with service.database.reading() as look:
        assert look.connection.execute(store.petition.select()).all() == []


def test_a_verdict_that_comes_while_a_program_files_is_the_loops_and_no_error(
    make_door: Callable[[str], Any], clamd: FakeClamd
) -> None:
    clamd.first.append(b"BUSY ERROR\0")
    service = make_door(clamd.url)

    answer = service.app.test_client().post(
        "/api/v1/petitions", data=WORDS | {"files": (io.BytesIO(INFECTED_PDF), "don.pdf")}
    )

    assert answer.status_code == 201
    assert Rescanner(door_of(service)).once() == 1
    assert path_of(door_of(service).settings.files_dir, the_file(service), INFECTED).read_bytes() == b""


def test_a_file_that_is_erased_while_it_is_scanned_does_not_come_back(make_door: Callable[[str], Any]) -> None:
    service = make_door(away())
    client = service.app.test_client()
    send_form(client, a_pdf(), "don.pdf")
    file(client)
    door, file_id = door_of(service), the_file(service)

    class Slow(Scanner):
        def finds_in(self, data: bytes) -> str:
            remove_file(door.settings.files_dir, file_id)
            return ""

    Rescanner(replace(door, scanner=Slow(""))).once()

    assert not any(path_of(door.settings.files_dir, file_id, form).exists() for form in FORMS)


def test_a_scanner_that_hangs_is_left_in_time_and_not_asked_again_at_once() -> None:
    calls = []

    class Drip(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            calls.append(1)
            with suppress(OSError):
                while not stop.wait(0.05):
                    self.request.sendall(b"s")

    stop = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        scanner = Scanner(("127.0.0.1", server.server_address[1]), seconds=0.5)
        for _ in range(3):
            with pytest.raises(ScannerDown):
                scanner.finds_in(b"x")
        stop.set()
        server.shutdown()

    assert calls == [1]


def test_without_a_scanner_files_are_taken_as_before(make_door: Callable[[str], Any]) -> None:
    service, data = make_door(""), a_pdf()
    client = service.app.test_client()

    send_form(client, data, "don.pdf")
    follow = file(client)

    assert client.get(f"{follow}/tep/{the_file(service)}").data == data
    assert Rescanner(door_of(service)).once() == 0


@pytest.mark.parametrize("url", ["http://host", "tcp://", "unix:relative", "tcp://host:port", "3310"])
def test_an_address_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadSetting, match="CLAMD_URL"):
        Scanner.at(url)


def test_the_daemon_itself_finds_the_test_virus_and_nothing_else() -> None:
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("no clamd on this machine: the protocol is tested with a server of ours")
    with TemporaryDirectory() as folder, real_clamd(program, Path(folder)) as url:  # a socket's path must be short
        scanner = Scanner.at(url)

        assert scanner is not None
        assert scanner.finds_in(EICAR) == "Eicar-Test-Signature.UNOFFICIAL"
        assert scanner.finds_in(a_picture(size=(2000, 2000))) == ""
    with pytest.raises(ScannerDown):
        scanner.finds_in(b"x")
