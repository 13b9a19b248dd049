"""Whether an order's invoice is paid, from LNbits' own row and, where that is asked for, its node.

LNbits tells who listens of most payments, of some twice, and of some never; and it calls an invoice
failed that it first looks at after expiry, paid or not. So what is heard is news, the row decides,
and the node is asked about each row that does not say paid.
"""

import asyncio

from lnbits.core.services.payments import update_invoice_from_paid_invoices_stream
from lnbits.wallets import get_funding_source

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..loop import within
from ..orders import UNPAID, CashOrder
from ..store import cash_orders, lnbits_payments
from ..store.lnbits_payments import InvoiceRow

NODE_SECONDS = 10.0


async def look_at_row(order: CashOrder, clock: Clock) -> CashOrder:
    """The order, after what LNbits' row says of its invoice was noted. Asks no node."""
    if order.state not in UNPAID:
        return order
    row = await lnbits_payments.get_invoice_row(order.id, order.wallet_id)
    return await _note_paid(order, clock) if row and row.paid else order


async def ask_node(order: CashOrder, row: InvoiceRow | None, clock: Clock) -> CashOrder:
    """The same, after the node was asked where LNbits' row does not say paid. Without a row nobody
    can have paid."""
    if order.state not in UNPAID or row is None:
        return order
    if row.paid:
        return await _note_paid(order, clock)
    with log_failure("asking the node about a machine's invoice"):
        try:
            mended = await within(NODE_SECONDS, _mend(row.checking_id))
        except asyncio.TimeoutError:
            return order
        return await look_at_row(order, clock) if mended else order
    return order


async def _mend(checking_id: str) -> bool:
    """Has LNbits note a payment that its node knows of, whatever the row says: row and balance.
    Whether there was one."""
    status = await get_funding_source().get_invoice_status(checking_id)
    if status.success:
        await update_invoice_from_paid_invoices_stream(checking_id)
    return bool(status.success)


async def _note_paid(order: CashOrder, clock: Clock) -> CashOrder:
    now = clock()
    if await cash_orders.set_paid(order, orders.paid_state(order, now), now):
        announce_changed(order.operator_user_id)
    return await cash_orders.get_order(order.id) or order
