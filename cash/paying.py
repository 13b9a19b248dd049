"""Pays a customer's invoice, once, whatever is killed in the middle.

An order is `paying` before LNbits is asked, and from then on it is nothing but `sent`, or `failed`
once that is proven. Whoever waits may go: the payment goes on.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import bolt11 as bolt11_library
from lnbits.core.services.payments import pay_invoice
from lnbits.db import Connection
from lnbits.exceptions import PaymentError
from pydantic import BaseModel

from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..orders import AttemptState, CashAttempt, CashOrder
from ..store import cash_attempts, cash_orders, lnbits_payments, paying_calls
from ..store.lnbits_payments import ATTEMPT_PREFIX
from ..store.lnbits_tables import standing_wallets
from . import outcome
from .answers import Limits, Refusal, Why

LEAST_LEFT = timedelta(seconds=10)
"""An invoice that expires sooner is refused: paying takes its time."""
TURN_SECONDS = 20.0
STOP_SECONDS = 6.0
LOOK_FOR_TURN_SECONDS = 0.2

KNOWN = Refusal(Why.CONFLICT, "This invoice was used before: the customer has to make a new one.")
BUSY = Refusal(
    Why.CONFLICT,
    "Another payment of this order may still succeed: ask how it stands before you try another.",
)

STOPPED = Refusal(Why.STOPPED, "Cash-in stands still at this machine: ask its operator.")

_running: dict[str, "asyncio.Task[None]"] = {}


class Invoice(BaseModel):
    """A customer's."""

    bolt11: str
    payment_hash: str


def read_invoice(text: str, sats: int, clock: Clock) -> Invoice | Refusal:
    """A customer's invoice over just this amount that can still be paid."""
    try:
        invoice = bolt11_library.decode(text)
    except Exception:  # whatever the library makes of a stranger's text
        return Refusal(Why.INVALID, "`bolt11` is no Lightning invoice.")
    if invoice.amount_msat != 1000 * sats:
        words = f"The invoice has to be over {sats} sats exactly."
        return Refusal(Why.AMOUNT, words, limits=Limits(sats, sats))
    ends = invoice.date + (invoice.expiry or 3600)
    if ends < (clock() + LEAST_LEFT).timestamp():
        return Refusal(Why.INVALID, "The invoice is over: the customer has to make a new one.")
    return Invoice(bolt11=text.lower(), payment_hash=invoice.payment_hash)


async def begin(order: CashOrder, invoice: Invoice, clock: Clock) -> CashAttempt | Refusal:
    """An attempt to pay this invoice, which goes on by itself. The same invoice again is the same
    attempt. A refusal has changed nothing."""
    there = await cash_attempts.get_attempt_of_hash(invoice.payment_hash)
    if there is not None:
        return there if there.order_id == order.id else KNOWN
    if not await lnbits_payments.may_be_paid(invoice.payment_hash, order.wallet_id):
        return KNOWN
    if not await _may_pay(order, clock):
        return STOPPED
    now = clock()
    attempt = CashAttempt(
        id=f"{ATTEMPT_PREFIX}{uuid4().hex}",
        order_id=order.id,
        wallet_id=order.wallet_id,
        payment_hash=invoice.payment_hash,
        bolt11=invoice.bolt11,
        state=AttemptState.QUEUED,
        made_at=now,
        look_at=now + timedelta(seconds=TURN_SECONDS),
    )
    if not await cash_attempts.create_attempt(order, attempt, now):
        there = await cash_attempts.get_attempt_of_hash(invoice.payment_hash)
        if there is not None and there.order_id == order.id:
            return there
        return BUSY if await _may_pay(order, clock) else STOPPED
    announce_changed(order.operator_user_id)
    go_on(attempt, clock)
    return attempt


def go_on(attempt: CashAttempt, clock: Clock) -> None:
    """Pays it in the background, unless that is under way in this process."""
    if attempt.id not in _running:
        task = asyncio.create_task(_run(attempt, clock))
        _running[attempt.id] = task
        task.add_done_callback(lambda _: _running.pop(attempt.id, None))


async def wait_for(attempt: CashAttempt, seconds: float) -> None:
    """Until what this process does for it is done, or the time is over."""
    task = _running.get(attempt.id)
    if task is not None:
        await asyncio.wait({task}, timeout=seconds)


async def stop() -> None:
    """Lets what is under way come to its end, for as long as LNbits waits for its node; what came
    of the rest is looked for at the next start."""
    tasks = list(_running.values())
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _run(attempt: CashAttempt, clock: Clock) -> None:
    with log_failure(f"paying {attempt.id}"):
        order = await cash_orders.get_order(attempt.order_id)
        if order is None:
            raise LookupError("an order is never removed")
        if await _called(order, attempt, clock):
            called = await cash_attempts.get_attempt(attempt.id) or attempt
            await outcome.look(order, called, clock)


async def _called(order: CashOrder, attempt: CashAttempt, clock: Clock) -> bool:
    """Whether LNbits was asked; otherwise the next look will try, also when LNbits has not taken
    up its node yet."""
    until = asyncio.get_running_loop().time() + TURN_SECONDS
    while asyncio.get_running_loop().time() < until:
        if not outcome.node_is_there() or not await _still_to_pay(order, attempt, clock):
            return False
        async with paying_calls.calling(attempt.id) as connection:
            if connection is None:
                return False
            if await cash_attempts.take_turn(attempt, outcome.node_kind(), clock()):
                await _ask_lnbits(order, attempt, connection)
                return True
        await asyncio.sleep(LOOK_FOR_TURN_SECONDS)
    return False


async def _still_to_pay(order: CashOrder, attempt: CashAttempt, clock: Clock) -> bool:
    """What was stopped, cut or grown old before LNbits was asked is not paid."""
    read = read_invoice(attempt.bolt11, order.net_sats, clock)
    if await _may_pay(order, clock) and not isinstance(read, Refusal):
        return True
    if await cash_attempts.finish(order, attempt, AttemptState.NEVER, clock()):
        announce_changed(order.operator_user_id)
    return False


async def _may_pay(order: CashOrder, clock: Clock) -> bool:
    """The machine may; and LNbits still has the wallet, and its operator's account is active, which
    a link outlives."""
    allowed = await cash_attempts.may_still_pay(order.machine_id, clock())
    return allowed and bool(await standing_wallets([order.wallet_id], order.operator_user_id))


async def _ask_lnbits(order: CashOrder, attempt: CashAttempt, connection: Connection) -> None:
    """Whatever it raises: its row, or that there is none, tells what came of it."""
    with log_failure("asking LNbits to pay for a machine"), suppress(PaymentError):
        await pay_invoice(
            wallet_id=attempt.wallet_id,
            payment_request=attempt.bolt11,
            max_sat=order.net_sats,
            description=f"Cash-in {order.short_code}",
            extra=_extra(order),
            external_id=attempt.id,
            conn=connection,
        )


def _extra(order: CashOrder) -> dict[str, str | int]:
    return {
        "tag": "spirekeeper",
        "type": order.direction.value,
        "machine_id": order.machine_id,
        "fee_sats": order.fee_sats,
        "short_code": order.short_code,
    }
