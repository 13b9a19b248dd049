"""LNbits with our extension, killed (SIGKILL) at a moment of one piece of its work.

As a script it is a second process of an LNbits: it has its environment, its database and all that
it imports, and no server. It reads one JSON job a line, lets a fork of itself do it, and prints how
that ended.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum
from importlib import import_module
from typing import Any

from spirekeeper.clock import Clock
from sqlalchemy import event
from sqlalchemy.engine import Engine

SURVIVED = 0
"""All was done before the turn came at which it was to be killed."""


class Moments(str, Enum):
    """When it can be killed."""

    STATEMENTS = "statements"
    """Before each statement and each commit, to whichever database: what is done between two of
    them is not kept."""
    TURNS = "turns"
    """Before each turn of the event loop: at each await of each task, also within a transaction."""


class MortalLNbits:
    """`await lnbits.dies(moments, nth, at, job, **what)`: whether it was killed, by its clock `at`;
    False: the job has no such moment, and is done."""

    async def __aenter__(self) -> "MortalLNbits":
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__), stdin=pipe, stdout=pipe
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    async def dies(self, moments: Moments, nth: int, at: datetime, job: str, **what: Any) -> bool:
        assert self._process.stdin
        assert self._process.stdout
        task = {"moments": moments, "nth": nth, "at": at.isoformat(), "job": job, "what": what}
        self._process.stdin.write(json.dumps(task).encode() + b"\n")
        ended = int(await self._process.stdout.readline())
        assert ended in {SURVIVED, signal.SIGKILL}, f"it ended with {ended}"
        return ended == signal.SIGKILL


class _Death:
    """This process is killed at the nth moment."""

    def __init__(self, nth: int) -> None:
        self._moments = iter(range(1, nth))

    def comes(self, *_: object) -> None:
        if next(self._moments, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)


class _MortalLoop(asyncio.SelectorEventLoop):
    """`_run_once` is what each loop of asyncio's has."""

    def __init__(self, death: _Death) -> None:
        super().__init__()
        self._death = death

    def _run_once(self) -> None:
        self._death.comes()
        super()._run_once()  # type: ignore[misc]


async def _asks(clock: Clock, *, machine: str, service: str, asked: dict[str, Any]) -> None:
    """A machine asks; its answer is heard by nobody."""
    from spirekeeper.cash import requests
    from spirekeeper.cash import service as cash_service
    from spirekeeper.cash.who import Asker, asker_of

    asker = await asker_of(machine, service, os.urandom(32).hex(), clock)
    assert isinstance(asker, Asker), asker
    request = getattr(requests, asked.pop("type"))(**asked)
    await cash_service._use_case(asker, request, clock)
    await _paid()


async def _claims(clock: Clock, *, order_id: str, pr: str) -> None:
    """A customer's wallet hands over its invoice."""
    from spirekeeper.cash import withdraw
    from spirekeeper.store import cash_attempts

    link = await cash_attempts.get_link_of(order_id)
    assert link
    await withdraw.claim(link.id, link.k1, pr, clock)
    await _paid()


async def _paid() -> None:
    """What is paid in the background is done."""
    from spirekeeper.cash import paying

    await asyncio.gather(*paying._running.values())


async def _hears(clock: Clock, *, order_id: str) -> None:
    """LNbits tells of a payment."""
    from lnbits.core.crud import get_standalone_payment
    from spirekeeper.store import cash_orders

    order = await cash_orders.get_order(order_id)
    assert order
    payment = await get_standalone_payment(order.payment_hash or "", incoming=True)
    assert payment
    await _settling(clock).heard_payment(payment)


async def _looks(clock: Clock) -> None:
    await _settling(clock).look_again(clock)
    await _paid()


async def _reconciles(clock: Clock) -> None:
    await _settling(clock).reconcile(clock)


async def _settles(clock: Clock, *, order_id: str, operator: str) -> None:
    """The operator ends an order."""
    from spirekeeper.cash import orders_shown
    from spirekeeper.schemas.cash import SettleData

    order = await orders_shown.get_own(order_id, operator)
    await orders_shown.settle(order, SettleData(how="refunded"), actor=operator, clock=clock)


def _settling(clock: Clock) -> Any:
    """It speaks to no relay: all of them are away."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling

    return Settling(Post(lambda *_: 0), clock)


JOBS: dict[str, Callable[..., Awaitable[None]]] = {
    "asks": _asks,
    "claims": _claims,
    "hears": _hears,
    "looks": _looks,
    "reconciles": _reconciles,
    "settles": _settles,
}


def _work(moments: str, nth: int, at: str, job: str, what: dict[str, Any]) -> int:
    death, moment = _Death(nth), datetime.fromisoformat(at)
    if moments == Moments.TURNS:
        loop: asyncio.AbstractEventLoop = _MortalLoop(death)
    else:
        loop = asyncio.new_event_loop()
        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, death.comes)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(JOBS[job](lambda: moment, **what))
    return SURVIVED


def _fork(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        ended = 1
        try:
            ended = _work(**job)
        finally:
            os._exit(ended)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for module in ("spirekeeper.cash.service", "spirekeeper.cash.orders_shown"):
        import_module(module)  # once, for all forks
    for line in sys.stdin:
        print(_fork(json.loads(line)), flush=True)  # noqa: T201
