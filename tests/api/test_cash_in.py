"""Cash-in over the relay: a customer's notes for sats, on the real LNbits. The customer has a
wallet at the same LNbits; from outside they are in tests/system/cash."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from support.cash import CAPS, DEBIT, CashMachine, debit, new_id, switch_on, taking
from support.host import Caller, Host
from support.movable_clock import MovableClock

SATS = 1000
IN_WALLET = 100_000


@pytest.fixture
async def machine(
    host: Host, watched: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CashMachine]:
    """This LNbits has an address that phones reach."""
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    async with taking(host, in_fee_ppm=20_000, in_fee_fixed=1) as machine:
        await host.credit(await wallet_of(machine), IN_WALLET)
        yield machine


NET = SATS - 21


async def wallet_of(machine: CashMachine) -> str:
    return str((await machine.host.api("GET", f"/machines/{machine.id}")).json()["wallet_id"])


async def balance(wallet_id: str) -> int:
    from lnbits.core.crud import get_wallet

    wallet = await get_wallet(wallet_id)
    assert wallet is not None
    return int(wallet.balance)


async def invoice(host: Host, sats: int, **how: Any) -> str:
    """The customer's."""
    from lnbits.core.services import create_invoice

    wallet = host.other_operator.wallet_id
    made = await create_invoice(wallet_id=wallet, amount=sats, memo="mine", **how)
    return str(made.bolt11)


async def reason(answer: dict[str, Any]) -> str:
    return str(answer["error"]).partition(":")[0]


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


async def own_invoice(machine: CashMachine, sats: int) -> str:
    from lnbits.core.services import create_invoice

    made = await create_invoice(wallet_id=await wallet_of(machine), amount=sats, memo="own")
    return str(made.bolt11)


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
    assert await reason(await machine.call("create_withdraw", order=order, sats=SATS)) == (
        "unknown_order"
    )
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["code"] == 6


async def test_what_was_inserted_is_fixed_once_it_is_said(host: Host, machine: CashMachine) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    await machine.holds(order, 2 * SATS)
    assert (await machine.data("hold", order=order, sats=SATS))["sats"] == 2 * SATS
    too_much = await machine.call("create_withdraw", order=order, sats=2 * SATS + 1)
    assert await reason(too_much) == "amount"
    link = await machine.withdraw(order, SATS)
    assert link["amount_sats"] == NET
    assert await machine.withdraw(order, SATS) == link, "the same link"
    other = await machine.call("create_withdraw", order=order, sats=SATS + 1)
    assert await reason(other) == "conflict"
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
    assert {await reason(answer) for answer in answers} == {why}
    assert (await machine.pay(earlier, SATS, await invoice(host, NET)))["res"] == "ok"


async def test_what_is_sent_counts_for_an_hour(host: Host, machine: CashMachine) -> None:
    await switch_on(host, machine.id, cap_hour=1500)
    order = new_id()
    await machine.holds(order, SATS)
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["res"] == "ok"
    refused = await machine.call("hold", order=new_id(), sats=SATS)
    assert await reason(refused) == "cap_hour"
    assert ("cap_reached", machine.id) in await noticed(host)
    await switch_on(host, machine.id, cap_hour=5000)
    await machine.holds(new_id(), SATS)
    assert ("cap_reached", machine.id) not in await noticed(host)


async def noticed(host: Host) -> set[tuple[str, str | None]]:
    answer = await host.api("GET", "/notices", params={"limit": 500})
    return {(each["code"], each["machine_id"]) for each in answer.json()["data"]}


async def test_a_wallet_promises_no_more_than_it_has(host: Host, watched: None) -> None:
    """What paying may cost is kept too."""
    async with taking(host) as machine:
        await host.credit(await wallet_of(machine), 2 * SATS)
        answers = await asyncio.gather(
            *(machine.call("hold", order=new_id(), sats=SATS) for _ in range(4))
        )
        why = [await reason(each) if "error" in each else "held" for each in answers]
        assert sorted(why) == ["held", *["wallet_short"] * 3]
        assert ("wallet_short", machine.id) in await noticed(host)


