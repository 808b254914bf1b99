"""From another service's transaction to the log: relay, broker, feed and repair are the real ones."""

from uuid import uuid4

import pytest
from sqlalchemy import MetaData

from services.audit import store
from services.audit.ingest import Intake, Repair
from shared.bus import Consumer, drop_world, open_publisher
from shared.feed import LocalFeed
from shared.relay import Relay
from shared.service import Ear
from shared.settings import SERVICES
from tests.audit.builders import case_assigned


@pytest.fixture
def bus():
    url = f"inproc://{uuid4().hex}"
    yield url
    drop_world(url)


@pytest.fixture
def desk(make_database):
    """A service that emits events."""
    return make_database(MetaData(), "workflow")


@pytest.fixture
def relay(desk, bus):
    return Relay(desk, desk.codec.keys, open_publisher(bus))


@pytest.fixture
def intake(database):
    return Intake(database, database.codec.keys)


@pytest.fixture
def ingest(intake, bus):
    return Ear(Consumer(bus, "audit", SERVICES, intake.take), wait_s=0)


@pytest.fixture
def repair(database, intake, desk):
    made = Repair(database, intake, idle_s=0)
    made.feeds["workflow"] = LocalFeed(desk, desk.codec.keys)
    return made


def emit(desk, count):
    with desk.writing() as tx:
        for _ in range(count):
            tx.emit(case_assigned())


def told(database):
    with database.reading() as tx:
        return store.load_told(tx).get("workflow")


def pos(database):
    with database.reading() as tx:
        head = store.load_heads(tx).get("workflow")
    return head.pos if head else 0


def until_quiet(*loops):
    while sum(loop.once() for loop in loops):
        pass


def test_what_a_service_commits_is_in_the_log(database, desk, relay, ingest):
    emit(desk, 250)

    until_quiet(relay, ingest)

    assert pos(database) == 250


def test_what_the_broker_lost_is_pulled_from_its_source(database, desk, relay, ingest, repair):
    emit(desk, 120)
    relay.once()  # nobody listens: an in-process broker keeps nothing for those who come later

    until_quiet(ingest, repair)

    assert pos(database) == 120


def test_a_hole_in_the_middle_is_filled_and_what_came_early_follows(database, desk, relay, ingest, repair, bus):
    emit(desk, 10)
    until_quiet(relay, ingest)
    ingest.close()
    emit(desk, 10)
    relay.once()
    relay.close()
    drop_world(bus)  # wiped, with ten events in it
    late = Ear(Consumer(bus, "audit", SERVICES, repair._intake.take), wait_s=0)
    emit(desk, 10)
    late_relay = Relay(desk, desk.codec.keys, open_publisher(bus))
    until_quiet(late_relay, late)
    before = pos(database)

    until_quiet(repair)

    assert (before, pos(database)) == (10, 30)


def test_equal_position_and_hash_prove_that_nothing_is_missing(database, desk, relay, ingest, repair):
    emit(desk, 5)
    until_quiet(relay, ingest, repair)

    repair.once()

    with database.reading() as tx:
        head = store.load_heads(tx)["workflow"]
    assert (told(database).pos, told(database).head) == (head.pos, head.leaf)


def test_events_that_wait_for_their_number_are_seen(database, desk, repair):
    emit(desk, 3)

    repair.once()

    assert (told(database).pos, told(database).unnumbered) == (0, 3)


def test_asking_again_writes_nothing_while_nothing_changes(database, desk, relay, ingest, repair, clock):
    emit(desk, 3)
    until_quiet(relay, ingest, repair)
    first = told(database)

    repair.once()

    assert told(database) == first


def test_nothing_is_pulled_from_a_frozen_source(database, desk, relay, ingest, repair):
    emit(desk, 3)
    until_quiet(relay, ingest)
    with database.writing() as tx:
        tx.connection.execute(store.source.update().values(is_frozen=True))
    emit(desk, 3)
    relay.once()

    until_quiet(repair, ingest)

    assert pos(database) == 3


def test_a_busy_queue_is_not_disturbed_by_pulling(database, intake, desk, relay, ingest):
    patient = Repair(database, intake, idle_s=60)
    patient.feeds["workflow"] = LocalFeed(desk, desk.codec.keys)
    emit(desk, 3)
    until_quiet(relay, ingest)

    assert patient.once() == 0
    assert told(database) is None
