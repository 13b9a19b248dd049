"""Customers fetch their sats with a link: wallets that people have, wallets that do as they please,
and all the ways in which LNbits' own withdraw links pay twice or stay shut."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any

import httpx
import lnurl
import pytest
from lnurl import Lnurl, LnurlWithdrawResponse
from support.cash import UNHEARD_S, CashMachine, new_id, taking
from support.clients import MISSING, Client, installed
from support.fault_proxy import Hanging, Late, Sort, done_and, saying
from support.needed import missing
from support.two_lnbits import Bed
from support.watching import until

SATS = 1000
IN_WALLET = 20_000

bad_gateway = saying(502, {"detail": "bad gateway"})
in_flight = saying(400, {"detail": "in flight", "status": "pending"})
it_failed = saying(200, {"paid": False, "status": "failed"})

pytestmark = pytest.mark.long
"""CI has the links themselves (tests/api/test_cash_links.py)."""


@pytest.fixture
async def machine(bed: Bed) -> AsyncIterator[CashMachine]:
    async with taking(bed) as machine:
        await bed.fill(machine.id, IN_WALLET)
        yield machine


class Link:
    """What a machine shows its customer, and the customer's wallet, at an address of its own."""

    made = count(1)

    def __init__(self, bed: Bed, order: str, shown: dict[str, Any]) -> None:
        self.bed, self.order = bed, order
        self.lnurl: str = shown["lnurl"]
        self.address = f"192.0.2.{next(self.made)}"

    @classmethod
    async def of(cls, bed: Bed, machine: CashMachine) -> "Link":
        order = new_id()
        await machine.holds(order, SATS)
        return cls(bed, order, await machine.withdraw(order, SATS))

    async def offers(self) -> LnurlWithdrawResponse:
        """What a wallet reads."""
        return LnurlWithdrawResponse(**await self._get(str(Lnurl(self.lnurl).url)))

    async def takes(self, bolt11: str, offered: LnurlWithdrawResponse | None = None) -> str:
        """`OK`, or why not."""
        offered = offered or await self.offers()
        told = await self._get(str(offered.callback), k1=offered.k1, pr=bolt11)
        return str(told.get("reason") or told["status"])

    async def _get(self, url: str, **params: str) -> dict[str, Any]:
        headers = {"X-Forwarded-For": self.address}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
            answer = await http.get(url, params=params)
        assert answer.status_code == 200, "LNURL's errors are answers"
        told: dict[str, Any] = answer.json()
        return told

    async def gets(self, wanted: str) -> None:
        async def there() -> bool:
            return bool(self.bed.order(self.order)["state"] == wanted)

        await until(there, UNHEARD_S)


@pytest.fixture
async def link(bed: Bed, machine: CashMachine) -> Link:
    return await Link.of(bed, machine)


# Wallets that people have


async def lnurl_of_pypi(bed: Bed, link: Link) -> str:
    offered = await lnurl.handle(link.lnurl)
    assert isinstance(offered, LnurlWithdrawResponse), offered
    bolt11 = await bed.customers_invoice(SATS)
    await lnurl.execute_withdraw(offered, bolt11)
    return bolt11


async def lnbits_itself(bed: Bed, link: Link) -> str:
    return await bed.customer_scans(link.lnurl)


async def js_lnurl(bed: Bed, link: Link) -> str:
    wallet, bolt11 = Client("js-lnurl"), await bed.customers_invoice(SATS)
    try:
        offered = await wallet.ask("withdraw", lnurl=link.lnurl, bolt11=bolt11)
    finally:
        await wallet.close()
    assert offered == {"least": 1000 * SATS, "most": 1000 * SATS}
    return bolt11


async def a_small_qr(bed: Bed, link: Link) -> str:
    """Capitals make a smaller one."""
    return await bed.customer_scans(link.lnurl.upper())


@pytest.mark.parametrize("wallet", [lnurl_of_pypi, lnbits_itself, js_lnurl, a_small_qr])
async def test_a_wallet_fetches_the_sats(
    bed: Bed, link: Link, wallet: Callable[[Bed, Link], Awaitable[str]]
) -> None:
    if wallet is js_lnurl and not installed():
        missing(MISSING)
    bolt11 = await wallet(bed, link)
    await link.gets("sent")
    assert bed.received(bolt11)


# Wallets that do as they please


