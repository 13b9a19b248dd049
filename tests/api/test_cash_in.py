"""Cash-in over the relay: a customer's notes for sats, on the real LNbits. The customer has a
wallet at the same LNbits; from outside they are in tests/system/cash."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from api.cash_in import (
    NET,
    SATS,
    balance,
    invoice,
    look_again,
    noticed,
    own_invoice,
    reason,
    taking_here,
    wallet_of,
)
from support.cash import CAPS, DEBIT, CashMachine, debit, new_id, switch_on, taking
from support.host import Caller, Host


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with taking_here(host) as machine:
        yield machine


async def test_the_customers_invoice_is_paid(host: Host, machine: CashMachine) -> None:
    customer, wallet = host.other_operator.wallet_id, await wallet_of(machine)
    before, had = await balance(customer), await balance(wallet)
    order = new_id()
    held = await machine.data("hold", order=order, sats=2 * SATS)
    assert (held["sats"], held["net_sats"]) == (2 * SATS, 2 * SATS - 41)
    bolt11 = await invoice(host, NET)
    assert await machine.pay(order, SATS, bolt11) == {"res": "ok"}
    assert await machine.pay(order, SATS, bolt11) == {"res": "ok"}, "asked again, told again"
    assert await balance(customer) == before + NET
    assert await balance(wallet) == had - NET
    shown = await machine.data("get_payment", order=order)
    assert (shown["direction"], shown["state"], shown["fee_sats"]) == ("cash_in", "sent", 21)
    [listed] = await machine.listed()
    assert (listed["state"], listed["sats"], listed["stuck"]) == ("sent", SATS, False)


async def test_one_order_pays_one_invoice(host: Host, machine: CashMachine) -> None:
    order, wallet = new_id(), await wallet_of(machine)
    had = await balance(wallet)
    await machine.holds(order, SATS)
    invoices = [await invoice(host, NET) for _ in range(4)]
    sent = [await machine.send(DEBIT, debit(order, SATS, each)) for each in invoices]
    answers = [await machine.answer_to(each) for each in sent]
    assert [answer["res"] for answer in answers].count("ok") == 1
    assert {answer["code"] for answer in answers if answer["res"] == "GFY"} == {6}
    assert await balance(wallet) == had - NET


async def test_an_invoice_that_somebody_used_is_refused(host: Host, machine: CashMachine) -> None:
    first, second = new_id(), new_id()
    bolt11 = await invoice(host, NET)
    for order in (first, second):
        await machine.holds(order, SATS)
    assert (await machine.pay(first, SATS, bolt11))["res"] == "ok"
    assert (await machine.pay(second, SATS, bolt11))["code"] == 6
    own = await own_invoice(machine, NET)
    assert (await machine.pay(second, SATS, own))["code"] == 6, "its own wallet's"
    assert (await machine.pay(second, SATS, await invoice(host, NET)))["res"] == "ok"


async def test_what_is_wrong_with_an_invoice_uses_nothing_up(
    host: Host, machine: CashMachine
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    assert (await machine.pay(order, SATS, "lnbc1" + "q" * 40))["code"] == 6
    for sats in (NET - 1, NET + 1):
        refused = await machine.pay(order, SATS, await invoice(host, sats))
        assert (refused["code"], refused["range"]) == (5, {"min": NET, "max": NET})
    over = await invoice(host, NET, expiry=5)
    assert (await machine.pay(order, SATS, over))["code"] == 6
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["res"] == "ok"


@pytest.mark.parametrize(
    "content",
    [{}, {"amount_sats": 1}, {"amount_sats": 1, "frequency": {"number": 1, "unit": "day"}}],
    ids=["unlimited", "a budget once", "a budget a day"],
)
async def test_budgets_are_never_granted(machine: CashMachine, content: dict[str, Any]) -> None:
    answer = await machine.ask(DEBIT, content)
    assert (answer["res"], answer["code"]) == ("GFY", 1)


async def test_no_note_is_paid_for_without_a_hold(host: Host, machine: CashMachine) -> None:
    order = new_id()
    assert reason(await machine.call("create_withdraw", order=order, sats=SATS)) == (
        "unknown_order"
    )
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["code"] == 6


async def test_what_was_inserted_is_fixed_once_it_is_said(host: Host, machine: CashMachine) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    await machine.holds(order, 2 * SATS)
    assert (await machine.data("hold", order=order, sats=SATS))["sats"] == 2 * SATS
    too_much = await machine.call("create_withdraw", order=order, sats=2 * SATS + 1)
    assert reason(too_much) == "amount"
    link = await machine.withdraw(order, SATS)
    assert link["amount_sats"] == NET
    assert await machine.withdraw(order, SATS) == link, "the same link"
    other = await machine.call("create_withdraw", order=order, sats=SATS + 1)
    assert reason(other) == "conflict"
    assert (await machine.data("hold", order=order, sats=5 * SATS))["state"] == "reserved"


@pytest.mark.parametrize(
    ("cap", "why"),
    [
        ({"cap_order": 500}, "cap_order"),
        ({"cap_open": 1500}, "cap_open"),
        ({"cap_hour": 1500}, "cap_hour"),
        ({"cap_day": 1500}, "cap_day"),
    ],
)
async def test_a_cap_is_not_passed(
    host: Host, machine: CashMachine, cap: dict[str, int], why: str
) -> None:
    """By holds that come at once either. What was taken before the cap came down is paid."""
    earlier = new_id()
    await machine.holds(earlier, SATS)
    await switch_on(host, machine.id, **cap)
    answers = await asyncio.gather(
        *(machine.call("hold", order=new_id(), sats=SATS) for _ in range(4))
    )
    assert {reason(answer) for answer in answers} == {why}
    assert (await machine.pay(earlier, SATS, await invoice(host, NET)))["res"] == "ok"


async def test_what_is_sent_counts_for_an_hour(host: Host, machine: CashMachine) -> None:
    await switch_on(host, machine.id, cap_hour=1500)
    order = new_id()
    await machine.holds(order, SATS)
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["res"] == "ok"
    refused = await machine.call("hold", order=new_id(), sats=SATS)
    assert reason(refused) == "cap_hour"
    assert ("cap_reached", machine.id) in await noticed(host)
    await switch_on(host, machine.id, cap_hour=5000)
    await machine.holds(new_id(), SATS)
    assert ("cap_reached", machine.id) not in await noticed(host)


async def test_a_wallet_promises_no_more_than_it_has(host: Host, watched: None) -> None:
    """What paying may cost is kept too."""
    async with taking(host) as machine:
        await host.credit(await wallet_of(machine), 2 * SATS)
        answers = await asyncio.gather(
            *(machine.call("hold", order=new_id(), sats=SATS) for _ in range(4))
        )
        why = [reason(each) if "error" in each else "held" for each in answers]
        assert sorted(why) == ["held", *["wallet_short"] * 3]
        assert ("wallet_short", machine.id) in await noticed(host)


async def test_stopped_it_takes_none_and_pays_none(host: Host, machine: CashMachine) -> None:
    """What is in is said, and waits."""
    order = new_id()
    await machine.holds(order, SATS)
    await host.api("PUT", "/cash/stop", {"stopped": True})
    try:
        assert reason(await machine.call("hold", order=new_id(), sats=SATS)) == "stopped"
        bolt11 = await invoice(host, NET)
        assert (await machine.pay(order, SATS, bolt11))["code"] == 1
        assert (await machine.data("get_payment", order=order))["state"] == "reserved"
    finally:
        await host.api("PUT", "/cash/stop", {"stopped": False})
    assert (await machine.pay(order, SATS, bolt11))["res"] == "ok"


async def test_caps_come_before_cash_in(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    path = f"/machines/{machine_id}/cash"
    answer = await host.api("PUT", path, {"in_on": True}, as_=newcomer)
    assert (answer.status_code, answer.json()["field"]) == (400, "cap_order")
    answer = await host.api("PUT", path, {"in_on": True, **CAPS}, as_=newcomer)
    assert (answer.status_code, answer.json()["in_on"]) == (200, True)


# Broken off


async def test_a_hold_that_ran_out_is_no_loss(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in is reserved anew, or owed; it is never refused."""
    order, other = new_id(), new_id()
    await machine.holds(order, SATS)
    await machine.holds(other, SATS)
    await end_holds(machine)
    assert (await machine.withdraw(order, SATS))["state"] == "reserved"
    await switch_on(host, machine.id, cap_open=1)
    owed = await machine.call("create_withdraw", order=other, sats=SATS)
    assert reason(owed) == "cap_open"
    assert (await machine.data("get_payment", order=other))["state"] == "unclaimed"
    await switch_on(host, machine.id, **CAPS)
    assert (await machine.withdraw(other, SATS))["state"] == "reserved"


