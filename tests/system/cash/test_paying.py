"""LNbits pays customers who are outside, over a node that does all that nodes are known to do. Each
order ends `sent`, or `failed` once the node has said so when asked again, or waits for its word;
whatever happens, its customer is paid once at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle

import bolt11 as invoices
import pytest
from support.cash import DEBIT, UNHEARD_S, CashMachine, debit, new_id, taking
from support.cash_ledger import amiss
from support.fault_proxy import (
    ByInvoice,
    Fault,
    Hanging,
    Late,
    Sort,
    cutting,
    done_and,
    dropping,
    honest,
    saying,
)
from support.two_lnbits import Bed
from support.watching import until

SATS = 1000
IN_WALLET = 20_000
ROWS_OF_A_MACHINE = 4
"""A machine may ask so often in a minute."""
NOT_NOW, USED_UP = 2, 6
"""CLINK's codes: temporary; invalid."""


@pytest.fixture
async def machine(bed: Bed) -> AsyncIterator[CashMachine]:
    async with taking(bed) as machine:
        await bed.fill(machine.id, IN_WALLET)
        yield machine


def payment_hash(bolt11: str) -> str:
    return str(invoices.decode(bolt11).payment_hash)


async def gets(bed: Bed, order: str, wanted: str) -> None:
    """The order gets into this state by itself."""

    async def there() -> bool:
        return bool(bed.order(order)["state"] == wanted)

    await until(there, UNHEARD_S)


# What a node does

no_route = saying(400, {"detail": "no route", "status": "failed"})
in_flight = saying(400, {"detail": "in flight", "status": "pending"})
bad_gateway = saying(502, {"detail": "bad gateway"})
it_failed = saying(200, {"paid": False, "status": "failed"})


@dataclass
class Row:
    """What the node does when it is to pay, and tells whoever asks; the order's state then. After
    that it tells the truth, which is `truth`: `ends`."""

    pays: Fault
    tells: Fault
    first: str
    truth: Fault = honest
    ends: str = "sent"


def rows() -> dict[str, Row]:
    return {
        "pays": Row(honest, honest, "sent"),
        "says no": Row(no_route, it_failed, "failed", it_failed, "failed"),
        "says no, and not again": Row(no_route, bad_gateway, "unknown", it_failed, "failed"),
        "says no, and knows nothing of it": Row(no_route, honest, "unknown", ends="unknown"),
        "does not know": Row(in_flight, honest, "unknown", it_failed, "failed"),
        "is down": Row(bad_gateway, bad_gateway, "unknown", it_failed, "failed"),
        "never hears of it": Row(cutting, honest, "unknown", ends="unknown"),
        "pays, and its answer is lost": Row(dropping, honest, "sent"),
        "pays, and is away": Row(dropping, bad_gateway, "unknown"),
        "pays, and says bad gateway": Row(done_and(bad_gateway), honest, "sent"),
        "pays, and says no": Row(done_and(no_route), honest, "sent"),
        "pays, says no, and nothing more": Row(done_and(no_route), bad_gateway, "unknown"),
        "pays, and does not know": Row(done_and(in_flight), bad_gateway, "unknown"),
        "pays, and its answer is late": Row(Late(), honest, "sent"),
        "takes long, and pays": Row(Hanging(), honest, "unknown"),
    }


IN_CI = (
    "pays",
    "says no",
    "says no, and knows nothing of it",
    "does not know",
    "pays, and its answer is lost",
    "pays, says no, and nothing more",
    "takes long, and pays",
)


@dataclass
class Case:
    name: str
    row: Row
    machine: CashMachine
    order: str
    bolt11: str
    asked: str = ""

    async def is_asked(self, node: ByInvoice) -> None:
        node.set(self.bolt11, payment_hash(self.bolt11), pays=self.row.pays, tells=self.row.tells)
        await self.machine.holds(self.order, SATS)
        asked = debit(self.order, SATS, self.bolt11)
        self.asked = await self.machine.send(DEBIT, asked)

    async def is_answered(self) -> None:
        """`ok` with the node's own proof, `GFY`, or not at all."""
        if self.row.first == "unknown":
            assert self.machine.answers(self.asked) == [], self.name
            return
        answer = await self.machine.answer_to(self.asked)
        if self.row.first == "failed":
            assert (answer["res"], answer["code"]) == ("GFY", NOT_NOW), self.name
            return
        proof = sha256(bytes.fromhex(answer["preimage"])).hexdigest()
        assert (answer["res"], proof) == ("ok", payment_hash(self.bolt11)), self.name

    async def ends(self, bed: Bed) -> None:
        """Asked once more, with the same invoice and with another."""
        other = await bed.customers_invoice(SATS)
        told = await self.machine.pay(self.order, SATS, other)
        if self.row.ends == "failed":
            assert told["res"] == "ok", self.name
            assert bed.order(self.order)["state"] == "sent"
            return
        assert (told["res"], told["code"]) == ("GFY", USED_UP), self.name
        if self.row.ends == "sent":
            again = await self.machine.pay(self.order, SATS, self.bolt11)
            shown = await self.machine.data("get_payment", order=self.order)
            assert again == {"res": "ok", "preimage": shown["preimage"]}, self.name


