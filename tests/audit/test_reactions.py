from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from services.audit import reactions, store
from services.audit.domain.chain import Head
from services.audit.reactions import NotTwoPeople
from services.audit.tlog.tree import Tree, leaf_hash
from services.audit.verify import Chains
from shared.events.codec import canonical, open_fields
from tests.audit.builders import (
    append,
    case_assigned,
    case_progressed,
    many,
    petition_filed,
    with_headers,
)


def entries(database):
    with database.reading() as tx:
        return [msgspec.json.decode(entry) for _, entry in store.entries_between(tx, 0, store.load_log(tx).size)]


def types(database):
    return [entry["type"] for entry in entries(database)]


def head(database, source="workflow"):
    with database.reading() as tx:
        return store.load_heads(tx).get(source, Head(source))


def findings(database):
    with database.reading() as tx:
        return [(found.kind, found.source) for found in store.open_findings(tx)]


def refused(database):
    with database.reading() as tx:
        return [row.reason for row in tx.connection.execute(store.refused.select())]


def assert_sound(database):
    """Everything that is kept fits together, worked out anew."""
    with database.reading() as tx:
        log, tree, chains = store.load_log(tx), Tree(), Chains()
        for idx, entry in store.entries_between(tx, 0, log.size):
            chains.follow(idx, entry, leaf_hash(entry))
            tree.append([leaf_hash(entry)])
        assert (tree.size, tree.root()) == (log.size, log.root)
        assert {name: pos for name, (pos, _) in chains.heads.items() if name != "log"} == {
            name: one.pos for name, one in store.load_heads(tx).items() if one.pos
        }


# ---- what is in its turn


def test_an_event_in_its_turn_enters_the_log_after_the_key_of_its_source(database, keys, workflow):
    taken = append(database, workflow.tell(case_assigned()), keys=keys)

    assert taken.appended == 1
    assert types(database) == ["audit.source.v1", "case.assigned.v1", "audit.batch.v1"]
    assert_sound(database)


def test_the_entry_is_the_open_event_with_its_place_and_nothing_that_was_sealed(database, keys, intake):
    message, *_ = intake.tell(petition_filed())

    append(database, [message], keys=keys)

    kept = entries(database)[1]
    assert kept == open_fields(message.body) | {"pos": 1, "prev": message.headers["prev"]}
    assert "sealed" not in kept
    assert "Nguyễn Huệ" not in str(kept)


def test_several_sources_in_one_batch_keep_their_own_chains(database, keys, workflow, intake):
    mixed = [message for pair in zip(many(workflow, 40), many(intake, 40), strict=True) for message in pair]

    append(database, mixed, keys=keys)

    assert (head(database).pos, head(database, "intake").pos) == (40, 40)
    assert_sound(database)


@pytest.mark.parametrize("size", [1, 7, 255, 256, 300])
def test_a_log_grows_the_same_in_portions_of_any_size(database, keys, workflow, size):
    messages = many(workflow, 600)

    for start in range(0, 600, size):
        append(database, messages[start : start + size], keys=keys)

    assert head(database).pos == 600
    with database.reading() as tx:
        waiting = tx.connection.execute(store.tail.select()).all()
        assert sum(row.count for row in waiting) == store.load_log(tx).size % 256
    assert_sound(database)


def test_batch_records_are_a_minute_apart_and_leave_nothing_out(database, keys, workflow, clock):
    for minute in range(5):
        clock.move_to(clock.now() + timedelta(seconds=30))
        append(database, many(workflow, minute + 1), keys=keys)

    records = [entry for entry in entries(database) if entry["type"] == "audit.batch.v1"]
    assert len(records) == 3
    assert records[-1]["data"]["sources"]["workflow"]["pos"] == 15
    assert_sound(database)


# ---- what comes twice, early, or not at all


