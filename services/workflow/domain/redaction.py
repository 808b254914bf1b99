"""The copy of a denunciation that handlers may read: a proposal, which a person corrects and confirms.

What is masked is shown as masked, never as missing: [tên]. The names of those who are denounced stay, since the matter
cannot be verified without them. Source: Luật Tố cáo 2018 Đ8(3), Đ56(2).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.workflow.domain.matching import NOT_A_ROAD, UPPER
from services.workflow.domain.reading import PLATE
from shared.text import fold

NAME = rf"[{UPPER}][^\W\d_]*(?:[ \t]+[{UPPER}][^\W\d_]*){{0,5}}"
FULL_NAME = rf"[{UPPER}][^\W\d_]*(?:[ \t]+[{UPPER}][^\W\d_]*){{1,5}}"
TITLE = r"(?:[ÔôOo]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|[Tt]hầy)"
OFFICE = r"(?:viên chức|cán bộ|công chức|nhân viên|giám đốc|trưởng phòng|phó phòng|đăng kiểm viên|thanh tra viên)"
ACCUSED = re.compile(
    rf"(?:[Tt]ố cáo|TỐ CÁO|[Đđ]ối tượng|[Nn]gười bị tố cáo)\s*:?\s*(?:{TITLE}\s+)?(?:{OFFICE}\s+)?(?P<name>{NAME})"
)
TITLED = re.compile(rf"(?<!\w){TITLE}[ \t]+(?P<name>{NAME})")
ROLE = (
    r"(?:tố cáo|đối tượng|người bị tố cáo|nghi phạm|người vi phạm|nạn nhân|lái xe|tài xế|người lái|lái chính|lái phụ"
    r"|phụ xe|lơ xe|nhà xe|chủ xe|chủ hộ|chủ nhà|chủ quán|chủ đất|chủ cửa hàng|học sinh|hành khách|người dân"
    rf"|người gửi|người phản ánh|người tên|tên là|{OFFICE})"
)
BODY = (
    r"(?i:sở|cục|chi cục|chi nhánh|phòng|ban|đội|tổ|bộ|trạm|bến|trung tâm|công ty|công an|cty|tnhh|htx|hợp tác xã|"
    r"doanh nghiệp|nhà|xí nghiệp|thanh tra|ủy ban|uỷ ban|ubnd|csgt|trường|hãng)"
)
IN_A_ROLE = re.compile(
    rf"(?<!\w)(?i:{ROLE})\s*[:,]?\s*(?:(?i:{TITLE}|{OFFICE}|{ROLE}|tên|là|họ tên)\s+){{0,4}}"
    rf"(?!{BODY}(?!\w))(?P<name>{NAME})"
)
"""Somebody named by what they do or did, with or without a title."""
ADDRESSED = re.compile(
    rf"(?<!\w)(?:{NOT_A_ROAD}(?:Bà|Ông)|(?!Bà\b|Ông\b)(?i:{TITLE}|cụ|em|cháu|bạn))[ \t]+(?P<name>{NAME})"
)
SELF = re.compile(
    rf"(?:[Tt]ên tôi là|[Tt]ôi tên(?: là)?|[Tt]ôi là|[Hh]ọ (?:và )?tên|[Nn]gười (?:tố cáo|viết đơn|làm đơn|gửi)|"
    rf"[Kk]ý tên|[Kk]ính đơn|(?:[Vv]ợ|[Cc]hồng|[Cc]on(?: trai| gái)?|[Bb]ố|[Cc]ha|[Mm]ẹ|[Aa]nh|[Ee]m|[Cc]háu) tôi"
    rf"(?: là| tên)?)\s*[:,]?\s*(?P<name>{NAME})"
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d)")
PERSONAL_NUMBER = re.compile(r"(?<![\d/.-])(?:\d{12}|\d{9})(?![\d/])")
LANE = r"(?:[Nn]gõ|[Nn]gách|[Kk]iệt|[Hh]ẻm)\s+\d[\w/]*"
STREET = rf"(?:[Đđ]ường|[Pp]hố)\s+{NAME}"
HOUSE = r"(?:(?:[Ss]ố nhà|[Nn]hà số|[Ss]ố)\s+)?\d+[A-Za-z]?(?:/\d+)*"
ADDRESS = re.compile(
    rf"(?:{HOUSE}\s*,?\s*)?{LANE}(?:\s*,?\s*{LANE})*(?:\s*,?\s*{STREET})?"
    rf"|{HOUSE}\s*,?\s*{STREET}"
    r"|(?:[Ss]ố nhà|[Nn]hà số)\s+\d+[\w/]*"
)
HOME = re.compile(
    r"(?:nhà tôi|nhà của tôi|chỗ tôi ở|nơi tôi ở|tôi (?:đang )?(?:ở|trú|sống|thường trú|tạm trú|làm việc|công tác)"
    r"|cơ quan tôi|công ty tôi|xưởng tôi|cửa hàng tôi|quán tôi)\s*(?::|tại|ở|là|gần|cạnh|bên cạnh|đối diện|trước|sau)?"
    r"\s*(?P<place>[^.;,\n]{2,80})",
    re.IGNORECASE,
)
QUARTER = re.compile(r"(?:[Tt]ổ dân phố|[Tt]ổ|[Tt]hôn|[Xx]óm|[Ấấ]p|[Kk]hu phố|[Bb]uôn|[Bb]ản)\s+(?:\d+|" + NAME + ")")

_NUMBER = r"[KkHh]?\d+[A-Za-z]?(?:/\d+[A-Za-z]?)*"
_A_ROAD = rf"\s*,?\s*(?:(?:[Đđ]ường|[Pp]hố)\s+)?(?!Tháng\b|[Kk][Mm]\b|Quốc lộ|Tỉnh lộ|QL|TL)[{UPPER}]"
HOUSE_NUMBER = re.compile(
    rf"(?:[Ss]ố nhà|[Nn]hà số)\s+(?P<n>{_NUMBER})"
    rf"|(?P<m>(?<![\w/.,+])(?<![Kk]m )(?<!gày )(?<!QL ){_NUMBER})(?=\s*,?\s*(?:[Đđ]ường|[Pp]hố)\s+[{UPPER}])"
    r"|(?:[Nn]gõ|[Nn]gách|[Kk]iệt|[Hh]ẻm)\s+(?P<k>\d[\w/]*)"
    r"|(?<!\w)(?i:trước|sau|cạnh|bên|gần|tại|ở|ngoài|trong|nhà|quán|đối diện|địa chỉ|số)(?:\s+cửa|\s+nhà)?(?:\s+số)?"
    rf"\s+(?P<p>{_NUMBER})(?={_A_ROAD})"
)
"""The number of a house or of a lane, not the road itself: a public text must say where something was."""
FIRST_NUMBER = re.compile(rf"(?:^|[,;(–\n-])\s*(?:[Ss]ố\s+)?(?P<n>{_NUMBER})(?={_A_ROAD})")
"""What begins an address as people write it where they are asked for one: "45 Nguyễn Trãi", "số 45 Nguyễn Trãi"."""
LICENCE_NUMBER = re.compile(r"(?i:GPLX|bằng lái|CCCD|CMND|căn cước)\D{0,12}(?P<n>\d{6,12})(?!\d)")

MASKS = {
    "name": "[tên]",
    "phone": "[số điện thoại]",
    "mail": "[thư điện tử]",
    "number": "[số giấy tờ]",
    "plate": "[biển số]",
    "address": "[địa chỉ]",
    "place": "[nơi]",
    "house": "[số nhà]",
}


@dataclass(frozen=True)
class Sender:
    """What is known of who wrote it: masked wherever it stands, however it is typed."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    what: str


