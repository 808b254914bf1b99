"""The charts of the page: each with its finding, its drawing and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from services.insight import charts
from services.insight.charts import Bar, Series, Sheet
from services.insight.domain.index import NOTHING, Share
from services.insight.domain.suppression import FEW, FEWEST
from services.insight.web import findings
from services.insight.web.names import Names, month_name, short_month
from services.insight.web.picture import AGES, Picture
from shared.web import _
from shared.web.i18n import num

MOST_TOPICS = 8


@dataclass(frozen=True)
class Chart:
    """One chart, as the macro of the kit takes it."""

    title: str
    finding: str
    drawing: Markup | str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    has_key: bool = False  # bars with intervals are explained above them


def people(picture: Picture) -> Markup:
    """One dot for each case that fell due; empty ones while there are none."""
    kept, late, waiting = picture.promises.of_a_hundred
    sheet = Sheet("nguoi", findings.headline(picture), findings.honesty(picture), width=420)
    return charts.dots(sheet, kept=kept, late=late, waiting=waiting)


def all_charts(picture: Picture, names: Names) -> list[Chart]:
    """The charts in the order of the page."""
    return [
        flow(picture),
        waiting(picture),
        units(picture, names),
        marks(picture, names),
        aspects(picture, names),
        topics(picture, names),
        wishes(picture, names),
        marks_by_month(picture),
    ]


def flow(picture: Picture) -> Chart:
    title, finding = _("Nhận vào và trả lời mỗi tháng"), findings.flow(picture)
    drawing = charts.line(
        Sheet("dong", title, finding),
        [short_month(line.month) for line in picture.months],
        [
            Series(_("Nhận"), [line.received for line in picture.months]),
            Series(_("Trả lời"), [line.answered for line in picture.months]),
        ],
    )
    head = (_("Tháng"), _("Nhận"), _("Trả lời"), _("Đến hạn"), _("Đúng hạn"), _("Đúng ngày hẹn đầu"))
    rows = [
        (
            month_name(line.month),
            num(line.received),
            num(line.answered),
            num(line.promises.due),
            findings.rate(line.promises.on_time),
            findings.rate(line.promises.first_promise),
        )
        for line in picture.months
    ]
    return Chart(title, finding, drawing, head, rows)


def waiting(picture: Picture) -> Chart:
    title, finding = _("Ai đang chờ, chờ bao lâu"), findings.waiting(picture)
    groups = age_names()
    drawing = charts.columns(Sheet("dang-cho", title, finding), groups, picture.ages, marked=len(AGES))
    rows = [(group, num(count)) for group, count in zip(groups, picture.ages, strict=True)]
    return Chart(title, finding, drawing, (_("Số ngày từ khi nhận"), _("Đang chờ")), rows)


def units(picture: Picture, names: Names) -> Chart:
    title, finding = _("Đúng hạn theo đơn vị"), findings.units(picture, names)
    bars = [_bar(names.unit(line.unit), line.promises.on_time) for line in picture.units if line.promises.due >= FEWEST]
    head = (
        _("Đơn vị"),
        _("Đến hạn"),
        _("Đúng hạn"),
        _("Đúng ngày hẹn đầu"),
        _("Trễ"),
        _("Quá hạn, còn chờ"),
        _("Có gia hạn"),
    )
    rows = [
        (
            names.unit(line.unit),
            num(line.promises.due),
            findings.rate(line.promises.on_time) if line.promises.due >= FEWEST else num(line.promises.kept),
            findings.rate(line.promises.first_promise)
            if line.promises.due >= FEWEST
            else num(line.promises.kept_first),
            num(line.promises.late),
            num(line.promises.open),
            num(line.promises.extended),
        )
        for line in picture.units
    ]
    return Chart(title, finding, _drawn("don-vi", title, finding, bars), head, rows, has_key=bool(bars))


def marks(picture: Picture, names: Names) -> Chart:
    title, finding = _("Mức độ hài lòng theo đơn vị"), findings.marks(picture)
    bars = [_bar(names.unit(line.unit), line.marks) for line in picture.units if not line.is_hidden]
    head = (_("Đơn vị"), *_mark_head(), _("Tỷ lệ trả lời"))
    rows = [
        (
            names.unit(line.unit),
            *_mark_cells(line.marks, is_hidden=line.is_hidden),
            findings.NOT_DEFINED if line.is_hidden else findings.rate(line.response, 0),
        )
        for line in picture.units
    ]
    return Chart(title, finding, _drawn("hai-long", title, finding, bars), head, rows, has_key=bool(bars))


def aspects(picture: Picture, names: Names) -> Chart:
    title, finding = _("Hài lòng về từng mặt của câu trả lời"), findings.aspects(picture, names)
    known = {code: share for code, share in picture.aspects.items() if share.n >= FEWEST}
    bars = [_bar(name, known[code]) for code, name in names.aspects() if code in known]
    rows = [
        (name, *_mark_cells(known.get(code, NOTHING), is_hidden=code not in known)) for code, name in names.aspects()
    ]
    head = (_("Mặt được chấm"), *_mark_head())
    return Chart(title, finding, _drawn("tung-mat", title, finding, bars), head, rows, has_key=bool(bars))


def marks_by_month(picture: Picture) -> Chart:
    title, finding = _("Mức độ hài lòng theo tháng công bố"), findings.months(picture)
    bars = [_bar(month_name(line.month), line.marks) for line in picture.months if not line.is_hidden]
    rows = [(month_name(line.month), *_mark_cells(line.marks, is_hidden=line.is_hidden)) for line in picture.months]
    head = (_("Tháng"), *_mark_head())
    return Chart(title, finding, _drawn("hai-long-thang", title, finding, bars), head, rows, has_key=bool(bars))


def topics(picture: Picture, names: Names) -> Chart:
    title, finding = _("Người dân phản ánh điều gì"), findings.topics(picture, names)
    most = picture.topics[:MOST_TOPICS]
    bars = [Bar(names.topic(line.topic), line.received, num(line.received)) for line in most]
    drawing = charts.bars(
        Sheet("linh-vuc", title, finding), bars, most=max((line.received for line in most), default=1)
    )
    head = (_("Lĩnh vực"), _("Nhận"), _("Đến hạn"), _("Đúng hạn"))
    rows = [
        (
            names.topic(line.topic),
            num(line.received),
            num(line.promises.due),
            findings.rate(line.promises.on_time) if line.promises.due >= FEWEST else num(line.promises.kept),
        )
        for line in picture.topics
    ]
    return Chart(title, finding, drawing if bars else "", head, rows)


def wishes(picture: Picture, names: Names) -> Chart:
    title, finding = _("Người dân mong muốn điều gì"), findings.wishes(picture, names)
    bars = [Bar(names.wish(line.wish), line.count, num(line.count)) for line in picture.wishes]
    most = max((line.count for line in picture.wishes), default=1)
    drawing = charts.bars(Sheet("mong-muon", title, finding), bars, most=most) if bars else ""
    rows = [
        (names.wish(line.wish), names.topic(topic), num(count))
        for line in picture.wishes
        for topic, count in line.topics
    ]
    return Chart(title, finding, drawing, (_("Mong muốn"), _("Lĩnh vực"), _("Số người")), rows)


def age_names() -> list[str]:
    """The groups of those who wait, by days since receipt."""
    edges = [0, *(edge + 1 for edge in AGES)]
    names = [f"{low}–{high}" for low, high in zip(edges, AGES, strict=False)]
    return [*names, f"> {AGES[-1]}"]


def _drawn(name: str, title: str, finding: str, bars: Sequence[Bar]) -> Markup | str:
    """The bars, or nothing where there are none: the finding says why."""
    return charts.bars(Sheet(name, title, finding), bars) if bars else ""


def _bar(name: str, share: Share) -> Bar:
    low, high = share.interval or (0, 0)
    return Bar(
        name=name,
        value=float(share.index or 0),
        label=findings.rate(share),
        between=(float(low), float(high)),
        is_uncertain=share.n < FEW,
    )


def _mark_head() -> tuple[str, ...]:
    return (_("Hài lòng trở lên"), _("Khoảng tin cậy 95%"), _("Số phiếu"))


def _mark_cells(share: Share, *, is_hidden: bool) -> tuple[str, ...]:
    if is_hidden or not share.n:
        return (findings.NOT_DEFINED, findings.NOT_DEFINED, _("dưới %(least)s phiếu", least=FEWEST))
    count = num(share.n) if share.n >= FEW else _("%(count)s (ít phiếu)", count=num(share.n))
    return (findings.rate(share), findings.span(share), count)