def test_what_comes_again_is_dropped(database, keys, workflow):
    messages = many(workflow, 300)
    append(database, messages, keys=keys)

    again = append(database, [*messages, *messages[:5]], keys=keys)

    assert (again.appended, again.dropped, head(database).pos) == (0, 305, 300)
    assert findings(database) == []


def test_the_same_message_twice_in_one_batch_is_one_entry(database, keys, workflow):
    first, second = many(workflow, 2)

    append(database, [second, first, first, second], keys=keys)

    assert (head(database).pos, types(database).count("case.assigned.v1")) == (2, 2)


def test_what_comes_early_is_held_until_what_is_missing_has_come(database, keys, workflow):
    first, second, third, fourth = many(workflow, 4)
    append(database, [first], keys=keys)

    waiting = append(database, [fourth, third], keys=keys)
    after = append(database, [second], keys=keys)

    assert (waiting.appended, waiting.held) == (0, 2)
    assert (after.appended, head(database).pos) == (3, 4)
    with database.reading() as tx:
        assert store.count_held(tx) == {}
    assert_sound(database)


def test_no_source_can_fill_the_log_s_memory_with_what_is_early(database, keys, workflow, monkeypatch):
    monkeypatch.setattr(reactions, "MOST_HELD", 3)
    messages = many(workflow, 10)

    taken = append(database, messages[1:], keys=keys)

    assert (taken.held, taken.dropped) == (3, 6)


# ---- what contradicts


def test_two_stories_at_one_place_freeze_their_source_and_both_are_kept(database, keys, workflow):
    append(database, many(workflow, 3), keys=keys)
    liar = workflow.fork()
    truth = workflow.tell(case_assigned())
    lie = liar.tell(case_assigned(actor="u:liar"))
    append(database, truth, keys=keys)

    append(database, lie, keys=keys)
    later = append(database, workflow.tell(case_assigned()), keys=keys)

    assert head(database).is_frozen
    assert findings(database) == [("equivocation", "workflow")]
    assert refused(database) == ["equivocation"]
    assert (later.appended, later.dropped) == (0, 1)
    assert_sound(database)


def test_both_stories_in_one_batch_are_found_as_well(database, keys, workflow):
    liar = workflow.fork()

    append(database, [*workflow.tell(case_assigned()), *liar.tell(case_assigned())], keys=keys)

    assert findings(database) == [("equivocation", "workflow")]


def test_an_event_that_does_not_follow_the_last_one_freezes_its_source(database, keys, workflow):
    append(database, many(workflow, 3), keys=keys)
    workflow.head = b"7" * 32

    append(database, workflow.tell(case_assigned()), keys=keys)

    assert head(database).is_frozen
    assert findings(database) == [("chain_break", "workflow")]


def test_a_source_that_began_anew_waits_for_two_people(database, keys, workflow):
    append(database, many(workflow, 5), keys=keys)
    restored = workflow.fork()
    restored.epoch = "e2"

    append(database, restored.tell(case_assigned()), keys=keys)

    assert findings(database) == [("new_epoch", "workflow")]
    assert head(database).is_frozen


def test_a_frozen_source_does_not_stop_the_others(database, keys, workflow, intake):
    workflow.head = b"7" * 32
    workflow.pos = 0

    append(database, [*workflow.tell(case_assigned()), *many(intake, 3)], keys=keys)

    assert head(database).is_frozen
    assert head(database, "intake").pos == 3
    assert_sound(database)


def test_a_source_goes_on_after_two_people_decided_and_the_log_says_who(database, keys, workflow):
    first = many(workflow, 5)
    append(database, first, keys=keys)
    restored = workflow.fork()
    restored.epoch, restored.pos = "e2", 5
    event = restored.tell(case_assigned())
    append(database, event, keys=keys)

    with database.writing() as tx:
        old = store.load_heads(tx)["workflow"]
        reactions.accept_source(
            tx, "workflow", epoch="e2", pos=5, head=old.leaf, keys=keys, decided_by=("u:Bn1x", "u:Aq2z")
        )
    append(database, event, keys=keys)

    assert (head(database).pos, head(database).is_frozen, findings(database)) == (6, False, [])
    accepted = next(entry["data"] for entry in entries(database) if entry["data"].get("act") == "accepted")
    assert accepted["by"] == ["u:Aq2z", "u:Bn1x"]
    assert_sound(database)


