"""A cash-in that was broken off goes on, and the command that serves a customer."""

import asyncio
from dataclasses import replace

import pytest
from spirekeeper.spire.cash_in_orders import MOVES, CashInOrder, CashInStep
from spirekeeper.spire.errors import (
    NotPaid,
    SpireError,
)
from support.commanding import Command
from unit.spire.desks import BOLT11, IN, NET, SATS, TakingDesk

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def desk(taking_desk: TakingDesk) -> TakingDesk:
    return taking_desk


async def test_notes_that_were_in_when_the_power_went_are_paid(desk: TakingDesk) -> None:
    """The same command says what the acceptor had told, and takes no note."""
    order = desk.broken_off(CashInStep.TAKING, short_code="AB123")
    await desk.service.hold(order)
    desk.orders.notes_file(order).write_text('{"notes": 1, "sats": 5000}\n{"no')
    desk.cash.takes.fetches = True
    done = await desk.take()
    assert (done.id, done.step, done.inserted) == (order.id, CashInStep.SENT, 5_000)
    assert (desk.cash.takes.only.said, desk.acceptor.ran) == (5_000, [])


async def test_an_acceptor_that_outlives_the_machine_is_waited_for(desk: TakingDesk) -> None:
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


async def test_who_wanted_something_else_keeps_what_was_inserted(desk: TakingDesk) -> None:
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
async def test_one_customer_at_a_time(desk: TakingDesk) -> None:
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


async def test_the_command(spire: Command, desk: TakingDesk) -> None:
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
async def test_by_hand_somebody_says_that_all_is_in(spire: Command, desk: TakingDesk) -> None:
    desk.cash.takes.fetches = True
    ran = await spire("cash-in", "--sats", str(SATS), stdin="")
    assert ran.code == NotPaid.exit_code, "nobody says so"
    ran = await spire("cash-in", "--sats", str(SATS), stdin="\n")
    assert ran.code == 0, ran.error
    assert list(desk.cash.takes.orders.values())[-1].said == SATS
