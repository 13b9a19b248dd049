"""The note acceptor: a command of whoever builds the machine, which has the slot and the box.

    CMD check SATS    exit code 0: it can take notes
    CMD accept SATS   takes notes that are worth so much at most; prints {"notes": …, "sats": …},
                      all that are in so far, whenever one is in

It is asked to accept once for an order, and ends when the customer is done, or when its standard
input ends: the hold is over, the customer leaves, or `spire` was killed.
"""

import asyncio
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Protocol

from .cash_in_orders import CashInOrder
from .device import agrees, notes_and_sats, printed, started
from .errors import NoNotes


@dataclass(frozen=True)
class Inserted:
    """How many notes are in, and what they are worth."""

    notes: int
    sats: int


class TakesNotes(Protocol):
    """The acceptor, or somebody who plays it."""

    async def check(self, order: CashInOrder) -> None:
        """NoNotes unless notes can be taken."""

    async def accept(self, order: CashInOrder, out: Path, stop: asyncio.Event) -> Inserted | None:
        """What came in until the customer was done, or `stop` was set; None: nobody knows."""


class Acceptor:
    """`command` is the program and what it is always given."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    async def check(self, order: CashInOrder) -> None:
        try:
            takes = await agrees([*self._command, "check", str(order.sats)])
        except OSError as error:
            raise NoNotes(f"The acceptor cannot be started: {error.strerror}.") from None
        if not takes:
            raise NoNotes("The acceptor takes no notes: nothing was asked for.")

    async def accept(self, order: CashInOrder, out: Path, stop: asyncio.Event) -> Inserted | None:
        try:
            process = await started([*self._command, "accept", str(order.sats)], out, PIPE)
        except OSError:  # nothing was started
            return Inserted(0, 0)
        done, stopped = (asyncio.ensure_future(each) for each in (process.wait(), stop.wait()))
        try:
            await asyncio.wait({done, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if process.stdin:
                process.stdin.close()
        await done
        return await inserted(order, out)


class ByHand:
    """For trying out, where no acceptor is: whoever sits at the keyboard says that all is in."""

    async def check(self, order: CashInOrder) -> None:
        """There is always somebody."""

    async def accept(self, order: CashInOrder, out: Path, stop: asyncio.Event) -> Inserted | None:
        entered = asyncio.create_task(_entered())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({entered, stopped}, return_when=asyncio.FIRST_COMPLETED)
        all_in = entered.done() and entered.result()
        for each in (entered, stopped):
            each.cancel()
        return Inserted(1, order.sats) if all_in else Inserted(0, 0)


async def inserted(order: CashInOrder, out: Path) -> Inserted | None:
    """What the acceptor has printed last for an order, once it has ended. None: nothing that can be
    used, so nobody knows what is in."""
    for line in reversed((await printed(out) or "").splitlines()):
        report = notes_and_sats(line, order.sats)
        if report:
            return Inserted(*report)
    return None


async def _entered() -> bool:
    """Whether a line was entered, rather than the end of the input."""
    loop, line = asyncio.get_running_loop(), asyncio.Future[str]()

    def told(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        loop.call_soon_threadsafe(told, sys.stdin.readline())

    # A thread that nobody waits for: reading from a keyboard cannot be broken off.
    threading.Thread(target=read, daemon=True).start()
    return bool(await line)
