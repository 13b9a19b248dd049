"""A customer's notes for sats, with a service on a relay and an acceptor that counts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.spire import cash_in as module
from spirekeeper.spire.acceptor import Inserted, inserted
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInStep
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
from unit.spire.desks import BOLT11, IN, NET, SATS, TakingDesk

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def desk(taking_desk: TakingDesk) -> TakingDesk:
    return taking_desk


async def test_the_customers_invoice_is_paid(desk: TakingDesk) -> None:
    order = await desk.take(BOLT11)
    assert (desk.acceptor.ran, desk.acceptor.ran_for) == ([str(SATS)], [order.id])
    assert order == desk.order
    assert (order.step, order.notes, order.inserted) == (CashInStep.SENT, 2, IN)
    assert (order.preimage, order.net_sats) == ("0" * 64, NET)
    bought = desk.cash.takes.only
    assert (bought.said, bought.paid) == (IN, [BOLT11])
    assert desk.cash.asked == ["hold", "payment", "get_payment"]
    assert [each.short_code for each in desk.shown] == [order.short_code]


async def test_the_customer_fetches_the_sats_with_a_link(desk: TakingDesk) -> None:
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: desk.cash.asked.count("get_payment") == 2)
    desk.cash.takes.send(desk.cash.takes.only)
    order = await taking
    assert (order.step, order.net_sats) == (CashInStep.SENT, NET)
    notes, link = desk.shown
    assert (notes.step, notes.short_code) == (CashInStep.TAKING, order.short_code)
    assert (link.lnurl, link.net_sats) == (desk.cash.takes.only.lnurl, NET)
    assert desk.cash.asked[:2] == ["hold", "create_withdraw"]


async def test_without_a_link_no_note_is_taken(desk: TakingDesk) -> None:
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
async def test_without_a_hold_no_note_is_taken(why: str, desk: TakingDesk) -> None:
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
    wrong: dict[str, Any], error: type[SpireError], desk: TakingDesk
) -> None:
    hold = desk.cash.takes.hold
    desk.cash.takes.fetches = True  # whoever takes notes all the same comes to an end
    desk.cash.takes.hold = lambda body: {"data": hold(body)["data"] | wrong}  # type: ignore[method-assign]
    with pytest.raises(error):
        await desk.take()
    assert desk.acceptor.ran == []


async def test_an_acceptor_that_takes_none_is_asked_first(desk: TakingDesk) -> None:
    desk.acceptor.is_fit(False)
    with pytest.raises(NoNotes):
        await desk.take()
    desk.acceptor.is_gone()
    with pytest.raises(NoNotes, match="cannot be started"):
        await desk.take()
    assert (desk.cash.asked, desk.orders.all()) == ([], [])


async def test_the_hold_is_renewed_while_notes_go_in(
    desk: TakingDesk, monkeypatch: pytest.MonkeyPatch
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
    answers: str | None, desk: TakingDesk, monkeypatch: pytest.MonkeyPatch
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


async def test_a_customer_who_inserts_nothing(desk: TakingDesk) -> None:
    desk.acceptor.takes()
    with pytest.raises(NotPaid, match="Nothing was inserted"):
        await desk.take()
    assert (desk.order.step, desk.cash.asked) == (CashInStep.ABANDONED, ["hold", "abandon"])
    assert desk.cash.takes.only.held_until == 0


async def test_who_leaves_with_the_link_fetches_the_sats_later(desk: TakingDesk) -> None:
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


async def test_an_invoice_that_cannot_be_paid_becomes_a_link(desk: TakingDesk) -> None:
    desk.cash.takes.fails = True
    taking = asyncio.create_task(desk.take(BOLT11))
    await desk.serving.until(lambda: "create_withdraw" in desk.cash.asked)
    desk.cash.takes.send(desk.cash.takes.only)
    assert (await taking).step is CashInStep.SENT
    assert any("not paid" in words for words in desk.told)


@pytest.mark.long
async def test_an_invoice_that_is_refused_becomes_a_link(desk: TakingDesk) -> None:
    no = {"res": "GFY", "code": 5, "error": "Over another amount.", "range": {"min": 1, "max": 1}}
    desk.cash.refuses = {"payment": no}
    desk.cash.takes.fetches = True
    assert (await desk.take(BOLT11)).step is CashInStep.SENT
    assert desk.cash.takes.only.paid == ["link"]
    assert any("Over another amount" in words for words in desk.told)


async def test_silence_is_no_no(desk: TakingDesk) -> None:
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
async def test_who_leaves_while_a_payment_is_under_way_is_paid_later(desk: TakingDesk) -> None:
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


async def test_what_cannot_be_reserved_any_more_is_owed_and_asked_for_again(
    desk: TakingDesk,
) -> None:
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
async def test_what_the_operator_has_to_end(state: str, step: CashInStep, desk: TakingDesk) -> None:
    taking = asyncio.create_task(desk.take())
    await desk.serving.until(lambda: "get_payment" in desk.cash.asked)
    desk.cash.takes.only.state = state
    with pytest.raises(ForOperator, match=str(desk.order.short_code)):
        await taking
    assert desk.order.step is step


async def test_a_link_for_another_amount_is_not_shown(desk: TakingDesk) -> None:
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


async def test_what_is_in_is_unknown(desk: TakingDesk) -> None:
    """Nothing is said that is not known, and no note is taken for that order again."""
    desk.acceptor.says("jammed")
    with pytest.raises(ForOperator, match="count them"):
        await desk.take()
    assert (desk.order.step, desk.cash.asked) == (CashInStep.UNKNOWN, ["hold"])
    desk.acceptor.takes(5_000)
    await desk.catch_up()
    assert len(desk.acceptor.ran) == 1
