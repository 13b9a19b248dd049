"""Cash orders that no machine has asked for, in whatever state."""

from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from support.host import Caller

NOON = datetime(2026, 3, 14, 12, tzinfo=timezone.utc)


async def add_order(operator: Caller, machine_id: str, **fields: Any) -> str:
    """As if it had been asked for; its id."""
    from spirekeeper.orders import CashOrder
    from spirekeeper.store import cash_orders

    usual = {
        "id": f"spirekeeper-{uuid4().hex}",
        "machine_id": machine_id,
        "order_key": uuid4().hex,
        "operator_user_id": operator.user_id,
        "machine_name": "North",
        "wallet_id": operator.wallet_id,
        "sats": 1000,
        "content": "",
        "short_code": "7KQ4M",
        "asked_by": "a" * 64,
        "asked_event": "e" * 64,
        "asked_at": NOON,
    }
    order = CashOrder(**{**usual, **fields})
    assert await cash_orders.create_order(order)
    return order.id