def test_one_person_alone_cannot_take_a_source_up_again(database, keys, workflow):
    append(database, many(workflow, 1), keys=keys)

    with database.writing() as tx, pytest.raises(NotTwoPeople):
        reactions.accept_source(
            tx, "workflow", epoch="e2", pos=1, head=bytes(32), keys=keys, decided_by=("u:Aq2z", "u:Aq2z")
        )


# ---- what is forged or unreadable


def test_a_forged_event_is_refused_and_the_true_one_is_still_awaited(database, keys, workflow):
    true, *_ = workflow.tell(case_assigned())
    forged = with_headers(true, sig="A" * 86 + "==")

    first = append(database, [forged], keys=keys)
    second = append(database, [true], keys=keys)

    assert (first.refused, head(database).pos, second.appended) == (1, 1, 1)
    assert refused(database) == ["bad_signature"]
    assert findings(database) == []


def test_a_forged_event_in_the_middle_of_a_run_spoils_only_its_own_place(database, keys, workflow):
    messages = many(workflow, 6)
    liar = workflow.fork()
    liar.pos, liar.head = 2, b""
    forged = with_headers(messages[2], pos=3, sig=messages[1].headers["sig"])

    append(database, [*messages[:2], forged, *messages[3:]], keys=keys)
    append(database, [messages[2]], keys=keys)

    assert head(database).pos == 6
    assert_sound(database)


def test_a_changed_word_in_the_middle_of_a_run_is_found(database, keys, workflow):
    messages = many(workflow, 5)
    changed = type(messages[2])(
        messages[2].body.replace(b"KCHT", b"QLVT"), messages[2].headers, "", messages[2].message_id
    )

    append(database, [*messages[:2], changed, *messages[3:]], keys=keys)

    assert head(database).pos == 2
    assert refused(database) == ["bad_signature"]


def test_another_service_s_signature_does_not_count(database, keys, workflow, intake):
    stolen, *_ = intake.tell(case_assigned())
    posing = type(stolen)(
        stolen.body.replace(b'"/intake"', b'"/workflow"'),
        dict(stolen.headers) | {"kid": keys.kid("workflow")},
        "",
        "",
    )

    append(database, [posing], keys=keys)

    assert head(database).pos == 0
    assert refused(database) == ["bad_signature"]


def test_a_key_that_nobody_accepted_is_not_believed(database, keys, workflow):
    append(database, many(workflow, 2), keys=keys)
    other = with_headers(workflow.tell(case_assigned())[0], kid="00000000")

    append(database, [other], keys=keys)

    assert refused(database) == ["unknown_key"]
    assert findings(database) == [("unknown_key", "workflow")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda message: with_headers(message, pos="x"),
        lambda message: with_headers(message, pos=0),
        lambda message: with_headers(message, pos=-1),
        lambda message: with_headers(message, pos=2**60),
        lambda message: with_headers(message, prev="AAAA"),
        lambda message: with_headers(message, prev=None),
        lambda message: with_headers(message, sig="!"),
        lambda message: type(message)(message.body, {}, "", ""),
        lambda message: type(message)(b"", message.headers, "", ""),
        lambda message: type(message)(b"\xff\xfe", message.headers, "", ""),
        lambda message: type(message)(b"[]", message.headers, "", ""),
        lambda message: type(message)(b'{"specversion":"1.0"}', message.headers, "", ""),
        lambda message: type(message)(message.body[:-5], message.headers, "", ""),
        lambda message: type(message)(message.body.replace(b'"/workflow"', b'"/stranger"'), message.headers, "", ""),
        lambda message: type(message)(message.body + b" " * 300_000, message.headers, "", ""),
    ],
)
def test_what_is_no_event_of_a_known_source_is_refused_and_hurts_nobody(database, keys, workflow, spoil):
    first, second = many(workflow, 2)

    taken = append(database, [spoil(first), first, second], keys=keys)

    assert (taken.refused, taken.appended) == (1, 2)
    assert_sound(database)


