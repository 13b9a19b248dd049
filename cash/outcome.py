"""What came of a payment, from LNbits' own row and, where that is no proof, from its node.

`failed` in LNbits' row is no proof: it counts once the node has said so when asked again, and only
the node that was asked to pay. A payment inside LNbits is through when its receiver has the sats.
"""

import asyncio
from datetime import timedelta

from lnbits.core.services.payments import (
    check_payment_status,
    update_payment_success_status,
    update_pending_payment,
)
from lnbits.settings import settings
from lnbits.wallets import get_funding_source
from lnbits.wallets.base import PaymentStatus

from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..loop import within
from ..orders import AttemptState, CashAttempt, CashOrder, CashState
from ..store import cash_attempts, cash_orders, lnbits_payments, paying_calls
from ..store.lnbits_payments import PaymentRow


class SettledAndPaid(Exception):
    """The operator ended the order while nobody knew what had come of its payment, and its customer
    was paid all the same. Look how it was settled: he may have the sats twice."""


NODE_SECONDS = 10.0
_PAUSES = (
    (timedelta(minutes=2), timedelta(seconds=10)),
    (timedelta(hours=1), timedelta(minutes=1)),
)
"""How long after it was asked a payment is looked at how often; then every ten minutes."""
_SELDOM = timedelta(minutes=10)


def node_kind() -> str:
    """What LNbits pays with now; another kind knows nothing of what this one was asked."""
    return type(get_funding_source()).__name__


def node_is_there() -> bool:
    """Whether LNbits has its node: while it starts it has a made-up one, and none when the node was
    away at the start."""
    return node_kind() == settings.lnbits_backend_wallet_class


def next_pause(attempt: CashAttempt, clock: Clock) -> timedelta:
    """Until the outcome is looked for again."""
    past = clock() - attempt.made_at
    return next((pause for until, pause in _PAUSES if past < until), _SELDOM)


async def look(order: CashOrder, attempt: CashAttempt, clock: Clock) -> CashOrder:
    """The order, after what is known of its payment was noted. Nobody may be asking LNbits to pay
    it; where somebody is, nothing is noted."""
    if attempt.state not in (AttemptState.CALLED, AttemptState.OPEN):
        return order
    if await paying_calls.is_called(attempt.id):
        return order
    row = await lnbits_payments.get_payment_row(attempt.id, attempt.wallet_id)
    if row is not None and not row.paid and not row.internal:
        row = await _asked_node(attempt, row)
    return await _noted(order, attempt, row, clock)


async def _noted(
    order: CashOrder, attempt: CashAttempt, row: PaymentRow | None, clock: Clock
) -> CashOrder:
    now = clock()
    if row is None and attempt.state is AttemptState.CALLED:
        done = await cash_attempts.finish(order, attempt, AttemptState.NEVER, now)
    elif row and row.paid:
        done = await cash_attempts.finish(
            order, attempt, AttemptState.SENT, now, preimage=row.proof
        )
    elif row and row.status == "failed" and not row.internal:  # which no node can prove
        done = await cash_attempts.finish(order, attempt, AttemptState.FAILED, now)
    else:  # also when a row that was there is gone, as after LNbits was restored
        later, broken = now + next_pause(attempt, clock), row is not None and row.broken
        done = await cash_attempts.finish(
            order, attempt, AttemptState.OPEN, now, broken=broken, look_at=later
        )
    if done:
        announce_changed(order.operator_user_id)
        if row and row.paid and order.state is CashState.SETTLED:
            with log_failure(f"{order.id}, which was settled"):
                raise SettledAndPaid
    return await cash_orders.get_order(order.id) or order


async def _asked_node(attempt: CashAttempt, row: PaymentRow) -> PaymentRow:
    """The row once its node was asked. One that says failed, and is not proven, counts as open."""
    proven = False
    with log_failure("asking the node about a payment"):
        try:
            proven = await within(NODE_SECONDS, _proven_failed(attempt))
        except asyncio.TimeoutError:
            proven = False
    now = await lnbits_payments.get_payment_row(attempt.id, attempt.wallet_id) or row
    return now if now.paid or proven else now.copy(update={"status": "pending"})


async def _proven_failed(attempt: CashAttempt) -> bool:
    """Whether LNbits' row says failed and the node, asked again, agrees. What the node knows better
    LNbits is told."""
    payment = await lnbits_payments.get_payment(attempt.id, attempt.wallet_id)
    if payment is None or node_kind() != attempt.node:
        return False
    if payment.pending:
        payment = await update_pending_payment(payment)
    if not payment.failed:
        return False
    said: PaymentStatus = await check_payment_status(payment)
    if said.success:
        await update_payment_success_status(payment, said)
    return bool(said.failed)
