"""What changes here is told to the other processes of this LNbits, and heard from them.

Several workers, or hosts, share one database: each writes there once a second what has changed by
its hand, and reads what the others wrote. So an open page hears within two seconds, whichever
process it listens to. It works the same on SQLite, which tells nobody anything.
"""

import time
from secrets import token_hex

from .. import changes
from ..clock import Clock
from ..store import changed_rows

OVERLAP_SECONDS = 5.0
"""What was just being written at the last look is found at the next."""
FORGET_SECONDS = 600.0


class OneOfMany:
    """A process among those that share the database."""

    def __init__(self) -> None:
        self._name = token_hex(8)
        self._told = 0
        self._heard: dict[str, int] = {}
        """The number of the last message of each other process."""
        self._looked = self._forgot = time.monotonic()

    async def tell_and_hear(self, _: Clock) -> None:
        """Tells what has changed here since the last time, and hears what has elsewhere."""
        if changed := changes.take_untold():
            self._told += 1
            await changed_rows.tell(self._name, self._told, changed)
            await self._forget()
        since, self._looked = self._looked, time.monotonic()
        told = await changed_rows.get_told(self._name, self._looked - since + OVERLAP_SECONDS)
        news = [each for each in told if each.number > self._heard.get(each.process, 0)]
        for each in news:
            self._heard[each.process] = max(each.number, self._heard.get(each.process, 0))
        for operator_user_id in {each.operator_user_id for each in news}:
            changes.pass_on(operator_user_id)

    async def _forget(self) -> None:
        if time.monotonic() - self._forgot > FORGET_SECONDS:
            self._forgot = time.monotonic()
            await changed_rows.forget(FORGET_SECONDS)
