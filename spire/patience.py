"""Asks the same again while nobody answers: a customer has paid, or may be paying."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .errors import NoAnswer, NotNow, Unreachable

PATIENCE_S = 60.0
"""How long the same is asked again while the service, a relay or the bunker does not answer."""
AGAIN_S = 5.0

T = TypeVar("T")


class Patience:
    """`await patience(ask)`: asks again, after a pause. Raises the last problem in the end."""

    def __init__(self, tell: Callable[[str], None], now: Callable[[], float]) -> None:
        self._tell = tell
        self._now = now

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        until = self._now() + PATIENCE_S
        while True:
            answer = await _tried(ask)
            if isinstance(answer, tuple):
                return answer[0]
            if self._now() > until:
                raise answer
            self._tell(f"asks again: {answer}")
            await asyncio.sleep(AGAIN_S)


async def _tried(ask: Callable[[], Awaitable[T]]) -> tuple[T] | NoAnswer | NotNow | Unreachable:
    try:
        return (await ask(),)
    except (NoAnswer, NotNow, Unreachable) as problem:
        return problem
