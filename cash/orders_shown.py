"""An operator's orders, as the page and a spreadsheet show them; and what only he can end."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from lnbits.db import Connection

from .. import orders
from ..changes import announce_changed
from ..clock import Clock
from ..errors import NotFound, NotToSettle
from ..orders import CashOrder
from ..schemas.cash import OrderAnswer, OrdersAnswer, SettleData
from ..schemas.spreadsheet import UTF_8, cell, csv_lines, harmless
from ..store import cash_list, cash_orders, details, journal
from ..store.cash_list import OrderQuery

COLUMNS = tuple(name for name in OrderAnswer.__fields__ if name in CashOrder.__fields__)
AT_ONCE = 500


def shown(order: CashOrder, now: datetime) -> OrderAnswer:
    """One, as it stands now."""
    return OrderAnswer(
        **order.dict(),
        stuck=orders.is_stuck(order, now),
        settleable=orders.may_be_settled(order, now),
    )


async def page(query: OrderQuery, now: datetime) -> OrdersAnswer:
    """One page."""
    found = await cash_list.get_orders(replace(query, limit=query.limit + 1))
    listed = found[: query.limit]
    more = len(found) > query.limit
    return OrdersAnswer(
        data=[shown(order, now) for order in listed],
        next=listed[-1].id if more else None,
    )


async def as_csv(query: OrderQuery) -> AsyncIterator[str]:
    """All of them, whatever page was asked for."""
    yield UTF_8 + csv_lines([COLUMNS])
    query = replace(query, limit=AT_ONCE, after=None)
    while found := await cash_list.get_orders(query):
        yield csv_lines(
            tuple(harmless(cell(getattr(order, column))) for column in COLUMNS) for order in found
        )
        query = replace(query, after=found[-1].id)


async def get_own(order_id: str, operator_user_id: str) -> CashOrder:
    """The operator's order; NotFound when it is not there or not theirs."""
    order = await cash_orders.get_order(order_id)
    if order is None or order.operator_user_id != operator_user_id:
        raise NotFound("There is no such order among yours.")
    return order


async def settle(order: CashOrder, data: SettleData, *, actor: str, clock: Clock) -> OrderAnswer:
    """The operator has made the customer whole. From then on the order is dispensed by nobody.

    NotToSettle for one that goes on by itself, or has ended.
    """
    now = clock()
    told = {"order": order.short_code, "how": data.how, "reference": data.reference}

    async def tell(tx: Connection) -> None:
        await journal.record(
            "cash",
            "settled",
            at=now,
            actor=actor,
            operator_user_id=order.operator_user_id,
            machine_id=order.machine_id,
            detail=details.told("settled_order", **told),
            conn=tx,
        )

    if not orders.may_be_settled(order, now) or not await cash_orders.set_settled(
        order, data.how, data.reference, actor, now, tell
    ):
        raise NotToSettle(
            "This order is not for you to end: it goes on by itself, or it has ended. Look again."
        )
    announce_changed(order.operator_user_id)
    return shown(await get_own(order.id, order.operator_user_id), now)
