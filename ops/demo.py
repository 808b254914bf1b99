"""`make demo`: files the sample petitions into a fresh world, drives them to answers, verifies the log.

Ends with 0 only if every expected kind, topic, unit, route and due day was met and the log is sound.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from ops.demo_people import add_demo_people
from ops.file_petitions import file_sample, words_of
from ops.samples import BadSample, Sample, read_samples
from ops.world import World
from services.audit import publish, verify
from services.intake import store as door_store
from services.intake.door import Door
from services.intake.story import tell
from services.workflow import actions
from services.workflow import store as desk
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.permission import may
from services.workflow.domain.rules import Rules
from services.workflow.rulebook import read_rules
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared import auth, telemetry
from shared.auth import Person
from shared.clock import MovableClock
from shared.db import Transaction
from shared.web.i18n import short_instant

SAMPLES = Path(__file__).parent.parent / "config" / "samples" / "petitions.json"
PRIORITIES = ("normal", "high", "urgent")

Move = Callable[[Transaction, Rules, Person, Case], Case]

ANSWER = (
    "Cảm ơn Ông/Bà đã gửi ý kiến. Chúng tôi đã kiểm tra tại chỗ và đã xử lý xong việc được nêu; "
    "căn cứ quy định hiện hành về lĩnh vực này. Nếu chưa hài lòng, Ông/Bà có thể đề nghị mở lại."
)


def main() -> int:
    telemetry.configure("console", level=40)
    try:
        samples = read_samples(Path(os.environ.get("SAMPLES", SAMPLES)))
    except BadSample as problem:
        print(problem, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as var:
        clock = MovableClock(min(sample.received_at for sample in samples))
        world = World(Path(var), clock=clock)
        try:
            return Demo(world.open(), samples).run()
        finally:
            world.close()


class Demo:
    """One demonstration: the world, the samples, and what came of them."""

    def __init__(self, world: World, samples: tuple[Sample, ...]) -> None:
        self.world, self.samples = world, samples
        settings = world["workflow"].settings
        self.rules = read_rules(settings.config_dir, settings.files_dir)
        self.petitions: dict[str, UUID] = {}

    def run(self) -> int:
        add_demo_people(self.world, "demo-" + os.urandom(8).hex())
        wrong = self.file()
        self.drive()
        for sample in self.samples:
            self.print_life(sample)
        is_sound = self.verify()
        for line in wrong:
            print(f"WRONG  {line}")
        print(
            f"\n{len(self.samples)} petitions, {len(wrong)} not as expected; "
            f"the log is {'sound' if is_sound else 'NOT sound'}"
        )
        return 0 if is_sound and not wrong else 1

    # ---- filing

    def file(self) -> list[str]:
        """File every sample at its own instant. Returns what is not as expected."""
        receipts = {}
        for sample in sorted(self.samples, key=lambda one: one.received_at):
            receipts[sample.id] = file_sample(self.world, sample)
        self.petitions = {sample_id: receipt.filed.id for sample_id, receipt in receipts.items()}
        names = {petition_id: sample_id for sample_id, petition_id in self.petitions.items()}
        wrong = []
        for sample in self.samples:
            words = words_of(self.world, sample, receipts[sample.id], names)
            wrong += [f"{sample.id}: {line}" for line in differences(sample.expected or {}, words)]
        return wrong

    # ---- driving

    def drive(self) -> None:
        """Let the people of the desk do what is next, one step an hour of work, until all has ended or is answered."""
        for at in self._working_hours(most=120):
            self._clock.move_to(at)
            self.world.settle()
            cases = self._open_cases()
            for case_id in cases:
                self._step(case_id)
            if not cases:
                return
            self.world.settle()

    @property
    def _clock(self) -> MovableClock:
        assert isinstance(self.world.clock, MovableClock)
        return self.world.clock

    def _working_hours(self, *, most: int) -> Iterator[datetime]:
        at = self._clock.now() + timedelta(hours=1)
        for _ in range(most):
            at = self.rules.calendar.next_working_instant(at)
            yield at
            at += timedelta(hours=1)

    def _open_cases(self) -> list[UUID]:
        with self.world["workflow"].database.writing() as tx:
            cases = [case for petition in self.petitions.values() for case in desk.cases_of(tx, petition)]
        return [case.id for case in cases if case.stage in NEXT and not case.is_ended]

    def _step(self, case_id: UUID) -> None:
        """What is next for a case, by the first person who may do it."""
        database = self.world["workflow"].database
        with database.writing() as tx:
            case, people = desk.load_case(tx, case_id), auth.list_people(tx)
        assert case is not None
        problems = []
        for person in people:
            try:
                with database.writing() as tx:
                    NEXT[case.stage](tx, self.rules, person, case)
                return
            except (StepRefused, CaseUnknown, NotAllowed, Incomplete) as refused:
                problems.append(f"{person.login}: {refused}")
        raise RuntimeError(f"nobody can go on with a case that is {case.stage}: {'; '.join(problems)}")

    # ---- telling

    def print_life(self, sample: Sample) -> None:
        """The life of a petition, in the words in which its citizen reads it."""
        door: Door = self.world["intake"].app.extensions["door"]
        with door.database.reading() as tx:
            filed = door_store.petition_of(tx, self.petitions[sample.id])
            assert filed is not None
            story = tell(tx, door, filed)
        print(f"\n{sample.id}  {sample.title or sample.body[:60]}\n     {filed.code}: {story.label}")
        for line in reversed(story.lines):
            words = " – ".join(" ".join(part.split()) for part in (line.title, line.note) if part)
            print(f"     {short_instant(line.at)}  {words}")
        for notice in reversed(story.notices):
            print(f"       {notice}")

    def verify(self) -> bool:
        """Recompute the whole log."""
        audit = self.world["audit"]
        with audit.database.reading() as tx:
            verifier = publish.load_verifier(audit.settings.keys_dir)
            try:
                report = verify.verify(verify.Tables(tx), verifier)
            except (verify.Tampered, verify.CannotTell) as problem:
                print(f"\nthe log: {problem}")
                return False
        print()
        print("\n".join(verify.words_of(report)))
        return True


# ---- what is next at each stage


def _sort(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    if case.linked_to is not None:
        return actions.link(tx, rules, person=person, case_id=case.id, into=case.linked_to)
    if case.route == "transfer":
        return _transfer(tx, rules, person, case)
    if case.route == "quarantine":
        return actions.quarantine(
            tx, rules, person=person, case_id=case.id, reason="Tin quảng cáo, không có nội dung kiến nghị"
        )
    if case.route == "refuse":
        return actions.refuse(
            tx, rules, person=person, case_id=case.id, ground="out_of_time", reason="Đã quá thời hiệu theo luật"
        )
    return actions.confirm_triage(tx, rules, person=person, case_id=case.id)


def _transfer(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    to = desk.proposal_of(tx, case.id)[0]["transfer_to"]
    return actions.transfer(
        tx, rules, person=person, case_id=case.id, to=to, reason="Việc thuộc thẩm quyền của cơ quan này"
    )


def _assign(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    if case.route == "transfer":
        return _transfer(tx, rules, person, case)
    colleagues = desk.colleagues(tx, unit=case.unit, roles=("officer", "head"))
    officer = next(
        (one for one in colleagues if one.person not in case.excluded and one.unit not in case.excluded), None
    )
    if officer is None:
        raise StepRefused("nobody works there")
    return actions.assign(tx, rules, person=person, case_id=case.id, officer=officer.person)


def _accept(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    if case.route == "guide" or "unsigned" in case.conditions:
        question = "Đơn cần có chữ ký. Xin Ông/Bà in đơn, ký tên và nộp hoặc gửi bản chụp cho chúng tôi."
        return actions.ask_citizen(tx, rules, person=person, case_id=case.id, question=question)
    if case.kind == "denunciation_unqualified":
        reason = "Nội dung rõ, có thời gian và địa điểm cụ thể để kiểm tra"
        return actions.screen(tx, rules, person=person, case_id=case.id, outcome="inspect", reason=reason)
    return actions.accept(tx, rules, person=person, case_id=case.id)


def _draft(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    if not may(person, "draft", case):
        raise StepRefused("not theirs to draft")
    return actions.submit_draft(
        tx, rules, person=person, case_id=case.id, text=ANSWER, outcome="done", in_spite="Câu trả lời mẫu để trình diễn"
    )


def _approve(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    return actions.approve(tx, rules, person=person, case_id=case.id)


def _answer(tx: Transaction, rules: Rules, person: Person, case: Case) -> Case:
    return actions.answer(tx, rules, person=person, case_id=case.id)


NEXT: dict[str, Move] = {
    "triage": _sort,
    "accepted": _assign,
    "assigned": _accept,
    "in_progress": _draft,
    "drafted": _approve,
    "approved": _answer,
}


# ---- comparing


def differences(expected: Mapping[str, Any], words: Mapping[str, Any]) -> list[str]:
    """What is not as expected, one line each; more than was expected is no fault."""
    wrong = []
    for key in ("kind", "topic", "unit", "route", "restricted", "publication", "linked_to"):
        if key in expected and expected[key] != words[key]:
            wrong.append(f"{key} is {words[key]}, expected {expected[key]}")
    if "priority" in expected and PRIORITIES.index(words["priority"]) < PRIORITIES.index(expected["priority"]):
        wrong.append(f"priority is {words['priority']}, expected {expected['priority']} at least")
    for key in ("flags", "must_not_assign"):
        missing = set(expected.get(key, ())) - set(words.get(key, ()))
        if missing:
            wrong.append(f"{key} lacks {', '.join(sorted(missing))}")
    for clock in [*expected.get("deadlines", ()), *([expected["inherits"]] if "inherits" in expected else [])]:
        due = words["deadlines"].get(clock["rule"])
        if due is None or _same(due) != _same(clock["due"]):
            wrong.append(f"{clock['rule']} is due {due}, expected {clock['due']}")
    for part, wanted in zip(words["parts"], expected.get("parts", ()), strict=False):
        wrong += [
            f"part: {line}" for line in differences(wanted, part | {"parts": [], "linked_to": part.get("linked_to")})
        ]
    if len(expected.get("parts", ())) > len(words["parts"]):
        wrong.append(f"{len(words['parts'])} parts, expected {len(expected['parts'])}")
    return wrong


def _same(due: str) -> date | datetime:
    return datetime.fromisoformat(due) if "T" in due else date.fromisoformat(due)


if __name__ == "__main__":
    sys.exit(main())
