"""What is looked at before an answer is approved: plain words, a date, a basis, nobody's personal data. Advice only."""

import re
from dataclasses import dataclass
from datetime import date

LONGEST_SENTENCE = 25  # words
A_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}([/.-]\d{4})?\b|\bngày \d{1,2}\b")
A_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .]?\d){8,10}(?!\d)")
A_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
A_PLATE = re.compile(r"(?<![0-9A-Za-zĐđ])\d{2}[A-ZĐ]{1,2}\d?\s*[-–. ]?\s*(?:\d{3}[.\s]?\d{2}|\d{4})(?!\d)")
A_PERSONAL_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
WHAT_WAS_DONE = re.compile(
    r"\b(đã|sẽ|hoàn thành|kiểm tra|xử lý|sửa|thay|xác minh|have|has|will|was|were|done)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `code` is for the screen, `detail` what was found."""

    code: str  # says_done, names_date, has_promise, has_basis, no_personal_data, short_sentences
    is_good: bool
    detail: str = ""


def check_answer(
    text: str, *, outcome: str, promised_on: date | None, basis: str | None, own_phone: str = ""
) -> tuple[Check, ...]:
    """The checks of an answer, in the order of the page. `own_phone` is ours and may stand in it."""
    longest = max((len(sentence.split()) for sentence in re.split(r"[.!?…\n]+(?=\s|$)", text)), default=0)
    private = [*A_MAIL.findall(text), *A_PLATE.findall(text), *A_PERSONAL_NUMBER.findall(text)]
    private += [phone for phone in A_PHONE.findall(text) if _digits(phone) != _digits(own_phone)]
    checks = [
        Check("says_done", bool(WHAT_WAS_DONE.search(text))),
        Check("names_date", bool(A_DATE.search(text))),
    ]
    if outcome == "scheduled":
        checks.append(Check("has_promise", promised_on is not None))
    return (
        *checks,
        Check("has_basis", bool((basis or "").strip()) or "căn cứ" in text.lower()),
        Check("no_personal_data", not private, str(len(private)) if private else ""),
        Check("short_sentences", longest <= LONGEST_SENTENCE, str(longest)),
    )


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone).removeprefix("84").lstrip("0")
