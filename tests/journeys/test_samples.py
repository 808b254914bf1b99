"""The sample petitions: how they are filed by a program, and how the demonstration tells their lives."""

import pytest

from ops.demo import Demo
from ops.file_petitions import file_sample, words_of
from ops.samples import Sample
from ops.world import World
from services.workflow import store
from tests.support import NOON

HELD = Sample(id="P99", received_at=NOON, title="Xe khách nhồi nhét", body="Nhồi nhét khách. Ai cũng nói có phong bì.")


def test_a_petition_that_is_only_held_until_somebody_looks_is_not_called_restricted(world: World) -> None:
    receipt = file_sample(world, HELD)
    words = words_of(world, HELD, receipt, {})

    with world["workflow"].database.writing() as tx:
        [case] = store.cases_of(tx, receipt.filed.id)
    assert case.is_restricted
    assert not words["restricted"]


def test_the_demonstration_tells_a_life_in_the_words_of_the_follow_page(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(world, (HELD,))
    demo.file()

    demo.print_life(HELD)

    told = capsys.readouterr().out
    assert "12:00, 23/11  Đã nhận hồ sơ của bạn" in told
    assert "Hạn trả lời: thứ" in told
    assert "case." not in told
