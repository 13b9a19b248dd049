"""LNbits is killed at each moment of a cash order, and another process goes on from the database.

The machine, which has had no answer, asks the same again, or was killed as well and comes back in
six minutes. In CI the moments are the statements and commits: what was done between two of them is
not kept. By night they are all turns of the event loop.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from support.cash import CashMachine, new_id, selling
from support.cash_ledger import Place, amiss, read_books
from support.figures import Figures
from support.host import Host
from support.watching import watching
from system.kills.asked_order import AskedOrder, Story, killed_at_each
from system.kills.mortal_lnbits import Moments, MortalLNbits

SATS = 1000
LEASE = 31
"""Seconds after which nobody waits for a killed process to make an invoice."""
OVER = 200
"""Seconds after which an invoice lives no more."""
AWAY = 360
"""Seconds that a machine which was killed too may be away: its yes is over."""

FEWEST_KILLS = 5


class Order(AskedOrder):
    """A cash-out; `job` is what is interrupted."""

    def __init__(self, host: Host, machine: CashMachine) -> None:
        super().__init__(host, machine)
        self.attempt = new_id()
        self.bolt11 = ""

    @property
    def invoice(self) -> dict[str, Any]:
        return self.question("InvoiceRequest", sats=SATS)

    @property
    def leave(self) -> dict[str, Any]:
        return self.question("DispenseRequest", attempt=self.attempt)

    def came_out(self, sats: int = SATS) -> dict[str, Any]:
        notes = 1 if sats else 0
        return self.question("DispensedReport", attempt=self.attempt, notes=notes, sats=sats)

    async def invoiced(self) -> None:
        self.bolt11 = (await self.ask(self.invoice)).bolt11

    async def pay(self) -> None:
        """The customer, with a wallet at the same LNbits."""
        from lnbits.core.services import pay_invoice

        wallet = self.host.other_operator.wallet_id
        await self.host.credit(wallet, 2 * SATS)
        await pay_invoice(wallet_id=wallet, payment_request=self.bolt11)

    async def paid_untold(self) -> None:
        """LNbits has the sats, and tells nobody here."""
        from lnbits.core.db import db

        await db.execute(
            "UPDATE apipayments SET status = 'success' WHERE bolt11 = :bolt11 AND amount > 0",
            {"bolt11": self.bolt11},
        )

    async def sold(self) -> None:
        """From wherever it stands to its notes, as the machine does it."""
        answer = await self.ask(self.invoice)
        if hasattr(answer, "bolt11"):
            self.bolt11 = answer.bolt11
            await self.pay()
        yes = await self.ask(self.leave)
        assert yes.why_not is None, yes
        other = await self.ask({**self.leave, "attempt": new_id()})
        assert other.why_not == "another_attempt", other
        assert (await self.ask(self.came_out())).state == "dispensed"
        assert await self.invoices() == 1, "what a killed call has left is taken"

    async def invoices(self) -> int:
        """How many LNbits has made for it."""
        from lnbits.core.db import db

        row: Any = await db.fetchone(
            "SELECT COUNT(*) AS made FROM apipayments WHERE external_id = :id",
            {"id": (await self.stored()).id},
        )
        return int(row["made"])


async def nothing(_: Order) -> None:
    """The machine has not asked yet."""


async def invoiced(order: Order) -> None:
    await order.invoiced()


async def paid(order: Order) -> None:
    await order.invoiced()
    await order.pay()


async def paid_untold(order: Order) -> None:
    await order.invoiced()
    await order.paid_untold()


async def due(order: Order) -> None:
    await paid_untold(order)
    order.clock.move(seconds=16)


async def left_and_paid_untold(order: Order) -> None:
    await order.invoiced()
    await order.ask(order.question("AbandonRequest"))
    await order.paid_untold()


async def allowed(order: Order) -> None:
    await paid(order)
    assert (await order.ask(order.leave)).why_not is None


async def late(order: Order) -> None:
    await left_and_paid_untold(order)
    await order.look(16)
    assert await order.state() == "paid_late"


async def asks_for_invoice(order: Order) -> dict[str, Any]:
    return order.asking(order.invoice)


async def asks_to_dispense(order: Order) -> dict[str, Any]:
    return order.asking(order.leave)


async def reports(order: Order) -> dict[str, Any]:
    return order.asking(order.came_out())


async def reports_none(order: Order) -> dict[str, Any]:
    return order.asking(order.came_out(0))


async def abandons(order: Order) -> dict[str, Any]:
    return order.asking(order.question("AbandonRequest"))


async def hears(order: Order) -> dict[str, Any]:
    return {"job": "hears", "order_id": (await order.stored()).id}


async def looks(_: Order) -> dict[str, Any]:
    return {"job": "looks"}


async def reconciles(_: Order) -> dict[str, Any]:
    return {"job": "reconciles"}


async def settles(order: Order) -> dict[str, Any]:
    operator = order.host.operator.user_id
    return {"job": "settles", "order_id": (await order.stored()).id, "operator": operator}


async def sold(order: Order) -> None:
    order.clock.move(seconds=LEASE)
    await order.sold()


async def over(order: Order) -> None:
    """The invoice that was left in LNbits lives no more: nobody is asked to pay it."""
    order.clock.move(seconds=OVER)
    assert not hasattr(await order.ask(order.invoice), "bolt11")
    assert await order.state() == "invoiced"


async def found_and_sold(order: Order) -> None:
    await order.look(LEASE)
    assert await order.state() == "paid"
    await order.sold()


async def found_late_and_settled(order: Order) -> None:
    await order.look(LEASE)
    assert await order.state() == "paid_late"
    await settled(order)


async def too_late(order: Order) -> None:
    """The machine was killed too: its customer is the operator's now."""
    order.clock.move(seconds=AWAY)
    assert (await order.ask(order.leave)).why_not in {"too_late", "paid_late"}
    await settled(order)


