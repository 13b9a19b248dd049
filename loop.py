"""The event loop: a time limit, long lists in turns, and work that many ask for done once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from math import inf
from time import monotonic
from typing import TypeVar
from weakref import WeakValueDictionary

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

TURN_SECONDS = 0.005
"""How long a list is worked on before others have a turn."""


async def in_turns(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` of every item, in order."""
    done: list[R] = []
    began = monotonic()
    for item in items:
        done.append(work(item))
        if monotonic() - began > TURN_SECONDS:
            await asyncio.sleep(0)
            began = monotonic()
    return done


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


class Debounced:
    """Runs `work(key)` after somebody asked for it, at most once in `pause` seconds a key.

    Whoever asks while a turn waits is served by that turn; whoever asks while it runs gets another.
    `whose` says which keys belong together: these have at most half of the turns that run at a
    time, so that whoever asks for very many holds up only their own.
    """

    def __init__(
        self,
        work: Callable[[str], Awaitable[None]],
        *,
        pause: float,
        whose: Callable[[str], str],
        side_by_side: int = 4,
    ) -> None:
        self._work = work
        self._whose = whose
        self._pause = pause
        self._waiting: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(side_by_side)
        self._most_of_one = max(1, side_by_side // 2)
        self._rooms: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def ask(self, key: str, *, delay: float) -> None:
        """Runs the work for this key in `delay` seconds, or later where the pause demands it."""
        now = asyncio.get_running_loop().time()
        due = max(now + delay, self._began.get(key, -inf) + self._pause)
        if key in self._waiting and self._waiting[key] <= due:
            return
        self._waiting[key] = due
        task = asyncio.create_task(self._turn(key, due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, key: str) -> None:
        """Drops the turn of this key."""
        self._waiting.pop(key, None)
        self._began.pop(key, None)

    async def close(self) -> None:
        """Ends the turns that run and those that wait."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self, key: str, due: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(due - loop.time())
        theirs = self._rooms.setdefault(self._whose(key), asyncio.Semaphore(self._most_of_one))
        async with theirs, self._room:
            if self._waiting.get(key) != due:
                return  # an earlier turn has served it
            del self._waiting[key]
            self._began[key] = loop.time()
            try:
                await self._work(key)
            except Exception as exc:  # one key's trouble must not end the watch of all
                logger.error("turn of %.64s: unexpected %s", key, type(exc).__name__)


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