def test_a_flood_of_one_bad_message_is_kept_once(database, keys, workflow):
    forged = with_headers(many(workflow, 1)[0], sig="A" * 86 + "==")

    for _ in range(5):
        append(database, [forged], keys=keys)

    assert refused(database) == ["bad_signature"]


def test_what_was_turned_away_goes_after_thirty_days(database, keys, workflow, clock):
    append(database, [with_headers(many(workflow, 1)[0], sig="A" * 86 + "==")], keys=keys)

    clock.move_to(clock.now() + timedelta(days=31))
    with database.writing() as tx:
        gone = reactions.forget_refused(tx)

    assert gone == 1


# ---- what must not be kept


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"note": "Ông A ở số 5"}, "not_allowed"),
        ({"actor": 7}, "not_allowed"),
        ({"actor": "x" * 201}, "not_allowed"),
        ({"unit": 1.5}, "not_allowed"),
        ({"commit": {"/name": "x" * 43}}, "not_allowed"),
        ({"unit": "e\u0301"}, "not_canonical"),
    ],
)
def test_of_an_event_with_more_than_its_class_allows_only_the_hash_is_kept(database, keys, workflow, data, reason):
    before, after = workflow.tell(case_assigned()), None
    bad = workflow.tell_altered(case_assigned(), **data)
    after = workflow.tell(case_assigned())

    append(database, [*before, bad, *after], keys=keys)

    assert head(database).pos == 3
    record = next(entry["data"] for entry in entries(database) if entry["type"] == "audit.withheld.v1")
    assert (record["source"], record["pos"], record["reason"]) == ("workflow", 2, reason)
    assert next(iter(data.values())) not in [value for entry in entries(database) for value in entry["data"].values()]
    assert findings(database) == [("withheld", "workflow")]
    assert_sound(database)


def test_a_withheld_event_that_comes_again_is_a_duplicate(database, keys, workflow):
    bad = workflow.tell_altered(case_assigned(), note="Ông A")
    append(database, [bad], keys=keys)

    again = append(database, [bad], keys=keys)

    assert (again.dropped, findings(database)) == (1, [("withheld", "workflow")])


def test_an_unknown_type_is_withheld_and_its_name_is_not_written_down(database, keys, workflow):
    envelope = open_fields(workflow.body_of(case_assigned())) | {"type": "ông.a.số.5"}

    append(database, [workflow.tell_bytes(canonical(envelope))], keys=keys)

    record = next(entry["data"] for entry in entries(database) if entry["type"] == "audit.withheld.v1")
    assert (record["type"], record["reason"]) == ("", "unknown_type")


def test_two_spellings_of_one_event_are_withheld(database, keys, workflow):
    body = workflow.body_of(case_assigned())

    append(database, [workflow.tell_bytes(body.replace(b'"data":', b' "data":', 1))], keys=keys)

    assert "audit.withheld.v1" in types(database)


def test_an_event_whose_sealed_part_was_erased_is_the_same_entry(database, keys, workflow):
    whole, *_ = workflow.tell(case_progressed())
    erased = type(whole)(canonical(open_fields(whole.body)), whole.headers, "", "")
    append(database, [erased], keys=keys)

    again = append(database, [whole], keys=keys)

    assert (again.dropped, head(database).pos) == (1, 1)


def test_a_public_code_finds_its_petition_again(database, keys, intake):
    petition = uuid4()

    append(database, intake.tell(petition_filed(petition), petition_filed(public_code=None)), keys=keys)

    with database.reading() as tx:
        assert store.subject_of_code(tx, "7K3M9HDX") == petition