async def test_a_machine_that_does_not_say_what_came_in_is_told_of(
    host: Host, machine: CashMachine
) -> None:
    """Its notes may be in, and it may never come back. It is heard all the same."""
    order, other = new_id(), new_id()
    for each in (order, other):
        await machine.holds(each, SATS)
    left = await machine.data("abandon", order=other)
    assert left["state"] == "abandoned"
    await end_holds(machine)
    shown = {each["state"]: each for each in await machine.listed()}
    assert (shown["held"]["stuck"], shown["abandoned"]["stuck"]) == (True, False)
    assert ("notes_unreported", machine.id) in await noticed(host)
    assert (await machine.withdraw(order, SATS))["state"] == "reserved"
    assert (await machine.withdraw(other, SATS))["state"] == "reserved", "it says otherwise"
    assert ("notes_unreported", machine.id) not in await noticed(host)


async def test_a_hold_that_came_to_nothing_is_settled(host: Host, machine: CashMachine) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    [shown] = await machine.listed()
    path, how = f"/cash/{shown['id']}/settle", {"how": "notes_given"}
    too_soon = await host.api("POST", path, how)
    assert too_soon.json()["code"] == "not_to_settle"
    await end_holds(machine)
    assert (await host.api("POST", path, how)).json()["state"] == "settled"
    said = await machine.call("create_withdraw", order=order, sats=SATS)
    assert reason(said) == "conflict"


