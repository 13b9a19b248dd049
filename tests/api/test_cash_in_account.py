"""A link outlives the machine's talk: what its operator's account, and the wallet, are at that
moment decides whether it pays."""

from collections.abc import AsyncIterator

import pytest
from support.cash import CashMachine, new_id, taking
from support.host import Caller, Host

SATS = 1000


@pytest.fixture
async def machine(
    host: Host, watched: None, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CashMachine]:
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    async with taking(host, as_=newcomer) as machine:
        there = await host.api("GET", f"/machines/{machine.id}", as_=newcomer)
        await host.credit(there.json()["wallet_id"], 20_000)
        yield machine


async def test_a_deactivated_operators_link_pays_nobody(
    host: Host, machine: CashMachine, newcomer: Caller
) -> None:
    from lnbits.core.services import create_invoice

    order = new_id()
    await machine.holds(order, SATS)
    link = (await machine.withdraw(order, SATS))["lnurl_url"]
    offered = (await host.client.get(link)).json()
    made = await create_invoice(wallet_id=host.other_operator.wallet_id, amount=SATS, memo="mine")
    params = {"k1": offered["k1"], "pr": made.bolt11}
    for status in ("ERROR", "OK"):
        toggled = await host.client.put(
            f"/users/api/v1/user/{newcomer.user_id}/activate", headers=host.superuser.headers
        )
        assert toggled.json()["success"], toggled.text
        told = (await host.client.get(offered["callback"], params=params)).json()
        assert told["status"] == status