async def test_stopped_it_takes_none_and_pays_none(host: Host, machine: CashMachine) -> None:
    """What is in is said, and waits."""
    order = new_id()
    await machine.holds(order, SATS)
    await host.api("PUT", "/cash/stop", {"stopped": True})
    try:
        assert await reason(await machine.call("hold", order=new_id(), sats=SATS)) == "stopped"
        bolt11 = await invoice(host, NET)
        assert (await machine.pay(order, SATS, bolt11))["code"] == 1
        assert (await machine.data("get_payment", order=order))["state"] == "reserved"
    finally:
        await host.api("PUT", "/cash/stop", {"stopped": False})
    assert (await machine.pay(order, SATS, bolt11))["res"] == "ok"


async def test_cut_off_it_is_not_paid_over_its_link(
    host: Host, machine: CashMachine, wallet_app: "WalletApp"
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    link = await machine.withdraw(order, SATS)
    assert (await host.api("POST", f"/machines/{machine.id}/revoke")).is_success
    told = await wallet_app.claims(link, await invoice(host, NET))
    assert told["status"] == "ERROR"
    [shown] = await machine.listed()
    assert shown["state"] == "reserved"


async def test_caps_come_before_cash_in(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    path = f"/machines/{machine_id}/cash"
    answer = await host.api("PUT", path, {"in_on": True}, as_=newcomer)
    assert (answer.status_code, answer.json()["field"]) == (400, "cap_order")
    answer = await host.api("PUT", path, {"in_on": True, **CAPS}, as_=newcomer)
    assert (answer.status_code, answer.json()["in_on"]) == (200, True)


# The link


class WalletApp:
    """A customer's phone: it asks the link, and hands over an invoice."""

    def __init__(self, host: Host) -> None:
        self.http: httpx.AsyncClient = host.client

    async def asks(self, link: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = (await self.http.get(link["lnurl_url"])).json()
        return told

    async def claims(self, link: dict[str, Any], pr: str, **more: str) -> dict[str, Any]:
        offered = await self.asks(link)
        if "callback" not in offered:
            return offered
        return await self.hands_over(offered, pr, **more)

    async def hands_over(self, offered: dict[str, Any], pr: str, **more: str) -> dict[str, Any]:
        params = {"k1": offered["k1"], "pr": pr, **more}
        told: dict[str, Any] = (await self.http.get(offered["callback"], params=params)).json()
        return told


@pytest.fixture
def wallet_app(host: Host) -> WalletApp:
    return WalletApp(host)


async def test_a_wallet_fetches_the_sats(
    host: Host, machine: CashMachine, wallet_app: WalletApp
) -> None:
    customer = host.other_operator.wallet_id
    before = await balance(customer)
    order = new_id()
    await machine.holds(order, SATS)
    link = await machine.withdraw(order, SATS)
    offered = await wallet_app.asks(link)
    assert offered["tag"] == "withdrawRequest"
    assert offered["minWithdrawable"] == offered["maxWithdrawable"] == 1000 * NET
    bolt11 = await invoice(host, NET)
    assert await wallet_app.hands_over(offered, bolt11) == {"status": "OK"}
    assert await wallet_app.hands_over(offered, bolt11) == {"status": "OK"}, "the same again"
    await machine.gets("sent")
    assert await wallet_app.hands_over(offered, bolt11) == {"status": "OK"}
    assert (await wallet_app.asks(link))["status"] == "ERROR"
    again = await wallet_app.hands_over(offered, await invoice(host, NET))
    assert again["status"] == "ERROR"
    assert await balance(customer) == before + NET


async def test_a_link_is_good_for_one_payment(
    host: Host, machine: CashMachine, wallet_app: WalletApp
) -> None:
    wallet = await wallet_of(machine)
    had = await balance(wallet)
    order = new_id()
    await machine.holds(order, SATS)
    offered = await wallet_app.asks(await machine.withdraw(order, SATS))
    invoices = [await invoice(host, NET) for _ in range(5)]
    told = await asyncio.gather(*(wallet_app.hands_over(offered, each) for each in invoices))
    assert [each["status"] for each in told].count("OK") == 1
    await machine.gets("sent")
    assert await balance(wallet) == had - NET


@pytest.mark.parametrize("what", ["another k1", "more", "no invoice", "nothing"])
async def test_what_a_wallet_does_wrong_uses_no_link_up(
    host: Host, machine: CashMachine, wallet_app: WalletApp, what: str
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    offered = await wallet_app.asks(await machine.withdraw(order, SATS))
    good = await invoice(host, NET)
    wrong = {
        "another k1": {"k1": "0" * 64, "pr": good},
        "more": {"pr": await invoice(host, NET + 1)},
        "no invoice": {"pr": "lnbc1nonsense"},
        "nothing": {"pr": ""},
    }[what]
    told = await wallet_app.hands_over({**offered}, **{"pr": good, **wrong})
    assert told["status"] == "ERROR"
    assert await wallet_app.hands_over(offered, good) == {"status": "OK"}
    await machine.gets("sent")


async def test_a_link_that_nobody_fetched_is_owed(
    host: Host, machine: CashMachine, wallet_app: WalletApp
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    link = await machine.withdraw(order, SATS)
    await a_week_later(machine)
    await look_again()
    assert (await wallet_app.asks(link))["status"] == "ERROR"
    [shown] = await machine.listed()
    assert (shown["state"], shown["stuck"]) == ("unclaimed", True)
    assert ("unclaimed", machine.id) in await noticed(host)
    newer = await machine.withdraw(order, SATS)
    assert newer["lnurl"] != link["lnurl"]
    assert (await wallet_app.asks(link))["status"] == "ERROR"
    assert await wallet_app.claims(newer, await invoice(host, NET)) == {"status": "OK"}
    await machine.gets("sent")


async def a_week_later(machine: CashMachine) -> None:
    from spirekeeper.store.database import CASH_LINKS, CASH_ORDERS, db, moment

    at = (datetime.now(timezone.utc) - timedelta(days=7, seconds=1)).timestamp()
    ours = f"(SELECT id FROM {CASH_ORDERS} WHERE machine_id = :id)"
    values = {"id": machine.id, "at": at}
    await db.execute(
        f"UPDATE {CASH_LINKS} SET expires_at = {moment('at')} WHERE order_id IN {ours}", values
    )
    await db.execute(
        f"UPDATE {CASH_ORDERS} SET said_at = {moment('at')} WHERE machine_id = :id", values
    )


async def look_again(**later: int) -> None:
    """What LNbits does by itself every few seconds, as if it were so much later."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling

    clock = MovableClock(datetime.now(timezone.utc) + timedelta(**later))
    await Settling(Post(lambda *_: 0), clock).look_again(clock)


async def test_an_address_that_no_phone_reaches_makes_no_link(
    host: Host, machine: CashMachine, wallet_app: WalletApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notes are in all the same: their worth is said, and kept."""
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "http://192.168.1.7:5000/")
    order = new_id()
    await machine.holds(order, SATS)
    refused = await machine.call("create_withdraw", order=order, sats=SATS)
    assert await reason(refused) == "denied"
    assert (await machine.data("get_payment", order=order))["state"] == "reserved"
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["res"] == "ok"


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
    assert await reason(owed) == "cap_open"
    assert (await machine.data("get_payment", order=other))["state"] == "unclaimed"
    await switch_on(host, machine.id, **CAPS)
    assert (await machine.withdraw(other, SATS))["state"] == "reserved"


async def end_holds(machine: CashMachine) -> None:
    """As after ten minutes."""
    from spirekeeper.store.database import CASH_ORDERS, db

    await db.execute(
        f"UPDATE {CASH_ORDERS} SET held_until = asked_at WHERE machine_id = :id",
        {"id": machine.id},
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
