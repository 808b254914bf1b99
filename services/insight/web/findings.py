"""What a chart says, in a sentence made from its figures: first the finding, then the drawing."""

from fractions import Fraction

from services.insight.domain.index import Share, is_clear_change, shown
from services.insight.domain.promises import FINAL, NONE_DUE
from services.insight.domain.suppression import FEW, FEWEST
from services.insight.web.names import Names, month_name
from services.insight.web.picture import Picture
from shared.web import _, ngettext
from shared.web.i18n import num

NOT_DEFINED = "–"
LOW_RESPONSE = 20  # per cent under which those who rated may differ from those who did not


def rate(share: Share, places: int = 1) -> str:
    """93,1%; a dash where there is nothing to divide by."""
    return NOT_DEFINED if share.index is None else number(share.index, places) + "%"


def number(value: Fraction, places: int) -> str:
    exact = shown(value, places)
    return num(float(exact), None if exact == exact.to_integral_value() else places)


def span(share: Share) -> str:
    """62,7–90,5: between which figures the true one lies."""
    if share.interval is None:
        return NOT_DEFINED
    low, high = (num(float(shown(edge, 1)), 1) for edge in share.interval)
    return f"{low}–{high}"


def headline(picture: Picture) -> str:
    """The one sentence that somebody takes home."""
    some = picture.promises
    if not some.due:
        return _("Chưa có hồ sơ nào đến hạn trả lời")
    kept = some.of_a_hundred[0]
    if some.due >= 100:
        return _("Cứ 100 hồ sơ đến hạn, %(kept)s được trả lời đúng hạn", kept=kept)
    return _("%(due)s hồ sơ đến hạn, %(kept)s được trả lời đúng hạn", due=num(some.due), kept=num(some.kept))


def honesty(picture: Picture) -> str:
    """Who is late, and who still waits: counted, and said so."""
    some, words = picture.promises, []
    late = some.due - some.kept - some.open
    if not some.due:
        return _("Con số này hiện ra khi ngày hẹn đầu tiên trôi qua.")
    if late:
        words.append(ngettext("%(num)s hồ sơ trả lời trễ.", "%(num)s hồ sơ trả lời trễ.", late))
    if some.open:
        words.append(
            ngettext(
                "%(num)s hồ sơ đã quá hạn mà người gửi vẫn đang chờ; chúng tôi tính cả người ấy.",
                "%(num)s hồ sơ đã quá hạn mà người gửi vẫn đang chờ; chúng tôi tính cả những người ấy.",
                some.open,
            )
        )
    if not words:
        words.append(_("Không hồ sơ nào trễ, không ai còn phải chờ quá hạn."))
    return " ".join(words)


def flow(picture: Picture) -> str:
    """When most came, and whether answers kept up."""
    if not picture.received:
        return _("Chưa nhận phản ánh nào trong kỳ này.")
    busiest = max(picture.months, key=lambda line: line.received)
    behind = picture.received - picture.answered
    words = _("Tháng %(month)s nhận nhiều nhất.", month=month_name(busiest.month)) if len(picture.months) > 1 else ""
    if behind > 0:
        rest = _("Trong kỳ, số trả lời ít hơn số nhận %(count)s.", count=num(behind))
    else:
        rest = _("Trong kỳ, số trả lời không ít hơn số nhận.")
    return f"{words} {rest}".strip()


def units(picture: Picture, names: Names) -> str:
    """The unit that keeps its word least, if the difference is more than chance."""
    lines = [line for line in picture.units if line.promises.due >= FEWEST]
    if not lines:
        return _("Chưa đơn vị nào có đủ %(least)s hồ sơ đến hạn.", least=FEWEST)
    by_rate = sorted(lines, key=lambda line: line.promises.on_time.index or Fraction(0))
    least, most = by_rate[0], by_rate[-1]
    if len(lines) == 1 or not is_clear_change(least.promises.on_time, most.promises.on_time):
        return _("Chưa thấy khác biệt rõ giữa các đơn vị.")
    return _("Thấp nhất là %(unit)s: %(rate)s.", unit=names.unit(least.unit), rate=rate(least.promises.on_time))


def marks(picture: Picture) -> str:
    """How content people are, how sure that is, and whether it changed."""
    if not picture.has_marks:
        return _("Chưa đơn vị nào có đủ %(least)s phiếu để công bố.", least=FEWEST)
    words = [
        _(
            "%(rate)s hài lòng trở lên; với %(n)s phiếu, giá trị thật nằm trong khoảng %(span)s.",
            rate=rate(picture.marks),
            n=num(picture.marks.n),
            span=span(picture.marks),
        )
    ]
    if picture.marks.n < FEW:
        words.append(_("Ít phiếu, nên con số còn dao động nhiều."))
    if picture.marks_before.n >= FEWEST:
        words.append(change(picture.marks_before, picture.marks))
    response = picture.response.index
    if response is not None and response < LOW_RESPONSE:
        words.append(_("Dưới 20% người được hỏi đã trả lời: họ có thể khác những người không trả lời."))
    return " ".join(words)


