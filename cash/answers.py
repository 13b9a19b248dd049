"""What is answered to a machine, for whatever wire to put into its own words; and what nobody
answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ..orders import Direction
from .requests import Fiat


@dataclass(frozen=True)
class Invoice:
    """For the customer to pay."""

    bolt11: str


@dataclass(frozen=True)
class Receipt:
    """The invoice is paid. News, never leave to dispense."""

    preimage: str | None = None
    """64 lowercase hex digits; None after a payment within this LNbits."""


@dataclass(frozen=True)
class Quote:
    """What of an amount is the fee, and what is left for the customer."""

    direction: Direction
    gross_sats: int
    fee_sats: int
    net_sats: int


@dataclass(frozen=True)
class OrderStanding:
    """How an order stands now."""

    order: str
    state: str
    """A word of the order's states."""
    sats: int
    """What the customer pays, fee included."""
    fee_sats: int
    short_code: str
    """What the customer can tell the operator."""
    fiat: Fiat | None = None
    bolt11: str | None = None
    expires_at: datetime | None = None
    """When the invoice does."""
    attempt: str | None = None
    """The one that got the yes."""
    direction: Direction = Direction.CASH_OUT
    preimage: str | None = None
    """Of a cash-in that was paid over the network."""


@dataclass(frozen=True)
class HoldStanding:
    """Sats are kept for what a customer inserts."""

    order: str
    state: str
    """`held`; or what the order has come to since."""
    sats: int
    """What the notes may be worth."""
    fee_sats: int
    net_sats: int
    """What the customer gets for all of it."""
    short_code: str
    held_until: datetime | None
    link: bool
    """A withdraw link can be had afterwards; otherwise only the customer's own invoice is paid."""


@dataclass(frozen=True)
class Withdraw:
    """A link with which the customer fetches the sats."""

    order: str
    state: str
    lnurl: str
    """bech32, as LUD-01 has it; in capitals it makes a smaller QR."""
    lnurl_url: str
    amount_sats: int
    """What the customer gets."""
    fee_sats: int
    short_code: str
    expires_at: datetime


@dataclass(frozen=True)
class Paid:
    """The customer of a cash-in has the sats."""

    preimage: str | None = None
    """64 lowercase hex digits; None after a payment within this LNbits."""


class WhyNot(str, Enum):
    """Why a machine must not dispense."""

    NOT_PAID = "not_paid"
    """Nobody has paid, as far as is known: ask again later."""
    PAID_LATE = "paid_late"
    """It was paid after the customer was given up; the operator ends it."""
    ANOTHER_ATTEMPT = "another_attempt"
    """Another attempt had the yes already."""
    TOO_LATE = "too_late"
    """This attempt had the yes too long ago."""
    ENDED = "ended"
    """The order has ended: dispensed, abandoned, expired, settled."""
    STOPPED = "stopped"
    """The operator has stopped cash, or cut the machine off; it may be allowed again."""


@dataclass(frozen=True)
class Dispense:
    """Yes or no to an attempt to dispense."""

    order: str
    attempt: str
    why_not: WhyNot | None = None
    """None: yes."""


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest amount of a machine, in sats."""

    smallest: int
    largest: int


@dataclass(frozen=True)
class MachineStanding:
    """How a machine stands now."""

    cash_out: bool
    """It may sell: switched on, ready, and not stopped."""
    cash_in: bool
    """It may take notes."""
    limits: Limits
    fee_ppm: int
    fee_fixed_sats: int
    in_fee_ppm: int
    in_fee_fixed_sats: int
    open_orders: tuple[str, ...] = ()
    """Those that have not ended, the newest first; the wire lists 100 at most."""


class Why(str, Enum):
    """Why something was refused."""

    INVALID = "invalid"
    """Malformed: the machine has to ask otherwise."""
    UNSUPPORTED = "unsupported"
    """Nothing of ours; or of the wire's, but not done here."""
    AMOUNT = "amount"
    """Not in whole sats, or out of the machine's limits."""
    CLOCK = "clock"
    """The machine's clock and ours are too far apart."""
    RATE = "rate"
    """Too many requests in a minute."""
    TEMPORARY = "temporary"
    """Not now: ask the same again."""
    DENIED = "denied"
    """Cash is switched off or stopped."""
    CONFLICT = "conflict"
    """The order is there, with other content."""
    UNKNOWN_ORDER = "unknown_order"
    """The machine has no such order."""
    STOPPED = "stopped"
    """Cash-in is switched off or stopped, or there is a doubt about the machine."""
    CAP_ORDER = "cap_order"
    """More than a machine may pay out at once."""
    CAP_HOUR = "cap_hour"
    CAP_DAY = "cap_day"
    CAP_OPEN = "cap_open"
    """More than may be reserved at a time."""
    WALLET_SHORT = "wallet_short"
    """The operator's wallet has too little."""
    FAILED = "failed"
    """The payment has failed for good: the customer may try another invoice."""


@dataclass(frozen=True)
class ClockDelta:
    """How far the clocks may be apart, and how far they are, in milliseconds; both positive."""

    most_ms: int
    actual_ms: int


@dataclass(frozen=True)
class Refusal:
    """A no that is answered."""

    why: Why
    words: str
    """A sentence for whoever builds or serves the machine. It quotes nothing of the request."""
    limits: Limits | None = None
    """With AMOUNT."""
    delta: ClockDelta | None = None
    """With CLOCK."""
    retry_at: datetime | None = None
    """With RATE."""


FAILED = Refusal(
    Why.FAILED, "The payment failed, and nothing was paid: the customer makes another invoice."
)


class Refused(Exception):
    """A refusal on its way to whoever answers."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


def wrong_amount(limits: Limits) -> Refusal:
    """The refusal of an amount that is none, or out of the machine's limits."""
    words = (
        f"Ask for a whole number of sats from {limits.smallest} to {limits.largest}, "
        "written in digits alone."
    )
    return Refusal(Why.AMOUNT, words, limits=limits)


def too_many(retry_at: datetime) -> Refusal:
    """The refusal of a request beyond those that a machine may make in a minute."""
    return Refusal(Why.RATE, "Too many requests in a minute; wait.", retry_at=retry_at)


Answer = (
    Invoice
    | Receipt
    | Quote
    | OrderStanding
    | HoldStanding
    | Withdraw
    | Paid
    | Dispense
    | MachineStanding
    | Refusal
)


class Silence(str, Enum):
    """Why an event is answered with nothing. The page counts them by these words."""

    TOO_LARGE = "too_large"
    """Over 16 KiB of content."""
    OTHER_KIND = "other_kind"
    OTHER_RECIPIENT = "other_recipient"
    """It names somebody else, nobody, or several."""
    NO_VERSION = "no_version"
    """One of CLINK's kinds without `clink_version`."""
    OTHER_VERSION = "other_version"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_AUTHOR = "unknown_author"
    """No machine of ours signs as this key."""
    CUT = "cut"
    INACTIVE = "inactive"
    """The machine, or its operator's account."""
    UNCONFIRMED = "unconfirmed"
    FLAGGED = "flagged"
    """Somebody else seems to use the machine's key."""
    UNDECRYPTABLE = "undecryptable"
    NOT_JSON = "not_json"
    OTHER_DIALECT = "other_dialect"
    """Lightning.Pub's envelope, which is another protocol in the same kind."""
