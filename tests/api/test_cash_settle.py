"""What is looked at again until it is known: LNbits does not tell of every payment."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from support.cash import OFFER, CashMachine, new_id, offer, selling
from support.host import Host
from support.movable_clock import MovableClock

SATS = 1000


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with selling(host) as machine:
        yield machine


async def state(host: Host, machine: CashMachine) -> str:
    answer = await host.api("GET", "/cash", params={"machine_id": machine.id})
    return str(answer.json()["data"][0]["state"])


async def set_row(bolt11: str, status: str) -> None:
    """What LNbits says of the invoice, without telling anybody."""
    from lnbits.core.db import db

    await db.execute(
        "UPDATE apipayments SET status = :status WHERE bolt11 = :bolt11 AND amount > 0",
        {"status": status, "bolt11": bolt11},
    )


def settling(clock: MovableClock) -> Any:
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling
    from spirekeeper.upkeep import relay_watch

    return Settling(Post(relay_watch.say), clock)


def now() -> MovableClock:
    from spirekeeper.clock import utc_now

    return MovableClock(utc_now())


async def test_a_payment_that_nobody_told_of_is_found(host: Host, machine: CashMachine) -> None:
    asked = await machine.send(OFFER, offer(new_id(), SATS))
    bolt11 = (await machine.answer_to(asked))["bolt11"]
    clock = now()
    await set_row(bolt11, "success")
    clock.move(seconds=16)
    await settling(clock).look_again(clock)
    assert (await machine.answer_to(asked, 1))["res"] == "ok", "the receipt"
    assert await state(host, machine) == "paid"


@pytest.mark.parametrize(("after", "found"), [(250, "paid"), (310, "paid_late")])
async def test_one_that_lnbits_calls_failed_is_asked_of_the_node(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch, after: int, found: str
) -> None:
    """Paid in time, and LNbits first looked at it when it was over."""
    from bolt11 import decode
    from lnbits.core.crud import get_wallet
    from lnbits.wallets import get_funding_source
    from lnbits.wallets.base import PaymentSuccessStatus

    wallet_id = (await host.api("GET", f"/machines/{machine.id}")).json()["wallet_id"]
    order = new_id()
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    await set_row(bolt11, "failed")

    async def says_paid(checking_id: str) -> Any:
        ours = checking_id == decode(bolt11).payment_hash
        return PaymentSuccessStatus() if ours else await asked(checking_id)

    node = get_funding_source()
    asked = node.get_invoice_status
    monkeypatch.setattr(node, "get_invoice_status", says_paid)
    clock = now()
    clock.move(seconds=after)
    await settling(clock).look_again(clock)
    assert await state(host, machine) == found
    wallet = await get_wallet(wallet_id)
    assert wallet is not None
    assert wallet.balance == SATS, "LNbits has been mended too"


async def test_an_invoice_that_nobody_pays_expires_and_is_followed_for_days(
    host: Host, machine: CashMachine
) -> None:
    from spirekeeper.store import cash_orders

    order = new_id()
    await machine.offer(order, SATS)
    clock = now()
    looks: list[datetime] = []
    while True:
        row = await cash_orders.get_order_of(machine.id, order)
        assert row is not None
        if row.look_at is None:
            break
        looks.append(row.look_at)
        clock.moment = row.look_at
        await settling(clock).look_again(clock)
    assert row.state == "expired"
    hours = (looks[-1] - row.asked_at).total_seconds() / 3600
    assert 71 < hours < 74
    assert len(looks) < 250


async def test_an_invoice_whose_maker_was_killed_is_found_again(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits has it, and nobody had written it down."""
    from lnbits.core.db import db
    from spirekeeper.cash import invoices

    order = new_id()
    with monkeypatch.context() as patch:

        async def killed(*_: Any, **__: Any) -> bool:
            raise ConnectionResetError

        patch.setattr(invoices.cash_orders, "set_invoiced", killed)
        assert (await machine.offer(order, SATS))["code"] == 2
    assert await state(host, machine) == "asked"
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    rows: list[Any] = await db.fetchall(
        "SELECT bolt11 FROM apipayments WHERE external_id IN "
        "(SELECT external_id FROM apipayments WHERE bolt11 = :bolt11)",
        {"bolt11": bolt11},
    )
    assert [row["bolt11"] for row in rows] == [bolt11]


async def test_a_node_that_is_away_is_told_as_temporary(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lnbits.exceptions import InvoiceError
    from spirekeeper.cash import invoices

    async def away(**_: Any) -> None:
        raise InvoiceError("no connection", status="pending")

    order = new_id()
    with monkeypatch.context() as patch:
        patch.setattr(invoices, "create_invoice", away)
        assert (await machine.offer(order, SATS))["code"] == 2
    assert "bolt11" in await machine.offer(order, SATS)


async def test_the_books_find_what_a_pass_has_missed(host: Host, machine: CashMachine) -> None:
    order = new_id()
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    await set_row(bolt11, "success")
    clock = now()
    await settling(clock).reconcile(clock)
    assert await state(host, machine) == "paid"


async def test_a_payment_that_lnbits_takes_back_is_said(host: Host, machine: CashMachine) -> None:
    """Its check of pending payments writes `failed` over what is paid meanwhile."""
    from loguru import logger

    order = new_id()
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    await set_row(bolt11, "success")
    assert (await machine.data("get_payment", order=order))["state"] == "paid"
    said: list[str] = []
    listening = logger.add(said.append)
    try:
        await settling(now()).reconcile(now())
        assert not [line for line in said if "OrderWithoutPayment" in line]
        await set_row(bolt11, "failed")
        await settling(now()).reconcile(now())
    finally:
        logger.remove(listening)
    listed = (await host.api("GET", "/cash", params={"machine_id": machine.id})).json()["data"]
    [line] = [line for line in said if "OrderWithoutPayment" in line]
    assert listed[0]["id"] in line


async def test_the_operator_is_told_of_what_only_he_can_end(
    host: Host, machine: CashMachine
) -> None:
    from spirekeeper.upkeep.notify import standing_notices

    async def told(at: MovableClock) -> list[str]:
        found = await standing_notices(at(), host.operator.user_id)
        ours = [notice for notice in found if notice.machine_id == machine.id]
        assert [notice.order_id for notice in ours] == [listed["id"]] * len(ours), (
            "where to mend it"
        )
        return [notice.code for notice in ours]

    order, attempt, clock = new_id(), new_id(), now()
    await set_row((await machine.offer(order, SATS))["bolt11"], "success")
    [listed] = (await host.api("GET", "/cash", params={"machine_id": machine.id})).json()["data"]
    assert (await machine.data("get_payment", order=order))["state"] == "paid"
    assert await told(clock) == []
    clock.move(seconds=90)
    assert await told(clock) == ["paid_not_dispensed"]
    assert (await machine.data("dispense", order=order, attempt=attempt))["dispense"]
    assert await told(clock) == []
    clock.move(seconds=300)
    assert await told(clock) == ["dispense_unreported"]
    report = {"order": order, "attempt": attempt, "notes": 1, "dispensed_sats": SATS // 2}
    assert (await machine.data("dispensed", **report))["state"] == "short"
    assert await told(clock) == ["short"]
    row = (await host.api("GET", "/cash", params={"machine_id": machine.id})).json()["data"][0]
    await host.api("POST", f"/cash/{row['id']}/settle", {"how": "refunded"})
    assert await told(clock) == []
