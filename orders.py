"""The life of a cash order: its states, the allowed moves, and the times that decide.

Pure. `docs/cash.md` draws it; a test keeps that page and this table in step. The moves are carried
out in `store/cash_orders.py`, each as one guarded UPDATE.
"""

from datetime import datetime, timedelta
from enum import Enum

from pydantic import BaseModel, Field


class CashState(str, Enum):
    """Where one order of a machine stands. So far every order is a cash-out: sats for notes."""

    ASKED = "asked"
    INVOICED = "invoiced"
    PAID = "paid"
    DISPENSING = "dispensing"
    DISPENSED = "dispensed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    PAID_LATE = "paid_late"
    SHORT = "short"
    SETTLED = "settled"


CASH_MOVES: dict[CashState, frozenset[CashState]] = {
    CashState.ASKED: frozenset({CashState.INVOICED, CashState.ABANDONED, CashState.EXPIRED}),
    CashState.INVOICED: frozenset(
        {CashState.PAID, CashState.ABANDONED, CashState.EXPIRED, CashState.PAID_LATE}
    ),
    CashState.PAID: frozenset({CashState.DISPENSING, CashState.PAID_LATE, CashState.SETTLED}),
    CashState.DISPENSING: frozenset({CashState.DISPENSED, CashState.SHORT, CashState.SETTLED}),
    CashState.ABANDONED: frozenset({CashState.PAID_LATE}),
    CashState.EXPIRED: frozenset({CashState.PAID_LATE}),
    CashState.PAID_LATE: frozenset({CashState.SETTLED}),
    CashState.SHORT: frozenset({CashState.SETTLED}),
    CashState.DISPENSED: frozenset(),
    CashState.SETTLED: frozenset(),
}

UNPAID = frozenset({CashState.INVOICED, CashState.ABANDONED, CashState.EXPIRED})
"""Those whose invoice may still turn out to be paid."""
MAY_BE_STUCK = frozenset(
    {CashState.PAID, CashState.DISPENSING, CashState.PAID_LATE, CashState.SHORT}
)
"""Those that a person may have to end: the customer has paid, and not all is well yet."""

INVOICE_LIFE = timedelta(seconds=180)
SHORTEST_LIFE, LONGEST_LIFE = timedelta(seconds=60), timedelta(seconds=600)
GRACE = timedelta(seconds=120)
"""After its invoice has expired, a customer still waits at the machine for so long."""
DEAD_AFTER = timedelta(hours=72)
"""An invoice that the node does not call paid so long after it expired never will be."""
YES_LIFE = timedelta(minutes=5)
"""So long the same attempt to dispense gets the same yes; after that a person has to look."""
DISPENSED_SOON = timedelta(minutes=1)
"""A machine that has not asked to dispense so long after the payment is told of."""
LIVE_LOOK = timedelta(seconds=15)
"""How often an invoice that can be paid is asked about, though its payment was not heard of."""

