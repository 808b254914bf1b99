"""The sample petitions: how they are filed by a program, and how the demonstration tells their lives."""

import pytest

from ops.demo import Demo
from ops.file_petitions import file_sample, filed, words_of
from ops.samples import Sample, read_samples
from ops.world import World
from services.workflow import store
from services.workflow.domain.vocabulary import PRIORITIES
from tests.support import NOON
from tests.workflow.support_rules import CONFIG

HELD = Sample(id="P99", received_at=NOON, title="Xe khách nhồi nhét", body="Nhồi nhét khách. Ai cũng nói có phong bì.")


@pytest.mark.timeout(300)  # eleven petitions, each of which has to come to rest on real servers
def test_all_sample_petitions_reach_their_expected_routes_and_dates(world: World) -> None:
    """Filed at the door, each at its own instant, and found at the desk with what was worked out by hand."""
    samples = read_samples(CONFIG / "samples" / "petitions.json")

    found = {words["id"]: words for words in filed(world, samples)}

    assert len(found) == len(samples) == 11
    for sample in samples:
        expected = sample.expected
        assert expected is not None
        words = found[sample.id]
        for key in ("kind", "topic", "unit", "route", "restricted", "publication", "flags"):
            assert words[key] == expected[key], (sample.id, key)
        assert words["linked_to"] == expected.get("linked_to"), sample.id
        assert set(expected["must_not_assign"]) <= set(words["must_not_assign"]), sample.id
        assert PRIORITIES.index(words["priority"]) >= PRIORITIES.index(expected["priority"]), sample.id
        due = {row["rule"]: row["due"] for row in expected["deadlines"]}
        if inherited := expected.get("inherits"):
            due = {inherited["rule"]: inherited["due"]}
        assert words["deadlines"] == due, sample.id


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
