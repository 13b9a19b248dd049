"""SQL that lists cash orders, newest first: pages that go on where the last one ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..cash_models import CashSold
from ..orders import CashOrder, CashState, Direction
from .cash_orders import stuck_at, under_way_at
from .database import CASH_ORDERS, aside, moment


@dataclass(frozen=True)
class OrderQuery:
    """Which of an operator's orders."""

    operator_user_id: str
    machine_id: str | None = None
    direction: Direction | None = None
    state: CashState | None = None
    since: datetime | None = None
    until: datetime | None = None
    stuck: datetime | None = None
    """Only those that a person has to look at, at this time."""
    under_way: datetime | None = None
    """Only cash-ins that go on by themselves, at this time."""
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


async def get_sold(machine_id: str, since: datetime) -> CashSold:
    """What customers paid for a machine's orders, of those that were asked for since then, and was
    not given back."""
    row: Any = await aside.fetchone(
        "SELECT COUNT(*) AS orders, COALESCE(SUM(sats), 0) AS sats, "
        f"COALESCE(SUM(fee_sats), 0) AS fee_sats FROM {CASH_ORDERS} "
        f"WHERE machine_id = :machine AND asked_at >= {moment('since')} AND paid_at IS NOT NULL "
        "AND direction = 'cash_out' "
        "AND settled_how <> 'refunded'",
        {"machine": machine_id, "since": since.timestamp()},
    )
    return CashSold(orders=row["orders"], sats=row["sats"], fee_sats=row["fee_sats"])


def _conditions(query: OrderQuery) -> tuple[str, dict[str, Any]]:
    parts = ["o.operator_user_id = :operator"]
    values: dict[str, Any] = {"operator": query.operator_user_id}
    if query.machine_id is not None:
        parts.append("o.machine_id = :machine")
        values["machine"] = query.machine_id
    if query.direction is not None:
        # SQLite would else read one direction through for a state that few are in.
        column = "o.direction" if query.state is None else "o.direction || ''"
        parts.append(f"{column} = :direction")
        values["direction"] = query.direction.value
    if query.state is not None:
        parts.append("o.state = :state")
        values["state"] = query.state.value
    for name, at, sign in (("since", query.since, ">="), ("until", query.until, "<")):
        if at is not None:
            parts.append(f"o.asked_at {sign} {moment(name)}")
            values[name] = at.timestamp()
    if query.stuck is not None:
        stuck, times = stuck_at(query.stuck)
        parts.append(stuck)
        values |= times
    if query.under_way is not None:
        going, times = under_way_at(query.under_way)
        parts.append(going)
        values |= times
    if query.after is not None:
        parts.append(
            f"(o.asked_at, o.id) < (SELECT l.asked_at, l.id FROM {CASH_ORDERS} l "
            "WHERE l.id = :after AND l.operator_user_id = :operator)"
        )
        values["after"] = query.after
    return " AND ".join(parts), values
