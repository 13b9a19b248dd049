"""What a machine can ask for, in whatever wire's words."""

from dataclasses import dataclass

from ..orders import Direction

MOST_SATS = 21_000_000 * 100_000_000
"""All that there will ever be."""
MOST_SECONDS = 2**31 - 1
MOST_NOTES = 10_000
LONGEST_DESCRIPTION = 100
"""Characters; CLINK says so."""


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
    """What the customer would pay, fee included; or what the notes would be worth."""


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
class HoldRequest:
    """Sats for notes that a customer is about to insert. Asked again, it is renewed; with more
    sats, raised."""

    order: str
    sats: int
    """What the notes will be worth at most."""


@dataclass(frozen=True)
class WithdrawRequest:
    """A withdraw link for the customer, for what the notes are worth."""

    order: str
    sats: int
    """What was inserted: at most what is held, and fixed once it is said."""


@dataclass(frozen=True)
class PayRequest:
    """The customer's own invoice is to be paid, for what the notes are worth."""

    order: str
    sats: int
    """As in `WithdrawRequest`."""
    bolt11: str


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
    | HoldRequest
    | WithdrawRequest
    | PayRequest
    | OrderRequest
    | StatusRequest
)