@pytest.mark.parametrize(
    "names", [IN_CI, pytest.param(tuple(rows()), marks=pytest.mark.long)], ids=["some", "all"]
)
async def test_whatever_the_node_does_a_customer_is_paid_once(
    bed: Bed, names: tuple[str, ...]
) -> None:
    node, here = ByInvoice(), rows()
    bed.proxy.on(Sort.PAYMENT, node.pay)
    bed.proxy.on(Sort.LOOK, node.tell)
    async with AsyncExitStack() as stack:
        machines = [
            await stack.enter_async_context(taking(bed)) for _ in names[::ROWS_OF_A_MACHINE]
        ]
        for machine in machines:
            await bed.fill(machine.id, IN_WALLET)
        cases = [
            Case(name, here[name], machine, new_id(), await bed.customers_invoice(SATS))
            for name, machine in zip(names, cycle(machines), strict=False)
        ]
        await asyncio.gather(*(each.is_asked(node) for each in cases))
        for each in cases:
            await gets(bed, each.order, each.row.first)
            await each.is_answered()
        assert amiss(await bed.books()) == []
        for each in cases:
            node.set(
                each.bolt11, payment_hash(each.bolt11), pays=each.row.pays, tells=each.row.truth
            )
            if isinstance(each.row.pays, Hanging | Late):
                each.row.pays.let_go()
                await is_received(bed, each.bolt11)
            if each.row.first == "unknown":
                bed.looks_now(each.bolt11)
        for each in cases:
            await gets(bed, each.order, each.row.ends)
            await each.ends(bed)
            assert bed.received(each.bolt11) == (each.row.ends == "sent"), each.name


async def is_received(bed: Bed, bolt11: str) -> None:
    async def received() -> bool:
        return bed.received(bolt11)

    await until(received)


# Killed


async def test_the_node_goes_away_in_the_middle(bed: Bed, machine: CashMachine) -> None:
    order, node = new_id(), Late()
    bed.proxy.on(Sort.PAYMENT, node)
    await machine.holds(order, SATS)
    bolt11 = await bed.customers_invoice(SATS)
    asked = await machine.send(DEBIT, debit(order, SATS, bolt11))
    await node.done.get()
    await bed.proxy.stop()
    await gets(bed, order, "unknown")
    bed.looks_now(bolt11)
    assert machine.answers(asked) == []
    bed.proxy.normal()
    await bed.proxy.start()
    bed.looks_now(bolt11)
    await gets(bed, order, "sent")


@pytest.mark.long
async def test_the_node_is_killed_when_it_has_paid(bed: Bed, machine: CashMachine) -> None:
    order, node = new_id(), Late()
    bed.proxy.on(Sort.PAYMENT, node)
    await machine.holds(order, SATS)
    bolt11 = await bed.customers_invoice(SATS)
    await machine.send(DEBIT, debit(order, SATS, bolt11))
    await node.done.get()
    await bed.node.kill()
    await gets(bed, order, "unknown")
    await bed.node.start()
    bed.looks_now(bolt11)
    await gets(bed, order, "sent")


@pytest.mark.long
async def test_the_node_is_killed_before_it_is_asked(bed: Bed, machine: CashMachine) -> None:
    """Back again, it knows nothing of the payment. It might still be asked to make it."""
    order, node = new_id(), Hanging()
    bed.proxy.on(Sort.PAYMENT, node)
    await machine.holds(order, SATS)
    bolt11 = await bed.customers_invoice(SATS)
    asked = await machine.send(DEBIT, debit(order, SATS, bolt11))
    await node.waits.get()
    await bed.node.kill()
    await gets(bed, order, "unknown")
    await bed.node.start()
    bed.looks_now(bolt11)
    assert (await machine.pay(order, SATS, await bed.customers_invoice(SATS)))["code"] == USED_UP
    assert machine.answers(asked) == []
    assert bed.order(order)["state"] == "unknown"


@pytest.mark.long
@pytest.mark.parametrize("node", [Hanging(), Late()], ids=["is being asked", "has paid"])
async def test_lnbits_is_killed_in_the_middle(
    bed: Bed, machine: CashMachine, node: Late | Hanging
) -> None:
    order = new_id()
    bed.proxy.on(Sort.PAYMENT, node)
    await machine.holds(order, SATS)
    bolt11 = await bed.customers_invoice(SATS)
    asked = await machine.send(DEBIT, debit(order, SATS, bolt11))
    await (node.done if isinstance(node, Late) else node.waits).get()
    await bed.lnbits.kill()
    node.let_go()
    await is_received(bed, bolt11)
    await bed.lnbits.start()
    bed.looks_now(bolt11)
    await gets(bed, order, "sent")
    assert machine.answers(asked) == []
    await machine.is_heard()
    assert (await machine.pay(order, SATS, bolt11))["res"] == "ok"


