"""Long lists, worked through while everybody else on the event loop has their turn.

LNbits serves all its users from one loop: ten thousand rows made into models at once would hold up
every one of them for half a second.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

TURN_SECONDS = 0.005
"""How long a list is worked on before others have a turn."""


async def each(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` of every item, in order."""
    done: list[R] = []
    began = monotonic()
    for item in items:
        done.append(work(item))
        if monotonic() - began > TURN_SECONDS:
            await asyncio.sleep(0)
            began = monotonic()
    return done
