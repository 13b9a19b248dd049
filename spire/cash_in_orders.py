"""The machine's orders for cash-in, each in a file of its own: where it stands, what may follow.

Each step is on the disk, synced, before the next is begun. So no note is taken before its order is
known, no order takes notes twice, and what was inserted is said as it was noted first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from .order_files import OrderFiles, now_text, random_id

FOLDER = "cash-in"


class CashInStep(str, Enum):
    """How far an order has come on this machine."""

    MADE = "made"
    """Its id is on the disk; the hold may have been asked for. No note is in."""
    TAKING = "taking"
    """The hold is there. Notes may be in, and it takes no more once that was broken off."""
    INSERTED = "inserted"
    """What the notes are worth is known; the service may have been told."""
    LINKED = "linked"
    """The service knows, and the customer has been shown the link."""
    LEFT = "left"
    """The customer has left, and the sats are still on their way, or wait at the link."""
    LEAVING = "leaving"
    """Nothing was inserted: the service is told."""
    SENT = "sent"
    """The customer has the sats."""
    OWED = "owed"
    """The link is over: the operator gives the customer the sats."""
    CLOSED = "closed"
    """The operator has ended it."""
    UNKNOWN = "unknown"
    """Notes may be in, and nobody knows what they are worth."""
    ABANDONED = "abandoned"
    REFUSED = "refused"
    """The service holds no sats; no note was taken."""


MOVES: dict[CashInStep, set[CashInStep]] = {
    CashInStep.MADE: {CashInStep.TAKING, CashInStep.LEAVING, CashInStep.REFUSED},
    CashInStep.TAKING: {CashInStep.INSERTED, CashInStep.LEAVING, CashInStep.UNKNOWN},
    CashInStep.INSERTED: {
        CashInStep.LINKED,
        CashInStep.LEFT,
        CashInStep.SENT,
        CashInStep.CLOSED,
    },
    CashInStep.LINKED: {
        CashInStep.LEFT,
        CashInStep.SENT,
        CashInStep.OWED,
        CashInStep.CLOSED,
    },
    CashInStep.LEFT: {CashInStep.SENT, CashInStep.OWED, CashInStep.CLOSED},
    CashInStep.LEAVING: {CashInStep.ABANDONED},
}
"""What may follow a step. The others end an order."""


@dataclass(frozen=True)
class CashInOrder:
    """One order; amounts are in sats, times RFC 3339 in UTC unless said."""

    id: str
    sats: int
    """What the notes may be worth at most."""
    bolt11: str | None
    """The customer's invoice; without one a link is shown."""
    made_at: str
    step: CashInStep = CashInStep.MADE
    fee_sats: int | None = None
    short_code: str | None = None
    """What the customer can tell the operator."""
    notes: int | None = None
    """How many are in."""
    inserted: int | None = None
    """What they are worth: said so, and never otherwise."""
    lnurl: str | None = None
    expires_at: int | None = None
    """When the link does, in Unix seconds."""
    preimage: str | None = None
    service_state: str | None = None
    """What the service last called it."""

    @classmethod
    def new(cls, sats: int, bolt11: str | None) -> "CashInOrder":
        return cls(id=random_id(), sats=sats, bolt11=bolt11, made_at=now_text())

    @property
    def is_open(self) -> bool:
        return self.step in MOVES

    @property
    def net_sats(self) -> int:
        """What the customer gets for what was inserted."""
        return (self.inserted or 0) - (self.fee_sats or 0)

    def at(self, step: CashInStep, **changed: Any) -> "CashInOrder":
        """At the next step, which the table allows."""
        if step not in MOVES.get(self.step, ()):
            raise ValueError(f"no move from {self.step.value} to {step.value}")
        return replace(self, step=step, **changed)


class CashInOrders(OrderFiles[CashInOrder]):
    """The orders on the disk."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / FOLDER, _read)

    def notes_file(self, order: CashInOrder) -> Path:
        """What the acceptor's command prints for an order."""
        return self.output(order, "notes")


def _read(content: Mapping[str, Any]) -> CashInOrder:
    return CashInOrder(**{**content, "step": CashInStep(content["step"])})
