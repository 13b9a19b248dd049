"""What a machine can ask for, in whatever wire's words."""

from dataclasses import dataclass
from enum import Enum

MOST_SATS = 21_000_000 * 100_000_000
"""All that there will ever be."""
MOST_SECONDS = 2**31 - 1
MOST_NOTES = 10_000
LONGEST_DESCRIPTION = 100
"""Characters; CLINK says so."""


class Direction(str, Enum):
    """Which way the notes go."""

    CASH_OUT = "cash_out"
    """A customer's sats for notes."""


@dataclass(frozen=True)
class Fiat:
    """What the customer ordered in notes, as the machine said it."""

    amount: str
    """A decimal number: "20" or "20.50"."""
    code: str
    """Three capitals: "EUR"."""


@dataclass(frozen=True)
class InvoiceRequest:
    """An invoice for the customer. Two are of the same content when they are equal."""

    order: str
    """128 random bits of the machine's, as 32 lowercase hex digits."""
    sats: int
    """What the customer pays, fee included."""
    fiat: Fiat | None = None
    description: str | None = None
    lifetime: int | None = None
    """Seconds that it should live, as the machine wishes: 1 or more."""


@dataclass(frozen=True)
class QuoteRequest:
    """What of these sats would be the fee."""

    direction: Direction
    sats: int
    """What the customer would pay, fee included."""


@dataclass(frozen=True)
class DispenseRequest:
    """Leave to dispense, now."""

    order: str
    attempt: str
    """128 random bits, as 32 lowercase hex digits, which the machine has stored before it asks."""


@dataclass(frozen=True)
class DispensedReport:
    """The motor has run, and this is what came out; 0 of both when nothing did."""

    order: str
    attempt: str
    notes: int
    """How many came out."""
    sats: int
    """The part of the order's sats that they stand for, fee included: all of it when all came."""


@dataclass(frozen=True)
class AbandonRequest:
    """The customer has left."""

    order: str


@dataclass(frozen=True)
class OrderRequest:
    """How an order stands."""

    order: str


@dataclass(frozen=True)
class StatusRequest:
    """How the machine stands: whether it may sell, between which amounts, what is open."""


Request = (
    InvoiceRequest
    | QuoteRequest
    | DispenseRequest
    | DispensedReport
    | AbandonRequest
    | OrderRequest
    | StatusRequest
)
