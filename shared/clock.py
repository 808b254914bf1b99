"""What time it is: the only place in the product that reads a clock."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands where it was put: for demonstrations, replays and tests."""

    def __init__(self, at: datetime) -> None:
        self.move_to(at)

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        """Put the clock to an instant. Raises ValueError when it has no time zone."""
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._at = at.astimezone(UTC)
