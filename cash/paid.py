"""Whether an order's invoice is paid, from LNbits' own row and, where that is asked for, its node.

LNbits tells who listens of most payments, of some twice, and of some never; and it calls an invoice
failed that it first looks at after expiry, paid or not. So what is heard is news, the row decides,
and the node is asked about each row that does not say paid.
"""

import asyncio

from lnbits.core.crud import get_standalone_payment
from lnbits.core.services.payments import (
    check_payment_status,
    update_invoice_from_paid_invoices_stream,
)

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..loop import within
from ..orders import UNPAID, CashOrder
from ..store import cash_orders, lnbits_payments

NODE_SECONDS = 10.0


async def look_at_row(order: CashOrder, clock: Clock) -> CashOrder:
    """The order, after what LNbits' row says of its invoice was noted. Asks no node."""
    if order.state not in UNPAID:
        return order
    row = await lnbits_payments.get_invoice_row(order.id, order.wallet_id)
    if row is None or not row.paid:
        return order
    return await _note_paid(order, clock)


async def ask_node(order: CashOrder, clock: Clock) -> CashOrder:
    """The same, after the node was asked where LNbits does not call it paid."""
    looked = await look_at_row(order, clock)
    if looked.state not in UNPAID:
        return looked
    row = await lnbits_payments.get_invoice_row(order.id, order.wallet_id)
    if row is None:
        return looked
    with log_failure("asking the node about a machine's invoice"):
        try:
            await within(NODE_SECONDS, _mend(row.checking_id))
        except asyncio.TimeoutError:
            return looked
    return await look_at_row(order, clock)


async def _mend(checking_id: str) -> None:
    """Has LNbits note a payment that its node knows of, whatever the row says: row and balance."""
    payment = await get_standalone_payment(checking_id, incoming=True)
    if payment is not None and (await check_payment_status(payment)).success:
        await update_invoice_from_paid_invoices_stream(checking_id)


async def _note_paid(order: CashOrder, clock: Clock) -> CashOrder:
    now = clock()
    if await cash_orders.set_paid(order, orders.paid_state(order, now), now):
        announce_changed(order.operator_user_id)
    return await cash_orders.get_order(order.id) or order
