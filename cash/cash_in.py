"""Cash-in, top to bottom: a customer's notes for sats.

The machine asks to hold sats before the first note goes in. When the notes are in, it says what
they are worth, and either hands over the customer's invoice or asks for a link to show. Stacked
notes are never given back, so an order that was said is never refused: it is paid, or owed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from lnbits.core.services.payments import fee_reserve_total

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..errors import NoLink
from ..orders import (
    CLAIMABLE,
    HOLD_LIFE,
    UNSAID,
    AttemptState,
    CashAttempt,
    CashOrder,
    CashState,
    Direction,
    NoRoom,
)
from ..store import cash_attempts, cash_orders, details, journal
from ..store import cash_in as rows
from ..store.lnbits_payments import ORDER_PREFIX
from . import paying, public_address, withdraw
from .answers import FAILED, HoldStanding, Limits, Paid, Quote, Refusal, Why, Withdraw, wrong_amount
from .requests import HoldRequest, PayRequest, QuoteRequest, WithdrawRequest
from .standing import NO_SUCH_ORDER, OTHER_CONTENT, new_short_code, own_order
from .who import Asker

WAITS_SECONDS = 30.0
"""So long a payment may take for its request to be answered; after that the machine asks again."""
NOTHING_LEFT = Refusal(Why.AMOUNT, "The fee is all of it, or more: more notes are needed.")
OWED = "The customer is owed it: the operator finds the order by its short code."
_WORDS = {
    NoRoom.STOPPED: "Cash-in is switched off or stopped for this machine.",
    NoRoom.CAP_ORDER: "That is more than this machine pays out at once.",
    NoRoom.CAP_HOUR: "This machine has paid out what it may in an hour.",
    NoRoom.CAP_DAY: "This machine has paid out what it may in a day.",
    NoRoom.CAP_OPEN: "Too much is reserved for this machine's customers already.",
    NoRoom.WALLET_SHORT: "The operator's wallet has too little for that.",
}


def quote(asker: Asker, asked: QuoteRequest) -> Quote | Refusal:
    """What of the notes' worth the fee is."""
    settings = asker.settings
    if not settings.smallest <= asked.sats <= settings.largest:
        return wrong_amount(asker.limits)
    fee = settings.fee_in(asked.sats)
    return Quote(Direction.CASH_IN, asked.sats, fee, asked.sats - fee)


async def hold(asker: Asker, asked: HoldRequest, clock: Clock) -> HoldStanding | Refusal:
    """Keeps sats for ten minutes, before the first note is taken. Asked again, it is renewed, and
    raised to more sats; never lowered, for notes may be in already."""
    order = await own_order(asker, asked.order)
    if order is None:
        return await _new_hold(asker, asked, clock())
    if order.direction is not Direction.CASH_IN:
        return OTHER_CONTENT
    if order.state is not CashState.HELD:
        return _held(order)
    if asked.sats > max(order.sats, asker.settings.largest):
        return wrong_amount(asker.limits)
    wanted = _priced(order, max(order.sats, asked.sats))
    return await _answered(order, await _renewed(wanted, clock()))


async def _new_hold(asker: Asker, asked: HoldRequest, now: datetime) -> HoldStanding | Refusal:
    if not asker.settings.smallest <= asked.sats <= asker.settings.largest:
        return wrong_amount(asker.limits)
    order = _priced(_new_order(asker, asked, now), asked.sats)
    made = await rows.create_held(order, now)
    if made is False:
        there = await cash_orders.get_order_of(order.machine_id, order.order_key)
        return _held(there) if there else NO_SUCH_ORDER
    announce_changed(order.operator_user_id)
    return await _answered(order, made)


def _new_order(asker: Asker, asked: HoldRequest, now: datetime) -> CashOrder:
    return CashOrder(
        id=f"{ORDER_PREFIX}{uuid4().hex}",
        machine_id=asker.pairing.machine_id,
        order_key=asked.order,
        operator_user_id=asker.pairing.operator_user_id,
        machine_name=asker.pairing.machine_name,
        wallet_id=asker.wallet_id,
        direction=Direction.CASH_IN,
        state=CashState.HELD,
        sats=asked.sats,
        fee_ppm=asker.settings.in_fee_ppm,
        fee_fixed=asker.settings.in_fee_fixed,
        content="",
        short_code=new_short_code(),
        asked_by=asker.pairing.spire_pubkey,
        asked_event=asker.event_id,
        asked_at=now,
        held_until=now + HOLD_LIFE,
    )


def _priced(order: CashOrder, sats: int) -> CashOrder:
    """The order for so many sats, at the fee of its first hold; with what may leave the wallet."""
    fee = orders.fee_in_of(sats, order.fee_ppm, order.fee_fixed)
    reserve = reserve_of(sats - fee)
    return order.copy(update={"sats": sats, "fee_sats": fee, "reserve_sats": reserve})


