"""The life of a cash order: its states, the allowed moves, and the times that decide.

Pure. `docs/cash.md` draws it; a test keeps that page and this table in step. The moves are carried
out in `store/cash_orders.py`, each as one guarded UPDATE.
"""

from datetime import datetime, timedelta
from enum import Enum

from pydantic import BaseModel


class Direction(str, Enum):
    """Which way the notes go."""

    CASH_OUT = "cash_out"
    """A customer's sats for notes."""
    CASH_IN = "cash_in"
    """A customer's notes for sats."""


class CashState(str, Enum):
    """Where one order of a machine stands. Those from HELD to
    UNCLAIMED are a cash-in's; SETTLED is both's."""

    ASKED = "asked"
    INVOICED = "invoiced"
    PAID = "paid"
    DISPENSING = "dispensing"
    DISPENSED = "dispensed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    PAID_LATE = "paid_late"
    SHORT = "short"
    HELD = "held"
    RESERVED = "reserved"
    PAYING = "paying"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNCLAIMED = "unclaimed"
    SETTLED = "settled"


CASH_MOVES: dict[CashState, frozenset[CashState]] = {
    CashState.ASKED: frozenset({CashState.INVOICED, CashState.ABANDONED, CashState.EXPIRED}),
    CashState.INVOICED: frozenset(
        {CashState.PAID, CashState.ABANDONED, CashState.EXPIRED, CashState.PAID_LATE}
    ),
    CashState.PAID: frozenset({CashState.DISPENSING, CashState.PAID_LATE, CashState.SETTLED}),
    CashState.DISPENSING: frozenset({CashState.DISPENSED, CashState.SHORT, CashState.SETTLED}),
    CashState.ABANDONED: frozenset({CashState.PAID_LATE, CashState.RESERVED, CashState.UNCLAIMED}),
    CashState.EXPIRED: frozenset({CashState.PAID_LATE}),
    CashState.PAID_LATE: frozenset({CashState.SETTLED}),
    CashState.SHORT: frozenset({CashState.SETTLED}),
    CashState.HELD: frozenset(
        {CashState.RESERVED, CashState.UNCLAIMED, CashState.ABANDONED, CashState.SETTLED}
    ),
    CashState.RESERVED: frozenset({CashState.PAYING, CashState.UNCLAIMED, CashState.SETTLED}),
    CashState.PAYING: frozenset({CashState.SENT, CashState.FAILED, CashState.UNKNOWN}),
    CashState.UNKNOWN: frozenset({CashState.SENT, CashState.FAILED, CashState.SETTLED}),
    CashState.FAILED: frozenset({CashState.PAYING, CashState.UNCLAIMED, CashState.SETTLED}),
    CashState.UNCLAIMED: frozenset({CashState.RESERVED, CashState.SETTLED}),
    CashState.SENT: frozenset(),
    CashState.DISPENSED: frozenset(),
    CashState.SETTLED: frozenset(),
}

UNSAID = frozenset({CashState.HELD, CashState.ABANDONED})
"""Those cash-ins of which the machine has not said what was inserted; abandoned, it was nothing."""
UNPAID = frozenset({CashState.INVOICED, CashState.ABANDONED, CashState.EXPIRED})
"""Those whose invoice may still turn out to be paid."""
MAY_BE_STUCK = frozenset(
    {
        CashState.PAID,
        CashState.DISPENSING,
        CashState.PAID_LATE,
        CashState.SHORT,
        CashState.HELD,
        CashState.FAILED,
        CashState.UNKNOWN,
        CashState.UNCLAIMED,
    }
)
"""Those that a person may have to end: the customer has paid, and not all is well yet."""
UNDER_WAY = frozenset({CashState.HELD, CashState.UNKNOWN})
"""Those cash-ins whose notes go in now, or whose payment is asked about; nobody has to do anything
yet."""
CLAIMABLE = frozenset({CashState.RESERVED, CashState.FAILED})
"""Those whose customer may name an invoice now: none is paid yet, and none may turn out to be."""
RESERVING = CLAIMABLE | {CashState.PAYING, CashState.UNKNOWN}
"""Those for which sats are kept in the wallet; for one that is held too, until its hold is over."""

MOST_PERCENT = 15
"""Of what a customer pays may be the fee."""
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

HOLD_LIFE = timedelta(minutes=10)
"""So long a hold keeps sats while notes go in; the machine renews it."""
LINK_LIFE = timedelta(days=7)
"""So long a customer may fetch the sats; then they are owed, and the operator gives them."""
SAID_SOON = timedelta(minutes=10)
"""A machine that has not said what was inserted so long after its hold is told of: notes may be in
it."""
TRIED_SOON = timedelta(minutes=10)
"""A payment that failed so long ago is told of: its customer has not tried another invoice."""
UNKNOWN_SOON = timedelta(minutes=1)
"""A payment that is unknown for so long is told of."""
UNKNOWN_LONG = timedelta(days=1)
"""After so long without word from the node, the operator may end the order by what he has seen."""

