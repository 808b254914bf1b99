"""The legal clock: which terms run, what governs, what moves them, and how it is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow.domain.deadline import (
    ClockRefused,
    Deadline,
    answer_deadline,
    apologise,
    apology_of,
    deadlines_of,
    dossier_apology,
    explain,
    extend,
    extension_rules,
    ladder_of,
    meet,
    pause,
    recount,
    regovern,
    resume,
    rivals_of,
    start,
    strip,
    void,
)
from services.workflow.domain.vocabulary import UnknownWord
from tests.workflow.support_rules import at, the_catalogue

CATALOGUE = the_catalogue()
CALENDAR = CATALOGUE.calendar
MORNINGS = st.datetimes(datetime(2025, 7, 2), datetime(2027, 6, 30), timezones=st.just(UTC))


def clocks(
    kind: str = "report", topic: str | None = "C01", *, received: str = "2026-11-20T09:15", **more
) -> dict[str, Deadline]:
    anchors = {"received": at(received)} | more.pop("anchors", {})
    found = deadlines_of(CATALOGUE, kind=kind, topic=topic, anchors=anchors, **more)
    return {deadline.rule: deadline for deadline in found}


def a_clock(**more) -> Deadline:
    """A report of a pothole, received on Friday 20 November 2026 and due on Wednesday 2 December."""
    return clocks(**more)["topic:C01"]


def test_a_topic_gives_its_own_days_to_its_own_kind():
    found = clocks()

    assert found["topic:C01"].due_on == date(2026, 12, 2)
    assert found["topic:C01"].due_at == datetime(2026, 12, 2, 17, 0, tzinfo=UTC)
    assert "report.answer" not in found


def test_another_kind_takes_the_days_of_the_kind():
    found = clocks("proposal", "C01")

    assert found["proposal.answer"].due_on == date(2026, 12, 14)
    assert "topic:C01" not in found


@pytest.mark.parametrize(
    ("received", "governs", "due"),
    [
        ("2026-07-03T10:00", "complaint.accept.law", date(2026, 7, 13)),
        ("2026-07-06T10:00", "complaint.accept.decree", date(2026, 7, 15)),
        ("2026-11-19T10:00", "complaint.accept.law", date(2026, 11, 30)),
    ],
)
def test_of_two_rules_for_one_duty_the_earlier_day_governs(received, governs, due):
    found = clocks("complaint", "C28", received=received)

    pair = [found["complaint.accept.decree"], found["complaint.accept.law"]]
    assert [row.rule for row in pair if row.is_governing] == [governs]
    assert found[governs].due_on == due
    assert answer_deadline(found.values()).rule == governs


def test_a_rule_that_was_not_yet_in_force_does_not_run():
    found = clocks("complaint", "C28", received="2026-06-30T10:00")

    assert "complaint.accept.decree" not in found
    assert found["complaint.accept.law"].is_governing
    assert "reception.limit45" not in found


def test_practice_elsewhere_drives_nothing():
    assert "reference.field_report" not in clocks()


def test_clocks_of_the_house_are_told_apart():
    internal = {
        rule for rule, deadline in clocks(anchors={"routed": at("2026-11-20T10:00")}).items() if deadline.is_internal
    }

    assert internal == {"policy.triage", "policy.assign", "petition.apology", "reception.limit45"}


def test_an_urgent_report_has_a_day_by_the_wall_clock():
    found = clocks("report", "C03", received="2026-11-21T20:40", conditions={"urgent"})

    assert found["urgent.first_response"].due_at == at("2026-11-22T20:40")
    assert found["urgent.first_response"].due_on is None
    assert found["topic:C03"].due_on == date(2026, 11, 26)
    assert "urgent.first_response" not in clocks("report", "C03")


def test_without_a_signature_guidance_is_owed_and_no_settlement_clock_starts():
    found = clocks("complaint", "C28", received="2026-11-19T10:00", conditions={"unsigned"})

    duties = {rule for rule, deadline in found.items() if not deadline.is_internal}
    assert duties == {"signature.guide", "reception.status_notice"}
    assert answer_deadline(found.values()).rule == "signature.guide"


def test_who_left_no_contact_is_owed_no_notice():
    assert "reception.status_notice" not in clocks(conditions={"no_contact"})


def test_all_variants_of_a_settlement_are_shown_and_the_ordinary_one_governs():
    anchors = {"accepted": date(2026, 11, 25)}

    found = clocks("complaint", "C28", anchors=anchors, only=frozenset({"accepted"}))

    assert {rule: deadline.due_on for rule, deadline in found.items()} == {
        "complaint.settle": date(2026, 12, 25),
        "complaint.settle.complex": date(2027, 1, 11),
        "complaint.settle.remote": date(2027, 1, 11),
        "complaint.settle.remote_complex": date(2027, 1, 25),
    }
    assert [rule for rule, deadline in found.items() if deadline.is_governing] == ["complaint.settle"]


@pytest.mark.parametrize(
    ("conditions", "governs"),
    [
        ({"complex"}, "complaint.settle.complex"),
        ({"remote"}, "complaint.settle.remote"),
        ({"remote", "complex"}, "complaint.settle.remote_complex"),
    ],
)
def test_an_officer_sets_the_condition_and_its_variant_governs(conditions, governs):
    ordinary = clocks("complaint", "C28", anchors={"accepted": date(2026, 11, 25)}, only=frozenset({"accepted"}))

    found = regovern(ordinary.values(), CATALOGUE, conditions)

    assert [row.rule for row in found if row.is_governing] == [governs]


def test_what_is_met_or_void_governs_no_longer():
    found = clocks("complaint", "C28", received="2026-11-19T10:00")
    found["complaint.accept.law"] = void(found["complaint.accept.law"])

    rows = regovern(found.values(), CATALOGUE)

    assert {row.rule for row in rows if row.is_governing and row.step == "accept_or_refuse"} == {
        "complaint.accept.decree"
    }


def test_a_request_about_data_runs_by_the_right_that_is_used():
    see = clocks("data_request", None, conditions={"see_correct_or_copy"})
    stop = clocks("data_request", None, conditions={"withdraw_restrict_or_object", "processor_involved"})

    assert see["data_request.see_or_correct"].due_on == date(2026, 11, 30)
    assert "data_request.stop" not in see
    assert stop["data_request.stop.processors"].is_governing
    assert not stop["data_request.stop"].is_governing
    assert see["data_request.respond"].due_on == date(2026, 11, 25)  # two working days over the holiday


def test_a_comment_waits_for_the_close_of_its_consultation():
    assert "consultation_comment.answer" not in clocks("consultation_comment", "C27")

    closed = {"consultation_closed": date(2026, 11, 30)}

    assert clocks("consultation_comment", "C27", anchors=closed)["consultation_comment.answer"].due_on == date(
        2026, 12, 21
    )


def test_spam_starts_no_clock():
    assert clocks("spam", None) == {}


def test_a_kind_or_topic_that_does_not_exist_is_refused():
    with pytest.raises(UnknownWord):
        clocks("report", "C99")


# --- what moves a clock ---


def test_a_calendar_clock_moves_by_the_days_of_its_suspension():
    rule = CATALOGUE.rule("complaint.settle", date(2026, 11, 25))
    clock = start(rule, at("2026-11-25T09:00"), CALENDAR)

    resumed = resume(pause(clock, at("2026-12-05T10:00")), at("2026-12-21T09:00"), CALENDAR)

    assert clock.due_on == date(2026, 12, 25)
    assert (resumed.unrolled_on, resumed.due_on) == (date(2027, 1, 10), date(2027, 1, 11))
    assert resumed.is_provisional


def test_a_working_day_clock_moves_by_the_working_days_lost():
    clock = clocks("proposal", "C07", received="2026-11-18T21:05")["topic:C07"]

    resumed = resume(pause(clock, at("2026-11-27T15:00")), at("2026-12-03T09:00"), CALENDAR)

    assert clock.due_on == date(2026, 12, 10)
    assert resumed.due_on == date(2026, 12, 16)


def test_a_wall_clock_moves_by_the_very_time():
    clock = clocks("report", "C03", received="2026-11-21T20:40", conditions={"urgent"})["urgent.first_response"]

    resumed = resume(pause(clock, at("2026-11-22T08:00")), at("2026-11-22T09:30"), CALENDAR)

    assert resumed.due_at == at("2026-11-22T22:10")


@given(MORNINGS, st.integers(0, 20), st.integers(0, 40))
def test_a_pause_adds_exactly_what_was_lost(received, after, lasting):
    clock = start(CATALOGUE.rule("report.answer", date(2026, 1, 1)), received, CALENDAR)
    stood = received + timedelta(days=after)
    if stood >= clock.due_at:
        return
    ran = stood + timedelta(days=lasting)

    resumed = resume(pause(clock, stood), ran, CALENDAR)

    lost = CALENDAR.working_days_between(CALENDAR.local_day(stood), CALENDAR.local_day(ran))
    assert CALENDAR.working_days_between(clock.due_on, resumed.due_on) == lost
    assert recount(resumed, CALENDAR) == resumed


def test_a_paused_clock_is_never_late():
    clock = pause(a_clock(), at("2026-11-30T09:00"))

    assert not clock.is_late_at(at("2027-01-30T09:00"))
    assert meet(clock, at("2027-01-30T09:00")).state == "met"


def test_a_clock_that_ran_out_cannot_pause():
    with pytest.raises(ClockRefused, match="run out"):
        pause(a_clock(), at("2026-12-03T00:00"))


def test_the_last_second_of_the_due_day_is_in_time():
    clock = a_clock()

    assert meet(clock, at("2026-12-02T23:59")).state == "met"
    assert meet(clock, at("2026-12-03T00:00")).state == "missed"


def test_a_proposal_is_extended_once_by_ten_working_days():
    clock = clocks("proposal", "C07", received="2026-11-18T21:05")["topic:C07"]
    rule = CATALOGUE.rule("policy.extend", date(2026, 12, 1))

    longer = extend(clock, rule, CALENDAR, on=date(2026, 12, 10))

    assert longer.due_on == date(2026, 12, 24)
    with pytest.raises(ClockRefused, match="1 extension"):
        extend(longer, rule, CALENDAR, on=date(2026, 12, 20))


def test_extensions_of_a_denunciation_count_from_the_day_before_rolling():
    settle = clocks("denunciation", "C29", anchors={"accepted": date(2026, 12, 1)})["denunciation.settle"]
    once = extend(settle, CATALOGUE.rule("denunciation.extend", settle.due_on), CALENDAR, on=date(2026, 12, 20))
    twice = extend(once, CATALOGUE.rule("denunciation.extend.special", once.due_on), CALENDAR, on=date(2027, 1, 20))

    assert [row.due_on for row in (settle, once, twice)] == [date(2026, 12, 31), date(2027, 2, 1), date(2027, 3, 1)]
    assert once.unrolled_on == date(2027, 1, 30)
    assert twice.extensions == ("denunciation.extend", "denunciation.extend.special")


@pytest.mark.parametrize(
    ("on", "value", "code"),
    [(date(2026, 12, 3), 5, "too_late"), (date(2026, 12, 1), 11, "too_long"), (date(2026, 12, 1), 0, "too_long")],
)
def test_an_extension_is_refused_after_the_due_day_or_beyond_its_rule(on, value, code):
    with pytest.raises(ClockRefused) as refused:
        extend(a_clock(), CATALOGUE.rule("policy.extend", on), CALENDAR, on=on, value=value)

    assert refused.value.code == code


def test_what_may_extend_a_denunciation_depends_on_its_conditions():
    ask = {"kind": "denunciation", "day": date(2026, 12, 1)}

    assert extension_rules(CATALOGUE, conditions=(), **ask) == ()
    assert [rule.code for rule in extension_rules(CATALOGUE, conditions={"complex"}, **ask)] == ["denunciation.extend"]


def test_an_apology_is_owed_a_day_before_the_answer_and_gives_one_new_date():
    clock = a_clock()

    later = apologise(clock, CALENDAR, due_on=date(2026, 12, 9))

    assert apology_of(clock, CATALOGUE, kind="report").due_on == date(2026, 12, 1)
    assert (later.due_on, later.new_dates) == (date(2026, 12, 9), 1)
    assert recount(later, CALENDAR) == later
    with pytest.raises(ClockRefused, match="one new date"):
        apologise(later, CALENDAR, due_on=date(2026, 12, 16))


@pytest.mark.parametrize(("due_on", "code"), [(date(2026, 12, 2), "not_later"), (date(2026, 12, 5), "rest_day")])
def test_a_new_date_is_a_later_working_day(due_on, code):
    with pytest.raises(ClockRefused) as refused:
        apologise(a_clock(), CALENDAR, due_on=due_on)

    assert refused.value.code == code


def test_the_apology_for_a_dossier_rolls_back_over_the_weekend():
    assert dossier_apology(CATALOGUE, date(2026, 11, 16)).due_on == date(2026, 11, 13)


def test_a_new_calendar_moves_an_open_clock():
    without_holiday = replace(CALENDAR, days_off={})

    assert recount(a_clock(), without_holiday).due_on == date(2026, 12, 1)


# --- reminders ---


def test_the_ladder_climbs_in_working_hours():
    steps = ladder_of(a_clock(), CATALOGUE)

    assert [(step.action, step.share) for step in steps] == [
        ("remind", 50),
        ("remind", 80),
        ("remind", 100),
        ("overdue", None),
        ("escalate", None),
    ]
    assert [step.at for step in steps[2:]] == [at("2026-12-02T17:00"), at("2026-12-03T07:30"), at("2026-12-04T07:30")]
    assert steps[-1].tell == ("director",)


@given(MORNINGS, st.sampled_from(["report.answer", "complaint.accept.law", "proposal.answer"]))
def test_no_step_of_the_ladder_falls_on_a_day_off(received, rule):
    clock = start(CATALOGUE.rule(rule, date(2026, 1, 1)), received, CALENDAR)

    steps = ladder_of(clock, CATALOGUE)

    assert [step.at for step in steps] == sorted(step.at for step in steps)
    for step in steps:
        spans = CALENDAR.hours_of(CALENDAR.local_day(step.at))
        assert any(opens <= step.at <= closes for opens, closes in spans)
        assert (step.at >= clock.due_at) == (step.action in ("overdue", "escalate"))


def test_a_term_in_hours_does_not_wait_for_the_morning():
    clock = clocks("report", "C03", received="2026-11-21T20:40", conditions={"urgent"})["urgent.first_response"]

    steps = ladder_of(clock, CATALOGUE)

    assert steps[0].at == at("2026-11-22T08:40")
    assert next(step.at for step in steps if step.action == "overdue") == at("2026-11-22T20:40")


def test_the_limit_of_45_days_alarms_on_day_30_and_40_and_at_last():
    steps = ladder_of(clocks()["reception.limit45"], CATALOGUE)

    assert [(step.at, step.action) for step in steps] == [
        (at("2026-12-18T07:30"), "alarm"),  # day 30 is Sunday 20/12: told before, not after
        (at("2026-12-30T07:30"), "alarm"),
        (at("2027-01-04T07:30"), "alarm"),
    ]


# --- in words ---


def test_the_explanation_names_the_days_left_out_and_the_act():
    text = explain(clocks("complaint", "C28", received="2026-11-19T10:00")["complaint.accept.decree"], CALENDAR)

    assert text == (
        "7 ngày làm việc kể từ ngày tiếp nhận (thứ Năm 19/11/2026), không tính ngày đầu và không tính 24/11 "
        "(Ngày Văn hóa Việt Nam), cuối tuần 21/11, 22/11, 28/11, 29/11: hết ngày thứ Ba 01/12/2026. "
        "Căn cứ: NĐ 155/2026 Đ10 (sửa NĐ 124/2020 Đ16(1))."
    )


def test_the_explanation_tells_of_a_rest_day_at_the_end():
    text = explain(clocks("complaint", "C28", received="2026-11-19T10:00")["complaint.accept.law"], CALENDAR, "en")

    assert "10 days from the day of receipt (Thursday 19/11/2026)" in text
    assert "Sunday 29/11/2026 is a day off, so it moves on to Monday 30/11/2026" in text


def test_of_two_rules_for_one_duty_the_explanation_names_both_and_says_which_holds():
    known = clocks("complaint", "C28", received="2026-11-19T10:00")
    law = known["complaint.accept.law"]
    rivals = rivals_of(law, known.values(), CATALOGUE)

    assert [rival.rule for rival in rivals] == ["complaint.accept.decree"]
    assert explain(law, CALENDAR, rivals=rivals).endswith(
        "NĐ 155/2026 Đ10 (sửa NĐ 124/2020 Đ16(1)) cho 7 ngày làm việc, đến thứ Ba 01/12/2026: lấy ngày sớm hơn."
    )
    assert explain(law, CALENDAR, "en", rivals=rivals).endswith(
        "gives 7 working days, until Tuesday 01/12/2026: the earlier day holds."
    )


def test_a_variant_that_nobody_asked_for_is_no_rival():
    known = clocks("complaint", "C28", anchors={"accepted": date(2026, 11, 25)})

    assert rivals_of(known["complaint.settle"], known.values(), CATALOGUE) == ()


def test_a_rule_of_the_house_is_called_so_in_english():
    text = explain(clocks("report", "C03", received="2026-11-30T14:43")["topic:C03"], CALENDAR, "en")

    assert text.startswith("3 working days from the day of receipt")
    assert text.endswith("Basis: the department's own rule (chính sách của Sở).")


def test_the_explanation_warns_of_a_year_without_a_calendar():
    clock = clocks("complaint", "C28", anchors={"accepted": date(2026, 11, 25)})["complaint.settle.complex"]

    assert "tạm tính" in explain(clock, CALENDAR)
    assert "provisional" in explain(clock, CALENDAR, "en")


def test_every_clock_can_be_explained_in_both_languages():
    for kind, topic in (("report", "C03"), ("complaint", "C28"), ("denunciation", "C29"), ("data_request", None)):
        anchors = dict.fromkeys(("accepted", "decided", "issued", "dialogue", "session"), date(2026, 12, 1))
        for clock in clocks(kind, topic, anchors=anchors, conditions={"urgent", "see_correct_or_copy"}).values():
            assert "Căn cứ: " in explain(clock, CALENDAR)
            assert "Basis: " in explain(clock, CALENDAR, "en")


def test_the_strip_runs_from_the_anchor_to_the_due_day():
    days = strip(a_clock(), CALENDAR)

    assert (days[0].on, days[-1].on) == (date(2026, 11, 20), date(2026, 12, 2))
    assert [day.on.day for day in days if day.kind == "statutory"] == [24]
