"""A customer's sats for notes, with a service on a relay and a motor that counts."""

import asyncio
from pathlib import Path

import pytest
from spirekeeper.spire import cash_out as module
from spirekeeper.spire import patience
from spirekeeper.spire.cash_orders import Order, Step
from spirekeeper.spire.dispenser import Counted, counted
from spirekeeper.spire.errors import (
    ForOperator,
    NoNotes,
    NotNow,
    NotPaid,
    SpireError,
    WrongAmount,
)
from unit.spire.desks import FIAT, SATS, SellingDesk


@pytest.fixture
def desk(selling_desk: SellingDesk) -> SellingDesk:
    return selling_desk


async def test_sats_become_notes(desk: SellingDesk) -> None:
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


async def test_a_receipt_is_news_and_no_leave_to_dispense(desk: SellingDesk) -> None:
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
    desk: SellingDesk, monkeypatch: pytest.MonkeyPatch
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
async def test_a_receipt_that_is_lost_is_not_missed(desk: SellingDesk) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 3)
    desk.cash.pay(desk.cash.only)
    assert (await selling).step is Step.DISPENSED


async def test_without_the_notes_nothing_is_asked_for(desk: SellingDesk) -> None:
    desk.motor.is_fit(False)
    with pytest.raises(NoNotes):
        await desk.sell()
    desk.motor.is_gone()
    with pytest.raises(NoNotes, match="cannot be started"):
        await desk.sell()
    assert (desk.cash.asked, desk.orders.all()) == ([], [])


async def test_the_customer_leaves(desk: SellingDesk) -> None:
    desk.leaves.set()
    with pytest.raises(NotPaid, match="has left"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state) == (Step.ABANDONED, "abandoned")
    assert desk.motor.ran == []


async def test_who_leaves_while_the_service_says_not_now_is_not_asked_for_without_a_pause(
    desk: SellingDesk, monkeypatch: pytest.MonkeyPatch
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


async def test_who_leaves_just_after_paying_gets_the_notes(desk: SellingDesk) -> None:
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
    state: str, error: type[SpireError], step: Step, desk: SellingDesk
) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.only.state = state
    with pytest.raises(error):
        await selling
    assert (desk.order.step, desk.motor.ran) == (step, [])


@pytest.mark.long
@pytest.mark.usefixtures("quick")
async def test_an_invoice_that_is_long_over_is_given_up(desk: SellingDesk) -> None:
    """Whatever the service says: it looks at invoices in its own time."""
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.only.expires_at -= 180 + 119
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 4)
    desk.cash.only.expires_at -= 60
    with pytest.raises(NotPaid, match="expired"):
        await selling


@pytest.mark.long
async def test_a_refused_amount_ends_the_order(desk: SellingDesk) -> None:
    desk.cash.refuses = {"invoice": {"error": "No.", "code": 5, "range": {"min": 1, "max": 9}}}
    with pytest.raises(WrongAmount, match="1 to 9 sats"):
        await desk.sell()
    assert desk.order.step is Step.REFUSED


async def test_a_yes_that_has_grown_old_is_asked_for_again(desk: SellingDesk) -> None:
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
    why_not: str, step: Step, state: str, desk: SellingDesk
) -> None:
    desk.cash.pays = True
    desk.cash.denies = why_not
    with pytest.raises(ForOperator):
        await desk.sell()
    assert (desk.order.step, desk.order.service_state) == (step, state)
    assert desk.motor.ran == []


async def test_a_refusal_after_the_payment_is_for_the_operator(desk: SellingDesk) -> None:
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
async def test_a_yes_that_was_never_used_is_reported_as_no_notes(desk: SellingDesk) -> None:
    """The machine was away for longer than the yes is repeated, and its motor never ran."""
    desk.cash.pays = True
    desk.cash.denies = "too_late"
    with pytest.raises(ForOperator, match="0 notes"):
        await desk.sell()
    assert (desk.order.step, desk.cash.only.state, desk.motor.ran) == (Step.SHORT, "short", [])


@pytest.mark.long
async def test_fewer_notes_than_ordered(desk: SellingDesk) -> None:
    desk.cash.pays = True
    desk.motor.brings(1, SATS // 2)
    with pytest.raises(ForOperator, match=f"1 notes came out, for {SATS // 2} of {SATS} sats"):
        await desk.sell()
    assert (desk.cash.only.state, desk.cash.only.notes) == ("short", 1)


async def test_what_came_out_is_unknown(desk: SellingDesk) -> None:
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
async def test_a_dispenser_that_cannot_be_started_has_moved_nothing(desk: SellingDesk) -> None:
    selling = asyncio.create_task(desk.sell())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.motor.is_gone()
    await desk.serving.pay(desk.cash.only)
    with pytest.raises(ForOperator, match="0 notes"):
        await selling
    assert (desk.cash.only.state, desk.cash.only.notes) == ("short", 0)
