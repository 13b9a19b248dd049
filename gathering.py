"""Statements that a group of machines needs, run once for all of them.

Who belongs to a group waits with a statement until the others need one too, or have ended; then
each statement is run for all that asked. Without a group it is run at once, for the one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Statement = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]

LONGEST_SECONDS = 0.25
"""One that is at the bunker for longer than this is not waited for. A bunker nearby takes half as
long for a whole group, so nearly every statement is for all of it."""


def for_many(
    statement: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]],
) -> Callable[[K], Awaitable[V]]:
    """What a statement for many, which returns a value or an error for each, does for one."""

    async def ask(key: K) -> V:
        member = _member.get()
        if member is None:
            answer = (await statement([key]))[0]
        else:
            answer = await member.group.ask(member, statement, key)
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


@dataclass(eq=False)
class _Member:
    group: "_Group"
    waits_for: int = 0
    """Statements; it may ask for several at once."""


class _Asked(NamedTuple):
    member: _Member
    key: Any
    answer: "asyncio.Future[Any]"


class _Group:
    def __init__(self, size: int) -> None:
        self._busy = size
        """Members that wait for no statement."""
        self._asked: dict[Statement, list[_Asked]] = {}
        self._latest: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, member: Coroutine[Any, Any, None]) -> None:
        _member.set(_Member(self))
        try:
            await member
        finally:
            self._busy -= 1
            self._look()

    async def ask(self, member: _Member, statement: Statement, key: Any) -> Any:
        asked = _Asked(member, key, asyncio.get_running_loop().create_future())
        self._asked.setdefault(statement, []).append(asked)
        if member.waits_for == 0:
            self._busy -= 1
        member.waits_for += 1
        self._look()
        return await asked.answer

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

    async def _answer(self, statement: Statement, waiting: Sequence[_Asked]) -> None:
        _member.set(None)  # what the statement itself asks for is asked at once
        answers: Sequence[Any]
        try:
            answers = await statement([asked.key for asked in waiting])
        except Exception as error:
            answers = [error] * len(waiting)
        for asked, answer in zip(waiting, answers, strict=True):
            asked.member.waits_for -= 1
            if asked.member.waits_for == 0:
                self._busy += 1
            if not asked.answer.done():
                asked.answer.set_result(answer)


_member: ContextVar[_Member | None] = ContextVar("gathering", default=None)