def aspects(picture: Picture, names: Names) -> str:
    """Which aspect of the answers leaves people least content."""
    known = {code: share for code, share in picture.aspects.items() if share.n >= FEWEST}
    if not known:
        return _("Chưa mặt nào có đủ %(least)s phiếu để công bố.", least=FEWEST)
    lowest, share = min(known.items(), key=lambda one: (one[1].index or 0, one[0]))
    return _(
        "Thấp nhất: %(aspect)s, %(rate)s hài lòng trở lên; với %(n)s phiếu, giá trị thật nằm trong khoảng %(span)s. "
        "Chỉ tính người chấm thêm từng mặt, mọi đơn vị cộng chung.",
        aspect=dict(names.aspects())[lowest].lower(),
        rate=rate(share),
        n=num(share.n),
        span=span(share),
    )


def months(picture: Picture) -> str:
    """Whether people have become more content within the period."""
    shown_months = [line for line in picture.months if not line.is_hidden]
    if not shown_months:
        return _("Chưa tháng nào có đủ %(least)s phiếu để công bố.", least=FEWEST)
    first, last = shown_months[0], shown_months[-1]
    if first is last:
        return _("Mới có số liệu của một tháng.")
    if not is_clear_change(first.marks, last.marks):
        return _("Chưa thấy thay đổi rõ từ tháng đầu đến tháng cuối.")
    if (last.marks.index or 0) > (first.marks.index or 0):
        return _("Tháng cuối cao hơn hẳn tháng đầu.")
    return _("Tháng cuối thấp hơn hẳn tháng đầu.")


def change(before: Share, after: Share) -> str:
    """Against the period before; small moves are called what they are."""
    if not is_clear_change(before, after):
        return _("Không thay đổi rõ so với kỳ trước (%(rate)s).", rate=rate(before))
    if (after.index or 0) > (before.index or 0):
        return _("Cao hơn hẳn kỳ trước (%(rate)s).", rate=rate(before))
    return _("Thấp hơn hẳn kỳ trước (%(rate)s).", rate=rate(before))


def topics(picture: Picture, names: Names) -> str:
    """What people write about most."""
    if not picture.topics:
        return _("Chưa nhận phản ánh nào trong kỳ này.")
    first = picture.topics[0]
    return _(
        "Nhiều nhất là %(topic)s: %(rate)s số phản ánh.",
        topic=names.topic(first.topic),
        rate=rate(Share(first.received, picture.received), 0),
    )


def wishes(picture: Picture, names: Names) -> str:
    """What people wish for most, in the words that they added to their mark."""
    if not picture.wishes:
        return _("Chưa mong muốn nào được đủ %(least)s người trong cùng một lĩnh vực nói tới.", least=FEWEST)
    first = picture.wishes[0]
    topic, count = first.topics[0]
    return _(
        "Nhiều nhất: %(wish)s, %(count)s người; nhiều hơn cả là về %(topic)s (%(most)s).",
        wish=names.wish(first.wish).lower(),
        count=num(first.count),
        topic=names.topic(topic),
        most=num(count),
    )


def waiting(picture: Picture) -> str:
    """Who waits today, and for how long."""
    if not picture.waiting:
        return _("Hôm nay không còn ai phải chờ trả lời.")
    words = ngettext("%(num)s hồ sơ đang chờ trả lời.", "%(num)s hồ sơ đang chờ trả lời.", picture.waiting)
    if picture.overdue_now:
        words += " " + ngettext("%(num)s hồ sơ đã quá hạn.", "%(num)s hồ sơ đã quá hạn.", picture.overdue_now)
    else:
        words += " " + _("Không hồ sơ nào quá hạn.")
    if picture.oldest_days is not None:
        words += " " + ngettext("Lâu nhất: %(num)s ngày.", "Lâu nhất: %(num)s ngày.", picture.oldest_days)
    return words


def standing(picture: Picture) -> str:
    """Whether the rate can still change."""
    return {
        NONE_DUE: "",
        FINAL: _("Số chính thức: mọi hồ sơ trong đó đã có kết quả."),
    }.get(picture.promises.standing, _("Số tạm tính: còn hồ sơ chưa trả lời."))
