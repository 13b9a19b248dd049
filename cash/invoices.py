"""Makes the invoice of a cash-out order, once, whatever is killed in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_hex

from lnbits.core.services.payments import create_invoice
from lnbits.exceptions import InvoiceError

from ..clock import Clock
from ..failures import log_failure
from ..loop import within
from ..orders import INVOICE_LIFE, LIVE_LOOK, LONGEST_LIFE, SHORTEST_LIFE, CashOrder, CashState
from ..store import cash_orders, lnbits_payments
from ..store.lnbits_payments import InvoiceRow
from .answers import Refusal, Why

MAKING = timedelta(seconds=30)
"""After so long a call that was killed in the middle is waited for no more."""
PATIENCE_SECONDS = 15.0
"""A node that takes longer is away."""
MOST_AT_ONCE = 8
"""Calls to a node that hangs. Whoever comes after them is told at once to ask again."""
NOT_NOW = Refusal(Why.TEMPORARY, "No invoice can be had now: ask the same again in a moment.")
LIMITED = Refusal(
    Why.DENIED,
    "LNbits makes no such invoice: it is over a limit of LNbits' own, of the amount or of what the "
    "wallet may hold. Its operator has to look.",
)

_making = 0


async def make_invoice(order: CashOrder, lifetime: int | None, clock: Clock) -> CashOrder | Refusal:
    """The order with its invoice.

    Whoever takes over from a call that was killed looks first for what it has left in LNbits. Two
    calls may both make an invoice, when one hangs; only the one that is stored is ever told.
    """
    async with _our_making(order, clock) as holder:
        if holder is None:
            return NOT_NOW
        row = await lnbits_payments.get_invoice_row(order.id, order.wallet_id)
        made = row or await _made(order, lifetime)
        if isinstance(made, Refusal):
            return made
        done = await cash_orders.set_invoiced(
            order,
            holder,
            bolt11=made.bolt11,
            payment_hash=made.payment_hash,
            expires_at=made.expires_at,
            look_at=clock() + LIVE_LOOK,
            now=clock(),
        )
        now = await cash_orders.get_order(order.id)
        return now if done and now and now.state is CashState.INVOICED else NOT_NOW


@asynccontextmanager
async def _our_making(order: CashOrder, clock: Clock) -> AsyncIterator[str | None]:
    """Who we are while nobody else makes this order's invoice; None while somebody else does."""
    holder, now = token_hex(8), clock()
    try:
        ours = await cash_orders.take_making(order, holder, now, now + MAKING)
        yield holder if ours else None
    finally:
        await cash_orders.release_making(order, holder)


async def _made(order: CashOrder, lifetime: int | None) -> InvoiceRow | Refusal:
    global _making  # noqa: PLW0603 - one count in the process
    if _making >= MOST_AT_ONCE:
        return NOT_NOW
    _making += 1
    refusal = NOT_NOW
    try:
        with log_failure("making an invoice for a machine"):
            try:
                await within(PATIENCE_SECONDS, _ask_lnbits(order, lifetime))
            except asyncio.TimeoutError:
                return NOT_NOW
            except InvoiceError as error:
                # Otherwise the node said no, which it may not do the next time.
                refusal = LIMITED if error.status == "failed" else NOT_NOW
                raise
    finally:
        _making -= 1
    return await lnbits_payments.get_invoice_row(order.id, order.wallet_id) or refusal


async def _ask_lnbits(order: CashOrder, lifetime: int | None) -> None:
    wished = timedelta(seconds=lifetime) if lifetime else INVOICE_LIFE
    life = min(max(wished, SHORTEST_LIFE), LONGEST_LIFE)
    await create_invoice(
        wallet_id=order.wallet_id,
        amount=order.sats,
        memo=order.description or f"Cash-out {order.short_code}",
        expiry=int(life.total_seconds()),
        extra={
            "tag": "spirekeeper",
            "type": "cash_out",
            "machine_id": order.machine_id,
            "fee_sats": order.fee_sats,
            "short_code": order.short_code,
        },
        external_id=order.id,
    )
