"""What was paid for cash-in is held against the orders; and an order that its operator has ended
stays so, whatever becomes of its payment."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.cash import DEBIT, CashMachine, debit, new_id, taking
from support.failing import logged
from support.host import Host
from support.movable_clock import MovableClock

SATS = 1000


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with taking(host) as machine:
        there = await host.api("GET", f"/machines/{machine.id}")
        await host.credit(there.json()["wallet_id"], 20_000)
        yield machine


async def invoice(host: Host) -> str:
    from lnbits.core.services import create_invoice

    wallet = host.other_operator.wallet_id
    return str((await create_invoice(wallet_id=wallet, amount=SATS, memo="mine")).bolt11)


async def paid(host: Host, machine: CashMachine) -> str:
    """The invoice of an order that went well."""
    order, bolt11 = new_id(), await invoice(host)
    await machine.holds(order, SATS)
    assert (await machine.pay(order, SATS, bolt11))["res"] == "ok"
    return bolt11


async def run_books() -> list[str]:
    """What the hourly look tells in the log."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling
    from spirekeeper.clock import utc_now

    clock = MovableClock(utc_now())
    with logged() as said:
        await Settling(Post(lambda *_: 0), clock).reconcile(clock)
    return [line for line in said if "Payment" in line]


async def test_what_went_well_is_not_told(host: Host, machine: CashMachine) -> None:
    await paid(host, machine)
    [order] = await machine.listed()
    assert [line for line in await run_books() if order["id"] in line] == []


async def test_a_payment_whose_attempt_is_gone_is_told(host: Host, machine: CashMachine) -> None:
    """As after an older backup of our tables. It is put back, since others hold the same books
    against each other."""
    from spirekeeper.store.cash_attempts import get_attempt
    from spirekeeper.store.database import CASH_ATTEMPTS, db

    bolt11 = await paid(host, machine)
    row: Any = await db.fetchone(
        f"SELECT id FROM {CASH_ATTEMPTS} WHERE bolt11 = :bolt11", {"bolt11": bolt11}
    )
    attempt = await get_attempt(row["id"])
    assert attempt
    assert [line for line in await run_books() if attempt.id in line] == []
    await db.execute(f"DELETE FROM {CASH_ATTEMPTS} WHERE id = :id", {"id": attempt.id})
    [line] = [line for line in await run_books() if attempt.id in line]
    assert "PaymentWithoutOrder" in line
    await db.insert(CASH_ATTEMPTS, attempt)
    assert [line for line in await run_books() if attempt.id in line] == []


async def test_an_order_that_was_settled_is_followed_and_stays_settled(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits broke the payment off, the operator gave the sats by hand; then somebody mends
    LNbits' row, and the customer has them twice."""
    from lnbits.core.db import db as core
    from lnbits.core.services import payments

    real = payments.update_payment

    async def broken_off(payment: Any, *args: Any, **how: Any) -> Any:
        if payment.amount > 0:
            raise ConnectionError
        return await real(payment, *args, **how)

    order, bolt11 = new_id(), await invoice(host)
    await machine.holds(order, SATS)
    with monkeypatch.context() as patch:
        patch.setattr(payments, "update_payment", broken_off)
        await machine.send(DEBIT, debit(order, SATS, bolt11))
        await machine.gets("unknown")
    [shown] = await machine.listed()
    settled = await host.api("POST", f"/cash/{shown['id']}/settle", {"how": "refunded"})
    assert settled.status_code == 200, settled.text
    assert await look(bolt11) == ("settled", "open", "")
    await core.execute(
        "UPDATE apipayments SET status = 'success' WHERE bolt11 = :bolt11 AND amount > 0",
        {"bolt11": bolt11},
    )
    state, attempt, said = await look(bolt11)
    assert (state, attempt) == ("settled", "sent")
    assert "SettledAndPaid" in said
    assert shown["id"] in said


async def look(bolt11: str) -> tuple[str, str, str]:
    """The states of order and attempt after one more look, and what the log says of it."""
    from spirekeeper.cash import outcome
    from spirekeeper.clock import utc_now
    from spirekeeper.store import cash_attempts, cash_orders
    from spirekeeper.store.database import CASH_ATTEMPTS, db

    row: Any = await db.fetchone(
        f"SELECT id, order_id FROM {CASH_ATTEMPTS} WHERE bolt11 = :bolt11", {"bolt11": bolt11}
    )
    attempt = await cash_attempts.get_attempt(row["id"])
    order = await cash_orders.get_order(row["order_id"])
    assert attempt
    assert order
    with logged() as said:
        now = await outcome.look(order, attempt, utc_now)
    after = await cash_attempts.get_attempt(row["id"])
    assert after
    return now.state.value, after.state.value, "".join(said)
