"""A customer's sats for notes, with a service on a relay and a motor that counts."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire import cash_out as module
from spirekeeper.spire import patience
from spirekeeper.spire.cash_orders import MOVES, Order, Orders, Step
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.cash_steps import Steps
from spirekeeper.spire.dispenser import Counted, Dispenser, counted
from spirekeeper.spire.errors import (
    ForOperator,
    NoAnswer,
    NoNotes,
    NotNow,
    NotPaid,
    SpireError,
    WrongAmount,
)
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash_service import CashService, Serving
from support.commanding import Command
from support.fake_motor import FakeMotor

SATS, FIAT = 20_000, "20 EUR"


class Desk:
    """One machine with its motor, and the service that it asks."""

    def __init__(self, machine: Machine, home: Path, motor: FakeMotor, cash: CashService) -> None:
        self.orders = Orders(home)
        self.motor = motor
        self.cash = cash
        self.service = Service(machine)
        self.leaves = asyncio.Event()
        self.shown: list[Order] = []
        self.told: list[str] = []
        self.now: Callable[[], float] = lambda: 0.0
        self.serving: Serving

    async def sell(self, sats: int = SATS, fiat: str | None = FIAT) -> Order:
        return await self.cash_out().serve(sats, fiat)

    def cash_out(self) -> CashOut:
        return CashOut(
            self.service,
            self.orders,
            Dispenser([self.motor.command]),
            show=self.shown.append,
            tell=self.told.append,
            leaves=self.leaves,
            now=self.now,
        )

    async def catch_up(self) -> None:
        await Steps(self.service, self.orders, self.told.append).catch_up()

    def broken_off(self, step: Step, **fields: Any) -> Order:
        """An order that a machine left there when it lost its power."""
        order = replace(Order.new(SATS, FIAT), step=step, **fields)
        with self.orders.locked():
            return self.orders.write(order)

    @property
    def order(self) -> Order:
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
    motor = FakeMotor(tmp_path / "motor")
    motor.brings(2, SATS)
    desk = Desk(machine, home, motor, cash)
    async with cash.on(relay.url) as serving:
        desk.serving = serving
        yield desk


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr(patience, "AGAIN_S", 0.01)


async def test_sats_become_notes(desk: Desk) -> None:
    desk.cash.pays = True
    order = await desk.sell()
    assert (desk.motor.ran, desk.motor.ran_for) == ([f"{SATS} {FIAT}"], [order.id])
    assert order == desk.order
    assert (order.step, order.notes, order.dispensed_sats) == (Step.DISPENSED, 2, SATS)
    sold = desk.cash.only
    assert (sold.id, sold.attempt, sold.state, sold.notes) == (
        order.id,
        order.attempt,
        "dispensed",
        2,
    )
    [shown] = desk.shown
    assert (shown.bolt11, shown.short_code) == (sold.bolt11, order.id[:5].upper())
    asked = ["invoice", "get_payment", "get_payment", "dispense", "dispensed"]
    assert desk.cash.asked == asked


async def test_a_receipt_is_news_and_no_leave_to_dispense(desk: Desk) -> None:
    """It is asked at once, and what it is told counts."""
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    await desk.serving.publish(desk.cash.receipt(desk.cash.only))
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 3)
    assert desk.motor.ran == []
    await desk.serving.pay(desk.cash.only)
    assert (await selling).step is Step.DISPENSED
    assert len(desk.motor.ran) == 1


async def test_an_answer_to_the_machine_is_no_news(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would ask again at each of them, more often than the service answers in a minute."""
    monkeypatch.setattr(module, "POLL_S", 3600.0)
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    for _ in range(3):
        await desk.service.terms()
    assert desk.cash.asked.count("get_payment") == 2
    await desk.serving.pay(desk.cash.only)
    assert (await selling).step is Step.DISPENSED


@pytest.mark.long
@pytest.mark.usefixtures("quick")
async def test_a_receipt_that_is_lost_is_not_missed(desk: Desk) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 3)
    desk.cash.pay(desk.cash.only)
    assert (await selling).step is Step.DISPENSED


async def test_without_the_notes_nothing_is_asked_for(desk: Desk) -> None:
    desk.motor.has_notes(False)
    with pytest.raises(NoNotes):
        await desk.sell()
    desk.motor.is_gone()
    with pytest.raises(NoNotes, match="cannot be started"):
        await desk.sell()
    assert (desk.cash.asked, desk.orders.all()) == ([], [])


