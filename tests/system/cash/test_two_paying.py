"""Two LNbits over one PostgreSQL pay for machines at the same moment: no wallet is overdrawn, no
invoice and no order is paid twice, also when one of them is killed meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from spirekeeper.devkit.postgres import Postgres
from support.cash import DEBIT, CashMachine, debit, new_id, taking
from support.cash_ledger import amiss
from support.fault_proxy import Hanging, Sort
from support.figures import Figures
from support.two_lnbits import Bed
from support.watching import until

pytestmark = pytest.mark.long

SATS = 1000
A, B = 0, 1
ROUNDS = 5
HEALS_S = 60.0
USED_UP = 6


@pytest.fixture(scope="module")
async def the_bed(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Bed]:
    folder = tmp_path_factory.mktemp("bed")
    waits = {"LNBITS_FUNDING_SOURCE_PAY_INVOICE_WAIT_SECONDS": "1"}
    async with Bed(folder, servers=2, database=postgres.url(), **waits) as bed:
        await bed.fund(1_000_000)
        yield bed


@pytest.fixture
async def bed(the_bed: Bed) -> AsyncIterator[Bed]:
    yield the_bed
    the_bed.proxy.normal()
    assert amiss(await the_bed.books()) == []


async def states(machine: CashMachine) -> list[str]:
    return [order["state"] for order in await machine.listed()]


async def all_are(machine: CashMachine, wanted: set[str]) -> None:
    async def there() -> bool:
        return set(await states(machine)) <= wanted

    await until(there, HEALS_S)


async def test_a_wallet_is_not_promised_twice(bed: Bed, figures: Figures) -> None:
    """Each order wants 60 % of what is there, at the same moment."""
    for _ in range(ROUNDS):
        async with taking(bed) as machine:
            await bed.fill(machine.id, 1700)
            holds = (machine.call("hold", order=new_id(), sats=SATS) for _ in range(4))
            answers = await asyncio.gather(*holds)
            refused = [answer["error"].partition(":")[0] for answer in answers if "error" in answer]
            assert refused == ["wallet_short"] * 3
            figures.add("races", len(answers))


async def test_a_wallet_that_was_emptied_pays_once(bed: Bed, figures: Figures) -> None:
    """There was enough for both orders when they held; then the operator took the rest out."""
    for _ in range(ROUNDS):
        async with taking(bed) as machine:
            await bed.fill(machine.id, 3000)
            orders = [new_id(), new_id()]
            for order in orders:
                await machine.holds(order, SATS)
            await bed.fill(machine.id, -1300)
            bolt11s = [await bed.customers_invoice(SATS) for _ in orders]
            pays = (machine.pay(*each) for each in zip(orders, [SATS] * 2, bolt11s, strict=True))
            answers = await asyncio.gather(*pays)
            assert sorted(answer["res"] for answer in answers) == ["GFY", "ok"]
            assert [bed.received(each) for each in bolt11s].count(True) == 1
            assert await bed.balance(machine.id) >= 0
            figures.add("races", len(answers))


async def test_one_invoice_for_two_machines(bed: Bed, figures: Figures) -> None:
    async with taking(bed) as one, taking(bed) as other:
        for machine in (one, other):
            await bed.fill(machine.id, 20_000)
        for _ in range(ROUNDS):
            bolt11 = await bed.customers_invoice(SATS)
            orders = [(one, new_id()), (other, new_id())]
            for machine, order in orders:
                await machine.holds(order, SATS)
            answers = await asyncio.gather(
                *(machine.pay(order, SATS, bolt11) for machine, order in orders)
            )
            assert sorted(answer["res"] for answer in answers) == ["GFY", "ok"]
            assert {answer.get("code") for answer in answers} == {None, USED_UP}
            figures.add("races", len(answers))


async def test_one_invoice_for_a_machine_and_for_somebody_else(bed: Bed, figures: Figures) -> None:
    """A wallet of our LNbits pays the very invoice at the same moment, by whichever process.
    Whoever is second is told so; LNbits answers it with an error of its own."""
    async with taking(bed) as machine:
        await bed.fill(machine.id, 20_000)
        for number in range(ROUNDS):
            order, bolt11 = new_id(), await bed.customers_invoice(SATS)
            await machine.holds(order, SATS)
            asked, _ = await asyncio.gather(
                machine.send(DEBIT, debit(order, SATS, bolt11)),
                pays_at_once(bed, bolt11, server=number % 2),
            )
            await all_are(machine, {"sent", "failed", "reserved"})
            if (await states(machine))[0] != "sent":
                assert (await machine.answer_to(asked))["res"] == "GFY"
                again = await machine.pay(order, SATS, await bed.customers_invoice(SATS))
                assert again["res"] == "ok"
            figures.add("races", 2)


async def pays_at_once(bed: Bed, bolt11: str, *, server: int) -> Any:
    try:
        await bed.pays_inside(bolt11, server=server)
    except AssertionError as told:
        return told
    return None


async def test_an_order_asked_for_many_times(bed: Bed, figures: Figures) -> None:
    """With several invoices, each of them several times."""
    async with taking(bed) as machine:
        await bed.fill(machine.id, 20_000)
        for _ in range(2):
            order = new_id()
            await machine.holds(order, SATS)
            bolt11s = [await bed.customers_invoice(SATS) for _ in range(4)]
            sent = await asyncio.gather(
                *(machine.send(DEBIT, debit(order, SATS, each)) for each in bolt11s * 2)
            )
            await all_are(machine, {"sent"})
            [paid] = [each for each in bolt11s if bed.received(each)]
            assert (await machine.pay(order, SATS, paid))["res"] == "ok"
            told = [answer["content"] for each in sent for answer in machine.answers(each)]
            assert len(told) >= 6, "the process that does not pay waits for no word"
            assert {answer["res"] for answer in told} == {"GFY", "ok"}
            figures.add("races", len(sent))


async def test_one_is_killed_while_it_pays(bed: Bed, figures: Figures) -> None:
    """The other finds what came of it, and goes on with the wallet; whichever was paying."""
    for dies in (A, B):
        node = Hanging()
        async with taking(bed) as machine:
            await bed.fill(machine.id, 20_000)
            order, next_order = new_id(), new_id()
            for each in (order, next_order):
                await machine.holds(each, SATS)
            bed.proxy.on(Sort.PAYMENT, node)
            bolt11 = await bed.customers_invoice(SATS)
            await machine.send(DEBIT, debit(order, SATS, bolt11))
            await node.waits.get()
            await bed.servers[dies].kill()
            bed.proxy.normal()
            next_bolt11 = await bed.customers_invoice(SATS)
            await machine.send(DEBIT, debit(next_order, SATS, next_bolt11))
            node.let_go()
            await bed.servers[dies].start()
            await all_are(machine, {"sent"})
            assert bed.received(bolt11)
            assert bed.received(next_bolt11)
            figures.add("kills")