async def end_holds(machine: CashMachine) -> None:
    """As after an hour."""
    from spirekeeper.store.database import CASH_ORDERS, db, moment

    at = (datetime.now(timezone.utc) - timedelta(hours=1)).timestamp()
    await db.execute(
        f"UPDATE {CASH_ORDERS} SET held_until = {moment('at')} WHERE machine_id = :id",
        {"id": machine.id, "at": at},
    )


async def test_a_payment_inside_that_lnbits_broke_off_is_told_and_not_tried_again(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits has debited the wallet, and was killed before the customer had the sats."""
    from lnbits.core.services import payments

    real = payments.update_payment

    async def killed(payment: Any, *args: Any, **how: Any) -> Any:
        if payment.amount > 0:
            raise ConnectionError
        return await real(payment, *args, **how)

    order = new_id()
    await machine.holds(order, SATS)
    bolt11 = await invoice(host, NET)
    with monkeypatch.context() as patch:
        patch.setattr(payments, "update_payment", killed)
        sent = await machine.send(DEBIT, debit(order, SATS, bolt11))
        await machine.gets("unknown")
    assert machine.answers(sent) == []
    [shown] = await machine.listed()
    assert (shown["broken"], shown["stuck"]) == (True, True)
    another = await machine.pay(order, SATS, await invoice(host, NET))
    assert another["code"] == 6
    how = {"how": "refunded", "reference": "by hand"}
    settled = await host.api("POST", f"/cash/{shown['id']}/settle", how)
    assert settled.status_code == 200, settled.text
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["code"] == 6


async def test_killed_before_lnbits_was_asked_it_is_tried_again(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.cash import paying

    order = new_id()
    await machine.holds(order, SATS)
    bolt11 = await invoice(host, NET)
    with monkeypatch.context() as patch:
        patch.setattr(paying, "go_on", lambda *_: None)
        await machine.send(DEBIT, debit(order, SATS, bolt11))
        await machine.gets("paying")
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["code"] == 6

    await look_again(seconds=30)
    await machine.gets("sent")


async def test_lnbits_that_is_stopped_lets_a_payment_come_to_its_end(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled between its two commits, it would have debited the wallet for nothing."""
    from lnbits.core.services import payments
    from spirekeeper.cash import paying

    real, between = payments.update_payment, asyncio.Event()

    async def slow(payment: Any, *args: Any, **how: Any) -> Any:
        if payment.amount > 0:
            between.set()
            await asyncio.sleep(0.3)
        return await real(payment, *args, **how)

    order = new_id()
    await machine.holds(order, SATS)
    bolt11 = await invoice(host, NET)
    with monkeypatch.context() as patch:
        patch.setattr(payments, "update_payment", slow)
        await machine.send(DEBIT, debit(order, SATS, bolt11))
        await asyncio.wait_for(between.wait(), 15)
        await paying.stop()
    [shown] = await machine.listed()
    assert (shown["state"], shown["broken"]) == ("sent", False)


async def test_a_payment_whose_row_is_gone_is_not_tried_again(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after LNbits' database was restored: nobody knows what its node did."""
    from lnbits.core.db import db
    from lnbits.core.services import payments

    async def killed(*_: Any, **__: Any) -> None:
        raise ConnectionError

    order = new_id()
    await machine.holds(order, SATS)
    with monkeypatch.context() as patch:
        patch.setattr(payments, "update_payment", killed)
        await machine.send(DEBIT, debit(order, SATS, await invoice(host, NET)))
        await machine.gets("unknown")
    wallet = await wallet_of(machine)
    await db.execute("DELETE FROM apipayments WHERE wallet_id = :id AND amount < 0", {"id": wallet})
    await look_again(seconds=30)
    assert (await machine.listed())[0]["state"] == "unknown"
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["code"] == 6
