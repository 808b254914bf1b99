"""The gate of an answer: what the citizen asked, and whether these words, dates and photos answer it. Pure.

A finding says where in the text it stands, so that the page can show it. Which checks there are, which of them are
hard, and their limits are rows of `config/answer_rules.json`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from services.workflow.domain.answering import PLACEHOLDER, AnswerRules, CheckRule
from shared.text import fold

OUTCOMES = ("done", "scheduled", "explained", "not_competent")
"""What may have become of a matter, as an answer says it."""

OF_COMMENTS = ("taken_up", "explained", "not_competent")
"""What may have become of a comment on a draft: taken up, or explained why not."""

QUESTIONS_AT_MOST = 12
LEAST_REASON = 5  # characters: why a question is not answered
A_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…]+(?=\s|$)|(?=\n|$))")
A_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}([/.-]\d{4})?\b|\bngày \d{1,2}\b")
WHAT_WAS_DONE = re.compile(
    r"\b(đã|sẽ|hoàn thành|kiểm tra|xử lý|sửa|thay|xác minh|have|has|will|was|were|done)\b", re.IGNORECASE
)
A_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .]?\d){8,10}(?!\d)")
PERSONAL = (
    re.compile(r"[\w.+-]+@[\w-]+\.\w+"),  # e-mail
    re.compile(
        r"(?<![0-9A-ZĐ])\d{2}[A-ZĐ]{1,2}\d?\s*[-–. ]?\s*(?:\d{3}[.\s]?\d{2}|\d{4})(?!\d)", re.IGNORECASE
    ),  # plate
    re.compile(r"(?<!\d)\d{12}(?!\d)"),  # personal number
)

Span = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """One thing that the citizen asks, by its number and its place in the petition."""

    no: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Reply:
    """What the drafter says of a question: answered, or why not."""

    is_answered: bool
    why_not: str = ""

    @property
    def is_good(self) -> bool:
        return self.is_answered or len(self.why_not.strip()) >= LEAST_REASON


@dataclass(frozen=True)
class Finding:
    """What a check found: good or not, how much, where in the answer."""

    code: str
    is_hard: bool
    is_good: bool
    detail: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An answer as it lies before the gate, with what it answers."""

    text: str
    outcome: str
    promised_on: date | None = None
    basis: str = ""
    topic: str | None = None
    place: str = ""
    petition: str = ""  # the citizen's words
    replies: Mapping[int, Reply] | None = None  # by number of the question
    photo_count: int = 0


def questions_in(text: str, marks: Iterable[str]) -> tuple[Question, ...]:
    """The sentences that ask for something, in their order, numbered from 1."""
    plain = _without_accents(text)
    wanted = [re.compile(rf"(?<!\w){re.escape(fold(mark) if plain else mark.lower())}(?!\w)") for mark in marks]
    found = [
        sentence
        for sentence in A_SENTENCE.finditer(text)
        if "?" in sentence[0] or any(mark.search(sentence[0].lower()) for mark in wanted)
    ]
    return tuple(
        Question(no, one.start() + len(one[0]) - len(one[0].lstrip()), one.end(), one[0].strip())
        for no, one in enumerate(found[:QUESTIONS_AT_MOST], start=1)
    )


def _without_accents(text: str) -> bool:
    return fold(text) == " ".join(text.lower().split())


def examine(draft: Draft, rules: AnswerRules, day: date) -> tuple[Finding, ...]:
    """What each check in force says of a draft, in the order of the page."""
    return tuple(
        found for rule in rules.checks_on(day) if (found := CHECKS[rule.code](draft, rule, rules, day)) is not None
    )


