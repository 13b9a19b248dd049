"""SQL about cash orders: each move is one UPDATE, guarded by the state that it begins in."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from lnbits.db import Connection
from sqlalchemy.exc import IntegrityError

from ..orders import (
    DISPENSED_SOON,
    MAY_BE_STUCK,
    SAID_SOON,
    TRIED_SOON,
    UNDER_WAY,
    UNKNOWN_SOON,
    UNPAID,
    YES_LIFE,
    CashOrder,
    CashState,
    may_go,
)
from .cash_settings import confirmed_connection
from .database import (
    CASH_ORDERS,
    CASH_SETTINGS,
    MACHINES,
    PAIRINGS,
    among,
    aside,
    db,
    finished,
    listed,
    moment,
    one_of,
)

_MAY_EARN = (
    f"EXISTS (SELECT 1 FROM {MACHINES} m JOIN {PAIRINGS} p ON {confirmed_connection('p', 'm')} "
    f"JOIN {CASH_SETTINGS} s ON s.machine_id = m.id WHERE m.id = cash_orders.machine_id "
    "AND p.spire_pubkey = cash_orders.asked_by AND p.ready_at IS NOT NULL "
    "AND s.out_on = true AND s.stopped_at IS NULL)"
)
"""Whoever asked last may: a cut, a stop or a doubt that came a moment ago counts."""
_STUCK = one_of("state", MAY_BE_STUCK)
"""Its index has the very same words."""


async def create_order(order: CashOrder) -> bool:
    """False when the machine's order is there already."""
    try:
        await db.insert(CASH_ORDERS, order)
    except IntegrityError:
        return False
    return True


async def get_order(order_id: str) -> CashOrder | None:
    return await db.fetchone(
        f"SELECT * FROM {CASH_ORDERS} WHERE id = :id", {"id": order_id}, CashOrder
    )


async def get_order_of(machine_id: str, order_key: str) -> CashOrder | None:
    """A machine's order, by the machine's own id of it."""
    return await db.fetchone(
        f"SELECT * FROM {CASH_ORDERS} WHERE machine_id = :machine AND order_key = :key",
        {"machine": machine_id, "key": order_key},
        CashOrder,
    )


async def set_asked(order: CashOrder, pubkey: str, event_id: str | None) -> None:
    """Who asked about it last and, when it was for the invoice, with which event."""
    await db.execute(
        f"UPDATE {CASH_ORDERS} SET asked_by = :pubkey, asked_event = COALESCE(:event, asked_event) "
        "WHERE id = :id",
        {"id": order.id, "pubkey": pubkey, "event": event_id},
    )


async def take_making(order: CashOrder, holder: str, now: datetime, until: datetime) -> bool:
    """Whether this call makes the order's invoice, and no other until then."""
    done = await db.execute(
        f"UPDATE {CASH_ORDERS} SET made_by = :holder, made_until = {moment('until')} "
        f"WHERE id = :id AND state = '{CashState.ASKED.value}' "
        f"AND (made_until IS NULL OR made_until < {moment('now')})",
        {
            "id": order.id,
            "holder": holder,
            "now": now.timestamp(),
            "until": until.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def release_making(order: CashOrder, holder: str) -> None:
    await db.execute(
        f"UPDATE {CASH_ORDERS} SET made_by = NULL, made_until = NULL "
        "WHERE id = :id AND made_by = :holder",
        {"id": order.id, "holder": holder},
    )


async def set_invoiced(
    order: CashOrder,
    holder: str,
    *,
    bolt11: str,
    payment_hash: str,
    expires_at: datetime,
    look_at: datetime,
    now: datetime,
) -> bool:
    """False when this call makes it no more, or the machine may not earn any more."""
    return await move(
        order,
        CashState.INVOICED,
        now,
        {"bolt11": bolt11, "payment_hash": payment_hash, "made_by": None, "made_until": None},
        {"expires_at": expires_at, "look_at": look_at},
        f"made_by = :holder AND {_MAY_EARN}",
        {"holder": holder},
    )


async def set_paid(order: CashOrder, to: CashState, now: datetime) -> bool:
    """It was found paid: PAID or PAID_LATE. Nobody has to ask about its invoice any more."""
    return await move(order, to, now, {}, {"paid_at": now, "look_at": None})


async def set_late(order: CashOrder, now: datetime) -> bool:
    """It was paid in time, and is asked for too late."""
    return await move(order, CashState.PAID_LATE, now)


async def set_dispensing(order: CashOrder, attempt: str, now: datetime) -> bool:
    """False when somebody else was first, or the machine may not earn any more."""
    values: dict[str, Any] = {"dispense_attempt": attempt}
    return await move(order, CashState.DISPENSING, now, values, {"dispensing_at": now}, _MAY_EARN)


async def set_dispensed(order: CashOrder, to: CashState, sats: int, now: datetime) -> bool:
    """What came out: DISPENSED or SHORT."""
    return await move(order, to, now, {"dispensed_sats": sats}, {"ended_at": now})


async def set_abandoned(order: CashOrder, now: datetime) -> bool:
    """The customer has left. Its invoice, if it has one, is asked about all the same; what was held
    for notes is held no more."""
    return await move(order, CashState.ABANDONED, now)


async def set_expired(order: CashOrder, now: datetime) -> bool:
    return await move(order, CashState.EXPIRED, now)


@finished
async def set_settled(
    order: CashOrder,
    how: str,
    reference: str,
    by: str,
    now: datetime,
    tell: Callable[[Connection], Awaitable[None]],
) -> bool:
    """With the line of the journal that `tell` adds: both are kept, or neither."""
    values = {"settled_how": how, "settled_ref": reference, "settled_by": by}
    async with db.transaction() as tx:
        done = await move(order, CashState.SETTLED, now, values, {"ended_at": now}, conn=tx)
        if done:
            await tell(tx)
    return done


async def move(
    order: CashOrder,
    to: CashState,
    now: datetime,
    values: dict[str, Any] | None = None,
    times: dict[str, datetime | None] | None = None,
    only: str = "",
    more: dict[str, Any] | None = None,
    conn: Connection | None = None,
) -> bool:
    """Where the order is still in the state that it was read in. `values` and `times` are written
    with it; `only` is one more condition, with its values in `more`."""
    if not may_go(order.state, to):
        raise ValueError(f"a cash order cannot go from {order.state.value} to {to.value}")
    values, times = values or {}, times or {}
    texts = [f"{column} = :{column}" for column in values]
    moments = [f"{column} = {moment(column) if at else 'NULL'}" for column, at in times.items()]
    given = {column: at.timestamp() for column, at in times.items() if at}
    parameters = {"id": order.id, "was": order.state.value, "to": to.value, **values, **given}
    if ":now" in only:
        parameters["now"] = now.timestamp()
    done = await (conn or db).execute(
        f"UPDATE {CASH_ORDERS} SET {', '.join(['state = :to', *texts, *moments])} "
        f"WHERE id = :id AND state = :was {'AND ' + only if only else ''}",
        {**parameters, **(more or {})},
    )
    return bool(done.rowcount == 1)


@finished
async def take_looks(looks: Sequence[tuple[CashOrder, datetime | None]]) -> list[CashOrder]:
    """Those of these orders about whose invoice this process asks now. The next look of each is due
    at the time beside it."""
    async with db.transaction() as tx:
        return [order for order, next_look in looks if await _take_look(order, next_look, tx)]


async def _take_look(order: CashOrder, look_at: datetime | None, conn: Connection) -> bool:
    at = moment("look_at") if look_at else "NULL"
    values: dict[str, Any] = {"id": order.id}
    if look_at:
        values["look_at"] = look_at.timestamp()
    was = "look_at IS NULL"
    if order.look_at:
        was, values["was"] = f"look_at = {moment('was')}", order.look_at.timestamp()
    done = await conn.execute(
        f"UPDATE {CASH_ORDERS} SET look_at = {at} WHERE id = :id AND {was}", values
    )
    return bool(done.rowcount == 1)


async def get_due(now: datetime, at_most: int) -> list[CashOrder]:
    """The unpaid orders whose invoice is to be asked about now, longest due first."""
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE look_at <= {moment('now')} "
        f"AND {one_of('state', UNPAID)} ORDER BY look_at LIMIT :most",
        {"now": now.timestamp(), "most": at_most},
        CashOrder,
    )


async def get_never_invoiced(now: datetime, older_than: timedelta) -> list[CashOrder]:
    """The orders that were asked for so long ago and have no invoice."""
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE state = '{CashState.ASKED.value}' "
        f"AND asked_at < {moment('before')}",
        {"before": (now - older_than).timestamp()},
        CashOrder,
    )


