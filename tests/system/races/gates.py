"""Two things at once, one of them stopped in the middle: before its nth statement or at the bunker.

Whoever goes through the gate is told by their context, so only the one of the two is stopped. The
product knows nothing of it: the statements are held where they enter LNbits' database layer.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from spirekeeper.devkit.bunker import DevBunker

PATIENCE_S = 20.0
STATEMENTS = ("fetchall", "fetchone", "insert", "update", "execute")


@dataclass
class Gate:
    """Stops whoever goes through it at their nth step, until it is opened. 0 stops nobody."""

    nth: int
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _opened: asyncio.Event = field(default_factory=asyncio.Event)
    _steps: int = 0

    async def step(self) -> None:
        self._steps += 1
        if self._steps == self.nth:
            self.reached.set()
            await self._opened.wait()

    def open(self) -> None:
        self._opened.set()


_gate: ContextVar[Gate | None] = ContextVar("gate", default=None)


def gate_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on each of our statements is a step; a transaction is one, for nothing else can be
    done in its middle."""
    from spirekeeper.store.database import db

    def gated(statement: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def run(*args: Any, **kwargs: Any) -> Any:
            gate = _gate.get()
            if gate is not None:
                await gate.step()
            return await statement(*args, **kwargs)

        return run

    for name in STATEMENTS:
        monkeypatch.setattr(db, name, gated(getattr(db, name)))
    transaction = db.transaction

    @asynccontextmanager
    async def gated_transaction() -> AsyncIterator[Any]:
        gate = _gate.get()
        if gate is not None:
            await gate.step()
        async with transaction() as tx:
            yield tx

    monkeypatch.setattr(db, "transaction", gated_transaction)


async def in_the_middle(
    first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any], statement: int
) -> tuple[Any, Any, bool]:
    """What came of both, where the second was done before the first's nth statement; and whether
    the first got that far. With 0, or when it did not, they ran side by side."""
    gate = Gate(statement)

    async def through() -> Any:
        _gate.set(gate)
        return await first

    begun = asyncio.create_task(through())
    if statement:
        reached = asyncio.create_task(gate.reached.wait())
        await asyncio.wait({begun, reached}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
    return *await _finish(begun, second, gate.open), gate.reached.is_set()


async def at_the_bunker(
    bunker: DevBunker,
    first: Coroutine[Any, Any, Any],
    second: Coroutine[Any, Any, Any],
    call: int,
    *,
    done: bool,
) -> tuple[Any, Any]:
    """The same, where the bunker stands still at its nth call, before or after it did it."""
    held = bunker.levers.hold(lambda method, params: True, call, done=done)
    begun = asyncio.create_task(first)
    arrived = asyncio.create_task(held.arrived.wait())
    await asyncio.wait({begun, arrived}, return_when=asyncio.FIRST_COMPLETED)
    arrived.cancel()
    held.nth = 0  # the second's calls are not held
    return await _finish(begun, second, held.let_go)


async def _finish(
    begun: "asyncio.Task[Any]", second: Coroutine[Any, Any, Any], let_go: Callable[[], None]
) -> tuple[Any, Any]:
    other = asyncio.create_task(second)
    await asyncio.wait({other}, timeout=PATIENCE_S)
    let_go()
    return await begun, await other
