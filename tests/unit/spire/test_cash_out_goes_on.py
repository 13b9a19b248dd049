"""A cash-out that was broken off goes on, and the command that serves a customer."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.spire.cash_orders import MOVES, Order, Orders, Step
from spirekeeper.spire.errors import (
    ForOperator,
    NoAnswer,
    NotPaid,
    SpireError,
)
from support.commanding import Command
from unit.spire.desks import FIAT, SATS, SellingDesk


@pytest.fixture
def desk(selling_desk: SellingDesk) -> SellingDesk:
    return selling_desk


async def test_a_motor_that_lost_its_power_is_not_started_again(desk: SellingDesk) -> None:
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
    desk: SellingDesk,
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
async def test_who_wanted_something_else_has_left(desk: SellingDesk) -> None:
    older = desk.broken_off(Step.INVOICED)
    await desk.service.make_invoice(older)
    desk.cash.pays = False
    desk.leaves.set()
    with pytest.raises(NotPaid):
        await desk.sell(50_000, "50 EUR")
    assert [order.step for order in desk.orders.all()] == [Step.ABANDONED] * 2
    assert {sold.state for sold in desk.cash.orders.values()} == {"abandoned"}


async def test_who_has_paid_for_something_else_keeps_the_order(desk: SellingDesk) -> None:
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
async def test_an_order_that_the_service_forgot_holds_nobody_up(desk: SellingDesk) -> None:
    desk.broken_off(Step.ATTEMPT, sats=5_000, attempt="0" * 32)
    desk.cash.pays = True
    assert (await desk.sell()).step is Step.DISPENSED
    assert any("no such order" in words for words in desk.told)


@pytest.mark.long
@pytest.mark.usefixtures("quick")
async def test_it_goes_on_asking_while_nobody_answers(desk: SellingDesk, relay: DevRelay) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    await relay.restart()
    async with desk.cash.on(relay.url):
        desk.cash.pay(desk.cash.only)
        assert (await selling).step is Step.DISPENSED
    assert len(desk.motor.ran) == 1


async def test_one_customer_at_a_time(desk: SellingDesk) -> None:
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


async def test_the_command(spire: Command, desk: SellingDesk) -> None:
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
async def test_orders_are_listed_also_when_nobody_answers(
    desk: SellingDesk, spire: Command
) -> None:
    desk.broken_off(Step.INVOICED, short_code="AB123")
    desk.cash.silent = {"status"}
    ran = await spire("cash", "--timeout", "1")
    assert ran.code == NoAnswer.exit_code
    assert "invoiced   20000 sats for 20 EUR, code AB123" in ran.out
