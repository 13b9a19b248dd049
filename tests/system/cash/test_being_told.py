"""Customers pay from outside, and LNbits tells of it once, twice or never: each row of what it is
known to do. Whatever it does, an order ends once, and what was paid is where it belongs."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import bolt11 as invoices
import pytest
from support.cash import OFFER, CashMachine, new_id, offer, selling
from support.cash_ledger import amiss, broken_off
from support.fault_proxy import Fault, Hanging, Sort, cutting, dropping, saying
from support.stall import stall
from support.two_lnbits import LNBITS, OURS, Bed
from support.watching import until

SATS = 1000
MOST_AT_ONCE = 8
"""Calls to the node for an invoice, as `cash/invoices.py` has it."""


@pytest.fixture
async def machine(bed: Bed) -> AsyncIterator[CashMachine]:
    async with selling(bed) as machine:
        yield machine


def payment_hash(bolt11: str) -> str:
    return str(invoices.decode(bolt11).payment_hash)


# It is told


async def test_a_customer_from_outside(bed: Bed, tmp_path: Path) -> None:
    await bed.proxy.listened()
    async with stall(bed, tmp_path / "stall") as machine:
        sold = machine.sells(SATS)
        await bed.pays(await machine.invoice())
        assert (await sold).step.value == "dispensed"
        [order] = await bed.orders(machine.machine_id)
        assert (order["state"], await bed.balance(machine.machine_id)) == ("dispensed", SATS)
        assert amiss(await bed.books([machine.books])) == []


async def test_told_twice_it_is_paid_once(bed: Bed, machine: CashMachine) -> None:
    await bed.proxy.listened()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    await bed.pays(bolt11)
    await machine.is_told(asked)
    told = f"fundingsource invoice {payment_hash(bolt11)} settled".encode()

    async def twice() -> bool:
        return bed.lnbits.log.read_bytes().count(told) == 2

    await until(twice)
    proof = machine.answers(asked)[1]["content"]["preimage"]
    assert sha256(bytes.fromhex(proof)).hexdigest() == payment_hash(bolt11)
    await machine.dispenses(order, SATS)
    assert await bed.balance(machine.id) == SATS


# It is never told


async def test_what_nobody_told_of_is_looked_for(bed: Bed, tmp_path: Path) -> None:
    """The machine itself sells on: it asks for itself how its order stands."""
    bed.proxy.cut_stream()
    async with stall(bed, tmp_path / "stall") as machine:
        sold = machine.sells(SATS)
        bolt11 = await machine.invoice()
        await bed.pays(bolt11)
        bed.let_pass(15, bolt11)
        assert (await sold).step.value == "dispensed"
        assert await bed.balance(machine.machine_id) == SATS
        assert amiss(await bed.books([machine.books])) == []


async def test_somebody_has_asked_before_and_so_nobody_is_told(
    bed: Bed, machine: CashMachine
) -> None:
    bed.proxy.cut_stream()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    await bed.pays(bolt11)
    assert (await bed.polls(payment_hash(bolt11)))["paid"] is True
    bed.let_pass(15, bolt11)
    await machine.is_told(asked)
    await machine.dispenses(order, SATS)
    assert await bed.balance(machine.id) == SATS


async def test_it_was_told_while_the_node_did_not_know_yet(bed: Bed, machine: CashMachine) -> None:
    await bed.proxy.listened()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    bed.proxy.on(Sort.LOOK, saying(200, {"paid": False}))
    await bed.pays(bolt11)
    passed_over = f"got a payment notification {payment_hash(bolt11)}".encode()

    async def told_twice() -> bool:
        return bed.lnbits.log.read_bytes().count(passed_over) == 2

    await until(told_twice)
    assert (await bed.polls(payment_hash(bolt11)))["paid"] is False
    bed.proxy.normal()
    bed.let_pass(15, bolt11)
    await machine.is_told(asked)
    await machine.dispenses(order, SATS)


# It is wrong


@pytest.mark.parametrize(
    ("after", "state"), [(250, "paid"), pytest.param(310, "paid_late", marks=pytest.mark.long)]
)
async def test_paid_in_time_and_called_failed(
    bed: Bed, machine: CashMachine, after: int, state: str
) -> None:
    """LNbits first looks when it is over, and does not ask its node."""
    bed.proxy.cut_stream()
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    await bed.pays(bolt11)
    bed.let_pass(after, bolt11, of=[LNBITS])
    assert (await bed.polls(payment_hash(bolt11)))["paid"] is False
    assert (bed.row(bolt11)["status"], await bed.balance(machine.id)) == ("failed", 0)
    bed.let_pass(after, bolt11, of=[OURS])
    await machine.gets(state)
    assert (bed.row(bolt11)["status"], await bed.balance(machine.id)) == ("success", SATS)
    await machine.is_told(asked)
    if state == "paid":
        await machine.dispenses(order, SATS)
    else:
        assert await machine.may_dispense(order, new_id()) == "paid_late"


async def test_an_invoice_that_is_over_is_paid_inside(bed: Bed, machine: CashMachine) -> None:
    order = new_id()
    bolt11, _ = await machine.invoiced(order, SATS)
    bed.let_pass(400, bolt11)
    await bed.pays_inside(bolt11)
    await machine.gets("paid_late")
    assert await machine.may_dispense(order, new_id()) == "paid_late"
    assert await bed.balance(machine.id) == SATS


async def test_a_payment_inside_that_is_broken_off_is_none(bed: Bed, machine: CashMachine) -> None:
    """The customer has lost his sats, and the machine's wallet has none. LNbits never mends it."""
    order = new_id()
    bolt11, asked = await machine.invoiced(order, SATS)
    with bed.breaking_off(bolt11), pytest.raises(AssertionError, match="Unexpected"):
        await bed.pays_inside(bolt11)
    [shown] = await machine.listed()
    assert broken_off(await bed.books()) == [shown["id"]]
    bed.let_pass(15, bolt11)
    assert await machine.may_dispense(order, new_id()) == "not_paid"
    bed.let_pass(400, bolt11)
    await machine.gets("expired")
    assert await machine.may_dispense(order, new_id()) == "ended"
    assert (len(machine.answers(asked)), await bed.balance(machine.id)) == (1, 0)