_LATER_LOOKS = (
    (timedelta(minutes=5), timedelta(seconds=30)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (DEAD_AFTER, timedelta(hours=1)),
)
"""How long after its expiry an invoice is asked about how often."""


class CashOrder(BaseModel):
    """One order (`cash_orders`). It outlives its machine, its wallet and its operator."""

    id: str
    """Ours, and LNbits' `external_id` of what is paid for it."""
    machine_id: str
    order_key: str
    """The machine's own id of the order: 128 random bits as hex."""
    operator_user_id: str
    machine_name: str = ""
    wallet_id: str
    state: CashState = CashState.ASKED
    sats: int
    """What the customer pays."""
    fee_sats: int = 0
    """The operator's part of it."""
    fiat_amount: str = ""
    fiat_code: str = ""
    description: str = ""
    content: str
    """A hash of what was asked: the same order with other content is refused."""
    short_code: str
    """Shown to the customer, and on the operator's list."""
    asked_by: str
    """The key that asked last (hex)."""
    asked_event: str
    """Its event: a receipt answers it."""
    bolt11: str | None = None
    payment_hash: str | None = None
    expires_at: datetime | None = None
    look_at: datetime | None = None
    """When LNbits and its node are asked about the invoice next; None: not any more."""
    dispense_attempt: str | None = None
    dispensed_sats: int | None = None
    settled_how: str = ""
    settled_by: str = ""
    settled_ref: str = ""
    made_by: str | None = None
    """Which call makes its invoice now."""
    made_until: datetime | None = None
    asked_at: datetime
    paid_at: datetime | None = None
    dispensing_at: datetime | None = None
    ended_at: datetime | None = None


class CashSettings(BaseModel):
    """What a machine may do with cash, as its operator set it (`cash_settings`)."""

    machine_id: str
    operator_user_id: str
    out_on: bool = False
    smallest: int = 1_000
    """Sats that a customer may pay at least, and at most."""
    largest: int = 500_000
    fee_ppm: int = 0
    fee_fixed: int = 0
    stopped_at: datetime | None = None
    version: int = 0
    updated_at: datetime

    def fee(self, sats: int) -> int:
        """Of what a customer pays, rounded up to the operator."""
        return -(-sats * self.fee_ppm // 1_000_000) + self.fee_fixed


class CashSold(BaseModel):
    """What customers have paid."""

    orders: int
    sats: int
    fee_sats: int
    """The operator's part of that."""


class CashSwitches(BaseModel):
    """At how many of an operator's machines cash is on, and how many of those stand still."""

    on: int
    stopped: int


class ServiceKey(BaseModel):
    """A key that answers an operator's machines (`service_keys`); `sealed` is its secret."""

    pubkey: str
    operator_user_id: str
    sealed: str = Field(..., repr=False)
    made_at: datetime
    replaced_at: datetime | None = None


class CashPairing(BaseModel):
    """What of a machine's pairing decides whether it may ask for money."""

    id: str
    machine_id: str
    machine_name: str
    operator_user_id: str
    wallet_id: str | None
    spire_pubkey: str
    service_pubkey: str | None
    confirmed_at: datetime | None
    ready_at: datetime | None


def may_go(was: CashState, to: CashState) -> bool:
    """Whether an order in state `was` may become `to`."""
    return to in CASH_MOVES[was]


def is_late(order: CashOrder, now: datetime) -> bool:
    """Whether the customer cannot be expected at the machine any more."""
    return order.expires_at is not None and now > order.expires_at + GRACE


def paid_state(order: CashOrder, now: datetime) -> CashState:
    """What an order becomes whose payment is found now."""
    in_time = order.state is CashState.INVOICED and not is_late(order, now)
    return CashState.PAID if in_time else CashState.PAID_LATE


def yes_is_over(order: CashOrder, now: datetime) -> bool:
    """Whether a dispense that was allowed may not be begun any more."""
    return order.dispensing_at is not None and now - order.dispensing_at > YES_LIFE


def is_stuck(order: CashOrder, now: datetime) -> bool:
    """Whether a person has to look at it now: `stuck_at` in store/cash_orders.py says the same."""
    if order.state is CashState.PAID:
        return order.paid_at is not None and now - order.paid_at > DISPENSED_SOON
    if order.state is CashState.DISPENSING:
        return yes_is_over(order, now)
    return order.state in MAY_BE_STUCK


def next_look(order: CashOrder, now: datetime) -> datetime | None:
    """When to ask about its invoice again; None when it is dead."""
    if order.expires_at is None:
        return None
    past = now - order.expires_at
    if past < timedelta():
        return now + LIVE_LOOK
    for until, pause in _LATER_LOOKS:
        if past < until:
            return now + pause
    return None


def may_be_settled(order: CashOrder, now: datetime) -> bool:
    """Whether its operator may say how the customer was made whole."""
    if order.state is CashState.DISPENSING:
        return yes_is_over(order, now)
    return CashState.SETTLED in CASH_MOVES[order.state]