async def test_the_customer_leaves(desk: Desk) -> None:
    desk.leaves.set()
    with pytest.raises(NotPaid, match="has left"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state) == (Step.ABANDONED, "abandoned")
    assert desk.motor.ran == []


async def test_who_leaves_while_the_service_says_not_now_is_not_asked_for_without_a_pause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that asks on and on is told to wait for as long as it does."""
    monkeypatch.setattr(patience, "PATIENCE_S", -1.0)
    desk.cash.refuses["abandon"] = {"error": "temporary: not now"}
    desk.leaves.set()
    with pytest.raises(NotNow):
        await desk.sell()
    assert (desk.order.step, desk.cash.asked.count("abandon")) == (Step.LEAVING, 1)
    del desk.cash.refuses["abandon"]
    with pytest.raises(NotPaid, match="has left"):
        await desk.sell()
    assert {sold.state for sold in desk.cash.orders.values()} == {"abandoned"}


async def test_who_leaves_just_after_paying_gets_the_notes(desk: Desk) -> None:
    order = desk.broken_off(Step.LEAVING)
    await desk.service.make_invoice(order)
    desk.cash.pay(desk.cash.only)
    assert (await desk.sell()).step is Step.DISPENSED
    assert len(desk.motor.ran) == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("state", "error", "step"),
    [
        ("expired", NotPaid, Step.EXPIRED),
        ("paid_late", ForOperator, Step.CLOSED),
    ],
)
@pytest.mark.usefixtures("quick")
async def test_what_the_service_calls_ended_is_not_dispensed(
    state: str, error: type[SpireError], step: Step, desk: Desk
) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.only.state = state
    with pytest.raises(error):
        await selling
    assert (desk.order.step, desk.motor.ran) == (step, [])


@pytest.mark.long
@pytest.mark.usefixtures("quick")
async def test_an_invoice_that_is_long_over_is_given_up(desk: Desk) -> None:
    """Whatever the service says: it looks at invoices in its own time."""
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.only.expires_at -= 180 + 119
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 4)
    desk.cash.only.expires_at -= 60
    with pytest.raises(NotPaid, match="expired"):
        await selling


@pytest.mark.long
async def test_a_refused_amount_ends_the_order(desk: Desk) -> None:
    desk.cash.refuses = {"invoice": {"error": "No.", "code": 5, "range": {"min": 1, "max": 9}}}
    with pytest.raises(WrongAmount, match="1 to 9 sats"):
        await desk.sell()
    assert desk.order.step is Step.REFUSED


async def test_a_yes_that_has_grown_old_is_asked_for_again(desk: Desk) -> None:
    """With the same attempt; the motor runs once."""
    desk.cash.pays = True
    # Eleven seconds pass while the first answer comes.
    desk.now = lambda: 11.0 if "dispense" in desk.cash.asked else 0.0
    order = await desk.sell()
    assert desk.cash.asked.count("dispense") == 2
    assert (desk.cash.only.attempt, desk.motor.ran) == (order.attempt, [f"{SATS} {FIAT}"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("why_not", "step", "state"),
    [
        ("another_attempt", Step.CLOSED, "another_attempt"),
        ("stopped", Step.ATTEMPT, "paid"),
    ],
)
async def test_without_leave_no_motor_runs(
    why_not: str, step: Step, state: str, desk: Desk
) -> None:
    desk.cash.pays = True
    desk.cash.denies = why_not
    with pytest.raises(ForOperator):
        await desk.sell()
    assert (desk.order.step, desk.order.service_state) == (step, state)
    assert desk.motor.ran == []


async def test_a_refusal_after_the_payment_is_for_the_operator(desk: Desk) -> None:
    """Not for whoever is to buy something else; and the same command goes on."""
    desk.cash.pays = True
    desk.cash.refuses = {"dispense": {"error": "denied: It is off."}}
    with pytest.raises(ForOperator, match=r"has paid.*It is off"):
        await desk.sell()
    assert (desk.order.step, desk.motor.ran) == (Step.ATTEMPT, [])
    desk.cash.refuses = {"dispensed": {"error": "conflict: Another attempt."}}
    with pytest.raises(ForOperator, match=r"has paid.*Another attempt"):
        await desk.sell()
    assert (desk.order.step, len(desk.motor.ran)) == (Step.COUNTED, 1)
    desk.cash.refuses = {}
    assert (await desk.sell()).step is Step.DISPENSED
    assert len(desk.motor.ran) == 1


@pytest.mark.long
async def test_a_yes_that_was_never_used_is_reported_as_no_notes(desk: Desk) -> None:
    """The machine was away for longer than the yes is repeated, and its motor never ran."""
    desk.cash.pays = True
    desk.cash.denies = "too_late"
    with pytest.raises(ForOperator, match="0 notes"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state, desk.motor.ran) == (Step.SHORT, "short", [])


@pytest.mark.long
async def test_fewer_notes_than_ordered(desk: Desk) -> None:
    desk.cash.pays = True
    desk.motor.brings(1, SATS // 2)
    with pytest.raises(ForOperator, match=f"1 notes came out, for {SATS // 2} of {SATS} sats"):
        await desk.sell()
    assert (desk.cash.only.state, desk.cash.only.notes) == ("short", 1)


async def test_what_came_out_is_unknown(desk: Desk) -> None:
    """Nothing is reported that is not known: the service tells the operator that nothing was."""
    desk.cash.pays = True
    desk.motor.says("jammed")
    with pytest.raises(ForOperator, match="count the notes"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state) == (Step.UNKNOWN, "dispensing")
    assert "dispensed" not in desk.cash.asked
    desk.motor.brings(2, SATS)
    await desk.catch_up()
    assert len(desk.motor.ran) == 1


@pytest.mark.parametrize(
    ("said", "came_out"),
    [
        (b'moving\n{"notes": 2, "sats": 20000}\n', Counted(2, SATS)),
        (b'{"notes": 0, "sats": 0}', Counted(0, 0)),
        (b"", None),
        (b'{"notes": 2, "sats": 20000}\ndone', None),
        (b'{"notes": 2}', None),
        (b"[]", None),
        (b'{"notes": true, "sats": 20000}', None),
        (b'{"notes": 2, "sats": 2e4}', None),
        (b'{"notes": 2, "sats": 20001}', None),
        (b'{"notes": 0, "sats": 20000}', None),
        (b'{"notes": -1, "sats": 20000}', None),
        (b"\xff", None),
    ],
)
async def test_what_a_dispenser_says(said: bytes, came_out: Counted | None, tmp_path: Path) -> None:
    out = tmp_path / "order.motor"
    assert await counted(Order.new(SATS, FIAT), out) is None, "it never ran, or its file is lost"
    out.write_bytes(said)
    assert await counted(Order.new(SATS, FIAT), out) == came_out


@pytest.mark.long
async def test_a_dispenser_that_cannot_be_started_has_moved_nothing(desk: Desk) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.motor.is_gone()
    await desk.serving.pay(desk.cash.only)
    with pytest.raises(ForOperator, match="0 notes"):
        await selling
    assert (desk.cash.only.state, desk.cash.only.notes) == ("short", 0)


# What was broken off.


async def test_a_motor_that_lost_its_power_is_not_started_again(desk: Desk) -> None:
    """It has printed nothing that counts. The same command says so, and sells nothing."""
    order = desk.broken_off(Step.MADE)
    await desk.service.make_invoice(order)
    desk.cash.only.state, desk.cash.only.attempt = "dispensing", "0" * 32
    desk.orders.write(replace(order, step=Step.MOTOR, attempt="0" * 32))
    desk.orders.motor_file(order).write_text("moving\n")
    with pytest.raises(ForOperator, match="count the notes"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state, desk.motor.ran) == (
        Step.UNKNOWN,
        "dispensing",
        [],
    )


async def test_a_motor_that_outlives_the_machine_is_waited_for(
    desk: Desk,
) -> None:
    """Its report is in a file that it keeps locked."""
    os.mkfifo(desk.motor.gate)
    desk.cash.pays = True
    selling = asyncio.create_task(desk.sell())
    while not desk.motor.ran:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)
    selling.cancel()
    await asyncio.gather(selling, return_exceptions=True)
    assert desk.order.step is Step.MOTOR

    catching_up = asyncio.create_task(desk.catch_up())
    while not desk.told:  # noqa: ASYNC110 - it tells that it waits
        await asyncio.sleep(0.01)
    assert desk.order.step is Step.MOTOR
    await asyncio.to_thread(desk.motor.gate.write_text, "open")
    await catching_up
    assert (desk.order.step, desk.cash.only.state) == (Step.DISPENSED, "dispensed")
    assert len(desk.motor.ran) == 1


@pytest.mark.long
async def test_who_wanted_something_else_has_left(desk: Desk) -> None:
    older = desk.broken_off(Step.INVOICED)
    await desk.service.make_invoice(older)
    desk.cash.pays = False
    desk.leaves.set()
    with pytest.raises(NotPaid):
        await desk.sell(50_000, "50 EUR")
    assert [order.step for order in desk.orders.all()] == [Step.ABANDONED] * 2
    assert {sold.state for sold in desk.cash.orders.values()} == {"abandoned"}


async def test_who_has_paid_for_something_else_keeps_the_order(desk: Desk) -> None:
    """Whoever comes next gets only what they have paid for."""
    older = desk.broken_off(Step.INVOICED)
    await desk.service.make_invoice(older)
    desk.cash.pay(desk.cash.only)
    desk.leaves.set()
    with pytest.raises(NotPaid):
        await desk.sell(50_000, "50 EUR")
    steps = {order.sats: order.step for order in desk.orders.all()}
    assert steps == {SATS: Step.ATTEMPT, 50_000: Step.ABANDONED}
    assert desk.motor.ran == []
    assert (await desk.sell()).step is Step.DISPENSED
    assert desk.motor.ran == [f"{SATS} {FIAT}"]


@pytest.mark.long
async def test_an_order_that_the_service_forgot_holds_nobody_up(desk: Desk) -> None:
    desk.broken_off(Step.ATTEMPT, sats=5_000, attempt="0" * 32)
    desk.cash.pays = True
    assert (await desk.sell()).step is Step.DISPENSED
    assert any("no such order" in words for words in desk.told)


@pytest.mark.long
@pytest.mark.usefixtures("quick")
async def test_it_goes_on_asking_while_nobody_answers(desk: Desk, relay: DevRelay) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    await relay.restart()
    async with desk.cash.on(relay.url):
        desk.cash.pay(desk.cash.only)
        assert (await selling).step is Step.DISPENSED
    assert len(desk.motor.ran) == 1


async def test_one_customer_at_a_time(desk: Desk) -> None:
    with desk.orders.locked(), pytest.raises(SpireError, match="at work"):
        await desk.sell()


def test_no_order_takes_a_step_that_the_table_does_not_allow() -> None:
    for step in Step:
        order = Order(id="0" * 32, sats=1, fiat=None, made_at="", step=step)
        for to in Step:
            if to in MOVES.get(step, ()):
                assert order.at(to).step is to
            else:
                with pytest.raises(ValueError, match=f"from {step.value} to {to.value}"):
                    order.at(to)


def test_an_order_that_cannot_be_read_is_not_passed_over(home: Path) -> None:
    orders = Orders(home)
    with orders.locked():
        order = orders.write(Order.new(SATS, None))
    assert orders.all() == [order]
    (home / "cash" / f"{order.id}.json").write_text('{"step": "sold"}')
    with pytest.raises(SpireError, match="Ask the operator"):
        orders.all()


# The command.


async def test_the_command(spire: Command, desk: Desk) -> None:
    desk.cash.pays = True
    sells = ("cash-out", "--sats", str(SATS), "--fiat", FIAT, "--dispenser", desk.motor.command)
    ran = await spire(*sells)
    assert ran.code == 0, ran.error
    assert desk.cash.only.bolt11 in ran.out
    assert f"code {desk.order.short_code}" in ran.out
    assert "▀" in ran.out
    assert ran.out.splitlines()[-1].startswith(f"dispensed: 2 notes for {SATS} sats")
    listed = await spire("cash", "--json")
    assert [order["step"] for order in listed.json["orders"]] == ["dispensed"]
    assert (await spire("cash-out", "--sats", "1.5", "--dispenser", "x")).code == 1


@pytest.mark.long
async def test_orders_are_listed_also_when_nobody_answers(desk: Desk, spire: Command) -> None:
    desk.broken_off(Step.INVOICED, short_code="AB123")
    desk.cash.silent = {"status"}
    ran = await spire("cash", "--timeout", "1")
    assert ran.code == NoAnswer.exit_code
    assert "invoiced   20000 sats for 20 EUR, code AB123" in ran.out
