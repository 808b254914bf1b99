"""The mailbox page, and the operators' board."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from services.notify import web
from tests.builders import an_event
from tests.notify.conftest import Post
from tests.notify.test_dispatching import post_event
from tests.notify.test_reactions import answered


@pytest.fixture
def browser(post: Post) -> Iterator[FlaskClient]:
    app = web.make(post.settings, post.database, post.catcher.mailbox)
    return app.test_client()


def test_what_arrived_is_shown_newest_first_with_links_to_press(post: Post, browser: FlaskClient) -> None:
    petition_id = post.petition()
    post.run()
    post.hear(answered(petition_id))
    post.run()

    page = browser.get("/outbox").text

    assert page.index("Đã có kết quả 7K3M-9HDX") < page.index("Đã tiếp nhận 7K3M-9HDX")
    assert 'href="https://phan-anh.example.vn/t/' in page
    assert "So GTVT da tiep nhan ho so 7K3M-9HDX" in page


def test_an_empty_mailbox_says_how_to_fill_it(browser: FlaskClient) -> None:
    assert "Chưa có gì" in browser.get("/outbox").text
    assert "Nothing yet" in browser.get("/outbox?lang=en").text


def test_a_message_that_came_twice_is_seen_twice(post: Post, browser: FlaskClient) -> None:
    for _ in range(2):
        post.catcher.mailbox.put(channel="sms", ref="one", sender="", recipient="+84905123456", content=b"x")

    assert "đến 2 lần" in browser.get("/outbox").text


def test_words_of_people_are_shown_and_not_run(post: Post, browser: FlaskClient) -> None:
    petition_id = post.petition()
    post.hear(answered(petition_id, answer="<script>alert(1)</script>"))
    post.run()

    page = browser.get("/outbox").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_older_messages_are_on_the_next_page(post: Post, browser: FlaskClient) -> None:
    for number in range(web.PAGE + 1):
        post.catcher.mailbox.put(channel="sms", ref=str(number), sender="", recipient="x", content=b"so %d." % number)

    first, second = browser.get("/outbox").text, browser.get("/outbox?before=2").text

    assert "so 0." not in first
    assert "/outbox?before=2" in first
    assert "so 0." in second


def test_the_original_of_a_letter_can_be_seen(post: Post, browser: FlaskClient) -> None:
    post.petition(channels=("email",))
    post.run()

    answer = browser.get("/outbox/1.eml")

    assert answer.text.startswith("Date: ")
    assert answer.mimetype == "text/plain"
    assert browser.get("/outbox/99.eml").status_code == 404


def test_the_world_outside_can_be_asked_to_misbehave(post: Post, browser: FlaskClient) -> None:
    headers = {"Origin": "http://localhost"}
    answer = browser.post("/outbox/mood", data={"channel": "email", "mood": "busy"}, headers=headers)
    wrong = browser.post("/outbox/mood", data={"channel": "email", "mood": "angry"}, headers=headers)

    assert answer.status_code == 302
    assert post.catcher.mailbox.mood("email") == "busy"
    assert wrong.status_code == 400


def test_the_board_shows_what_failed_with_its_attempts(post: Post, browser: FlaskClient) -> None:
    post.catcher.mailbox.set_mood("email", "refuse")
    petition_id = post.petition()
    post.hear(an_event(post_event("CaseRefused"), petition_id=petition_id, ground="out_of_time"))
    post.run()

    page = browser.get("/outbox/notices").text

    assert "Không gửi được" in page
    assert "bad_recipient" in page
    assert "550 5.1.1" in page
    assert "anh.nth@example.vn" not in page


def test_without_a_catcher_there_is_no_mailbox_page(post: Post) -> None:
    browser = web.make(post.settings, post.database, None).test_client()

    assert browser.get("/outbox").status_code == 404
    assert browser.get("/healthz").status_code == 200
