"""Cash-out, top to bottom: a customer's sats for notes.

The machine asks for an invoice, the customer pays it, the machine asks to dispense, runs its motor
and reports. Every order can be asked for again; the same question has the same answer, and what
cannot be told from here is left to the operator.
"""

import json
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..orders import CashOrder, CashState, Direction
from ..store import cash_orders, lnbits_payments
from ..store.lnbits_payments import ORDER_PREFIX
from .answers import (
    Dispense,
    Invoice,
    OrderStanding,
    Quote,
    Receipt,
    Refusal,
    Why,
    WhyNot,
    wrong_amount,
)
from .invoices import make_invoice
from .paid import look_at_row
from .requests import (
    AbandonRequest,
    DispensedReport,
    DispenseRequest,
    InvoiceRequest,
    QuoteRequest,
)
from .standing import NO_SUCH_ORDER, OTHER_CONTENT, new_short_code, own_order, standing_of
from .who import Asker

OVER = Refusal(Why.INVALID, "This order's invoice is over: ask with a new order.")
STOPPED = Refusal(Why.DENIED, "Cash is switched off or stopped for this machine.")


async def ask_invoice(
    asker: Asker, asked: InvoiceRequest, clock: Clock
) -> Invoice | Receipt | Refusal:
    """An invoice for the customer, or once it is paid the receipt. Asked again, the same."""
    order = await cash_orders.get_order_of(asker.pairing.machine_id, asked.order)
    if order is None:
        refusal = _refused(asker, asked)
        if refusal is not None:
            return refusal
        order = await _new_order(asker, asked, clock())
    if order.content != _content(asked):
        return OTHER_CONTENT
    await cash_orders.set_asked(order, asker.pairing.spire_pubkey, asker.event_id)
    if order.state is CashState.ASKED:
        made = await make_invoice(order, asked.lifetime, clock)
        if isinstance(made, Refusal):
            return made
        order = made  # one that a killed call has left may be over by now
    return await _stored(order, clock)


def _refused(asker: Asker, asked: InvoiceRequest) -> Refusal | None:
    settings = asker.settings
    if not settings.out_on or settings.stopped_at is not None:
        return STOPPED
    if not settings.smallest <= asked.sats <= settings.largest:
        return wrong_amount(asker.limits)
    return None


async def _new_order(asker: Asker, asked: InvoiceRequest, now: datetime) -> CashOrder:
    order = CashOrder(
        id=f"{ORDER_PREFIX}{uuid4().hex}",
        machine_id=asker.pairing.machine_id,
        order_key=asked.order,
        operator_user_id=asker.pairing.operator_user_id,
        machine_name=asker.pairing.machine_name,
        wallet_id=asker.wallet_id,
        sats=asked.sats,
        fee_sats=asker.settings.fee(asked.sats),
        fiat_amount=asked.fiat.amount if asked.fiat else "",
        fiat_code=asked.fiat.code if asked.fiat else "",
        description=asked.description or "",
        content=_content(asked),
        short_code=new_short_code(),
        asked_by=asker.pairing.spire_pubkey,
        asked_event=asker.event_id,
        asked_at=now,
    )
    if await cash_orders.create_order(order):
        announce_changed(order.operator_user_id)
        return order
    there = await cash_orders.get_order_of(order.machine_id, order.order_key)
    if there is None:
        raise LookupError("an order is never removed")
    return there


def _content(asked: InvoiceRequest) -> str:
    return sha256(json.dumps(asdict(asked), sort_keys=True).encode()).hexdigest()


async def _stored(order: CashOrder, clock: Clock) -> Invoice | Receipt | Refusal:
    """What was answered before."""
    order = await look_at_row(order, clock)
    if order.paid_at is not None:
        return await receipt_of(order)
    if order.state is CashState.INVOICED and order.bolt11 and not _expired(order, clock()):
        return Invoice(order.bolt11)
    return OVER


async def receipt_of(order: CashOrder) -> Receipt:
    row = await lnbits_payments.get_invoice_row(order.id, order.wallet_id)
    return Receipt(row.proof if row else None)


