"""Words that want to be markup, headers or formulas stay words: on pages, at the desk, in its lists and in the mail."""

import csv
import io
from email import message_from_bytes, policy

from ops.world import World
from tests.intake.test_web import code_of, filed
from tests.journeys.conftest import Citizen, Desk

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
FIELDS = {
    "text": f"=HYPERLINK(1) ổ gà trước số nhà 12 đường Lê Lợi {SCRIPT}",
    "place": f"@SUM(1) {SCRIPT}",
    "name": f"=?utf-8?q?A=0D=0ABcc:_x=40evil.example?= {SCRIPT}"[:100],
    "phone": "0905 123 456",
}


def test_hostile_words_stay_words_on_every_way(world: World, citizen: Citizen, staff: Desk) -> None:
    client = citizen.client
    token = filed(client, **FIELDS, topic="C01", email=citizen.email)
    world.settle()
    case_id = staff.case_id(code_of(client, token))

    pages = [client.get(place).text for place in (f"/t/{token}", f"/bien-nhan/{token}")]
    desk = staff.sign_in("dau-moi")
    pages += [staff.see("dau-moi", case_id), desk.get("/desk/?view=all").text, desk.get("/desk/office").text]
    table = desk.get("/desk/list.csv?view=all")

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert table.status_code == 200
    cells = [cell for row in csv.reader(io.StringIO(table.text.lstrip("\ufeff"))) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    mails = citizen.letters()
    assert mails
    for one in mails:
        read = message_from_bytes(one.content, policy=policy.default)
        assert read["Bcc"] is None
        assert [address.addr_spec for address in read["To"].addresses] == [one.recipient]
        assert "alert(1)" not in str(read["Subject"])
        html = read.get_body(("html",))
        assert html is None or "<script>alert" not in html.get_content()


def test_a_line_break_in_an_address_gets_no_mail_sent_at_all(world: World, citizen: Citizen) -> None:
    body = {"kind": "report", "text": FIELDS["text"][:60], "email": "a@example.vn\r\nBcc: victim@example.vn"}

    answer = citizen.client.post("/api/v1/petitions", json=body)
    world.settle()

    assert answer.status_code == 422
    assert citizen.letters() == []
