"""The figures as files that anybody may take away: CSV for spreadsheets, JSON for programs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from services.insight.domain.index import Share, shown
from services.insight.domain.promises import Promises
from services.insight.domain.suppression import FEW, FEWEST
from services.insight.web.names import Names, month_name
from services.insight.web.picture import Picture
from shared.web import _

Cell = str | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(picture: Picture, names: Names, which: str) -> tuple[list[str], list[list[Cell]]]:
    """One table of the page: its head and its rows. Raises KeyError when there is no such table."""
    return {"don-vi": _units, "thang": _months, "linh-vuc": _topics, "mong-muon": _wishes}[which](picture, names)


def as_csv(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """What a spreadsheet here opens rightly: a byte order mark, semicolons, and no cell that is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_safe(cell) for cell in row] for row in (head, *rows)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_json(picture: Picture) -> dict[str, Any]:
    """The whole page in numbers and codes; shares as decimal text, exact to two places."""
    return {
        "as_of": picture.as_of.isoformat(timespec="seconds"),
        "latest_event_at": picture.latest.isoformat(timespec="seconds") if picture.latest else None,
        "period": {
            "name": picture.period.name,
            "first_day": picture.period.first_day.isoformat(),
            "last_day": picture.period.last_day.isoformat(),
        },
        "received": picture.received,
        "answered": picture.answered,
        "endings": dict(sorted(picture.endings.items())),
        "waiting": picture.waiting,
        "overdue_now": picture.overdue_now,
        "promises": _promises(picture.promises),
        "days_to_answer": {"median": picture.median_days, "nine_of_ten": picture.most_days},
        "satisfaction": _share(picture.marks, is_hidden=not picture.has_marks),
        "response": _share(picture.response, is_hidden=picture.response.count < FEWEST),
        "units": [
            {
                "unit": line.unit,
                "promises": _promises(line.promises),
                "satisfaction": _share(line.marks, is_hidden=line.is_hidden),
                "response": _share(line.response, is_hidden=line.is_hidden),
            }
            for line in picture.units
        ],
        "months": [
            {
                "month": f"{line.month.year}-{line.month.month:02d}",
                "received": line.received,
                "answered": line.answered,
                "promises": _promises(line.promises),
                "satisfaction": _share(line.marks, is_hidden=line.is_hidden),
            }
            for line in picture.months
        ],
        "topics": [
            {"topic": line.topic, "received": line.received, "promises": _promises(line.promises)}
            for line in picture.topics
        ],
        "wishes": [{"wish": line.wish, "count": line.count, "topics": dict(line.topics)} for line in picture.wishes],
    }


def _units(picture: Picture, names: Names) -> tuple[list[str], list[list[Cell]]]:
    head = [_("Mã"), _("Đơn vị"), *_promise_head(), *_mark_head(), _("Tỷ lệ trả lời phiếu (%)")]
    rows: list[list[Cell]] = [
        [
            line.unit,
            names.unit(line.unit),
            *_promise_cells(line.promises),
            *_mark_cells(line.marks, is_hidden=line.is_hidden),
            None if line.is_hidden else _decimal(line.response),
        ]
        for line in picture.units
    ]
    return head, rows


def _months(picture: Picture, names: Names) -> tuple[list[str], list[list[Cell]]]:
    head = [_("Tháng"), _("Nhận"), _("Trả lời"), *_promise_head(), *_mark_head()]
    rows: list[list[Cell]] = [
        [
            month_name(line.month),
            line.received,
            line.answered,
            *_promise_cells(line.promises),
            *_mark_cells(line.marks, is_hidden=line.is_hidden),
        ]
        for line in picture.months
    ]
    return head, rows


def _topics(picture: Picture, names: Names) -> tuple[list[str], list[list[Cell]]]:
    head = [_("Mã"), _("Lĩnh vực"), _("Nhận"), *_promise_head()]
    rows: list[list[Cell]] = [
        [line.topic, names.topic(line.topic), line.received, *_promise_cells(line.promises)] for line in picture.topics
    ]
    return head, rows


def _wishes(picture: Picture, names: Names) -> tuple[list[str], list[list[Cell]]]:
    head = [_("Mã"), _("Mong muốn"), _("Mã lĩnh vực"), _("Lĩnh vực"), _("Số người")]
    rows: list[list[Cell]] = [
        [line.wish, names.wish(line.wish), topic, names.topic(topic), count]
        for line in picture.wishes
        for topic, count in line.topics
    ]
    return head, rows


def _promise_head() -> list[str]:
    return [
        _("Đến hạn"),
        _("Đúng hạn"),
        _("Đúng hạn (%)"),
        _("Đúng ngày hẹn đầu (%)"),
        _("Trả lời trễ"),
        _("Quá hạn, còn chờ"),
        _("Có gia hạn"),
        _("Có xin lỗi"),
    ]


def _promise_cells(some: Promises) -> list[Cell]:
    return [
        some.due,
        some.kept,
        _decimal(some.on_time),
        _decimal(some.first_promise),
        some.late,
        some.open,
        some.extended,
        some.apologised,
    ]


def _mark_head() -> list[str]:
    return [_("Hài lòng trở lên (%)"), _("Khoảng tin cậy từ"), _("đến"), _("Số phiếu"), _("Ghi chú")]


def _mark_cells(marks: Share, *, is_hidden: bool) -> list[Cell]:
    if is_hidden or marks.interval is None:
        return [None, None, None, None, _("Dưới %(least)s phiếu", least=FEWEST)]
    low, high = (_comma(str(shown(edge))) for edge in marks.interval)
    return [_decimal(marks), low, high, marks.n, _("Ít phiếu") if marks.n < FEW else None]


def _decimal(share: Share) -> str | None:
    return None if share.index is None else _comma(str(shown(share.index)))


def _comma(number: str) -> str:
    # Spreadsheets here read the comma as the decimal sign, whatever language the page is in.
    return number.replace(".", ",")


def _safe(cell: Cell) -> str | int:
    """A cell that no spreadsheet runs as a formula. Source: OWASP ASVS 5.0.0, 1.2.10."""
    if cell is None:
        return ""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _promises(some: Promises) -> dict[str, Any]:
    return {
        "due": some.due,
        "kept": some.kept,
        "late": some.late,
        "open": some.open,
        "extended": some.extended,
        "apologised": some.apologised,
        "on_time": _plain(some.on_time),
        "first_promise": _plain(some.first_promise),
        "told_on_time": _plain(some.told_on_time),
        "standing": some.standing,
    }


def _share(share: Share, *, is_hidden: bool) -> dict[str, Any] | None:
    if is_hidden or share.index is None or share.interval is None:
        return None
    low, high = share.interval
    return {
        "per_cent": _plain(share),
        "n": share.n,
        "from": str(shown(low)),
        "to": str(shown(high)),
        "is_uncertain": share.n < FEW,
    }


def _plain(share: Share) -> str | None:
    return None if share.index is None else str(shown(share.index))
