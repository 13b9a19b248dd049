"""How late the event loop is, which all of LNbits runs on."""

import asyncio
from collections import deque

EVERY_SECONDS = 1.0
_late: deque[float] = deque(maxlen=60)
"""By how many seconds it came back too late, each second of the last minute."""


async def measure() -> None:
    """Measures until cancelled."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        _late.append(clock() - due)


def longest() -> float:
    """The longest of the last minute, in seconds."""
    return max(_late, default=0.0)