def redact(text: str, sender: Sender) -> str:
    """The proposal: the text with everything masked that could tell who wrote it."""
    return _masked(text, _spans(text, sender))


def _masked(text: str, found: Iterable[_Span]) -> str:
    parts, at = [], 0
    for span in _merged(found):
        parts += [text[at : span.start], MASKS[span.what]]
        at = span.end
    return "".join([*parts, text[at:]])


def public_words(text: str, sender: Sender, *, own_phone: str, is_place: bool = False) -> str:
    """A text for everybody, whatever was left in it masked: names of people, also of those who are denounced, plates,
    telephones but ours, e-mail addresses, personal numbers, numbers of houses. The road and the ward stay.
    """
    own = re.sub(r"\D", "", own_phone)
    spans = [
        *_known(text, sender),
        *_found(MAIL, text, "mail"),
        *(one for one in _found(PHONE, text, "phone") if re.sub(r"\D", "", text[one.start : one.end]) != own),
        *_found(PERSONAL_NUMBER, text, "number"),
        *_found(PLATE, text.upper() if len(text.upper()) == len(text) else text, "plate"),
        *_named_parts(HOUSE_NUMBER, text, "house"),
        *(_named_parts(FIRST_NUMBER, text, "house") if is_place else ()),
        *_named_parts(LICENCE_NUMBER, text, "number"),
        *(span for pattern in (SELF, ADDRESSED, IN_A_ROLE) for span in _named_parts(pattern, text, "name")),
    ]
    return _masked(text, spans)


