"""What LNbits holds once it has started is left out of Python's full garbage collections.

Such a collection goes through all objects there are, of which stock LNbits has 450,000, and nobody
is served for the 0.2 seconds that it takes. While machines are listed one comes every half minute.
What has been there since the start stays, so nothing is ever found in it; what comes later is
collected as before.
"""

import asyncio
import gc

STARTED_SECONDS = 10.0
"""After this, the other extensions have started too."""

_due: list[asyncio.TimerHandle] = []


def leave_out(after: float = STARTED_SECONDS) -> None:
    """What is there in `after` seconds."""
    take_back()
    _due.append(asyncio.get_running_loop().call_later(after, gc.freeze))


def take_back() -> None:
    """All is collected as it was before `leave_out`."""
    while _due:
        _due.pop().cancel()
        gc.unfreeze()
