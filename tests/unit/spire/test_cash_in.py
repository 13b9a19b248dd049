"""A customer's notes for sats, with a service on a relay and an acceptor that counts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire import cash_in as module
from spirekeeper.spire import patience
from spirekeeper.spire.acceptor import Acceptor, Inserted, inserted
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import MOVES, CashInOrder, CashInOrders, CashInStep
from spirekeeper.spire.cash_in_steps import CashInSteps
from spirekeeper.spire.errors import (
    BadCashAnswer,
    CashRefused,
    ForOperator,
    NoAnswer,
    NoNotes,
    NotFetched,
    NotNow,
    NotPaid,
    SpireError,
)
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash_service import CashService, Serving
from support.commanding import Command
from support.fake_acceptor import FakeAcceptor

SATS = 20_000
IN = 15_000
NET = IN - 301
BOLT11 = "lnbcrt147u1customer"


class Desk:
    """One machine with its acceptor, and the service that it asks."""

    def __init__(
        self, machine: Machine, home: Path, acceptor: FakeAcceptor, cash: CashService
    ) -> None:
        self.home = home
        self.orders = CashInOrders(home)
        self.acceptor = acceptor
        self.cash = cash
        self.service = Service(machine)
        self.leaves = asyncio.Event()
        self.shown: list[CashInOrder] = []
        self.told: list[str] = []
        self.clock = 0.0
        self.serving: Serving

    def now(self) -> float:
        return self.clock

    async def take(self, bolt11: str | None = None, sats: int = SATS) -> CashInOrder:
        return await self.cash_in().serve(sats, bolt11)

    def cash_in(self) -> CashIn:
        return CashIn(
            self.service,
            self.orders,
            Acceptor([self.acceptor.command]),
            show=self.shown.append,
            tell=self.told.append,
            leaves=self.leaves,
            now=self.now,
        )

    async def catch_up(self) -> None:
        await CashInSteps(self.service, self.orders, self.told.append).catch_up()

    def broken_off(self, step: CashInStep, **fields: Any) -> CashInOrder:
        """An order that a machine left there when it lost its power."""
        order = replace(CashInOrder.new(SATS, None), step=step, **fields)
        with self.orders.locked():
            return self.orders.write(order)

    @property
    def order(self) -> CashInOrder:
        [order] = self.orders.all()
        return order


@pytest.fixture
async def desk(
    machine: Machine,
    cash_seed: Seed,
    home: Path,
    tmp_path: Path,
    cash: CashService,
    relay: DevRelay,
) -> AsyncIterator[Desk]:
    await machine.boot(cash_seed.encode())
    acceptor = FakeAcceptor(tmp_path / "acceptor")
    acceptor.takes(10_000, 5_000)
    desk = Desk(machine, home, acceptor, cash)
    async with cash.on(relay.url) as serving:
        desk.serving = serving
        yield desk


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr(patience, "AGAIN_S", 0.01)


async def test_the_customers_invoice_is_paid(desk: Desk) -> None:
    order = await desk.take(BOLT11)
    assert (desk.acceptor.ran, desk.acceptor.ran_for) == ([str(SATS)], [order.id])
    assert order == desk.order
    assert (order.step, order.notes, order.inserted) == (CashInStep.SENT, 2, IN)
    assert (order.preimage, order.net_sats) == ("0" * 64, NET)
    bought = desk.cash.takes.only
    assert (bought.said, bought.paid) == (IN, [BOLT11])
    assert desk.cash.asked == ["hold", "payment", "get_payment"]
    assert [each.short_code for each in desk.shown] == [order.short_code]


async def test_the_customer_fetches_the_sats_with_a_link(desk: Desk) -> None:
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.takes.send(desk.cash.takes.only)
    order = await taking
    assert (order.step, order.net_sats) == (CashInStep.SENT, NET)
    notes, link = desk.shown
    assert (notes.step, notes.short_code) == (CashInStep.TAKING, order.short_code)
    assert (link.lnurl, link.net_sats) == (desk.cash.takes.only.lnurl, NET)
    assert desk.cash.asked[:2] == ["hold", "create_withdraw"]


async def test_without_a_link_no_note_is_taken(desk: Desk) -> None:
    """LNbits has no address that phones reach; who has an invoice is served."""
    desk.cash.takes.links = False
    with pytest.raises(CashRefused, match="no note is taken without an invoice"):
        await desk.take()
    assert (desk.acceptor.ran, desk.order.step) == ([], CashInStep.ABANDONED)
    assert desk.cash.asked == ["hold", "abandon"]
    desk.cash.asked.clear()
    assert (await desk.take(BOLT11)).step is CashInStep.SENT


@pytest.mark.parametrize(
    "why",
    [
        "cap_hour: This machine has paid out what it may.",
        pytest.param("wallet_short: Too little.", marks=pytest.mark.long),
    ],
)
async def test_without_a_hold_no_note_is_taken(why: str, desk: Desk) -> None:
    """The reason is told in the service's words."""
    desk.cash.refuses = {"hold": {"error": why}}
    with pytest.raises(CashRefused, match=why.partition(": ")[2]):
        await desk.take()
    assert (desk.order.step, desk.acceptor.ran) == (CashInStep.REFUSED, [])
    desk.cash.refuses, desk.cash.silent = {}, {"hold"}
    desk.service = Service(Machine(desk.home, timeout=1.0))
    with pytest.raises(NoAnswer):
        await desk.take()
    assert desk.acceptor.ran == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"sats": SATS - 1}, BadCashAnswer),
        ({"state": "reserved"}, CashRefused),
        pytest.param({"order": "0" * 32}, BadCashAnswer, marks=pytest.mark.long),
        pytest.param({"held_until": 1}, NotNow, marks=pytest.mark.long),
        pytest.param({"held_until": None}, BadCashAnswer, marks=pytest.mark.long),
    ],
)
async def test_a_hold_that_is_none_lets_no_note_in(
    wrong: dict[str, Any], error: type[SpireError], desk: Desk
) -> None:
    hold = desk.cash.takes.hold
    desk.cash.takes.fetches = True  # whoever takes notes all the same comes to an end
    desk.cash.takes.hold = lambda body: {"data": hold(body)["data"] | wrong}  # type: ignore[method-assign]
    with pytest.raises(error):
        await desk.take()
    assert desk.acceptor.ran == []


