"""A time limit that lets a cancellation through."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float | None, work: Awaitable[T]) -> T:
    """Awaits `work`. If it takes longer, cancels it and raises asyncio.TimeoutError; None sets no
    limit.

    Before Python 3.12 asyncio.wait_for forgets a cancellation that comes just as the work is done.
    In a loop, the task then goes on for ever, and whoever has cancelled it waits as long.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _end(task)
        raise
    if not done:
        await _end(task)
        raise asyncio.TimeoutError
    return task.result()


async def _end(task: "asyncio.Future[T]") -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # seen: nobody else asks for it
