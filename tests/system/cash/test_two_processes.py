"""Two LNbits over one PostgreSQL hear every machine, and are told of payments as LNbits pleases:
each request is answered by one of them, and each order is made, paid and allowed once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from spirekeeper.devkit.postgres import Postgres
from support.cash import OFFER, RPC, CashMachine, new_id, offer, selling
from support.cash_ledger import amiss
from support.figures import Figures
from support.stall import stall
from support.two_lnbits import Bed

pytestmark = pytest.mark.long

SATS = 1000
A, B = 0, 1


@pytest.fixture(scope="module")
async def the_bed(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Bed]:
    folder = tmp_path_factory.mktemp("bed")
    async with Bed(folder, servers=2, database=postgres.url()) as bed:
        yield bed


@pytest.fixture
async def bed(the_bed: Bed) -> AsyncIterator[Bed]:
    yield the_bed
    assert amiss(await the_bed.books()) == []


@pytest.fixture
async def machine(bed: Bed) -> AsyncIterator[CashMachine]:
    async with selling(bed) as machine:
        yield machine


async def test_each_request_is_answered_by_one(
    bed: Bed, machine: CashMachine, figures: Figures
) -> None:
    status = {"rpc_name": "status", "auth_level": "AUTH_WALLET", "body": {}}
    sent = await asyncio.gather(*(machine.send(RPC, status) for _ in range(10)))
    for event_id in sent:
        await machine.answer_to(event_id)
    await machine.data("status")
    times = Counter(tag[1] for event in machine.sealed for tag in event["tags"] if tag[0] == "e")
    assert {times[event_id] for event_id in sent} == {1}
    figures.add("races", len(sent))


async def test_an_order_is_made_once(bed: Bed, machine: CashMachine, figures: Figures) -> None:
    """Whoever asks while its invoice is made is told to ask again."""
    for _ in range(3):
        order = new_id()
        asked = offer(order, SATS)
        sent = await asyncio.gather(*(machine.send(OFFER, asked) for _ in range(5)))
        answers = [await machine.answer_to(event_id) for event_id in sent]
        made = {answer["bolt11"] for answer in answers if "bolt11" in answer}
        assert len(made) == 1
        assert all(answer["code"] == 2 for answer in answers if "bolt11" not in answer)
        figures.add("races", len(sent))
    ours = {order["id"] for order in await machine.listed()}
    assert len(ours) == 3
    rows = [row for row in (await bed.books()).payee if row["external_id"] in ours]
    assert len(rows) == 3


async def test_payments_are_found_whoever_is_told(bed: Bed, tmp_path: Path) -> None:
    """One from outside both are told of, one inside only the process that it was made in."""
    await bed.proxy.listened()
    async with stall(bed, tmp_path / "stall") as machine:
        for pays in (bed.pays, bed.pays_inside, lambda bolt11: bed.pays_inside(bolt11, server=B)):
            sold = machine.sells(SATS)
            await pays(await machine.invoice())
            assert (await sold).step.value == "dispensed"
        for server in (A, B):
            orders = await bed.orders(machine.machine_id, server=server)
            assert [order["state"] for order in orders] == ["dispensed"] * 3
        assert await bed.balance(machine.machine_id) == 3 * SATS
        assert amiss(await bed.books([machine.books])) == []


async def test_one_attempt_gets_the_yes(bed: Bed, machine: CashMachine, figures: Figures) -> None:
    for pays in (bed.pays, bed.pays_inside):
        order, attempts = new_id(), [new_id() for _ in range(6)]
        bolt11, asked = await machine.invoiced(order, SATS)
        await pays(bolt11)
        await machine.is_told(asked)
        said = await asyncio.gather(*(machine.may_dispense(order, each) for each in attempts))
        assert sorted(said) == ["another_attempt"] * 5 + ["yes"]
        assert await machine.may_dispense(order, attempts[said.index("yes")]) == "yes"
        figures.add("races", len(attempts))


async def test_one_is_killed_and_the_other_goes_on(
    bed: Bed, tmp_path: Path, figures: Figures
) -> None:
    """Each of them once, before the customer pays."""
    async with stall(bed, tmp_path / "stall") as machine:
        for dies in (A, B):
            sold = machine.sells(SATS)
            bolt11 = await machine.invoice()
            await bed.servers[dies].kill()
            await bed.pays(bolt11)
            assert (await sold).step.value == "dispensed"
            await bed.servers[dies].start()
            figures.add("kills")
        assert amiss(await bed.books([machine.books])) == []
