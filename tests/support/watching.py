"""The watch of relay traffic, quick enough for a test, and waiting for what it notices."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from support.host import by_hand

PATIENCE_S = 15.0
NEVER = 3600.0
QUICK = {
    "ALL_SECONDS": NEVER,
    "NEW_DELAY": NEVER,
    "FLUSH_SECONDS": 0.01,
    "LOOK_DELAY": 0.05,
    "LOOK_PAUSE": 0.1,
    "CHECK_DELAY": 0.1,
    "CHECK_PAUSE": 0.1,
}


@asynccontextmanager
async def watching(**intervals: float) -> AsyncIterator[None]:
    """The watch, begun anew with these intervals."""
    from spirekeeper import tasks
    from spirekeeper.upkeep import relay_watch

    with pytest.MonkeyPatch.context() as patch:
        for name, seconds in {**QUICK, **intervals}.items():
            patch.setattr(relay_watch, name, seconds)
        tasks.start()
        by_hand(watched=True)
        yield
    tasks.start()
    by_hand()


async def until(holds: Callable[[], Awaitable[bool]], patience: float = PATIENCE_S) -> None:
    """Looks again and again, and gives up after a while."""

    async def look() -> None:
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)

    await asyncio.wait_for(look(), patience)
