"""The pages of survey rounds that were signed off: how content people are, how sure that is, and who was asked."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template

from services.insight import charts, store
from services.insight.charts import Bar, Sheet
from services.insight.domain.index import Share, shown
from services.insight.domain.rounds import HIDDEN, LOW_RESPONSE, Figure, Frame, Result, is_clear_change, result
from services.insight.domain.suppression import FEWEST, hidden
from services.insight.store import Round
from services.insight.web import export
from services.insight.web.asked import Questionnaire
from services.insight.web.drawings import Chart
from services.insight.web.findings import NOT_DEFINED, rate
from shared.db import Database, Reading
from shared.web import WebApp, _, cacheable, lazy
from shared.web.i18n import num

FRESH_S = 60  # how long others may keep a page
PLACES = 2
INVITATION = "invitation"
WAYS = {
    INVITATION: lazy("qua lời mời"),
    "link": lazy("qua đường dẫn mở"),
    "paper": lazy("phiếu giấy, cán bộ nhập"),
    "counter": lazy("trả lời tại quầy, cán bộ nhập"),
}


# ---- a round with its figures


@dataclass(frozen=True)
class Seen:
    """A round as its page shows it."""

    known: Round
    result: Result
    ways: Mapping[str, int]
    delivered: int  # invitations
    before: "Seen | None" = None  # the round before that asked the same

    @property
    def main(self) -> Figure:
        """The figure that stands for the round; hidden where so few answered."""
        return HIDDEN if self.result.is_hidden else self.result.main

    @property
    def shown_ways(self) -> list[tuple[str, int | None]]:
        """How many answered in which way; None: too few to say."""
        away = hidden(self.ways)
        return [(way, None if way in away else self.ways[way]) for way in WAYS if way in self.ways]

    @property
    def response(self) -> Share | None:
        """Answers by invitation, of the invitations that were delivered; None where that shows too few or nobody was
        invited."""
        answered = self.ways.get(INVITATION, 0)
        return Share(answered, self.delivered) if self.delivered and answered >= FEWEST else None

    @property
    def is_low(self) -> bool:
        share = self.response
        return share is not None and share.index is not None and share.index < LOW_RESPONSE


@dataclass
class Results:
    """Figures of rounds that are over, worked out once; answers that are heard of late are worked in."""

    frame: Frame
    _known: dict[tuple[UUID, int], Result] = field(default_factory=dict)
    _pen: threading.Lock = field(default_factory=threading.Lock)

    def of(self, tx: Reading, known: Round) -> Seen:
        answers = store.answers_of(tx, known)
        key = (known.survey_id, len(answers))
        with self._pen:
            if key not in self._known:
                self._known[key] = result(self.frame.asking(known.items), [one for _way, one in answers])
        ways = Counter(way for way, _one in answers)
        return Seen(known, self._known[key], ways, store.count_delivered(tx, known.survey_id))

    def all(self, tx: Reading) -> list[Seen]:
        """Every round that was signed off, the latest first, each with the one before that asked the same."""
        seen = [self.of(tx, known) for known in store.final_rounds(tx)]
        return [
            Seen(one.known, one.result, one.ways, one.delivered, _before(one, seen[place + 1 :]))
            for place, one in enumerate(seen)
        ]


def _before(one: Seen, earlier: Sequence[Seen]) -> Seen | None:
    return next((other for other in earlier if one.known.asks_like(other.known)), None)


# ---- pages


def add_to(app: WebApp, database: Database, asked: Questionnaire) -> None:
    results = Results(asked.frame)

    def found(code: str) -> Seen:
        with database.reading() as tx:
            seen = next((one for one in results.all(tx) if one.known.code == code), None)
        if seen is None:
            abort(404)
        return seen

    @app.get("/so-lieu/hai-long")
    @cacheable(FRESH_S)
    def rounds() -> str:
        with database.reading() as tx:
            seen = results.all(tx)
        say = Say(asked)
        return render_template("hai-long.html", rounds=seen, chart=_over_time(seen, say), say=say)

    @app.get("/so-lieu/hai-long/<code>")
    @cacheable(FRESH_S)
    def round_(code: str) -> str:
        seen = found(code)
        say = Say(asked)
        return render_template(
            "dot-khao-sat.html", seen=seen, say=say, charts=_charts(seen, say), cuts=_cuts(seen, say), ways=WAYS
        )

    @app.get("/so-lieu/hai-long/<code>.csv")
    @cacheable(FRESH_S)
    def round_sheet(code: str) -> Response:
        head, rows = _table(found(code).result)
        response = Response(export.as_csv(head, rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="hai-long-{code}.csv"'
        return response


@dataclass(frozen=True)
class Say:
    """Figures in words."""

    asked: Questionnaire

    def name(self, code: str) -> str:
        return self.asked.name(code)

    def wards(self, codes: Sequence[str]) -> str:
        return ", ".join(self.asked.wards.get(code, code) for code in codes)

    def rate(self, figure: Figure) -> str:
        return NOT_DEFINED if figure.index is None else num(float(shown(figure.index, PLACES)), PLACES) + "%"

    def span(self, figure: Figure) -> str:
        if figure.interval is None or figure.is_hidden:
            return NOT_DEFINED
        low, high = (num(float(shown(edge, PLACES)), PLACES) for edge in figure.interval)
        return f"{low}–{high}"

    def count(self, figure: Figure) -> str:
        if figure.is_hidden:
            return _("dưới %(least)s phiếu", least=FEWEST)
        return _("%(count)s (ít phiếu)", count=num(figure.n)) if figure.is_few and figure.n else num(figure.n)

    def share(self, share: Share | None) -> str:
        return NOT_DEFINED if share is None else rate(share)

    def change(self, before: Figure | None, after: Figure) -> str:
        """Against the round before; small moves are called what they are."""
        if before is None or before.index is None or after.index is None:
            return ""
        if not is_clear_change(before, after):
            return _("Không thay đổi rõ so với đợt trước (%(rate)s).", rate=self.rate(before))
        if after.index > before.index:
            return _("Cao hơn hẳn đợt trước (%(rate)s).", rate=self.rate(before))
        return _("Thấp hơn hẳn đợt trước (%(rate)s).", rate=self.rate(before))

    def fallen(self, seen: Seen) -> list[str]:
        """The factors with which people are clearly less content than in the round before."""
        if seen.before is None:
            return []
        before, now = seen.before.result.figures, seen.result.figures
        return [self.name(code) for code in seen.result.frame.factors if _has_fallen(before.get(code), now[code])]


def _has_fallen(before: Figure | None, after: Figure) -> bool:
    if before is None or before.index is None or after.index is None:
        return False
    return is_clear_change(before, after) and after.index < before.index


def _charts(seen: Seen, say: Say) -> list[Chart]:
    frame = seen.result.frame
    heads = [frame.heading, *(code for code in frame.contents if code != frame.heading)]
    codes = [*heads, *frame.factors]
    title = _("Theo yếu tố")
    return [
        Chart(
            title,
            _least(seen, say),
            _bars("yeu-to", title, seen, codes, say),
            _head(seen),
            _rows(seen, codes, say),
            True,
        ),
        *(_items(seen, factor, say) for factor in frame.factors),
    ]


def _items(seen: Seen, factor: str, say: Say) -> Chart:
    items, title = seen.result.frame.factors[factor], say.name(factor)
    figure = seen.result.figures[factor]
    finding = _("%(rate)s hài lòng trở lên, %(n)s phiếu.", rate=say.rate(figure), n=say.count(figure))
    return Chart(title, finding, _bars(factor, title, seen, items, say), _head(seen), _rows(seen, items, say))


def _least(seen: Seen, say: Say) -> str:
    """The factor that people are least content with, if the difference is more than chance."""
    found = {code: seen.result.figures[code] for code in seen.result.frame.factors}
    shown = {code: one for code, one in found.items() if one.index is not None}
    if len(shown) < 2:
        return _("Mỗi yếu tố là trung bình các câu của nó.")
    ordered = sorted(shown, key=lambda code: shown[code].index or 0)
    least, most = shown[ordered[0]], shown[ordered[-1]]
    if not is_clear_change(least, most):
        return _("Chưa thấy khác biệt rõ giữa các yếu tố.")
    return _("Thấp nhất là %(factor)s: %(rate)s.", factor=say.name(ordered[0]), rate=say.rate(least))


def _bars(name: str, title: str, seen: Seen, codes: Sequence[str], say: Say) -> Any:
    shown = [(code, seen.result.figures[code]) for code in codes]
    bars = [_bar(say.name(code), figure, say) for code, figure in shown if figure.index is not None]
    return charts.bars(Sheet(name.replace("_", "-"), title, title), bars) if bars else ""


def _bar(name: str, figure: Figure, say: Say) -> Bar:
    low, high = figure.interval or (0, 0)
    return Bar(
        name=name,
        value=float(figure.index or 0),
        label=say.rate(figure),
        between=(float(low), float(high)),
        is_uncertain=figure.is_few,
    )


def _head(seen: Seen) -> tuple[str, ...]:
    head = (_("Chỉ tiêu"), _("Hài lòng trở lên"), _("Khoảng tin cậy 95%"), _("Số phiếu"))
    return (*head, _("Đợt trước")) if seen.before else head


def _rows(seen: Seen, codes: Sequence[str], say: Say) -> list[tuple[str, ...]]:
    before = seen.before.result.figures if seen.before else {}
    return [
        (
            say.name(code),
            say.rate(figure),
            say.span(figure),
            say.count(figure),
            *((say.rate(before[code]),) if code in before else ()),
        )
        for code, figure in ((code, seen.result.figures[code]) for code in codes)
    ]


def _cuts(seen: Seen, say: Say) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The heading figure by what people said of themselves."""
    return [
        (
            say.asked.trait(trait),
            [
                (say.asked.value(trait, cut.value), say.rate(cut.figure), say.span(cut.figure), say.count(cut.figure))
                for cut in cuts
            ],
        )
        for trait, cuts in seen.result.cuts.items()
    ]


def _over_time(seen: Sequence[Seen], say: Say) -> Any:
    """The heading figure of each round, the oldest first."""
    shown_ = [one for one in reversed(seen) if one.main.index is not None]
    title = _("Mức độ hài lòng (theo cấu trúc SIPAS) qua các đợt")
    bars = [_bar(one.known.code, one.main, say) for one in shown_]
    return charts.bars(Sheet("qua-cac-dot", title, title), bars) if bars else ""


def _plain(value: Any) -> str:
    return "" if value is None else str(shown(value, PLACES))


def _table(found: Result) -> tuple[Sequence[str], list[Sequence[str]]]:
    """The figures for machines: codes, plain numbers, empty where nothing is shown."""
    rows: list[Sequence[str]] = []
    for code, figure in found.figures.items():
        low, high = figure.interval if figure.interval and not figure.is_hidden else (None, None)
        rows.append((code, _plain(figure.index), _plain(low), _plain(high), "" if figure.is_hidden else str(figure.n)))
    return ("code", "index", "low", "high", "n"), rows
