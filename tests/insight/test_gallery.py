"""Pictures that took long to paint stay a while; quick ones are always fresh."""

import threading
from collections.abc import Callable
from typing import Any, cast

from services.insight.web.gallery import PATIENCE, Gallery
from services.insight.web.picture import Picture


class Studio:
    """Paints numbered pictures, each taking as long as it is told."""

    def __init__(self, takes_s: float) -> None:
        self.now, self.takes_s, self.painted = 0.0, takes_s, 0

    def paint(self, name: str) -> Picture:
        self.now += self.takes_s
        self.painted += 1
        return cast(Picture, f"{name} {self.painted}")

    def gallery(self, paint: Callable[[str], Any] | None = None) -> Gallery:
        return Gallery(paint or self.paint, seconds=lambda: self.now)


def look(gallery: Gallery) -> str:
    return cast(str, gallery.show("nam"))


def test_a_quick_picture_is_always_fresh() -> None:
    gallery = Studio(takes_s=0.05).gallery()

    assert [look(gallery) for _ in range(3)] == ["nam 1", "nam 2", "nam 3"]


def test_a_slow_picture_hangs_for_a_while_that_fits_its_cost() -> None:
    studio = Studio(takes_s=2)
    gallery = studio.gallery()

    first = look(gallery)
    studio.now += 2 * PATIENCE - 1
    again = look(gallery)
    studio.now += 2
    later = look(gallery)

    assert (first, again, later) == ("nam 1", "nam 1", "nam 2")


def test_nobody_waits_for_a_picture_that_is_painted_anew() -> None:
    studio = Studio(takes_s=2)
    may_end, is_painting = threading.Event(), threading.Event()

    def slowly(name: str) -> Picture:
        if studio.painted:
            is_painting.set()
            may_end.wait(5)
        return studio.paint(name)

    gallery = studio.gallery(slowly)
    look(gallery)
    studio.now += 1000
    painter = threading.Thread(target=gallery.show, args=("nam",))
    painter.start()
    is_painting.wait(5)

    seen = look(gallery)
    may_end.set()
    painter.join(5)

    assert seen == "nam 1"
    assert look(gallery) == "nam 2"
