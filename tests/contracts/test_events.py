"""What was told yesterday is understood today, and nobody hears what is not for him."""

import json
from dataclasses import fields
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import rfc8785
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from hypothesis import given
from hypothesis import strategies as st

from shared.events import AUDIENCES, SHAPES, NotForUs, Sealed
from shared.events.codec import Malformed, canonical, leaf_bytes, on_the_wire, open_fields
from shared.settings import SERVICES
from tests.builders import an_event, petition_filed
from tests.contracts.examples import FOLDER, codec_of, plain, source_of
from tests.support import NOON

EXAMPLES = sorted(FOLDER.glob("*.json"))


def written(event: Any, service: str = "intake") -> bytes:
    one = codec_of(service).write(event, event_id=uuid4(), sequence=1, now=NOON, correlation="c", causation=None)
    return on_the_wire(one.body, one.sealed)


def test_every_event_has_its_example() -> None:
    assert {path.stem for path in EXAMPLES} >= set(SHAPES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_todays_code_reads_every_event_ever_told(path: Any) -> None:
    example = json.loads(path.read_text())
    wire = json.dumps(example["wire"], ensure_ascii=False).encode()
    for service in SERVICES:
        _, event = codec_of(service).read(wire)
        defaults = {field.name: field.default for field in fields(event)}
        for name, value in vars(event).items():
            if name not in example["fields"]:  # added later: of this nothing was said
                assert value == defaults[name] or not value.is_open
            elif isinstance(value, Sealed) and not value.is_open:
                audiences = next(told for sealed, _, told in SHAPES[event.TYPE].sealed if sealed == name)
                assert service not in {AUDIENCES[audience] for audience in audiences}
            else:
                assert plain_value(value) == example["fields"][name]


def plain_value(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value.value if isinstance(value, Sealed) else value))


@pytest.mark.parametrize("type_", sorted(SHAPES))
def test_todays_code_writes_the_newest_alike(type_: str) -> None:
    example = json.loads((FOLDER / f"{type_}.json").read_text())
    wire = json.loads(written(an_event(SHAPES[type_].cls), source_of(type_)))

    assert set(wire) | {"causationid"} == set(example["wire"]) | {"causationid"}
    assert set(wire["data"]) >= set(example["wire"]["data"])
    for name, value in example["wire"]["data"].items():
        assert type(wire["data"][name]) is type(value), name


@pytest.mark.parametrize("type_", sorted(SHAPES))
def test_every_event_is_a_cloud_event(type_: str) -> None:
    body = written(an_event(SHAPES[type_].cls), source_of(type_))
    message = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=body)

    event = from_structured_event(message)

    assert event.get_type() == type_
    assert event.get_specversion() == "1.0"


@pytest.mark.parametrize("type_", sorted(SHAPES))
def test_no_sealed_value_stands_in_the_open_part(type_: str) -> None:
    secrets = {}
    shape = SHAPES[type_]
    event = an_event(shape.cls)
    for name, _, _ in shape.sealed:
        value = getattr(event, name).value
        if isinstance(value, str) and len(value) > 6:
            secrets[name] = value

    leaf = leaf_bytes(open_fields(written(event, source_of(type_))), pos=1, prev=bytes(32)).decode()

    open_values = {str(getattr(event, name)) for name, _ in shape.open}
    for name, secret in secrets.items():
        assert secret not in leaf or secret in open_values, name


def test_a_sealed_value_does_not_open_for_others_and_does_not_show_itself() -> None:
    _, heard = codec_of("audit").read(written(petition_filed(text="điều riêng tư")))

    with pytest.raises(NotForUs):
        _ = heard.text.value  # type: ignore[attr-defined]
    assert "riêng tư" not in repr(heard)
    assert "riêng tư" not in repr(petition_filed(text="điều riêng tư"))


def test_a_sealed_value_that_was_exchanged_is_refused() -> None:
    honest = json.loads(written(petition_filed(text="một")))
    other = json.loads(written(petition_filed(text="hai")))
    honest["sealed"] = other["sealed"]

    with pytest.raises(Malformed, match="committed"):
        codec_of("workflow").read(json.dumps(honest).encode())


def test_an_event_whose_sealed_part_was_erased_is_still_heard() -> None:
    wire = json.loads(written(petition_filed()))
    del wire["sealed"]

    _, heard = codec_of("workflow").read(json.dumps(wire).encode())

    assert not heard.text.is_open  # type: ignore[attr-defined]


def test_unknown_fields_are_ignored_so_that_fields_can_be_added() -> None:
    wire = json.loads(written(petition_filed()))
    wire["data"]["invented_tomorrow"] = 1

    _, heard = codec_of("workflow").read(json.dumps(wire).encode())

    assert "invented_tomorrow" not in {f.name for f in fields(heard)}  # type: ignore[arg-type]


@pytest.mark.parametrize("spoil", [b"", b"[]", b"\xff", b'{"specversion":"1.0"}', b'{"a":' * 50])
def test_rubbish_is_named_as_such(spoil: bytes) -> None:
    with pytest.raises(Malformed):
        codec_of("workflow").read(spoil)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_/", min_size=1), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_our_canonical_form_is_that_of_the_standard(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_all_fields_survive_the_way_to_their_audiences() -> None:
    event = petition_filed()

    _, heard = codec_of("workflow").read(written(event))

    assert plain(heard) == plain(event)
