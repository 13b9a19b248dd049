"""The reference machine in processes that are killed at a step of their work.

As a script it reads one JSON job a line, lets a fork of itself do it, and prints how that ended.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from spirekeeper.spire.acceptor import Acceptor
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import CashInOrders
from spirekeeper.spire.cash_orders import Orders
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.errors import SpireError
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.requests import Requests
from spirekeeper.spire.service import Service
from spirekeeper.spire.state import StateFile

SATS, FIAT = 20_000, "20 EUR"
SURVIVED = 0
"""All was done before the step came at which it was to be killed."""


class MortalSpire:
    """`await spire.dies(home, step, seed=…)`: a boot with that seed or none; or `sign=True`; or
    `sells=` a dispenser's command; or `takes=` an acceptor's, by `bolt11` or a link.

    Whether it was killed: False means that it has no such step. A step is the moment before or
    after a request is sent or a state is written, or when one is written beside the older; of cash
    those of its journal, and with `asks` those around each question and process too.
    """

    async def __aenter__(self) -> "MortalSpire":
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__), stdin=pipe, stdout=pipe
        )
        self._one_at_a_time = asyncio.Lock()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    async def dies(
        self,
        home: Path,
        step: int,
        *,
        seed: str | None = None,
        sign: bool = False,
        sells: str | None = None,
        takes: str | None = None,
        bolt11: str | None = None,
        asks: bool = False,
    ) -> bool:
        assert self._process.stdin
        assert self._process.stdout
        job = {"home": str(home), "step": step, "seed": seed, "sign": sign}
        job |= {"sells": sells, "takes": takes, "bolt11": bolt11, "asks": asks}
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            ended = int(await self._process.stdout.readline())
        assert ended in {SURVIVED, signal.SIGKILL}, f"it ended with {ended}"
        return ended == signal.SIGKILL


class _Death:
    """This process is killed at a step."""

    def __init__(self, step: int) -> None:
        self._steps = iter(range(1, step))

    def now(self) -> None:
        if next(self._steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, *, before: bool = True) -> None:
        """Before and after that function."""
        work = getattr(owner, name)

        @wraps(work)
        def doing(*arguments: Any) -> Any:
            if before:
                self.now()
            done = work(*arguments)
            self.now()
            return done

        @wraps(work)
        async def awaiting(*arguments: Any, **named: Any) -> Any:
            self.now()
            done = await work(*arguments, **named)
            self.now()
            return done

        setattr(owner, name, awaiting if iscoroutinefunction(work) else doing)

    def at_each_move(self) -> None:
        """What is written beside the older is there, and has not taken its place."""
        move = os.replace

        def moving(*arguments: Any) -> None:
            self.now()
            move(*arguments)

        os.replace = moving


def _work(
    home: str,
    step: int,
    seed: str | None,
    sign: bool,
    sells: str | None,
    takes: str | None,
    bolt11: str | None,
    asks: bool,
) -> int:
    machine = Machine(home)
    death = _Death(step)
    death.at_each_move()
    work: Awaitable[object]
    if sells is not None:
        work = cash_out(machine, Path(home), sells).serve(SATS, FIAT)
        death.around(Orders, "write", before=asks)
    elif takes is not None:
        work = cash_in(machine, Path(home), takes).serve(SATS, bolt11)
        death.around(CashInOrders, "write", before=asks)
    else:
        work = machine.sign(21000, "hello") if sign else machine.boot(seed)
        death.around(Requests, "send")
        death.around(StateFile, "write")
    if asks:
        death.around(Machine, "ask_service")
        death.around(asyncio, "create_subprocess_exec")
    try:
        asyncio.run(_done(work))
    except SpireError:
        return 1
    return SURVIVED


def cash_out(machine: Machine, home: Path, dispenser: str) -> CashOut:
    """With nobody at the screen."""
    return CashOut(
        Service(machine),
        Orders(home),
        Dispenser([dispenser]),
        show=lambda _: None,
        tell=lambda _: None,
        leaves=asyncio.Event(),
    )


def cash_in(machine: Machine, home: Path, acceptor: str) -> CashIn:
    """The same."""
    return CashIn(
        Service(machine),
        CashInOrders(home),
        Acceptor([acceptor]),
        show=lambda _: None,
        tell=lambda _: None,
        leaves=asyncio.Event(),
    )


async def _done(work: Awaitable[object]) -> None:
    await work


def _fork(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(_work(**job))
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin:
        print(_fork(json.loads(line)), flush=True)  # noqa: T201