# The node


FAULTS: dict[str, Fault | None] = {
    "says no": saying(400, {"detail": "no liquidity", "status": "failed"}),
    "talks nonsense": saying(200, {"bolt11": "lnbc1", "checking_id": "1"}),
    "does it, and its answer is lost": dropping,
    "cuts the connection": cutting,
    "is away": None,
}


async def test_a_node_that_makes_no_invoice_is_told_as_temporary(
    bed: Bed, machine: CashMachine
) -> None:
    for name, fault in FAULTS.items():
        order = new_id()
        if fault is None:
            await bed.proxy.stop()
        else:
            bed.proxy.on(Sort.INVOICE, fault)
        assert (await machine.offer(order, SATS))["code"] == 2, name
        if fault is None:
            await bed.proxy.start()
        bed.proxy.normal()
        told = await machine.offer(order, SATS)
        bolt11, asked = await machine.invoiced(order, SATS)
        assert told == {"bolt11": bolt11}, name
    await bed.pays(bolt11)
    bed.let_pass(15, bolt11)
    await machine.is_told(asked)


async def test_while_the_node_hangs_nobody_else_waits(bed: Bed, machine: CashMachine) -> None:
    """As many invoices hang as are made at once, and more are asked for. Whoever asks for anything
    else is answered before the first of them."""
    node = Hanging()
    async with selling(bed) as other:
        order = new_id()
        bolt11, asked = await other.invoiced(order, SATS)
        bed.proxy.on(Sort.INVOICE, node)
        bed.proxy.on(Sort.LOOK, node)
        offers = [offer(new_id(), SATS) for _ in range(MOST_AT_ONCE + 4)]
        hang = await asyncio.gather(*(machine.send(OFFER, each) for each in offers))
        for _ in range(MOST_AT_ONCE):
            await node.waits.get()
        await other.data("status")
        answered = [event_id for event_id in hang if machine.answers(event_id)]
        assert len(answered) <= len(hang) - MOST_AT_ONCE
        assert {machine.answers(each)[0]["content"]["code"] for each in answered} <= {2}
        await bed.pays_inside(bolt11)
        await other.is_told(asked)
        await other.dispenses(order, SATS)
        node.let_go()
        for event_id in hang:
            assert (await machine.answer_to(event_id)).keys() & {"bolt11", "code"}
