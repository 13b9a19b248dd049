"""Statements that a group of machines needs, run once for all of them.

Who belongs to a group waits with a statement until the others need one too, or have ended; then
each statement is run for all that asked. Without a group it is run at once, for the one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Statement = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]

LONGEST_SECONDS = 0.1
"""One that is at the bunker for longer than this is not waited for."""


def for_many(
    statement: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]],
) -> Callable[[K], Awaitable[V]]:
    """What a statement for many, which returns a value or an error for each, does for one."""

    async def ask(key: K) -> V:
        group = _group.get()
        answer = (await statement([key]))[0] if group is None else await group.ask(statement, key)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


async def as_a_group(members: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Runs them side by side, as a group, to their ends; the first error is raised then."""
    group = _Group(len(members))
    outcomes = await asyncio.gather(*map(group.run, members), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


class _Group:
    def __init__(self, size: int) -> None:
        self._busy = size
        """Members that wait for no statement."""
        self._asked: dict[Statement, list[tuple[Any, asyncio.Future[Any]]]] = {}
        self._latest: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, member: Coroutine[Any, Any, None]) -> None:
        _group.set(self)
        try:
            await member
        finally:
            self._busy -= 1
            self._look()

    async def ask(self, statement: Statement, key: Any) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(statement, []).append((key, answer))
        self._busy -= 1
        self._look()
        return await answer

    def _look(self) -> None:
        if self._asked and self._busy <= 0:
            self._go()
        elif self._asked and self._latest is None:
            self._latest = asyncio.get_running_loop().call_later(LONGEST_SECONDS, self._go)

    def _go(self) -> None:
        if self._latest is not None:
            self._latest.cancel()
            self._latest = None
        asked, self._asked = self._asked, {}
        for statement, waiting in asked.items():
            task = asyncio.create_task(self._answer(statement, waiting))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(
        self, statement: Statement, waiting: list[tuple[Any, "asyncio.Future[Any]"]]
    ) -> None:
        _group.set(None)  # what the statement itself asks for is asked at once
        answers: Sequence[Any]
        try:
            answers = await statement([key for key, _ in waiting])
        except Exception as error:
            answers = [error] * len(waiting)
        self._busy += len(waiting)
        for (_, future), answer in zip(waiting, answers, strict=True):
            if not future.done():
                future.set_result(answer)


_group: ContextVar[_Group | None] = ContextVar("gathering", default=None)
