"""LNbits is killed at each moment of a cash-in, and another process goes on from the database.

The machine, or the customer's wallet, asks the same again. The customer has a wallet at the same
LNbits, which may be killed between its two commits: it has debited the machine's wallet then, and
given the customer nothing. Such an order is the operator's, and no other invoice of it is paid.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from support.cash import CashMachine, taking
from support.cash_ledger import Place, amiss, read_books
from support.figures import Figures
from support.host import Host
from support.watching import watching
from system.kills.asked_order import AskedOrder, Story, killed_at_each
from system.kills.mortal_lnbits import Moments, MortalLNbits

SATS = 1000
IN_WALLET = 2_000_000
ROOM = {"cap_order": 50_000, "cap_hour": 10**7, "cap_day": 10**7, "cap_open": 10**7}
DUE = 31
"""Seconds after which what a killed process has begun is looked at."""
FEWEST_KILLS = 5


class Order(AskedOrder):
    """A cash-in; `job` is what is interrupted."""

    def __init__(self, host: Host, machine: CashMachine) -> None:
        super().__init__(host, machine)
        self.bolt11 = ""

    @property
    def hold(self) -> dict[str, Any]:
        return self.question("HoldRequest", sats=SATS)

    @property
    def link(self) -> dict[str, Any]:
        return self.question("WithdrawRequest", sats=SATS)

    @property
    def debit(self) -> dict[str, Any]:
        return self.question("PayRequest", sats=SATS, bolt11=self.bolt11)

    async def invoice(self) -> str:
        """The customer's."""
        from lnbits.core.services import create_invoice

        wallet = self.host.other_operator.wallet_id
        return str((await create_invoice(wallet_id=wallet, amount=SATS, memo="mine")).bolt11)

    async def held(self) -> None:
        self.bolt11 = await self.invoice()
        told = await self.ask(self.hold)
        assert getattr(told, "state", told) == "held"

    async def pays(self, bolt11: str) -> Any:
        """What the machine is told in the end."""
        from spirekeeper.cash.cash_in import Payment

        told = await self.ask({**self.debit, "bolt11": bolt11})
        return await told.outcome() if isinstance(told, Payment) else told

    async def look(self, seconds: int = 0) -> None:
        from spirekeeper.cash import paying

        await super().look(seconds)
        for task in list(paying._running.values()):
            await task

    async def received(self) -> bool:
        """Whether the customer has the sats of the one invoice."""
        from lnbits.core.db import db

        row: Any = await db.fetchone(
            "SELECT status FROM apipayments WHERE bolt11 = :bolt11 AND amount > 0",
            {"bolt11": self.bolt11},
        )
        return bool(row["status"] == "success")


async def nothing(order: Order) -> None:
    """No note is in yet."""
    order.bolt11 = await order.invoice()


async def held(order: Order) -> None:
    await order.held()


async def linked(order: Order) -> None:
    await order.held()
    assert (await order.ask(order.link)).state == "reserved"


async def queued(order: Order) -> None:
    """Whoever was to pay has died before it asked LNbits."""
    from spirekeeper.cash import paying

    await order.held()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paying, "go_on", lambda *_: None)
        await order.ask(order.debit)
    assert await order.state() == "paying"
    order.clock.move(seconds=DUE)


async def holds(order: Order) -> dict[str, Any]:
    return order.asking(order.hold)


async def says(order: Order) -> dict[str, Any]:
    return order.asking(order.link)


async def pays(order: Order) -> dict[str, Any]:
    return order.asking(order.debit)


async def claims(order: Order) -> dict[str, Any]:
    return {"job": "claims", "order_id": (await order.stored()).id, "pr": order.bolt11}


async def looks(_: Order) -> dict[str, Any]:
    return {"job": "looks"}


async def held_and_paid(order: Order) -> None:
    assert (await order.ask(order.hold)).state == "held"
    await paid(order)


async def linked_and_paid(order: Order) -> None:
    link = await order.ask(order.link)
    assert link.lnurl == (await order.ask(order.link)).lnurl
    await paid(order)


async def paid(order: Order) -> None:
    """By whoever looks, or by the machine, which asks the same again; or it is the operator's."""
    await order.look(DUE)
    if (await order.stored()).broken:
        await settled(order)
        return
    told = await order.pays(order.bolt11)
    assert type(told).__name__ == "Paid", told
    assert await order.state() == "sent"
    assert await order.received()
    assert (await order.pays(await order.invoice())).why.value == "conflict"


async def settled(order: Order) -> None:
    from spirekeeper.cash import orders_shown
    from spirekeeper.schemas.cash import SettleData

    stored = await order.stored()
    assert stored.state.value == "unknown"
    assert not await order.received()
    assert (await order.pays(await order.invoice())).why.value == "conflict"
    await orders_shown.settle(
        stored, SettleData(how="refunded"), actor=stored.operator_user_id, clock=order.clock
    )
    await order.look(60)
    assert await order.state() == "settled"
    assert (await order.pays(await order.invoice())).why.value == "conflict"


STORIES = {
    "holding": Story(nothing, holds, held_and_paid),
    "saying": Story(held, says, linked_and_paid),
    "paying": Story(held, pays, paid),
    "claiming": Story(linked, claims, paid),
    "looking": Story(queued, looks, paid),
}


@pytest.fixture(scope="module")
async def machine(running_host: Host) -> AsyncIterator[CashMachine]:
    from lnbits.settings import settings

    patch = pytest.MonkeyPatch()
    patch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    async with watching(), taking(running_host, **ROOM) as machine:
        there = await running_host.api("GET", f"/machines/{machine.id}")
        await running_host.credit(there.json()["wallet_id"], IN_WALLET)
        yield machine
    patch.undo()


@pytest.mark.parametrize(
    "moments", [Moments.STATEMENTS, pytest.param(Moments.TURNS, marks=pytest.mark.long)]
)
@pytest.mark.parametrize("name", STORIES)
async def test_a_cash_in_killed_at_each_moment(
    name: str,
    moments: Moments,
    host: Host,
    machine: CashMachine,
    lnbits: MortalLNbits,
    books_place: Place,
    figures: Figures,
) -> None:
    new_order = partial(Order, host, machine)
    kills = 0
    async for order in killed_at_each(STORIES[name], moments, lnbits, new_order):
        kills += 1
        figures.add("kills in the middle of a cash-in")
        if (await order.stored()).broken:
            figures.add("payments that LNbits broke off")
    assert kills >= FEWEST_KILLS
    assert amiss((await read_books(books_place)).of(machine.id)) == []
