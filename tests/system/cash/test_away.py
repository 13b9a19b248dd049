"""LNbits, or its node, is away when a customer pays: it is found, and sold, once they are back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.cash import CashMachine, new_id, selling
from support.cash_ledger import amiss
from support.stall import stall
from support.two_lnbits import LNBITS, OURS, Bed
from support.watching import until

pytestmark = pytest.mark.long

SATS = 1000
PENDING_S = 2
RESTARTS_S = 120.0


@pytest.fixture(scope="module")
async def the_bed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bed]:
    """LNbits looks at what is pending every other second, not every half hour."""
    every = {"LNBITS_FUNDING_SOURCE_PENDING_INTERVAL_SECONDS": str(PENDING_S)}
    async with Bed(tmp_path_factory.mktemp("bed"), **every) as bed:
        yield bed


@pytest.fixture
async def bed(the_bed: Bed) -> AsyncIterator[Bed]:
    yield the_bed
    the_bed.proxy.normal()
    assert amiss(await the_bed.books()) == []


@pytest.fixture
async def machine(bed: Bed) -> AsyncIterator[CashMachine]:
    async with selling(bed) as machine:
        yield machine


async def row_gets(bed: Bed, bolt11: str, status: str) -> None:
    async def there() -> bool:
        return bool(bed.row(bolt11)["status"] == status)

    await until(there, 10 * PENDING_S)


async def test_lnbits_was_down_when_the_customer_paid(bed: Bed, tmp_path: Path) -> None:
    async with stall(bed, tmp_path / "stall") as machine:
        sold = machine.sells(SATS)
        bolt11 = await machine.invoice()
        await bed.lnbits.kill()
        await bed.pays(bolt11)
        await bed.lnbits.start()
        assert (await sold).step.value == "dispensed"
        assert await bed.balance(machine.machine_id) == SATS
        assert amiss(await bed.books([machine.books])) == []


async def test_the_pending_check_found_it_and_told_nobody(bed: Bed, machine: CashMachine) -> None:
    bed.proxy.cut_stream()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    await bed.pays(bolt11)
    await row_gets(bed, bolt11, "success")
    bed.let_pass(15, bolt11, of=[OURS])
    await machine.is_told(asked)
    await machine.dispenses(order, SATS)
    assert await bed.balance(machine.id) == SATS


async def test_the_pending_check_comes_when_it_is_over(bed: Bed, machine: CashMachine) -> None:
    """And calls what is paid failed, without asking its node."""
    bed.proxy.cut_stream()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    bed.let_pass(250, bolt11, of=[LNBITS])
    await row_gets(bed, bolt11, "failed")
    await bed.pays(bolt11)
    bed.let_pass(250, bolt11, of=[OURS])
    await machine.is_told(asked)
    await machine.dispenses(order, SATS)
    assert (bed.row(bolt11)["status"], await bed.balance(machine.id)) == ("success", SATS)


@pytest.mark.parametrize(("after", "state"), [(0, "paid"), (400, "paid_late")])
async def test_the_node_was_away_when_lnbits_started(
    bed: Bed, machine: CashMachine, after: int, state: str
) -> None:
    """LNbits is without a node from then on, also when it is back, until it is started anew."""
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    await bed.lnbits.kill()
    await bed.pays(bolt11)
    await bed.proxy.stop()
    await bed.lnbits.start()
    await machine.is_heard()
    other = new_id()
    assert (await machine.offer(other, SATS))["code"] == 2
    await bed.proxy.start()
    assert (await machine.offer(other, SATS))["code"] == 2
    if after:
        bed.let_pass(after, bolt11)
    assert await machine.may_dispense(order, new_id()) in {"not_paid", "ended"}
    await bed.lnbits.kill()
    await bed.lnbits.start()
    await machine.is_heard()
    bed.let_pass(15, bolt11, of=[OURS])

    async def found() -> bool:
        orders = {each["sats"]: each["state"] for each in await machine.listed()}
        return orders[SATS] == state

    await until(found, RESTARTS_S)
    await machine.is_told(asked)
    if state == "paid":
        await machine.dispenses(order, SATS)
    assert await bed.balance(machine.id) == SATS


async def test_a_node_that_was_restarted_forgets_what_it_was_asked_for(
    bed: Bed, machine: CashMachine
) -> None:
    order, other = new_id(), new_id()
    bolt11, _ = await machine.invoiced(order, SATS)
    await bed.node.stop()
    await bed.node.start()
    with pytest.raises(AssertionError, match="POST /api/v1/payments"):
        await bed.pays(bolt11)
    bed.let_pass(400, bolt11)
    await machine.gets("expired")
    assert await machine.may_dispense(order, new_id()) == "ended"
    await bed.proxy.listened()
    bolt11, asked = await machine.invoiced(other, SATS)
    await bed.pays(bolt11)
    await machine.is_told(asked)
    await machine.dispenses(other, SATS)