async def reported(order: Order) -> None:
    assert (await order.ask(order.came_out())).state == "dispensed"


async def reported_none(order: Order) -> None:
    assert (await order.ask(order.came_out(0))).state == "short"
    await settled(order)


async def left_and_paid(order: Order) -> None:
    assert (await order.ask(order.question("AbandonRequest"))).state == "abandoned"
    await order.paid_untold()
    await found_late_and_settled(order)


async def settled(order: Order) -> None:
    from spirekeeper.cash import orders_shown
    from spirekeeper.errors import NotToSettle
    from spirekeeper.schemas.cash import SettleData

    stored = await order.stored()
    try:
        await orders_shown.settle(
            stored, SettleData(how="refunded"), actor=stored.operator_user_id, clock=order.clock
        )
    except NotToSettle:
        assert stored.state.value == "settled"
    assert await order.state() == "settled"
    assert (await order.ask(order.leave)).why_not == "ended"


STORIES = {
    "invoicing": Story(nothing, asks_for_invoice, sold),
    "invoicing, and the machine is killed too": Story(nothing, asks_for_invoice, over),
    "hearing": Story(paid_untold, hears, found_and_sold),
    "hearing what is paid late": Story(left_and_paid_untold, hears, found_late_and_settled),
    "looking": Story(due, looks, found_and_sold),
    "reconciling": Story(paid_untold, reconciles, found_and_sold),
    "dispensing": Story(paid, asks_to_dispense, sold),
    "dispensing, and the machine is killed too": Story(paid, asks_to_dispense, too_late),
    "reporting": Story(allowed, reports, reported),
    "reporting that nothing came out": Story(allowed, reports_none, reported_none),
    "abandoning": Story(invoiced, abandons, left_and_paid),
    "settling": Story(late, settles, settled),
}


@pytest.fixture(scope="module")
async def machine(running_host: Host) -> AsyncIterator[CashMachine]:
    async with watching(), selling(running_host) as machine:
        yield machine


BY_NIGHT = {"hearing what is paid late", "reporting that nothing came out"}
"""Much as another is."""


@pytest.mark.parametrize(
    "moments", [Moments.STATEMENTS, pytest.param(Moments.TURNS, marks=pytest.mark.long)]
)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long) if name in BY_NIGHT else name for name in STORIES],
)
async def test_killed_at_each_moment(
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
    async for _ in killed_at_each(STORIES[name], moments, lnbits, new_order):
        kills += 1
        figures.add("kills in the middle of an order")
    assert kills >= FEWEST_KILLS
    assert amiss((await read_books(books_place)).of(machine.id)) == []
