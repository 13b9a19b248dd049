"""A value that is asked for once and remembered. Callers at the same time share one request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class CachedRead(Generic[T]):
    """The value that `ask` fetches, kept for as long as `era()` stays the same.

    A caller that is cancelled does not take the request from the others. A failure reaches those
    who waited for it, and is not kept.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], era: Callable[[], object]) -> None:
        self._ask = ask
        self._era = era
        self._known: tuple[object, T] | None = None
        self._asking: tuple[object, asyncio.Task[T]] | None = None
        self._meanwhile: list[Callable[[T], None]] = []
        """What we changed since the request under way began."""
        self._tasks: set[asyncio.Task[T]] = set()

    async def get(self) -> T:
        """The value. Fetches it if it is not known."""
        era = self._era()
        if self._known is not None and self._known[0] == era:
            return self._known[1]
        if self._asking is None or self._asking[0] != era:
            task = asyncio.create_task(self._fetch(era))
            self._asking = (era, task)
            self._meanwhile = []
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return await asyncio.shield(self._asking[1])

    def drop(self) -> None:
        """Forgets the value, and does not keep what a request under way brings."""
        self._known = self._asking = None

    def update(self, change: Callable[[T], None]) -> None:
        """Applies a change of ours to the value. It must be harmless where the value shows it
        already.

        A request under way may have been answered before the change, so it is applied to that
        answer too. To ask again instead would never end while many change something at the same
        time.
        """
        if self._asking is not None:
            self._meanwhile.append(change)
        elif self._known is not None:
            change(self._known[1])

    async def close(self) -> None:
        """Waits for the requests under way, whose connection has been closed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fetch(self, era: object) -> T:
        value = await self._ask()
        if self._asking is not None and self._asking[1] is asyncio.current_task():
            for change in self._meanwhile:
                change(value)
            self._known = (era, value)
        return value

    def _ended(self, task: "asyncio.Task[T]") -> None:
        self._tasks.discard(task)
        if self._asking is not None and self._asking[1] is task:
            self._asking = None
        if not task.cancelled():
            task.exception()  # seen, even if every caller has gone
