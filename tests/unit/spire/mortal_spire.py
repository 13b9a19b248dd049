"""The reference machine in processes that are killed at a step of their work.

As a script it reads one JSON job a line, lets a fork of itself do it, and prints how that ended.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from spirekeeper.spire.errors import SpireError
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.requests import Requests
from spirekeeper.spire.state import StateFile

SURVIVED = 0
"""All was done before the step came at which it was to be killed."""


class MortalSpire:
    """`await spire.dies(home, step, seed=…)`: a boot with that seed or none; or `sign=True`.

    Whether it was killed: False means that it has no such step. A step is the moment before or
    after a request is sent or a state is written, or when one is written beside the older.
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
        self, home: Path, step: int, *, seed: str | None = None, sign: bool = False
    ) -> bool:
        assert self._process.stdin
        assert self._process.stdout
        job = {"home": str(home), "step": step, "seed": seed, "sign": sign}
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            ended = int(await self._process.stdout.readline())
        assert ended in {SURVIVED, signal.SIGKILL}, f"it ended with {ended}"
        return ended == signal.SIGKILL


def _mortal(step: int) -> None:
    """This process is killed at that step."""
    steps = iter(range(1, step))

    def now() -> None:
        if next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    send, write, move = Requests.send, StateFile.write, os.replace

    async def sending(*arguments: Any) -> None:
        now()
        await send(*arguments)
        now()

    def around(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def doing(*arguments: Any) -> None:
            now()
            work(*arguments)
            now()

        return doing

    def moving(*arguments: Any) -> None:
        now()
        move(*arguments)

    Requests.send = sending  # type: ignore[method-assign]
    StateFile.write = around(write)  # type: ignore[method-assign]
    os.replace = moving


def _work(home: str, step: int, seed: str | None, sign: bool) -> int:
    machine = Machine(home)
    work: Awaitable[object] = machine.sign(21000, "hello") if sign else machine.boot(seed)
    _mortal(step)
    try:
        asyncio.run(_done(work))
    except SpireError:
        return 1
    return SURVIVED


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