_LATER_LOOKS = (
    (timedelta(minutes=5), timedelta(seconds=30)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (DEAD_AFTER, timedelta(hours=1)),
)
"""How long after its expiry an invoice is asked about how often."""


class AttemptState(str, Enum):
    """Where a payment for a cash-in stands."""

    QUEUED = "queued"
    """Its order is `paying`; LNbits has not been asked yet."""
    CALLED = "called"
    """LNbits is being asked, unless whoever asked was killed."""
    OPEN = "open"
    """LNbits was asked, and what came of it is not known."""
    SENT = "sent"
    FAILED = "failed"
    """The node says so, asked again."""
    NEVER = "never"
    """LNbits refused it before it asked the node."""


class NoRoom(str, Enum):
    """Why no sats are reserved for a cash-in: what the machine is told."""

    STOPPED = "stopped"
    """Cash-in is off or stopped, or there is a doubt about the machine."""
    CAP_ORDER = "cap_order"
    CAP_HOUR = "cap_hour"
    CAP_DAY = "cap_day"
    CAP_OPEN = "cap_open"
    WALLET_SHORT = "wallet_short"


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
    direction: Direction = Direction.CASH_OUT
    state: CashState = CashState.ASKED
    sats: int
    """What the customer pays; of a cash-in what the notes are worth."""
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
    fee_ppm: int = 0
    fee_fixed: int = 0
    """Of a cash-in, as they stood when the first note was taken."""
    reserve_sats: int = 0
    """What may leave the wallet for a cash-in: the customer's sats, the node's fee, LNbits' own."""
    held_until: datetime | None = None
    """When the hold is over, and with it the reserve of an order that is held."""
    said_at: datetime | None = None
    """When the machine said what was inserted."""
    tried_at: datetime | None = None
    """When a payment was tried last."""
    broken: bool = False
    """A payment inside LNbits was broken off: the wallet is debited, its customer has nothing."""

    @property
    def net_sats(self) -> int:
        """What the customer of a cash-in gets."""
        return self.sats - self.fee_sats


class CashAttempt(BaseModel):
    """One payment for a cash-in order (`cash_attempts`)."""

    id: str
    """Ours, and LNbits' `external_id` of the payment."""
    order_id: str
    wallet_id: str
    payment_hash: str
    """Of no other attempt, of whatever machine, but of those that LNbits never began."""
    bolt11: str
    state: AttemptState
    node: str = ""
    """The kind of node that was asked to pay: another one knows nothing of it."""
    preimage: str | None = None
    made_at: datetime
    called_at: datetime | None = None
    look_at: datetime | None = None
    """When its outcome is looked for next."""


class CashLink(BaseModel):
    """A withdraw link of a cash-in order (`cash_links`)."""

    id: str
    """128 random bits as hex: whoever has it may fetch the sats."""
    order_id: str
    k1: str
    made_at: datetime
    expires_at: datetime
    replaced_at: datetime | None = None


def fee_of(sats: int, ppm: int, fixed: int) -> int:
    """Rounded up to the operator."""
    return -(-sats * ppm // 1_000_000) + fixed


def fee_in_of(sats: int, ppm: int, fixed: int) -> int:
    """The same for notes that are in already: never more than the most, however few they are."""
    return min(fee_of(sats, ppm, fixed), -(-sats * MOST_PERCENT // 100))


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
    if order.state is CashState.HELD:
        return hold_is_over(order, now)
    if order.state is CashState.FAILED:
        return order.tried_at is not None and now - order.tried_at > TRIED_SOON
    if order.state is CashState.UNKNOWN:
        return order.broken or _unknown_for(order, now) > UNKNOWN_SOON
    return order.state in MAY_BE_STUCK


def hold_is_over(order: CashOrder, now: datetime) -> bool:
    """Whether the machine should have said by now what was inserted."""
    return order.held_until is not None and now - order.held_until > SAID_SOON


def _unknown_for(order: CashOrder, now: datetime) -> timedelta:
    return now - order.tried_at if order.tried_at else timedelta()


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
    if order.state is CashState.HELD:
        return hold_is_over(order, now)
    if order.state is CashState.UNKNOWN:
        return order.broken or _unknown_for(order, now) > UNKNOWN_LONG
    return CashState.SETTLED in CASH_MOVES[order.state]