async def test_a_slow_one_asks_again_and_again(bed: Bed, link: Link) -> None:
    """Over a node that takes its time: each time it is told that its invoice is taken."""
    node = Hanging()
    bed.proxy.on(Sort.PAYMENT, node)
    offered, bolt11 = await link.offers(), await bed.customers_invoice(SATS)
    for _ in range(3):
        assert await link.takes(bolt11, offered) == "OK"
    await link.gets("unknown")
    assert await link.takes(bolt11, offered) == "OK"
    assert "under way" in await link.takes(await bed.customers_invoice(SATS), offered)
    node.let_go()
    await until_received(bed, bolt11)
    bed.looks_now(bolt11)
    await link.gets("sent")
    assert node.waits.qsize() == 1
    assert await link.takes(bolt11, offered) == "OK"
    assert "used" in await link.takes(await bed.customers_invoice(SATS), offered)


async def until_received(bed: Bed, bolt11: str) -> None:
    async def received() -> bool:
        return bed.received(bolt11)

    await until(received)


async def test_two_at_one_link(bed: Bed, link: Link) -> None:
    offered = await link.offers()
    bolt11s = [await bed.customers_invoice(SATS) for _ in range(4)]
    told = await asyncio.gather(*(link.takes(each, offered) for each in bolt11s * 2))
    await link.gets("sent")
    [paid] = [each for each in bolt11s if bed.received(each)]
    said = {bolt11 for bolt11, answer in zip(bolt11s * 2, told, strict=True) if answer == "OK"}
    assert said == {paid}


async def test_one_that_asks_for_another_amount(bed: Bed, link: Link) -> None:
    """What a wallet of its own would not let it send."""
    offered = await link.offers()
    assert offered.minWithdrawable == offered.maxWithdrawable == 1000 * SATS
    for sats in (1, SATS - 1, SATS + 1, 100 * SATS):
        told = await link.takes(await bed.customers_invoice(sats), offered)
        assert told == f"The invoice has to be over {SATS} sats exactly."
    assert bed.order(link.order)["state"] == "reserved"
    assert await link.takes(await bed.customers_invoice(SATS), offered) == "OK"
    await link.gets("sent")


# What LNbits' own links do


async def test_a_node_that_fails_and_pays_all_the_same_opens_no_link(bed: Bed, link: Link) -> None:
    """Theirs opens again, and pays the next invoice too."""
    bed.proxy.on(Sort.PAYMENT, done_and(bad_gateway))
    bed.proxy.on(Sort.LOOK, bad_gateway)
    offered, bolt11 = await link.offers(), await bed.customers_invoice(SATS)
    assert await link.takes(bolt11, offered) == "OK"
    await link.gets("unknown")
    other = await bed.customers_invoice(SATS)
    assert "under way" in await link.takes(other, offered)
    bed.proxy.normal()
    bed.looks_now(bolt11)
    await link.gets("sent")
    assert "used" in await link.takes(other, offered)
    assert (bed.received(bolt11), bed.received(other)) == (True, False)


async def test_a_payment_that_fails_late_opens_its_link(bed: Bed, link: Link) -> None:
    """Theirs is spent for ever while a payment is pending, also when it has failed."""
    bed.proxy.on(Sort.PAYMENT, in_flight)
    offered, bolt11 = await link.offers(), await bed.customers_invoice(SATS)
    assert await link.takes(bolt11, offered) == "OK"
    await link.gets("unknown")
    bed.proxy.on(Sort.LOOK, it_failed)
    bed.looks_now(bolt11)
    await link.gets("failed")
    bed.proxy.normal()
    assert "failed" in await link.takes(bolt11, offered)
    assert await link.takes(await bed.customers_invoice(SATS), offered) == "OK"
    await link.gets("sent")
    assert not bed.received(bolt11)


async def test_junk_is_told_and_uses_nothing_up(bed: Bed, link: Link) -> None:
    """At theirs it raises."""
    offered = await link.offers()
    for junk in ("lnbc1nonsense", "", "\0", "lnbc1" + "q" * 3000):
        assert await link.takes(junk, offered) != "OK"
    assert bed.order(link.order)["state"] == "reserved"
    assert await link.takes(await bed.customers_invoice(SATS), offered) == "OK"
    await link.gets("sent")


@pytest.mark.parametrize("node", [Hanging(), Late()], ids=["is being asked", "has paid"])
async def test_lnbits_that_is_killed_leaves_no_link_shut(
    bed: Bed, link: Link, node: Hanging | Late
) -> None:
    """Theirs says that it is being processed, for ever."""
    bed.proxy.on(Sort.PAYMENT, node)
    offered, bolt11 = await link.offers(), await bed.customers_invoice(SATS)
    assert await link.takes(bolt11, offered) == "OK"
    await (node.done if isinstance(node, Late) else node.waits).get()
    await bed.lnbits.kill()
    node.let_go()
    await until_received(bed, bolt11)
    await bed.lnbits.start()
    assert await link.takes(bolt11, offered) == "OK"
    bed.looks_now(bolt11)
    await link.gets("sent")
    assert "used" in await link.takes(await bed.customers_invoice(SATS), offered)
