"""How a letter that the law wants signed is signed: with what is sent, at the office, or later."""

from services.intake.domain.petition import Answered, Reader

SENT = ("scanned", "digital")
"""Ways of signing that come with the letter: it is then as signed as this can show; the desk verifies it.

Source: Luật Khiếu nại 2011 Đ8(2); Luật Tố cáo 2018 Đ23; Luật Giao dịch điện tử 2023.
"""
LATER = ("office", "post")
UNSIGNED = "unsigned"
"""A denunciation may stay without a signature: it is then information, read and checked.

Source: Luật Tố cáo 2018 Đ25.
"""


def ways_of_signing(kind: str) -> tuple[str, ...]:
    return (*SENT, *LATER, UNSIGNED) if kind == "denunciation" else (*SENT, *LATER)


def check_signing(reader: Reader, kind: str, *, letters: int, signed_letters: int) -> str:
    """The signature status of a letter signed in the way that was chosen; what is wrong is said at the reader."""
    way = reader.chosen("signature", frozenset(ways_of_signing(kind)), is_required=True)
    if way == "scanned" and not letters:
        reader.refuse("letter", "letter_missing")
    if way == "digital" and not signed_letters:
        reader.refuse("letter", "no_digital_signature" if letters else "letter_missing")
    return way if way in SENT else "none"


def letter_answer(status: str, *, first: int, count: int) -> Answered:
    """Which of the files are the signed letter, for who verifies it."""
    numbers = ", ".join(str(first + at) for at in range(count))
    is_digital = status == "digital"
    return Answered(
        code="signed_letter",
        question="Đơn đã ký",
        question_en="The signed letter",
        value=f"Tệp {numbers}" + (": PDF có chữ ký số, chưa kiểm tra chữ ký" if is_digital else ""),
        value_en=f"File {numbers}" + (": a PDF with a digital signature, not verified" if is_digital else ""),
        raw=numbers.replace(" ", ""),
    )
