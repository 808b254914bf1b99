"""Help beside every form: who helps, and how to fill in."""

import pytest
from flask.testing import FlaskClient

LINK = '<a href="/huong-dan">Cần giúp?</a>'


@pytest.mark.parametrize("page", ["/", "/gui", "/gui/buoc/1?loai=complaint", "/theo-doi", "/tham-gia", "/huong-dan"])
def test_s23b_help_stands_at_the_same_place_of_every_page(client: FlaskClient, page: str) -> None:
    text = client.get(page, follow_redirects=True).text

    tools = text[text.index('<div class="tools">') : text.index("</header>")]
    assert tools.count(LINK) == 1
    assert tools.index(LINK) < tools.index('hreflang="en"')


def test_s23b_the_guide_says_whom_to_call_where_to_go_and_how_to_fill_in_each_kind(client: FlaskClient) -> None:
    page = client.get("/huong-dan").text

    for said in (
        "0234 300 0000",
        "Số 1 đường Mẫu",
        "07:30–11:30",
        "Ví dụ:",
        "Khiếu nại về việc gì?",
        "Tố cáo việc gì, của ai?",
    ):
        assert said in page
    for place in ("report", "proposal", "procedure_feedback", "complaint", "denunciation"):
        assert f'id="{place}"' in page
    assert client.get("/huong-dan?lang=en").status_code == 200