def _named_parts(pattern: re.Pattern[str], text: str, what: str) -> Iterator[_Span]:
    """The part of each match that has a name."""
    for match in pattern.finditer(text):
        name = match.lastgroup or ""
        yield _Span(match.start(name), match.end(name), what)


def _spans(text: str, sender: Sender) -> Iterator[_Span]:
    yield from _known(text, sender)
    yield from _found(MAIL, text, "mail")
    yield from _found(PHONE, text, "phone")
    yield from _found(PERSONAL_NUMBER, text, "number")
    yield from _found(PLATE, text.upper() if len(text.upper()) == len(text) else text, "plate")
    yield from _found(ADDRESS, text, "address")
    yield from _found(QUARTER, text, "place")
    for match in HOME.finditer(text):
        yield _Span(match.start("place"), match.end("place"), "place")
    yield from _names(text)


def _found(pattern: re.Pattern[str], text: str, what: str) -> Iterator[_Span]:
    for match in pattern.finditer(text):
        yield _Span(match.start(), match.end(), what)


def _known(text: str, sender: Sender) -> Iterator[_Span]:
    """The sender's own name, contact and address, with or without accents, in capitals or not."""
    flat = _flat(text)
    for value, what in ((sender.name, "name"), (sender.email, "mail"), (sender.address, "address")):
        words = _flat(value or "").split()
        if words and len("".join(words)) >= 3:
            pattern = re.compile(r"(?<!\w)" + r"[\s,]+".join(map(re.escape, words)) + r"(?!\w)")
            yield from _found(pattern, flat, what)
    digits = re.sub(r"\D", "", sender.phone or "").removeprefix("84").lstrip("0")
    if len(digits) >= 6:
        yield from _found(re.compile(r"[\s.-]?".join(digits)), text, "phone")


def _flat(text: str) -> str:
    """Folded letter by letter, so that places in it are places in the text."""
    return "".join(fold(letter) if len(fold(letter)) == 1 else letter for letter in text)


def _names(text: str) -> Iterator[_Span]:
    """Names of persons, but of those who are denounced: for handlers alone, never for a text that everybody reads."""
    accused = {_flat(match["name"]) for match in ACCUSED.finditer(text)}
    for pattern in (SELF, TITLED):
        for match in pattern.finditer(text):
            if not _is_one_of(match["name"], accused):
                yield _Span(match.start("name"), match.end("name"), "name")


def _is_one_of(name: str, accused: Iterable[str]) -> bool:
    """Whether it is the name of somebody denounced, whole or the given name alone."""
    flat = _flat(name)
    return any(flat == whole or flat == whole.split()[-1] or whole.endswith(" " + flat) for whole in accused)


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """Spans in order, those that touch or overlap made one that is called as the longest of them."""
    merged: list[_Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            longest = max(last, span, key=lambda one: one.end - one.start)
            merged[-1] = _Span(last.start, max(last.end, span.end), longest.what)
        else:
            merged.append(span)
    return merged
