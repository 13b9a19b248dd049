"""What is looked at again until it is known: unpaid invoices, orders without one, and whether every
payment has its order."""

import asyncio
from datetime import datetime

from lnbits.core.models import Payment

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..orders import (
    DEAD_AFTER,
    INVOICE_LIFE,
    LINK_LIFE,
    AttemptState,
    CashAttempt,
    CashOrder,
    CashState,
)
from ..store import (
    cash_attempts,
    cash_heard,
    cash_in,
    cash_orders,
    cash_settings,
    lnbits_payments,
)
from ..store.lnbits_payments import InvoiceRow
from . import cash_out, outcome, paid, paying
from .post import Post


class PaymentWithoutOrder(Exception):
    """LNbits holds the payment of an order that is not here, as after a restore of our tables."""


class OrderWithoutPayment(Exception):
    """The order was found paid, and LNbits does not call it so any more: it has overwritten its
    row, and the notes may be out. Look at the wallet and at the customer's row."""


AT_ONCE = 50
"""Orders that are asked about in one pass, some of them side by side."""
SIDE_BY_SIDE = 4
READ_AT_ONCE = 500


class Settling:
    """Follows orders whose machine may have gone."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock

    async def heard_payment(self, payment: Payment) -> None:
        """LNbits tells of an incoming payment of any wallet. That is news; the row decides."""
        if not (payment.external_id or "").startswith(lnbits_payments.ORDER_PREFIX):
            return
        with log_failure("hearing that a machine's invoice was paid"):
            order = await cash_orders.get_order(payment.external_id or "")
            if order is not None and order.paid_at is None:
                await self._follow(order, await paid.look_at_row(order, self._clock))

    async def look_again(self, clock: Clock) -> None:
        """Asks about invoices that are due, and ends what has run out."""
        now = clock()
        due = await cash_orders.get_due(now, AT_ONCE)
        if due:
            looks = [(order, orders.next_look(order, now)) for order in due]
            await self._look_at_all(await cash_orders.take_looks(looks))
        for order in await cash_orders.get_never_invoiced(clock(), 2 * INVOICE_LIFE):
            await cash_orders.set_expired(order, clock())
        await self._look_at_payments()
        for order in await cash_in.get_over(clock(), clock() - LINK_LIFE):
            await cash_in.set_unclaimed(order, clock())
            announce_changed(order.operator_user_id)
        await cash_heard.forget_heard(clock())

    async def _look_at_all(self, ours: list[CashOrder]) -> None:
        """Those that another process does not ask about."""
        rows = await lnbits_payments.get_invoice_rows({each.id: each.wallet_id for each in ours})
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(order: CashOrder) -> None:
            async with room:
                with log_failure(f"following {order.id}"):
                    await self._look_at(order, rows.get(order.id))

        await asyncio.gather(*map(one, ours))

    async def _look_at_payments(self) -> None:
        """Those that nobody pays at the moment: begins what was queued, asks about the others."""
        now = self._clock()
        due = await cash_attempts.get_due_attempts(now, AT_ONCE)
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(attempt: CashAttempt) -> None:
            async with room:
                with log_failure(f"following {attempt.id}"):
                    pause = outcome.next_pause(attempt, self._clock)
                    if await cash_attempts.look_later(attempt, now, pause):
                        await self._look_at_payment(attempt)

        await asyncio.gather(*map(one, due))

    async def _look_at_payment(self, attempt: CashAttempt) -> None:
        order = await cash_orders.get_order(attempt.order_id)
        if attempt.state is AttemptState.QUEUED:
            paying.go_on(attempt, self._clock)
        elif order is not None:
            await outcome.look(order, attempt, self._clock)

    async def _look_at(self, order: CashOrder, row: InvoiceRow | None) -> None:
        looked = await paid.ask_node(order, row, self._clock)
        if looked.state is CashState.INVOICED and orders.is_late(looked, self._clock()):
            await cash_orders.set_expired(looked, self._clock())
            announce_changed(looked.operator_user_id)
        await self._follow(order, looked)

    async def _follow(self, was: CashOrder, order: CashOrder) -> None:
        """Sends the receipt of what was found paid just now, to a key that may read it still."""
        if was.paid_at is not None or order.paid_at is None:
            return
        pairing = await cash_settings.get_cash_pairing(order.asked_by, self._clock())
        if pairing is None or pairing.service_pubkey is None:
            return
        key = await cash_settings.get_service_key_of(pairing.service_pubkey)
        if key is not None and pairing.machine_id == order.machine_id:
            self._post.send_receipt(order, key, await cash_out.receipt_of(order))

    async def reconcile(self, clock: Clock) -> None:
        """Every payment of ours has its order, and one of an invoice's is known to it; and what was
        found paid of late is so still."""
        await self._payments_have_orders(clock)
        await self._orders_have_payments(clock() - DEAD_AFTER)
        await self._customers_payments_have_orders()

    async def _payments_have_orders(self, clock: Clock) -> None:
        after = ""
        while paid_ids := await lnbits_payments.get_paid_orders(after, READ_AT_ONCE):
            after = paid_ids[-1]
            known = {each.id: each for each in await cash_orders.get_orders_among(paid_ids)}
            for order in known.values():
                if order.paid_at is None:
                    with log_failure(f"reconciling {order.id}"):
                        await self._follow(order, await paid.look_at_row(order, clock))
            for order_id in set(paid_ids) - known.keys():
                with log_failure(f"{order_id}, which is paid"):
                    raise PaymentWithoutOrder
            await asyncio.sleep(0)

    async def _orders_have_payments(self, since: datetime) -> None:
        after = ""
        while order_ids := await cash_orders.get_paid_since(since, after, READ_AT_ONCE):
            after = order_ids[-1]
            paid_ids = await lnbits_payments.get_paid_among(order_ids)
            for order_id in set(order_ids) - paid_ids:
                with log_failure(f"{order_id}, whose payment is gone"):
                    raise OrderWithoutPayment
            await asyncio.sleep(0)

    async def _customers_payments_have_orders(self) -> None:
        after = ""
        while sent_ids := await lnbits_payments.get_sent(after, READ_AT_ONCE):
            after = sent_ids[-1]
            for attempt_id in set(sent_ids) - await cash_attempts.get_known_attempts(sent_ids):
                with log_failure(f"{attempt_id}, which is paid"):
                    raise PaymentWithoutOrder
            await asyncio.sleep(0)
