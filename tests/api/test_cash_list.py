"""An operator's orders: found by what is asked for, and what was sold of them."""

from datetime import timedelta
from typing import Any

from support.cash import switch_on
from support.host import Caller, Host
from support.stored_orders import NOON, add_order

AGES = (30, 90, 330, 660)
"""Seconds."""


async def test_those_that_a_person_has_to_look_at(host: Host, newcomer: Caller) -> None:
    """The list, an order by itself, and SQL agree on which they are."""
    from spirekeeper.clock import utc_now
    from spirekeeper.orders import UNDER_WAY, CashState
    from spirekeeper.store import cash_orders

    now = utc_now()
    machine_id = await host.add_machine(newcomer)
    stuck, under_way = set(), set()
    for state in CashState:
        for seconds in AGES:
            then = now - timedelta(seconds=seconds)
            times = dict.fromkeys(
                ("asked_at", "paid_at", "dispensing_at", "tried_at", "held_until"), then
            )
            order_id = await add_order(newcomer, machine_id, state=state, **times)
            told = (await host.api("GET", f"/cash/{order_id}", as_=newcomer)).json()
            if told["stuck"]:
                stuck.add((order_id, state.value, seconds))
            elif state in UNDER_WAY:
                under_way.add(order_id)
    assert {(state, seconds) for _, state, seconds in stuck} == {
        *(("paid", seconds) for seconds in (90, 330, 660)),
        *(("unknown", seconds) for seconds in (90, 330, 660)),
        *(("dispensing", seconds) for seconds in (330, 660)),
        *((state, 660) for state in ("held", "failed")),
        *((state, seconds) for state in ("paid_late", "short", "unclaimed") for seconds in AGES),
    }
    params = {"stuck": True, "limit": 12}
    first = (await host.api("GET", "/cash", params=params, as_=newcomer)).json()
    params["after"] = first["next"]
    second = (await host.api("GET", "/cash", params=params, as_=newcomer)).json()
    assert second["next"] is None
    listed = [*first["data"], *second["data"]]
    assert {order["id"] for order in listed} == {order_id for order_id, _, _ in stuck}
    assert listed == sorted(listed, key=lambda order: str(order["asked_at"]), reverse=True)
    found = await cash_orders.get_stuck(now, newcomer.user_id)
    assert {order.id for order in found} == {order_id for order_id, _, _ in stuck}
    params = {"stuck": True, "state": "short"}
    short = (await host.api("GET", "/cash", params=params, as_=newcomer)).json()["data"]
    assert [order["state"] for order in short] == ["short"] * len(AGES)
    params = {"under_way": True}
    going = (await host.api("GET", "/cash", params=params, as_=newcomer)).json()["data"]
    assert {order["id"] for order in going} == under_way
    assert sorted(order["state"] for order in going) == ["held"] * 3 + ["unknown"]
    theirs = await host.api("GET", "/cash", params={"stuck": True}, as_=host.other_operator)
    assert not {order["id"] for order in theirs.json()["data"]} & {one for one, _, _ in stuck}


async def test_what_a_machine_sold_since_a_moment(host: Host, newcomer: Caller) -> None:
    """Of the day that the page names; one that nobody paid is nothing sold."""
    machine_id = await host.add_machine(newcomer)

    paid = {"state": "dispensed", "fee_sats": 20}
    for minutes in (-1, 0, 5):
        at = NOON + timedelta(minutes=minutes)
        await add_order(newcomer, machine_id, asked_at=at, paid_at=at, **paid)
    await add_order(newcomer, machine_id, state="expired")
    await add_order(
        newcomer, machine_id, state="settled", settled_how="refunded", paid_at=NOON, fee_sats=9
    )
    other = await host.add_machine(newcomer)
    await add_order(newcomer, other, paid_at=NOON, **paid)
    path = f"/machines/{machine_id}/cash"
    assert (await host.api("GET", path, as_=newcomer)).json()["sold"] is None
    params = {"since": int(NOON.timestamp())}
    sold = (await host.api("GET", path, params=params, as_=newcomer)).json()["sold"]
    assert sold == {"orders": 2, "sats": 2000, "fee_sats": 40}
    params = {"since": int(NOON.timestamp()) + 3600}
    sold = (await host.api("GET", path, params=params, as_=newcomer)).json()["sold"]
    assert sold == {"orders": 0, "sats": 0, "fee_sats": 0}


async def test_at_how_many_machines_cash_is_on_and_stopped(host: Host, newcomer: Caller) -> None:
    async def told() -> Any:
        return (await host.api("GET", "/cash/stop", as_=newcomer)).json()

    assert await told() == {"on": 0, "stopped": 0}
    first, second, off = [await host.add_machine(newcomer) for _ in range(3)]
    await switch_on(host, off, as_=newcomer, out_on=False)
    await switch_on(host, first, as_=newcomer)
    await host.api("PUT", "/cash/stop", {"stopped": True}, as_=newcomer)
    await switch_on(host, second, as_=newcomer)
    assert await told() == {"on": 2, "stopped": 1}
    await host.api("PUT", "/cash/stop", {"stopped": False}, as_=newcomer)
    assert await told() == {"on": 2, "stopped": 0}


async def test_those_of_one_direction(host: Host, newcomer: Caller) -> None:
    """In the list, over its pages, and in the file."""
    machine_id = await host.add_machine(newcomer)
    found: dict[str, set[str]] = {"cash_in": set(), "cash_out": set()}
    for number, direction in enumerate(["cash_in", "cash_out", "cash_out"] * 2):
        at = NOON + timedelta(minutes=number)
        order_id = await add_order(
            newcomer, machine_id, direction=direction, state="settled", asked_at=at
        )
        found[direction].add(order_id)
    for direction, ids in found.items():
        params: dict[str, Any] = {"direction": direction, "limit": 1}
        listed = []
        while True:
            page = (await host.api("GET", "/cash", params=params, as_=newcomer)).json()
            listed += [order["id"] for order in page["data"]]
            if page["next"] is None:
                break
            params["after"] = page["next"]
        assert (set(listed), len(listed)) == (ids, len(ids))
        params = {"direction": direction, "format": "csv"}
        file = await host.api("GET", "/cash", params=params, as_=newcomer)
        heading, *lines = file.text.lstrip("\ufeff").splitlines()
        at = heading.split(",").index("direction")
        assert [line.split(",")[at] for line in lines] == [direction] * len(ids)


async def test_a_file_has_the_columns_of_an_order(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    order_id = await add_order(newcomer, machine_id, fiat_amount="20", fiat_code="EUR")
    params = {"format": "csv", "machine_id": machine_id}
    text = (await host.api("GET", "/cash", params=params, as_=newcomer)).text
    head, line = text.removeprefix("\ufeff").splitlines()
    assert "stuck" not in head.split(","), "it is of the moment"
    cells = dict(zip(head.split(","), line.split(","), strict=True))
    assert (cells["id"], cells["machine_name"]) == (order_id, "North")
    assert (cells["sats"], cells["fiat_amount"], cells["fiat_code"]) == ("1000", "20", "EUR")
