"""The dispenser: a command of whoever builds the machine, which has the motor.

    CMD check SATS [FIAT]      exit code 0: it has the notes
    CMD dispense SATS [FIAT]   moves the motor, and prints {"notes": …, "sats": …} as its last line

It is asked to dispense once for an order. What it prints goes into a file that it keeps locked
while it lives: should `spire` be killed meanwhile, the next one waits for it and reads that.
"""

import asyncio
import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

from ..loop import within
from .cash_orders import Order
from .errors import NoNotes

CHECK_S = 10.0
LOOK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Counted:
    """What came out, and the part of the order's sats that it stands for."""

    notes: int
    sats: int


class Dispenser:
    """`command` is the program and what it is always given."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    async def check(self, order: Order) -> None:
        """NoNotes unless it says that it has them."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._arguments("check", order), stdin=DEVNULL, stdout=DEVNULL
            )
        except OSError as error:
            raise NoNotes(f"The dispenser cannot be started: {error.strerror}.") from None
        try:
            code = await within(CHECK_S, process.wait())
        except asyncio.TimeoutError:
            process.kill()
            code = await process.wait()
        if code != 0:
            raise NoNotes("The dispenser does not have the notes: nothing was asked for.")

    async def dispense(self, order: Order, out: Path) -> Counted | None:
        """What came out; None: nobody knows. In a session of its own, so that no Ctrl-C stops a
        motor half-way."""
        try:
            with out.open("w", encoding="utf-8") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                process = await asyncio.create_subprocess_exec(
                    *self._arguments("dispense", order),
                    stdin=DEVNULL,
                    stdout=stream,
                    start_new_session=True,
                )
        except OSError:  # nothing was started
            return Counted(0, 0)
        await process.wait()
        return await counted(order, out)

    def _arguments(self, verb: str, order: Order) -> list[str]:
        return [*self._command, verb, str(order.sats), *([order.fiat] if order.fiat else [])]


async def counted(order: Order, out: Path) -> Counted | None:
    """What the dispenser has printed for an order, once it has ended. None: nothing that can be
    used, so nobody knows what came out."""
    try:
        with out.open(encoding="utf-8") as stream:
            while not _is_free(stream.fileno()):  # noqa: ASYNC110 - another process holds it
                await asyncio.sleep(LOOK_AGAIN_S)
            last = stream.read().strip().splitlines()[-1:]
    except (OSError, UnicodeError):
        return None
    return _counted(last[0], order) if last else None


def _is_free(descriptor: int) -> bool:
    """The dispenser's process, and what it has started, hold the lock as long as they live."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _counted(line: str, order: Order) -> Counted | None:
    try:
        said = json.loads(line)
        notes, sats = said["notes"], said["sats"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (type(notes) is int and type(sats) is int and notes >= 0 and 0 <= sats <= order.sats):
        return None
    return Counted(notes, sats) if (notes == 0) == (sats == 0) else None
