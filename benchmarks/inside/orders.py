"""Cash orders as a busy fleet leaves them: each that is still asked about has LNbits' own
invoice."""

import sys
from datetime import datetime, timedelta, timezone
from secrets import token_hex
from typing import Any

from fastapi import APIRouter
from lnbits.core.services.payments import create_invoice

orders_router = APIRouter()

LIVE_S, DEAD_S = 86_400, 72 * 3600
SATS = 1000


@orders_router.post("/orders")
async def api_make_orders(
    machine_id: str, wallet_id: str, operator_user_id: str, live: int, expired: int, stuck: int
) -> None:
    """`live`: with an invoice that can be paid; `expired`: in the 72 hours in which it may
    still turn out to be paid; `stuck`: paid too late."""
    orders, store = sys.modules["spirekeeper.orders"], sys.modules["spirekeeper.store.cash_orders"]
    now = datetime.now(timezone.utc)
    ages = [-LIVE_S] * live + [DEAD_S * n // expired for n in range(expired)]
    for number, seconds in enumerate([*ages, *[0] * stuck]):
        order = _order(orders, machine_id, wallet_id, operator_user_id, now)
        if number >= len(ages):
            late = {"state": orders.CashState.PAID_LATE, "paid_at": now}
            await store.create_order(order.copy(update=late))
            continue
        state = orders.CashState.INVOICED if seconds < 0 else orders.CashState.EXPIRED
        invoice = await create_invoice(
            wallet_id=wallet_id, amount=SATS, memo="bench", expiry=LIVE_S, external_id=order.id
        )
        made = order.copy(
            update={
                "state": state,
                "bolt11": invoice.bolt11,
                "payment_hash": invoice.payment_hash,
                "expires_at": now - timedelta(seconds=seconds),
            }
        )
        # As if it had been asked about before: the looks of all are spread evenly.
        due = orders.next_look(made, now)
        spread = (due - now) * number / len(ages) if due else timedelta()
        await store.create_order(made.copy(update={"look_at": now + spread}))


def _order(
    orders: Any, machine_id: str, wallet_id: str, operator_user_id: str, now: datetime
) -> Any:
    return orders.CashOrder(
        id=f"spirekeeper-{token_hex(16)}",
        machine_id=machine_id,
        order_key=token_hex(16),
        operator_user_id=operator_user_id,
        wallet_id=wallet_id,
        sats=SATS,
        content=token_hex(32),
        short_code="BENCH",
        asked_by=token_hex(32),
        asked_event=token_hex(32),
        asked_at=now,
    )
