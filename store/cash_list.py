"""SQL that lists cash orders, newest first: pages that go on where the last one ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..orders import CashOrder, CashState
from .database import CASH_ORDERS, aside, moment


@dataclass(frozen=True)
class OrderQuery:
    """Which of an operator's orders."""

    operator_user_id: str
    machine_id: str | None = None
    state: CashState | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    """The id of the last order of the page before."""
    limit: int = 50


async def get_orders(query: OrderQuery) -> list[CashOrder]:
    where, values = _conditions(query)
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} o WHERE {where} "
        "ORDER BY o.asked_at DESC, o.id DESC LIMIT :limit",
        {**values, "limit": query.limit},
        CashOrder,
    )


def _conditions(query: OrderQuery) -> tuple[str, dict[str, Any]]:
    parts = ["o.operator_user_id = :operator"]
    values: dict[str, Any] = {"operator": query.operator_user_id}
    if query.machine_id is not None:
        parts.append("o.machine_id = :machine")
        values["machine"] = query.machine_id
    if query.state is not None:
        parts.append("o.state = :state")
        values["state"] = query.state.value
    for name, at, sign in (("since", query.since, ">="), ("until", query.until, "<")):
        if at is not None:
            parts.append(f"o.asked_at {sign} {moment(name)}")
            values[name] = at.timestamp()
    if query.after is not None:
        parts.append(
            f"(o.asked_at, o.id) < (SELECT l.asked_at, l.id FROM {CASH_ORDERS} l "
            "WHERE l.id = :after AND l.operator_user_id = :operator)"
        )
        values["after"] = query.after
    return " AND ".join(parts), values
