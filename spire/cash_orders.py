"""The machine's orders for cash, each in a file of its own: where it stands, and what may follow.

Each step is on the disk, synced, before the next is begun. So after a crash the file says what can
have happened, and the motor is never started twice for one order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from .order_files import OrderFiles, now_text, random_id

FOLDER = "cash"


class Step(str, Enum):
    """How far an order has come on this machine."""

    MADE = "made"
    """Its id is on the disk; the invoice may have been asked for."""
    INVOICED = "invoiced"
    """The customer has been shown the invoice."""
    LEAVING = "leaving"
    """The customer has left: the service is told."""
    ATTEMPT = "attempt"
    """Paid. The id of the attempt is on the disk; leave to dispense may have been asked for."""
    MOTOR = "motor"
    """The motor may have moved, and is never started again."""
    COUNTED = "counted"
    """What came out is known; the service may have been told."""
    DISPENSED = "dispensed"
    """All notes came out, and the service knows."""
    SHORT = "short"
    """Fewer came out, and the service knows."""
    UNKNOWN = "unknown"
    """The motor may have moved, and nobody knows what came out."""
    CLOSED = "closed"
    """The service gives no leave any more: paid too late, or ended by the operator."""
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    REFUSED = "refused"
    """The service made no invoice."""


_BEFORE_THE_ATTEMPT = {Step.ATTEMPT, Step.EXPIRED, Step.ABANDONED, Step.CLOSED}
MOVES: dict[Step, set[Step]] = {
    Step.MADE: {Step.INVOICED, Step.LEAVING, Step.REFUSED, *_BEFORE_THE_ATTEMPT},
    Step.INVOICED: {Step.LEAVING, *_BEFORE_THE_ATTEMPT},
    Step.LEAVING: _BEFORE_THE_ATTEMPT,
    Step.ATTEMPT: {Step.MOTOR, Step.COUNTED, Step.CLOSED},
    # Back to ATTEMPT only where it is known that the motor was not started: the yes was too old.
    Step.MOTOR: {Step.ATTEMPT, Step.COUNTED, Step.UNKNOWN},
    Step.COUNTED: {Step.DISPENSED, Step.SHORT},
}
"""What may follow a step. The others end an order."""


@dataclass(frozen=True)
class Order:
    """One order; amounts are in sats, times RFC 3339 in UTC."""

    id: str
    sats: int
    """What the customer pays."""
    fiat: str | None
    """What the customer gets, as `20 EUR`, where that was said."""
    made_at: str
    step: Step = Step.MADE
    fee_sats: int | None = None
    short_code: str | None = None
    """What the customer can tell the operator."""
    bolt11: str | None = None
    attempt: str | None = None
    notes: int | None = None
    """How many came out."""
    dispensed_sats: int | None = None
    """The part of `sats` that they stand for."""
    service_state: str | None = None
    """What the service last called it."""

    @classmethod
    def new(cls, sats: int, fiat: str | None) -> "Order":
        return cls(id=random_id(), sats=sats, fiat=fiat, made_at=now_text())

    @property
    def is_open(self) -> bool:
        return self.step in MOVES

    def at(self, step: Step, **changed: Any) -> "Order":
        """At the next step, which the table allows."""
        if step not in MOVES.get(self.step, ()):
            raise ValueError(f"no move from {self.step.value} to {step.value}")
        return replace(self, step=step, **changed)


class Orders(OrderFiles[Order]):
    """The orders on the disk."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / FOLDER, _read)

    def motor_file(self, order: Order) -> Path:
        """What the dispenser's command prints for an order."""
        return self.output(order, "motor")


def _read(content: Mapping[str, Any]) -> Order:
    return Order(**{**content, "step": Step(content["step"])})