async def test_an_acceptor_that_takes_none_is_asked_first(desk: Desk) -> None:
    desk.acceptor.works(False)
    with pytest.raises(NoNotes):
        await desk.take()
    desk.acceptor.is_gone()
    with pytest.raises(NoNotes, match="cannot be started"):
        await desk.take()
    assert (desk.cash.asked, desk.orders.all()) == ([], [])


async def test_the_hold_is_renewed_while_notes_go_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_S", 0.01)
    desk.acceptor.waits()
    desk.cash.takes.fetches = True
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: desk.cash.asked.count("hold") == 4)
    desk.leaves.set()
    assert (await taking).step is CashInStep.SENT
    assert desk.cash.takes.only.said == IN
    assert len(desk.acceptor.ran) == 1


@pytest.mark.parametrize("answers", ["stopped: It is off.", None])
async def test_no_more_notes_go_in_once_the_hold_is_not_renewed(
    answers: str | None, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, or nobody answers until it ends. What is in is paid all the same."""
    monkeypatch.setattr(module, "RENEW_S", 0.01)
    monkeypatch.setattr(module, "RENEW_AGAIN_S", 0.01)
    desk.acceptor.waits()
    desk.cash.takes.fetches = True
    desk.service = Service(Machine(desk.home, timeout=1.0))
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: desk.cash.asked.count("hold") == 2)
    if answers:
        desk.cash.refuses = {"hold": {"error": answers}}
    else:
        desk.cash.silent = {"hold"}
        desk.clock = 541.0
    assert (await asyncio.wait_for(taking, 20)).step is CashInStep.SENT
    assert desk.cash.takes.only.said == IN


async def test_a_customer_who_inserts_nothing(desk: Desk) -> None:
    desk.acceptor.takes()
    with pytest.raises(NotPaid, match="Nothing was inserted"):
        await desk.take()
    assert (desk.order.step, desk.cash.asked) == (CashInStep.ABANDONED, ["hold", "abandon"])
    assert desk.cash.takes.only.held_until == 0


async def test_who_leaves_with_the_link_fetches_the_sats_later(desk: Desk) -> None:
    """And who comes next inserts notes of their own."""
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: "get_payment" in desk.cash.asked)
    desk.leaves.set()
    with pytest.raises(NotFetched, match=f"{NET} sats are theirs.*{desk.order.short_code}"):
        await taking
    assert desk.order.step is CashInStep.LEFT
    desk.leaves.clear()
    first, desk.cash.takes.fetches = desk.order, True
    second = await desk.take()
    assert second.id != first.id
    assert len(desk.acceptor.ran) == 2
    assert desk.cash.takes.orders[first.id].paid == []
    await desk.catch_up()
    assert {order.step for order in desk.orders.all()} == {CashInStep.SENT}


async def test_an_invoice_that_cannot_be_paid_becomes_a_link(desk: Desk) -> None:
    desk.cash.takes.fails = True
    taking = asyncio.create_task(desk.take(BOLT11))
    await desk.serving.until(lambda: "create_withdraw" in desk.cash.asked)
    desk.cash.takes.send(desk.cash.takes.only)
    assert (await taking).step is CashInStep.SENT
    assert any("not paid" in words for words in desk.told)


@pytest.mark.long
async def test_an_invoice_that_is_refused_becomes_a_link(desk: Desk) -> None:
    no = {"res": "GFY", "code": 5, "error": "Over another amount.", "range": {"min": 1, "max": 1}}
    desk.cash.refuses = {"payment": no}
    desk.cash.takes.fetches = True
    assert (await desk.take(BOLT11)).step is CashInStep.SENT
    assert desk.cash.takes.only.paid == ["link"]
    assert any("Over another amount" in words for words in desk.told)


async def test_silence_is_no_no(desk: Desk) -> None:
    """A payment that may have gone through is asked about, and no link is asked for."""
    desk.cash.takes.hangs = True
    desk.service = Service(Machine(desk.home, timeout=1.0))
    taking = asyncio.create_task(desk.take(BOLT11))
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 3)
    assert desk.order.step is CashInStep.INSERTED
    desk.cash.takes.send(desk.cash.takes.only, BOLT11)
    assert (await taking).step is CashInStep.SENT
    assert "create_withdraw" not in desk.cash.asked
    assert desk.cash.asked.count("payment") == 1


@pytest.mark.long
async def test_who_leaves_while_a_payment_is_under_way_is_paid_later(desk: Desk) -> None:
    desk.cash.takes.hangs = True
    desk.service = Service(Machine(desk.home, timeout=1.0))
    taking = asyncio.create_task(desk.take(BOLT11))
    await desk.serving.until(lambda: "get_payment" in desk.cash.asked)
    desk.leaves.set()
    with pytest.raises(NotFetched):
        await taking
    desk.cash.takes.send(desk.cash.takes.only, BOLT11)
    await desk.catch_up()
    assert desk.order.step is CashInStep.SENT


async def test_what_cannot_be_reserved_any_more_is_owed_and_asked_for_again(desk: Desk) -> None:
    """The hold was over, and others have the caps. Notes are not given back."""
    desk.cash.takes.short = True
    for bolt11 in (None, BOLT11):
        with pytest.raises(ForOperator, match=f"for {IN} sats.*owed"):
            await desk.take(bolt11)
    assert [order.step for order in desk.orders.all()] == [CashInStep.INSERTED] * 2
    desk.cash.takes.short, desk.cash.takes.fetches = False, True
    assert (await desk.take()).step is CashInStep.SENT
    assert len(desk.acceptor.ran) == 2
    assert {order.said for order in desk.cash.takes.orders.values()} == {IN}
    assert {order.step for order in desk.orders.all()} == {CashInStep.SENT}


@pytest.mark.long
@pytest.mark.parametrize(
    ("state", "step"), [("unclaimed", CashInStep.OWED), ("settled", CashInStep.CLOSED)]
)
async def test_what_the_operator_has_to_end(state: str, step: CashInStep, desk: Desk) -> None:
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: "get_payment" in desk.cash.asked)
    desk.cash.takes.only.state = state
    with pytest.raises(ForOperator, match=str(desk.order.short_code)):
        await taking
    assert desk.order.step is step


async def test_a_link_for_another_amount_is_not_shown(desk: Desk) -> None:
    link = desk.cash.takes.create_withdraw
    desk.cash.takes.create_withdraw = lambda order, body: {  # type: ignore[method-assign]
        "data": link(order, body)["data"] | {"amount_sats": NET - 1}
    }
    with pytest.raises(ForOperator, match="not for what was inserted"):
        await desk.take()
    assert desk.order.step is CashInStep.INSERTED


@pytest.mark.parametrize(
    ("said", "is_in"),
    [
        ('{"notes": 1, "sats": 10000}\n{"notes": 2, "sats": 15000}\n', Inserted(2, IN)),
        ('{"notes": 1, "sats": 10000}\n{"notes": 2, "sa', Inserted(1, 10_000)),
        ('{"notes": 1, "sats": 10000}\njammed\n', Inserted(1, 10_000)),
        ('{"notes": 0, "sats": 0}\n', Inserted(0, 0)),
        ("", None),
        ("jammed", None),
        ('{"notes": 2, "sats": 20001}', None),
        ('{"notes": 0, "sats": 5}', None),
        ('{"notes": true, "sats": 5}', None),
    ],
)
async def test_what_an_acceptor_says(said: str, is_in: Inserted | None, tmp_path: Path) -> None:
    out = tmp_path / "order.notes"
    assert await inserted(CashInOrder.new(SATS, None), out) is None, "it never ran"
    out.write_text(said)
    assert await inserted(CashInOrder.new(SATS, None), out) == is_in


async def test_what_is_in_is_unknown(desk: Desk) -> None:
    """Nothing is said that is not known, and no note is taken for that order again."""
    desk.acceptor.says("jammed")
    with pytest.raises(ForOperator, match="count them"):
        await desk.take()
    assert (desk.order.step, desk.cash.asked) == (CashInStep.UNKNOWN, ["hold"])
    desk.acceptor.takes(5_000)
    await desk.catch_up()
    assert len(desk.acceptor.ran) == 1


# What was broken off.


async def test_notes_that_were_in_when_the_power_went_are_paid(desk: Desk) -> None:
    """The same command says what the acceptor had told, and takes no note."""
    order = desk.broken_off(CashInStep.TAKING, short_code="AB123")
    await desk.service.hold(order)
    desk.orders.notes_file(order).write_text('{"notes": 1, "sats": 5000}\n{"no')
    desk.cash.takes.fetches = True
    done = await desk.take()
    assert (done.id, done.step, done.inserted) == (order.id, CashInStep.SENT, 5_000)
    assert (desk.cash.takes.only.said, desk.acceptor.ran) == (5_000, [])


async def test_an_acceptor_that_outlives_the_machine_is_waited_for(desk: Desk) -> None:
    """It hears that the machine is gone, and ends; what it told is in a file."""
    desk.acceptor.waits()
    taking = asyncio.create_task(desk.take())
    while not desk.acceptor.ran:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert desk.order.step is CashInStep.TAKING
    await desk.catch_up()
    assert (desk.order.step, desk.order.inserted) == (CashInStep.LINKED, IN)
    assert len(desk.acceptor.ran) == 1


async def test_who_wanted_something_else_keeps_what_was_inserted(desk: Desk) -> None:
    older = desk.broken_off(CashInStep.INSERTED, inserted=5_000, notes=1)
    await desk.service.hold(older)
    asked = desk.broken_off(CashInStep.MADE, sats=7_000)
    desk.cash.takes.fetches = False
    taking = asyncio.create_task(desk.take(BOLT11))
    assert (await taking).step is CashInStep.SENT
    steps = {order.id: order.step for order in desk.orders.all()}
    assert steps[older.id] is CashInStep.LEFT
    assert steps[asked.id] is CashInStep.ABANDONED
    assert desk.cash.takes.orders[older.id].said == 5_000


@pytest.mark.long
async def test_one_customer_at_a_time(desk: Desk) -> None:
    with desk.orders.locked(), pytest.raises(SpireError, match="at work"):
        await desk.take()


def test_no_order_takes_a_step_that_the_table_does_not_allow() -> None:
    for step in CashInStep:
        order = replace(CashInOrder.new(SATS, None), step=step)
        for to in CashInStep:
            if to in MOVES.get(step, ()):
                assert order.at(to).step is to
            else:
                with pytest.raises(ValueError, match=f"from {step.value} to {to.value}"):
                    order.at(to)


# The command.


async def test_the_command(spire: Command, desk: Desk) -> None:
    desk.cash.takes.fetches = True
    takes = ("cash-in", "--sats", str(SATS), "--acceptor", desk.acceptor.command)
    ran = await spire(*takes, "--lnurl")
    assert ran.code == 0, ran.error
    code = f"code {desk.order.short_code}"
    assert f"insert notes for {SATS} sats at most. {code}" in ran.out
    assert desk.cash.takes.only.lnurl in ran.out
    assert "▀" in ran.out
    said = f"sent: {NET} sats for 2 notes worth {IN} sats, {code}"
    assert ran.out.splitlines()[-1] == said
    ran = await spire(*takes, "--bolt11", f"LIGHTNING:{BOLT11.upper()}")
    assert ran.code == 0, ran.error
    listed = await spire("cash", "--json")
    assert [order["step"] for order in listed.json["cash_in_orders"]] == ["sent", "sent"]
    assert (await spire(*takes, "--bolt11", "x", "--lnurl")).code == 1
    quoted = await spire("quote", "--sats", str(IN), "--in")
    assert f"the sats are: {NET} sats" in quoted.out


@pytest.mark.long
async def test_by_hand_somebody_says_that_all_is_in(spire: Command, desk: Desk) -> None:
    desk.cash.takes.fetches = True
    ran = await spire("cash-in", "--sats", str(SATS), stdin="")
    assert ran.code == NotPaid.exit_code, "nobody says so"
    ran = await spire("cash-in", "--sats", str(SATS), stdin="\n")
    assert ran.code == 0, ran.error
    assert list(desk.cash.takes.orders.values())[-1].said == SATS
