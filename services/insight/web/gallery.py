"""Pictures on the wall: one that was quick to paint is painted anew for everybody, one that took long stays a while."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.insight.web.picture import Picture

PATIENCE = 30  # a picture hangs so many times as long as it took to paint
QUICK_S = 1.0
LONGEST_S = 600


@dataclass
class Gallery:
    """Keeps the database from counting the same years for every reader; each picture says as of when it is."""

    paint: Callable[[str], Picture]
    seconds: Callable[[], float] = time.monotonic
    _hanging: dict[str, tuple[Picture, float]] = field(default_factory=dict)  # and until when
    _brush: threading.Lock = field(default_factory=threading.Lock)

    def show(self, name: str) -> Picture:
        """The picture of a period. While somebody paints it anew, the others see the one that hangs."""
        hanging = self._hanging.get(name)
        if hanging is not None and self.seconds() < hanging[1]:
            return hanging[0]
        if not self._brush.acquire(blocking=hanging is None):
            assert hanging is not None
            return hanging[0]
        try:
            began = self.seconds()
            picture = self.paint(name)
            took = self.seconds() - began
            if took > QUICK_S:
                self._hanging[name] = (picture, self.seconds() + min(took * PATIENCE, LONGEST_S))
            else:
                self._hanging.pop(name, None)
            return picture
        finally:
            self._brush.release()
