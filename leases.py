"""Whose turn the background work is, when several LNbits processes share one database, and how
whoever works on a machine stays the only one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_hex

from . import crud, crud_work
from .clock import Clock


@asynccontextmanager
async def our_turn(name: str, clock: Clock, lasting: timedelta) -> AsyncIterator[bool]:
    """Whether this process may do the work of this name now; it is nobody else's until the end.

    `lasting`: after so long a process that was killed in the middle is waited for no more.
    """
    holder = token_hex(8)
    now = clock()
    try:
        yield await crud_work.take_work_lease(name, holder, now, now + lasting)
    finally:
        # Also when we were cancelled while taking it: that statement is finished all the same.
        await crud_work.release_work_lease(name, holder)


@asynccontextmanager
async def kept(
    machine_id: str, holder: str, clock: Clock, lasting: timedelta
) -> AsyncIterator[None]:
    """The holder's lease of a machine does not run out inside.

    On a busy LNbits each statement waits its turn, and a handful of them outlast any lease.
    """

    async def keep() -> None:
        while True:
            await asyncio.sleep(lasting.total_seconds() / 4)
            now = clock()
            await crud.renew_lease(machine_id, holder, now, now + lasting)

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
