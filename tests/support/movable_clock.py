"""A clock for tests in which time decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@dataclass
class MovableClock:
    """Stands still until it is moved; hand it in wherever a clock is asked for."""

    moment: datetime = NOON

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        """By hours=…, minutes=…, seconds=…, as timedelta names them."""
        self.moment += timedelta(**by)