def reserve_of(net: int) -> int:
    """What may leave the wallet for a customer who gets so much."""
    return net + -(-fee_reserve_total(1000 * net) // 1000)


async def _renewed(order: CashOrder, now: datetime) -> NoRoom | bool:
    return await rows.renew_hold(order.copy(update={"held_until": now + HOLD_LIFE}), now)


async def _answered(order: CashOrder, done: NoRoom | bool) -> HoldStanding | Refusal:
    if isinstance(done, NoRoom):
        return refusal_of(done)
    return _held(await cash_orders.get_order(order.id) or order)


def refusal_of(no_room: NoRoom) -> Refusal:
    """In the machine's words."""
    return Refusal(Why(no_room.value), _WORDS[no_room])


def _held(order: CashOrder) -> HoldStanding:
    return HoldStanding(
        order=order.order_key,
        state=order.state.value,
        sats=order.sats,
        fee_sats=order.fee_sats,
        net_sats=order.net_sats,
        short_code=order.short_code,
        held_until=order.held_until if order.state is CashState.HELD else None,
        link=public_address.may_have_links(),
    )


async def make_withdraw(asker: Asker, asked: WithdrawRequest, clock: Clock) -> Withdraw | Refusal:
    """A link for the customer; asked again, the same. Asked once more after a week, another."""
    order = await _said(asker, asked.order, asked.sats, clock)
    if isinstance(order, Refusal):
        return order
    return await withdraw.link_of(order, clock)


@dataclass(frozen=True)
class Payment:
    """One that is under way."""

    attempt: CashAttempt

    async def outcome(self) -> Paid | Refusal | None:
        """None: it is not known yet, and nothing may be said, neither yes nor no. The same request
        again asks for it, and `get_payment` does."""
        await paying.wait_for(self.attempt, WAITS_SECONDS)
        now = await cash_attempts.get_attempt(self.attempt.id) or self.attempt
        match now.state:
            case AttemptState.SENT:
                return Paid(now.preimage)
            case AttemptState.FAILED | AttemptState.NEVER:
                return FAILED
        return None


async def pay(asker: Asker, asked: PayRequest, clock: Clock) -> Payment | Paid | Refusal:
    """Pays the customer's invoice. The same again is the same payment."""
    order = await _said(asker, asked.order, asked.sats, clock)
    if isinstance(order, Refusal):
        return order
    invoice = paying.read_invoice(asked.bolt11, order.net_sats, clock)
    if isinstance(invoice, Refusal):
        return await _paid_before(order, asked.bolt11) or invoice
    begun = await paying.begin(order, invoice, clock)
    return begun if isinstance(begun, Refusal) else Payment(begun)


async def _paid_before(order: CashOrder, bolt11: str) -> Paid | None:
    """An invoice that is over may have been paid in time, by an earlier request."""
    for attempt in await cash_attempts.get_attempts(order.id):
        if attempt.bolt11 == bolt11.lower() and attempt.state is AttemptState.SENT:
            return Paid(attempt.preimage)
    return None


async def _said(asker: Asker, order_key: str, sats: int, clock: Clock) -> CashOrder | Refusal:
    """The order after it was noted what the notes in it are worth, with its sats reserved. Said
    once, it is fixed; where there is no room for it any more, it is owed to the customer."""
    order = await own_order(asker, order_key)
    if order is None or order.direction is not Direction.CASH_IN:
        return NO_SUCH_ORDER
    await cash_orders.set_asked(order, asker.pairing.spire_pubkey, None)
    if order.state in UNSAID:
        said = await _first_said(order, sats, clock)
        if isinstance(said, Refusal):
            return said
        order = said
    if order.sats != sats:
        return OTHER_CONTENT
    if order.state is CashState.UNCLAIMED:
        return await _reserved_again(order, clock)
    return order


async def _first_said(order: CashOrder, sats: int, clock: Clock) -> CashOrder | Refusal:
    if sats > order.sats:
        words = f"At most {order.sats} sats are held: raise the hold first."
        return Refusal(Why.AMOUNT, words, limits=Limits(1, order.sats))
    said = _priced(order, sats)
    if said.net_sats <= 0:
        return NOTHING_LEFT
    now = clock()
    held = order.state is CashState.HELD
    if not (held and await rows.keep_reserved(said, now)):
        done = await rows.reserve_again(said, now)
        if isinstance(done, NoRoom):
            await rows.set_unclaimed(said, now)
    announce_changed(order.operator_user_id)
    return await cash_orders.get_order(order.id) or order


async def _reserved_again(order: CashOrder, clock: Clock) -> CashOrder | Refusal:
    """Sats for an order that is owed: the machine, or the operator, asks once more."""
    done = await rows.reserve_again(order.copy(update={"said_at": None}), clock())
    if isinstance(done, NoRoom):
        refusal = refusal_of(done)
        return replace(refusal, words=f"{refusal.words} {OWED}")
    announce_changed(order.operator_user_id)
    return await cash_orders.get_order(order.id) or order


async def link_again(order: CashOrder, *, actor: str, clock: Clock) -> Withdraw:
    """The operator's link for a customer whose machine shows none any more. Raises NoLink."""
    made: CashOrder | Refusal = order
    if order.state is CashState.UNCLAIMED:
        made = await _reserved_again(order, clock)
    if isinstance(made, CashOrder) and made.state not in CLAIMABLE:
        made = withdraw.NOT_ANY_MORE
    link = made if isinstance(made, Refusal) else await withdraw.link_of(made, clock)
    if isinstance(link, Refusal):
        raise NoLink(link.words)
    await journal.record(
        "cash",
        "linked",
        at=clock(),
        actor=actor,
        operator_user_id=order.operator_user_id,
        machine_id=order.machine_id,
        detail=details.told("linked_order", order=order.short_code),
    )
    return link
