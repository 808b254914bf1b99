"""Files petitions of a file into a fresh embedded world and tells what became of each.

    python -m ops.file_petitions FILE [--json]

The clock stands at each petition's `received_at` when it is filed. One line a petition, in the file's order.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any
from uuid import UUID

from ops.samples import BadSample, Sample, read_samples
from ops.world import World
from services.intake.contact import read_email, read_phone
from services.intake.domain.petition import EmailUnknown, Kept, Petition, Phone, PhoneUnknown
from services.intake.domain.secret import house_key
from services.intake.steps import Receipt, file_petition
from services.workflow import store as desk
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from shared import telemetry
from shared.clock import MovableClock
from shared.config import read_calendar
from shared.ids import ordered_id
from shared.text import is_nfc, nfc

MEDIA = {"photo": "image/jpeg", "video": "video/mp4", "audio": "audio/mpeg", "document": "application/pdf"}


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m ops.file_petitions", description=(__doc__ or "").split("\n")[0])
    options.add_argument("file", type=Path)
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    given = options.parse_args(argv)
    telemetry.configure("json", level=40)
    try:
        samples = read_samples(given.file)
    except BadSample as problem:
        print(problem, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as var:
        world = World(Path(var), clock=MovableClock(min(sample.received_at for sample in samples)) if samples else None)
        world.open()
        for words in filed(world, samples):
            print(json.dumps(words, ensure_ascii=False) if given.json else in_words(words))
        world.close()
    return 0


def filed(world: World, samples: Iterable[Sample]) -> Iterator[dict[str, Any]]:
    """File the samples in the order in which they were received; the words of each, in the file's order."""
    samples = tuple(samples)
    receipts: dict[str, Receipt] = {}
    for sample in sorted(samples, key=lambda one: one.received_at):
        receipts[sample.id] = file_sample(world, sample)
    names = {receipt.filed.id: sample_id for sample_id, receipt in receipts.items()}
    for sample in samples:
        yield words_of(world, sample, receipts[sample.id], names)


def file_sample(world: World, sample: Sample) -> Receipt:
    """File one petition at its own instant, through the door, and let everything happen that follows."""
    assert isinstance(world.clock, MovableClock)
    world.clock.move_to(sample.received_at)
    door = world["intake"].database
    kept = [
        Kept(id=ordered_id(), media_type=MEDIA.get(files.type, "application/pdf"), size_bytes=0, sha256="0" * 64)
        for files in sample.attachments
        for _ in range(files.count)
    ]
    with door.writing() as tx:
        receipt = file_petition(
            tx,
            sent=_petition(sample),
            kept=kept,
            once=f"sample:{sample.id}",
            key=house_key(door.codec.keys.sign),
            channel=sample.channel,
        )
    world.settle()
    return receipt


def _petition(sample: Sample) -> Petition:
    by = sample.petitioner
    phone = _phone(by.phone) if by.phone else None
    return Petition(
        kind=None,
        topic=None,
        title=_nfc(sample.title),
        text=nfc(sample.body),
        place=None,
        ward=None,
        position=None,
        party=by.party,
        name=_nfc(by.name),
        phone=phone,
        email=_email(by.email) if by.email else None,
        address=_nfc(by.address),
        consents=("sms",) if phone and phone.mobile else (),
        language=sample.language,
        signature_status=sample.signature_status,
        is_nfd=not is_nfc(sample.title or "") or not is_nfc(sample.body),
    )


def _nfc(words: str | None) -> str | None:
    return None if words is None else nfc(words)


def _phone(typed: str) -> Phone:
    try:
        return read_phone(typed)
    except PhoneUnknown:
        return Phone(typed=typed, mobile=None, last_four=None)


def _email(typed: str) -> str | None:
    try:
        return read_email(typed)
    except EmailUnknown:
        return None


def words_of(world: World, sample: Sample, receipt: Receipt, names: Mapping[UUID, str]) -> dict[str, Any]:
    """What became of a petition, in the words of the sample data."""
    with world["workflow"].database.writing() as tx:
        cases = desk.cases_of(tx, receipt.filed.id)
        if not cases:
            raise RuntimeError(f"{sample.id}: no case was opened")
        leads = {case.linked_to: desk.load_case(tx, case.linked_to) for case in cases if case.linked_to}
        parts = []
        zone = read_calendar(world["workflow"].settings.config_dir).zone
        for case in cases:
            lead = leads.get(case.linked_to) if case.linked_to else None
            clocks = list(desk.deadlines_of(tx, lead.id if lead else case.id).values())
            proposal, _ = desk.proposal_of(tx, case.id)
            parts.append(_case_words(case, proposal, clocks, lead, names, zone))
    code = _readable(receipt.filed.code)
    first = {"id": sample.id, "code": code}
    if len(parts) == 1:
        return first | parts[0] | {"parts": []}
    whole = {
        "kind": None,
        "topic": None,
        "unit": None,
        "route": "split",
        "priority": max((p["priority"] for p in parts), key=("normal", "high", "urgent").index),
        "restricted": any(p["restricted"] for p in parts),
        "publication": min((p["publication"] for p in parts), key=("private", "code_holder", "public_summary").index),
        "linked_to": None,
        "flags": sorted({flag for p in parts for flag in p["flags"]}),
        "deadlines": {},
    }
    return first | whole | {"parts": parts}


def _case_words(
    case: Case,
    proposal: Mapping[str, Any],
    clocks: Sequence[Deadline],
    lead: Case | None,
    names: Mapping[UUID, str],
    zone: tzinfo,
) -> dict[str, Any]:
    duties = [clock for clock in clocks if not clock.is_internal]
    if lead is not None:  # it shares the answer clock of the case it follows, and has none of its own
        duties = [clock for clock in duties if clock.rule == lead.answer_rule]
    return {
        "kind": case.kind,
        "topic": case.topic,
        "unit": case.unit,
        "route": case.route,
        "priority": case.priority,
        "restricted": proposal["is_restricted"],  # not the case's: that is closed too while it is only held
        "publication": case.publication,
        "must_not_assign": sorted(case.excluded),
        "linked_to": names.get(lead.petition_id) if lead else None,
        "flags": list(case.flags),
        "deadlines": {clock.rule: _due(clock, zone) for clock in duties},
    }


def _due(clock: Deadline, zone: tzinfo) -> str:
    return clock.due_on.isoformat() if clock.due_on else clock.due_at.astimezone(zone).isoformat()


def _readable(code: str) -> str:
    return code if "-" in code else f"{code[:4]}-{code[4:]}"


def in_words(words: Mapping[str, Any]) -> str:
    """One line for people."""
    dues = ", ".join(f"{rule} {due}" for rule, due in words["deadlines"].items())
    link = f" → {words['linked_to']}" if words["linked_to"] else ""
    return (
        f"{words['id']:<5} {words['code']}  {words['kind'] or '–'} {words['topic'] or '–'} → {words['unit'] or '–'}"
        f"  [{words['route']}{link}]  {dues}" + (f"  {len(words['parts'])} parts" if words["parts"] else "")
    )


if __name__ == "__main__":
    sys.exit(main())