def _expired(order: CashOrder, now: datetime) -> bool:
    return order.expires_at is not None and now >= order.expires_at


def quote(asker: Asker, asked: QuoteRequest) -> Quote | Refusal:
    """What of the customer's sats the fee is."""
    if not asker.settings.smallest <= asked.sats <= asker.settings.largest:
        return wrong_amount(asker.limits)
    fee = asker.settings.fee(asked.sats)
    return Quote(Direction.CASH_OUT, asked.sats, fee, asked.sats - fee)


async def dispense(asker: Asker, asked: DispenseRequest, clock: Clock) -> Dispense | Refusal:
    """Whether the machine may start its motor now. One attempt of an order ever gets a yes; it gets
    it again for some minutes, should the first have been lost."""
    order = await own_order(asker, asked.order)
    if order is None:
        return NO_SUCH_ORDER
    await cash_orders.set_asked(order, asker.pairing.spire_pubkey, None)
    order = await look_at_row(order.copy(update={"asked_by": asker.pairing.spire_pubkey}), clock)
    if order.state is CashState.PAID:
        order = await _allow(order, asked.attempt, clock)
    return Dispense(asked.order, asked.attempt, _why_not(order, asker, asked.attempt, clock()))


async def _allow(order: CashOrder, attempt: str, clock: Clock) -> CashOrder:
    """The order after it was tried to let this attempt dispense."""
    if orders.is_late(order, clock()):
        await cash_orders.set_late(order, clock())
    else:
        await cash_orders.set_dispensing(order, attempt, clock())
    announce_changed(order.operator_user_id)
    return await cash_orders.get_order(order.id) or order


def _why_not(order: CashOrder, asker: Asker, attempt: str, now: datetime) -> WhyNot | None:
    match order.state:
        case CashState.DISPENSING if order.dispense_attempt != attempt:
            return WhyNot.ANOTHER_ATTEMPT
        case CashState.DISPENSING:
            return WhyNot.TOO_LATE if orders.yes_is_over(order, now) else _stopped(asker)
        case CashState.PAID:
            return WhyNot.STOPPED
        case CashState.PAID_LATE:
            return WhyNot.PAID_LATE
        case CashState.ASKED | CashState.INVOICED:
            return WhyNot.NOT_PAID
    return WhyNot.ENDED


def _stopped(asker: Asker) -> WhyNot | None:
    settings = asker.settings
    return None if settings.out_on and settings.stopped_at is None else WhyNot.STOPPED


async def report(asker: Asker, asked: DispensedReport, clock: Clock) -> OrderStanding | Refusal:
    """What came out. Told again, it is what it was."""
    order = await own_order(asker, asked.order)
    if order is None:
        return NO_SUCH_ORDER
    if order.dispense_attempt != asked.attempt:
        return Refusal(Why.CONFLICT, "Another attempt of this order had the yes.")
    if asked.sats > order.sats:
        return Refusal(Why.INVALID, "More came out than the order is worth: look at the dispenser.")
    if order.state is CashState.DISPENSING:
        to = CashState.DISPENSED if asked.sats >= order.sats else CashState.SHORT
        await cash_orders.set_dispensed(order, to, asked.sats, clock())
        announce_changed(order.operator_user_id)
    return await standing_of(await cash_orders.get_order(order.id) or order)


async def abandon(asker: Asker, asked: AbandonRequest, clock: Clock) -> OrderStanding | Refusal:
    """The customer has left. What is paid all the same is for the operator to give back; what was
    held for notes is held no more."""
    order = await own_order(asker, asked.order)
    if order is None:
        return NO_SUCH_ORDER
    order = await look_at_row(order, clock)
    if order.state in (CashState.ASKED, CashState.INVOICED, CashState.HELD):
        await cash_orders.set_abandoned(order, clock())
        announce_changed(order.operator_user_id)
    return await standing_of(await cash_orders.get_order(order.id) or order)