async def get_open_orders(machine_id: str) -> list[CashOrder]:
    """A machine's orders that its customer, or its operator, still waits for; newest first."""
    return await db.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE machine_id = :machine AND {_STUCK} "
        "ORDER BY asked_at DESC LIMIT 50",
        {"machine": machine_id},
        CashOrder,
    )


async def get_orders_among(order_ids: Collection[str]) -> list[CashOrder]:
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE id {among('ids')}",
        {"ids": listed(order_ids)},
        CashOrder,
    )


def stuck_at(now: datetime) -> tuple[str, dict[str, Any]]:
    """The condition, with its values, that a person has to look at an order: `orders.is_stuck` says
    the same of one."""
    return (
        f"{_STUCK} AND (state <> 'paid' OR paid_at < {moment('paid_before')}) "
        f"AND (state <> 'dispensing' OR dispensing_at < {moment('yes_before')}) "
        f"AND (state <> 'held' OR held_until < {moment('held_before')}) "
        f"AND (state <> 'failed' OR tried_at < {moment('failed_before')}) "
        f"AND (state <> 'unknown' OR broken = true OR tried_at < {moment('unknown_before')})",
        {
            "paid_before": (now - DISPENSED_SOON).timestamp(),
            "yes_before": (now - YES_LIFE).timestamp(),
            "held_before": (now - SAID_SOON).timestamp(),
            "failed_before": (now - TRIED_SOON).timestamp(),
            "unknown_before": (now - UNKNOWN_SOON).timestamp(),
        },
    )


def under_way_at(now: datetime) -> tuple[str, dict[str, Any]]:
    """The condition, with its values, that a cash-in goes on by itself. It is found where those are
    that a person may have to look at."""
    stuck, values = stuck_at(now)
    return f"{_STUCK} AND {one_of('state', UNDER_WAY)} AND NOT COALESCE({stuck}, false)", values


async def get_paid_since(since: datetime, after: str, at_most: int) -> list[str]:
    """The next ids after this one of cash-outs that were found paid since then, in order."""
    rows: list[Any] = await aside.fetchall(
        f"SELECT id FROM {CASH_ORDERS} WHERE id > :after AND paid_at > {moment('since')} "
        "AND direction = 'cash_out' ORDER BY id LIMIT :most",
        {"after": after, "since": since.timestamp(), "most": at_most},
    )
    return [row["id"] for row in rows]


async def get_stuck(now: datetime, operator_user_id: str | None) -> list[CashOrder]:
    """The orders that a person has to look at, of one operator or (None) of all."""
    stuck, values = stuck_at(now)
    whose = ""
    if operator_user_id is not None:
        whose, values["operator"] = "AND operator_user_id = :operator", operator_user_id
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE {stuck} {whose}", values, CashOrder
    )