def unmet(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The hard checks that a draft does not pass."""
    return tuple(found.code for found in findings if found.is_hard and not found.is_good)


def _finding(rule: CheckRule, is_good: bool, detail: str = "", spans: Iterable[Span] = ()) -> Finding:
    return Finding(rule.code, rule.is_hard, is_good, detail, tuple(spans))


def _questions_answered(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding | None:
    asked, replies = questions_in(draft.petition, rules.marks_on(day)), draft.replies or {}
    open_ones = [str(one.no) for one in asked if one.no not in replies or not replies[one.no].is_good]
    return _finding(rule, not open_ones, ", ".join(open_ones)) if asked else None


def _no_gaps(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    gaps = [(gap.start(), gap.end()) for gap in PLACEHOLDER.finditer(draft.text)]
    return _finding(rule, not gaps, str(len(gaps)) if gaps else "", gaps)


def _own_words(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    """Not a text of the drawer as it lies there: it names a day or the place, or says something of its own."""
    is_of_this_case = bool(A_DATE.search(draft.text)) or bool(
        draft.place.strip() and fold(draft.place) in fold(draft.text)
    )
    alike = max((alike_per_cent(draft.text, one.text) for one in rules.canned_on(day)), default=0)
    return _finding(rule, is_of_this_case or alike < (rule.limit or 100), f"{alike}" if alike else "")


def alike_per_cent(text: str, canned: str) -> int:
    """How much of a text is a canned one, whose gaps do not count."""
    ours, theirs = fold(PLACEHOLDER.sub(" ", text)).split(), fold(PLACEHOLDER.sub(" ", canned)).split()
    return round(100 * SequenceMatcher(a=theirs, b=ours, autojunk=False).ratio())


def _has_photo(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding | None:
    if draft.outcome != "done" or not rules.wants_photo(draft.topic, day):
        return None
    return _finding(rule, draft.photo_count > 0)


def _no_personal_data(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    spans = personal_data_in(draft.text, own_phone=rules.own_phone)
    return _finding(rule, not spans, str(len(spans)) if spans else "", spans)


def personal_data_in(text: str, *, own_phone: str) -> list[Span]:
    """Where a text has what looks like a telephone number but ours, a plate, a personal number, an e-mail address."""
    spans = [(one.start(), one.end()) for pattern in PERSONAL for one in pattern.finditer(text)]
    own = _digits(own_phone)
    spans += [(one.start(), one.end()) for one in A_PHONE.finditer(text) if _digits(one[0]) != own]
    return sorted(set(spans))


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone).removeprefix("84").lstrip("0")


def _has_promise(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding | None:
    return _finding(rule, draft.promised_on is not None) if draft.outcome == "scheduled" else None


def _says_done(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    return _finding(rule, bool(WHAT_WAS_DONE.search(draft.text)))


def _names_date(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    return _finding(rule, bool(A_DATE.search(draft.text)))


def _has_basis(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    return _finding(rule, bool(draft.basis.strip()) or "căn cứ" in draft.text.lower())


def _plain_words(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    """Words of the office, each with what people say instead."""
    lower, spans, said = draft.text.lower(), [], []
    for words, plain in rules.plain_on(day).items():
        for one in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", lower):
            spans.append((one.start(), one.end()))
            said.append(f"{words} → {plain}")
    return _finding(rule, not spans, "; ".join(dict.fromkeys(said)), sorted(spans))


def _short_sentences(draft: Draft, rule: CheckRule, rules: AnswerRules, day: date) -> Finding:
    most = rule.limit or 0
    counted = [(len(one[0].split()), (one.start(), one.end())) for one in A_SENTENCE.finditer(draft.text)]
    longest = max((count for count, _ in counted), default=0)
    return _finding(rule, longest <= most, str(longest), (span for count, span in counted if count > most))


CHECKS: Mapping[str, Callable[[Draft, CheckRule, AnswerRules, date], Finding | None]] = {
    "questions_answered": _questions_answered,
    "no_gaps": _no_gaps,
    "own_words": _own_words,
    "has_photo": _has_photo,
    "no_personal_data": _no_personal_data,
    "has_promise": _has_promise,
    "says_done": _says_done,
    "names_date": _names_date,
    "has_basis": _has_basis,
    "plain_words": _plain_words,
    "short_sentences": _short_sentences,
}
"""Code → the check. None: it has nothing to say of such an answer."""


def marked(text: str, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """The text in pieces, each with the code of what is wrong there, or "": for the page."""
    spans = sorted((start, end, found.code) for found in findings if not found.is_good for start, end in found.spans)
    pieces, at = [], 0
    for start, end, code in spans:
        if start < at:  # inside of one that was marked already
            continue
        pieces += [("", text[at:start]), (code, text[start:end])]
        at = end
    return [piece for piece in [*pieces, ("", text[at:])] if piece[1]]
