"""Cash-out over the relay: a customer's sats for notes, on the real LNbits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.cash import OFFER, CashMachine, connected, new_id, offer, pays, selling
from support.host import Host
from support.movable_clock import MovableClock
from support.watching import until

SATS = 1000


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with selling(host, fee_ppm=20_000, fee_fixed=1) as machine:
        yield machine


async def listed(host: Host, machine: CashMachine) -> list[dict[str, Any]]:
    answer = await host.api("GET", "/cash", params={"machine_id": machine.id})
    assert answer.status_code == 200, answer.text
    orders: list[dict[str, Any]] = answer.json()["data"]
    return orders


async def test_from_the_ask_to_the_notes(host: Host, machine: CashMachine) -> None:
    order, attempt = new_id(), new_id()
    asked = await machine.send(OFFER, offer(order, SATS))
    bolt11 = (await machine.answer_to(asked))["bolt11"]
    await pays(host, bolt11)
    assert await machine.answer_to(asked, 1) == {"res": "ok"}, "the receipt comes by itself"
    yes = await machine.data("dispense", order=order, attempt=attempt)
    assert yes == {"order": order, "attempt": attempt, "dispense": True}
    report = {"order": order, "attempt": attempt, "notes": 1, "dispensed_sats": SATS}
    too_much = await machine.call("dispensed", **{**report, "dispensed_sats": SATS + 1})
    assert too_much["error"].startswith("invalid")
    assert (await machine.data("dispensed", **report))["state"] == "dispensed"
    assert (await machine.data("dispensed", **report))["state"] == "dispensed", "told twice"
    [shown] = await listed(host, machine)
    assert (shown["state"], shown["sats"], shown["fee_sats"]) == ("dispensed", SATS, 21)


async def test_the_same_order_has_the_same_answer(host: Host, machine: CashMachine) -> None:
    order = new_id()
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    assert await machine.offer(order, SATS) == {"bolt11": bolt11}
    for other in (offer(order, SATS + 1), offer(order, SATS, description="else")):
        assert (await machine.ask(OFFER, other))["code"] == 1
    await pays(host, bolt11)
    assert await machine.offer(order, SATS) == {"res": "ok"}
    assert len(await listed(host, machine)) == 1


async def test_asked_many_times_at_once_there_is_one_invoice(
    host: Host, machine: CashMachine
) -> None:
    order = new_id()
    sent = await asyncio.gather(*(machine.send(OFFER, offer(order, SATS)) for _ in range(8)))
    answers = [await machine.answer_to(event_id) for event_id in sent]
    made = {answer["bolt11"] for answer in answers if "bolt11" in answer}
    assert len(made) == 1
    assert all(answer["code"] == 2 for answer in answers if "bolt11" not in answer)
    assert await machine.offer(order, SATS) == {"bolt11": made.pop()}


async def test_one_attempt_ever_gets_a_yes(host: Host, machine: CashMachine) -> None:
    order, attempts = new_id(), [new_id() for _ in range(6)]
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    not_yet = await machine.data("dispense", order=order, attempt=attempts[0])
    assert not_yet["why_not"] == "not_paid"
    await pays(host, bolt11)
    answers = await asyncio.gather(
        *(machine.data("dispense", order=order, attempt=attempt) for attempt in attempts)
    )
    [yes] = [answer for answer in answers if answer["dispense"]]
    others = {answer["why_not"] for answer in answers if not answer["dispense"]}
    assert others == {"another_attempt"}
    again = await machine.data("dispense", order=order, attempt=yes["attempt"])
    assert again["dispense"] is True, "its answer may have been lost"
    wrong = {"order": order, "attempt": new_id(), "notes": 1, "dispensed_sats": SATS}
    assert (await machine.call("dispensed", **wrong))["error"].startswith("conflict")


async def test_fewer_notes_than_ordered_are_for_the_operator(
    host: Host, machine: CashMachine
) -> None:
    order, attempt = new_id(), new_id()
    await pays(host, (await machine.offer(order, SATS))["bolt11"])
    await machine.data("dispense", order=order, attempt=attempt)
    report = {"order": order, "attempt": attempt, "notes": 0, "dispensed_sats": 0}
    assert (await machine.data("dispensed", **report))["state"] == "short"
    [shown] = await listed(host, machine)
    how = {"how": "refunded", "reference": "by hand"}
    settled = await host.api("POST", f"/cash/{shown['id']}/settle", how)
    assert settled.json()["state"] == "settled", settled.text
    twice = await host.api("POST", f"/cash/{shown['id']}/settle", how)
    assert (twice.status_code, twice.json()["code"]) == (409, "not_to_settle")
    no = await machine.data("dispense", order=order, attempt=attempt)
    assert (no["dispense"], no["why_not"]) == (False, "ended")
    assert ("cash", "settled") in await host.journaled(machine.id)


async def test_a_settled_order_is_not_dispensed(host: Host, machine: CashMachine) -> None:
    """The operator has given the notes by hand, and the machine comes back."""
    order = new_id()
    await pays(host, (await machine.offer(order, SATS))["bolt11"])
    assert (await machine.data("get_payment", order=order))["state"] == "paid"
    [shown] = await listed(host, machine)
    answer = await host.api("POST", f"/cash/{shown['id']}/settle", {"how": "notes_given"})
    assert answer.status_code == 200, answer.text
    no = await machine.data("dispense", order=order, attempt=new_id())
    assert (no["dispense"], no["why_not"]) == (False, "ended")


async def test_what_is_paid_after_the_customer_has_left_is_late(
    host: Host, machine: CashMachine
) -> None:
    order = new_id()
    bolt11 = (await machine.offer(order, SATS))["bolt11"]
    assert (await machine.data("abandon", order=order))["state"] == "abandoned"
    assert (await machine.offer(order, SATS))["code"] == 1, "no invoice for who has left"
    await pays(host, bolt11)

    async def late() -> bool:
        return [each["state"] for each in await listed(host, machine)] == ["paid_late"]

    await until(late)
    no = await machine.data("dispense", order=order, attempt=new_id())
    assert (no["dispense"], no["why_not"]) == (False, "paid_late")
    assert (await machine.data("abandon", order=order))["state"] == "paid_late"


async def test_limits_fees_and_the_switch(host: Host, machine: CashMachine) -> None:
    quote = await machine.data("quote", direction="cash_out", amount_sats=SATS)
    assert (quote["gross_sats"], quote["fee_sats"], quote["net_sats"]) == (SATS, 21, SATS - 21)
    wrong = await machine.offer(new_id(), 100_001)
    assert (wrong["code"], wrong["range"]) == (5, {"min": 100, "max": 100_000})
    order, paid = new_id(), new_id()
    await pays(host, (await machine.offer(paid, SATS))["bolt11"])
    answer = await host.api("PUT", "/cash/stop", {"stopped": True})
    assert answer.json()["machines"] >= 1
    assert (await machine.data("status"))["cash_out"] is False
    assert (await machine.offer(order, SATS))["code"] == 1
    no = await machine.data("dispense", order=paid, attempt=new_id())
    assert (no["dispense"], no["why_not"]) == (False, "stopped")
    assert (await machine.data("get_payment", order=paid))["state"] == "paid"
    await host.api("PUT", "/cash/stop", {"stopped": False})
    assert (await machine.data("dispense", order=paid, attempt=new_id()))["dispense"] is True
    off = await host.api("PUT", f"/machines/{machine.id}/cash", {"out_on": False})
    assert off.json()["to_do"] == "switch_on"
    assert (await machine.offer(order, SATS))["code"] == 1


async def test_a_limit_of_lnbits_itself_is_no_reason_to_ask_again(
    host: Host, machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_max_incoming_payment_amount_sats", SATS - 1)
    over = await machine.offer(new_id(), SATS)
    assert (over["code"], "operator has to look" in over["error"]) == (1, True)
    assert "bolt11" in await machine.offer(new_id(), SATS - 1)


async def test_orders_belong_to_the_machine_and_not_to_its_key(
    host: Host, machine: CashMachine
) -> None:
    order = new_id()
    await pays(host, (await machine.offer(order, SATS))["bolt11"])
    async with connected(host, machine.id, rotate=True) as again:
        assert again.seed.spire_pubkey != machine.seed.spire_pubkey
        await again.is_heard()
        assert (await again.data("dispense", order=order, attempt=new_id()))["dispense"] is True


async def test_an_order_that_is_first_asked_for_too_late(host: Host, machine: CashMachine) -> None:
    """Paid in time, and the machine was away: the customer has gone."""
    from spirekeeper.cash import cash_out
    from spirekeeper.cash.requests import DispenseRequest
    from spirekeeper.cash.who import Asker, asker_of
    from spirekeeper.clock import utc_now

    order = new_id()
    await pays(host, (await machine.offer(order, SATS))["bolt11"])
    assert (await machine.data("get_payment", order=order))["state"] == "paid"
    clock = MovableClock(utc_now())
    asker = await asker_of(machine.seed.spire_pubkey, machine.service, "e" * 64, clock)
    assert isinstance(asker, Asker)
    clock.move(seconds=301)
    answer = await cash_out.dispense(asker, DispenseRequest(order, new_id()), clock)
    assert answer.why_not == "paid_late"
