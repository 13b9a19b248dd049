"""The REST API for cash: what machines may do, the key that answers them, and their orders."""

from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from lnbits.decorators import check_account_exists

from .cash import cash_in, orders_shown, public_address, service_key, switch
from .orders import CashOrder, CashState, Direction
from .routing import CSV, Limit, Now, Operator, api_router, many_answer
from .schemas.cash import (
    AddressAnswer,
    CashAnswer,
    CashData,
    CashStopped,
    CashSwitchesAnswer,
    LinkAnswer,
    OrderAnswer,
    OrdersAnswer,
    RotateServiceKeyData,
    ServiceKeyAnswer,
    SettleData,
    StopCashData,
)
from .schemas.fields import Id
from .store.cash_list import OrderQuery
from .views_api import OwnMachine

_LISTED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {
                "schema": {"type": "string"},
                "example": f"{','.join(orders_shown.COLUMNS)}\n",
            }
        }
    }
}

spirekeeper_cash_router = api_router()


async def own_order(order_id: Id, operator: Operator) -> CashOrder:
    """The caller's order; 404 alike for one that is not there and for somebody else's."""
    return await orders_shown.get_own(order_id, operator.id)


def _moment(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, timezone.utc)


Second = Annotated[int | None, Query(ge=0, le=4_000_000_000)]
OwnOrder = Annotated[CashOrder, Depends(own_order)]


@spirekeeper_cash_router.get("/machines/{machine_id}/cash")
async def api_get_machine_cash(machine: OwnMachine, clock: Now, since: Second = None) -> CashAnswer:
    """What the machine may do with cash, what is still to be done until it can, what it may still
    pay for notes now, and what customers have paid at it since `since`, seconds since 1970: the
    page names its own midnight."""
    return await switch.describe(machine, clock(), _moment(since))


@spirekeeper_cash_router.put("/machines/{machine_id}/cash")
async def api_put_machine_cash(
    machine: OwnMachine, data: CashData, operator: Operator, clock: Now
) -> CashAnswer:
    """Switch cash on or off, set limits and fees. Switched on, each pairing of the machine asks for
    confirmation, and a machine that was paired before has to be paired again."""
    return await switch.change(machine, data, actor=operator.id, clock=clock)


@spirekeeper_cash_router.get("/cash/stop")
async def api_get_cash_stop(operator: Operator) -> CashSwitchesAnswer:
    """At how many of your machines cash is on, and at how many of those it is stopped."""
    return CashSwitchesAnswer(**(await switch.switches(operator.id)).dict())


@spirekeeper_cash_router.put("/cash/stop")
async def api_stop_cash(data: StopCashData, operator: Operator, clock: Now) -> CashStopped:
    """Stop cash for all your machines at once, or let it go on. No machine is revoked."""
    return await switch.stop(operator.id, data.stopped, clock=clock)


@spirekeeper_cash_router.get("/service-key")
async def api_get_service_key(operator: Operator) -> ServiceKeyAnswer:
    """The key that your machines believe about cash."""
    return await service_key.describe(operator.id)


@spirekeeper_cash_router.post("/service-key/rotate")
async def api_rotate_service_key(
    data: RotateServiceKeyData, operator: Operator, clock: Now
) -> ServiceKeyAnswer:
    """Make another service key. Machines believe the older one until they are paired again; if it
    leaked, use the emergency stop first."""
    return await service_key.rotate(operator.id, data.expect, actor=operator.id, clock=clock)


@spirekeeper_cash_router.get("/cash/address", dependencies=[Depends(check_account_exists)])
async def api_get_address(clock: Now, again: bool = False) -> AddressAnswer:
    """Where customers' phones ask for their sats, and what this server finds there. It is tried
    every five minutes at most; `again=true`: every ten seconds."""
    return await public_address.look(clock, again=again)


@spirekeeper_cash_router.get("/cash", response_model=OrdersAnswer, responses=_LISTED)
async def api_list_orders(
    operator: Operator,
    clock: Now,
    machine_id: Id | None = None,
    direction: Direction | None = None,
    state: CashState | None = None,
    since: Second = None,
    until: Second = None,
    stuck: bool = False,
    under_way: bool = False,
    after: Id | None = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50,
) -> Response:
    """Your machines' orders, newest first, also those of machines that are gone: asked for from
    `since` until before `until`, seconds since 1970. `stuck=true`: only those that a person has to
    look at; `under_way=true`: only cash-ins that are held or unknown, and go on by themselves.
    `format=csv` is a file with all of them, on whatever page."""
    now = clock()
    query = OrderQuery(
        operator_user_id=operator.id,
        machine_id=machine_id,
        direction=direction,
        state=state,
        since=_moment(since),
        until=_moment(until),
        stuck=now if stuck else None,
        under_way=now if under_way else None,
        after=after,
        limit=limit,
    )
    if form == "csv":
        headers = {"Content-Disposition": 'attachment; filename="spirekeeper-cash.csv"'}
        rows = orders_shown.as_csv(query)
        return StreamingResponse(rows, media_type=CSV, headers=headers)
    return many_answer(await orders_shown.page(query, now))


@spirekeeper_cash_router.get("/cash/{order_id}")
async def api_get_order(order: OwnOrder, clock: Now) -> OrderAnswer:
    """One order."""
    return orders_shown.shown(order, clock())


@spirekeeper_cash_router.post("/cash/{order_id}/settle")
async def api_settle_order(
    order: OwnOrder, data: SettleData, operator: Operator, clock: Now
) -> OrderAnswer:
    """Say how you made the customer whole: of an order that was paid late, dispensed short, or paid
    and not dispensed. Nobody dispenses it from then on."""
    return await orders_shown.settle(order, data, actor=operator.id, clock=clock)


@spirekeeper_cash_router.post("/cash/{order_id}/link")
async def api_link_order(order: OwnOrder, operator: Operator, clock: Now) -> LinkAnswer:
    """A withdraw link for a customer whose notes are in and who has no sats: the one that the
    machine showed, or a new one when that is over. Needs room in the wallet and the caps then."""
    link = await cash_in.link_again(order, actor=operator.id, clock=clock)
    return LinkAnswer(lnurl=link.lnurl, amount_sats=link.amount_sats, expires_at=link.expires_at)
