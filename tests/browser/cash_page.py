"""Cash at the page: what its tests begin with."""

from datetime import timedelta
from typing import Any

from playwright.async_api import expect
from support.cash import new_id, switch_on
from support.host import Caller, Host
from support.page import OperatorPage
from support.stored_orders import add_order


async def orders_of_every_kind(host: Host, operator: Caller) -> str:
    """The id of a machine that was heard and whose cash is on, with such orders."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    machine = await host.add_machine(operator, name="Station North", location="Hall 2")
    await crud.set_last_seen({machine: utc_now()})
    await switch_on(host, machine, as_=operator)
    orders: list[tuple[str, int, int, dict[str, Any]]] = [
        ("invoiced", 0, 20, {"paid_at": None}),
        ("dispensing", 1, 50, {}),
        ("dispensed", 5, 20, {"dispensed_sats": 20_000}),
        ("paid_late", 12, 10, {}),
        ("short", 40, 50, {"dispensed_sats": 30_000}),
        ("settled", 70, 5, {"settled_how": "refunded"}),
        ("expired", 90, 5, {"paid_at": None}),
        (
            "held",
            2,
            30,
            {
                "direction": "cash_in",
                "paid_at": None,
                "held_until": utc_now() + timedelta(minutes=8),
            },
        ),
    ]
    for state, minutes, euros, more in orders:
        at = utc_now() - timedelta(minutes=minutes)
        times = {"asked_at": at, "paid_at": at, "dispensing_at": at}
        said = {"fiat_amount": str(euros), "fiat_code": "EUR", "payment_hash": new_id() + new_id()}
        amounts = {"sats": euros * 1000, "fee_sats": euros * 20}
        named = {"machine_name": "Station North", "short_code": f"7KQ{minutes:02}"}
        await add_order(
            operator, machine, state=state, **{**times, **said, **amounts, **named, **more}
        )
    return machine


async def show_orders(page: OperatorPage) -> None:
    await page.page.get_by_role("tab", name=await page.words("cash.tab")).click()
    title = await page.words("cash.title")
    await expect(page.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