@pytest.mark.long
async def test_lnbits_is_killed_and_the_node_fails_meanwhile(
    bed: Bed, machine: CashMachine
) -> None:
    order, node = new_id(), Hanging()
    bed.proxy.on(Sort.PAYMENT, node)
    await machine.holds(order, SATS)
    bolt11 = await bed.customers_invoice(SATS)
    await machine.send(DEBIT, debit(order, SATS, bolt11))
    await node.waits.get()
    await bed.lnbits.kill()
    bed.proxy.on(Sort.LOOK, it_failed)
    await bed.lnbits.start()
    bed.looks_now(bolt11)
    await gets(bed, order, "failed")
    bed.proxy.normal()
    await machine.is_heard()
    assert (await machine.pay(order, SATS, await bed.customers_invoice(SATS)))["res"] == "ok"


# LNbits says no


@pytest.mark.long
async def test_what_lnbits_refuses_was_never_asked_of_the_node(
    bed: Bed, machine: CashMachine
) -> None:
    """The wallet was emptied after the hold; or more is to be paid than LNbits lets anybody. The
    same invoice is paid once that is over."""
    node = Hanging()
    bed.proxy.on(Sort.PAYMENT, node)
    for spoils, mends in (
        (lambda: bed.fill(machine.id, 10 - IN_WALLET), lambda: bed.fill(machine.id, IN_WALLET)),
        (lambda: bed.limits_payments(SATS - 1), lambda: bed.limits_payments(10_000_000)),
    ):
        order, bolt11 = new_id(), await bed.customers_invoice(SATS)
        await machine.holds(order, SATS)
        await spoils()
        refused = await machine.pay(order, SATS, bolt11)
        assert (refused["res"], refused["code"]) == ("GFY", NOT_NOW)
        assert (bed.order(order)["state"], node.waits.qsize()) == ("failed", 0)
        await mends()
        bed.proxy.normal()
        assert (await machine.pay(order, SATS, bolt11))["res"] == "ok"
        bed.proxy.on(Sort.PAYMENT, node)


# An invoice that somebody knows


async def test_an_invoice_that_our_lnbits_has_paid_is_refused(
    bed: Bed, machine: CashMachine
) -> None:
    order, bolt11 = new_id(), await bed.customers_invoice(SATS)
    await machine.holds(order, SATS)
    await bed.pays_inside(bolt11)
    assert (await machine.pay(order, SATS, bolt11))["code"] == USED_UP
    assert bed.order(order)["state"] == "reserved"
    assert (await machine.pay(order, SATS, await bed.customers_invoice(SATS)))["res"] == "ok"


async def test_an_invoice_that_somebody_outside_has_paid_is_never_called_paid(
    bed: Bed, machine: CashMachine
) -> None:
    """This node says no, and nothing more: the operator may end the order after a day."""
    order, bolt11 = new_id(), await bed.customers_invoice(SATS)
    await machine.holds(order, SATS)
    await bed.pays(bolt11)
    await machine.send(DEBIT, debit(order, SATS, bolt11))
    await gets(bed, order, "unknown")
    bed.looks_now(bolt11)
    assert (await machine.pay(order, SATS, await bed.customers_invoice(SATS)))["code"] == USED_UP
    assert bed.order(order)["state"] == "unknown"


async def test_one_invoice_for_two_orders_is_paid_once(bed: Bed, machine: CashMachine) -> None:
    async with taking(bed) as other:
        await bed.fill(other.id, IN_WALLET)
        both = [(machine, new_id()), (other, new_id())]
        bolt11 = await bed.customers_invoice(SATS)
        for each, order in both:
            await each.holds(order, SATS)
        told = await asyncio.gather(*(each.pay(order, SATS, bolt11) for each, order in both))
        assert sorted(answer["res"] for answer in told) == ["GFY", "ok"]
        assert {answer.get("code") for answer in told} == {None, USED_UP}


async def test_a_customer_with_a_wallet_at_our_own_lnbits(bed: Bed, machine: CashMachine) -> None:
    """There is no proof of a payment inside; broken off by LNbits, it is the operator's."""
    order, broken = new_id(), new_id()
    for each in (order, broken):
        await machine.holds(each, SATS)
    bolt11 = await bed.insiders_invoice(SATS)
    assert await machine.pay(order, SATS, bolt11) == {"res": "ok"}
    bolt11 = await bed.insiders_invoice(SATS)
    with bed.breaking_off(bolt11):
        asked = await machine.send(DEBIT, debit(broken, SATS, bolt11))
        await gets(bed, broken, "unknown")
    bed.looks_now(bolt11)
    other = await machine.pay(broken, SATS, await bed.insiders_invoice(SATS))
    assert (other["code"], machine.answers(asked)) == (USED_UP, [])
    [shown] = [each for each in await machine.listed() if each["state"] == "unknown"]
    assert (shown["broken"], shown["stuck"]) == (True, True)
    how = {"how": "refunded", "reference": "by hand"}
    settled = await bed.api("POST", f"/cash/{shown['id']}/settle", how)
    assert settled.status_code == 200, settled.text
    bed.looks_now(bolt11)
    assert bed.order(broken)["state"] == "settled"
