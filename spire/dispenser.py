"""The dispenser: a command of whoever builds the machine, which has the motor.

    CMD check SATS [FIAT]      exit code 0: it has the notes
    CMD dispense SATS [FIAT]   moves the motor, and prints {"notes": …, "sats": …} as its last line

It is asked to dispense once for an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .cash_orders import Order
from .device import agrees, notes_and_sats, printed, started
from .errors import NoNotes


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
            has_them = await agrees(self._arguments("check", order))
        except OSError as error:
            raise NoNotes(f"The dispenser cannot be started: {error.strerror}.") from None
        if not has_them:
            raise NoNotes("The dispenser does not have the notes: nothing was asked for.")

    async def dispense(self, order: Order, out: Path) -> Counted | None:
        """What came out; None: nobody knows."""
        try:
            process = await started(self._arguments("dispense", order), out)
        except OSError:  # nothing was started
            return Counted(0, 0)
        await process.wait()
        return await counted(order, out)

    def _arguments(self, verb: str, order: Order) -> list[str]:
        return [*self._command, verb, str(order.sats), *([order.fiat] if order.fiat else [])]


async def counted(order: Order, out: Path) -> Counted | None:
    """What the dispenser has printed for an order, once it has ended. None: nothing that can be
    used, so nobody knows what came out."""
    last = (await printed(out) or "").strip().splitlines()[-1:]
    report = notes_and_sats(last[0], order.sats) if last else None
    return Counted(*report) if report else None
