"""A customer's wallet fetches the sats of a cash-in with its link (LUD-03)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from api.cash_in import (
    NET,
    SATS,
    a_week_later,
    balance,
    invoice,
    look_again,
    noticed,
    reason,
    taking_here,
    wallet_of,
)
from support.cash import CashMachine, new_id, switch_on
from support.host import Host


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
def wallet_app(host: Host, monkeypatch: pytest.MonkeyPatch) -> WalletApp:
    """Nobody at its address has asked yet."""
    from spirekeeper import views_lnurl
    from spirekeeper.cash.withdraw import Pace

    monkeypatch.setattr(views_lnurl, "_pace", Pace())
    return WalletApp(host)


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with taking_here(host) as machine:
        yield machine


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


async def test_an_address_that_no_phone_reaches_makes_no_link(
    host: Host, machine: CashMachine, wallet_app: WalletApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine is told before the first note. Where they are in all the same, their worth is said,
    and kept."""
    from lnbits.settings import settings
    from spirekeeper.cash import withdraw
    from spirekeeper.clock import utc_now

    order, earlier = new_id(), new_id()
    assert (await machine.data("hold", order=earlier, sats=SATS))["link"] is True
    link = await machine.withdraw(earlier, SATS)
    monkeypatch.setattr(settings, "lnbits_baseurl", "http://192.168.1.7:5000/")
    over = await withdraw.offer(link["lnurl_url"].rpartition("/")[2], utc_now)
    assert json.loads(over.json())["status"] == "ERROR", "to one that is out already"
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "false")
    for base_url in ("http://127.0.0.1:5000/", "https://localhost", "https://192.168.1.7/"):
        monkeypatch.setattr(settings, "lnbits_baseurl", base_url)
        assert (await machine.data("hold", order=order, sats=SATS))["link"] is False
    refused = await machine.call("create_withdraw", order=order, sats=SATS)
    assert reason(refused) == "denied"
    assert (await machine.data("get_payment", order=order))["state"] == "reserved"
    assert (await machine.pay(order, SATS, await invoice(host, NET)))["res"] == "ok"


async def test_its_operator_has_a_link_for_a_customer(
    host: Host, machine: CashMachine, wallet_app: WalletApp
) -> None:
    """The one that the machine showed; a new one once it is over; none when it is paid."""
    order = new_id()
    await machine.holds(order, SATS)
    link = await machine.withdraw(order, SATS)
    [shown] = await machine.listed()
    path = f"/cash/{shown['id']}/link"
    assert (await host.api("POST", path)).json()["lnurl"] == link["lnurl"]
    await a_week_later(machine)
    await look_again()
    answer = await host.api("POST", path)
    assert answer.status_code == 200, answer.text
    newer = answer.json()
    assert newer["lnurl"] != link["lnurl"]
    assert newer["amount_sats"] == NET
    assert ("cash", "linked") in await host.journaled(machine.id)
    again = await machine.withdraw(order, SATS)
    assert again["lnurl"] == newer["lnurl"], "the machine shows it too"
    assert await wallet_app.claims(again, await invoice(host, NET)) == {"status": "OK"}
    await machine.gets("sent")
    refused = await host.api("POST", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_link")


async def test_there_is_no_link_where_there_is_no_room(host: Host, machine: CashMachine) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    await machine.withdraw(order, SATS)
    await a_week_later(machine)
    await look_again()
    await switch_on(host, machine.id, cap_open=1)
    [shown] = await machine.listed()
    refused = await host.api("POST", f"/cash/{shown['id']}/link")
    assert refused.json()["code"] == "no_link"
    assert "reserved for this machine's customers" in refused.json()["detail"]


async def test_cut_off_it_is_not_paid_over_its_link(
    host: Host, machine: CashMachine, wallet_app: WalletApp
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    link = await machine.withdraw(order, SATS)
    assert (await host.api("POST", f"/machines/{machine.id}/revoke")).is_success
    told = await wallet_app.claims(link, await invoice(host, NET))
    assert told["status"] == "ERROR"
    [shown] = await machine.listed()
    assert shown["state"] == "reserved"
