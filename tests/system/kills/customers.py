"""The customers of a machine: they pay, or leave, or fetch their sats, also while LNbits is down or
says no."""

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any

import httpx
from lnurl import decode as decode_lnurl
from spirekeeper.devkit.customer import fetch, pay
from spirekeeper.devkit.lnbits import LNbitsError
from spirekeeper.orders import fee_in_of
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInStep
from spirekeeper.spire.cash_orders import Order
from support.host import Caller
from support.two_lnbits import Bed
from system.kills.made_up import BY_INVOICE, Deposit, Fetch, Mood, Sale

BREAKS_OFF = "LNbits breaks it off"
"""What an invoice says whose payment inside LNbits breaks off."""
FEE_PPM, FEE_FIXED = 20_000, 1
PATIENCE_SECONDS = 60.0
"""Who has no sats by then leaves."""
AGAIN_SECONDS = 2.0
NOT_NOW = ("under way", "Too many", "stands still")
"""What a link says when it may be asked again."""


async def sent_away(task: "asyncio.Task[None]") -> None:
    """Cancelled, and over: a `gather` of which one part fails at that very moment raises that, and
    the cancellation is lost. Raises what has gone wrong."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)
    if not task.cancelled():
        task.result()


class Buyer:
    """Of notes."""

    def __init__(self, town: Bed, sale: Sale) -> None:
        self._town = town
        self._sale = sale
        self._last: Order | None = None
        self.shown: asyncio.Queue[Order] = asyncio.Queue()
        self.leaves = asyncio.Event()

    async def stands_there(self) -> None:
        while True:
            order = self._last = await self.shown.get()
            match self._sale.mood:
                case Mood.PAYS:
                    await self._pays(order)
                case Mood.PAYS_TWICE:
                    await asyncio.gather(self._pays(order), self._pays(order))
                case Mood.LEAVES | Mood.PAYS_LATE:
                    self.leaves.set()
                case Mood.LEAVES_PAYING:
                    self.leaves.set()
                    await self._pays(order)

    async def has_left(self) -> None:
        if self._sale.mood is Mood.PAYS_LATE and self._last:
            await asyncio.wait_for(self._pays(self._last), PATIENCE_SECONDS)

    async def _pays(self, order: Order) -> None:
        while True:
            try:
                await self._pay(order.bolt11 or "")
                return
            except LNbitsError as error:
                if "already" in str(error) or "not possible" in str(error):
                    self.leaves.set()  # without effect where it is paid
                    return
            except httpx.HTTPError:
                pass  # LNbits is killed just now
            await asyncio.sleep(0.3)

    async def _pay(self, bolt11: str) -> None:
        if self._sale.inside:
            http, _ = self._town.wallet(inside=True)
            await pay(http, _token(self._town.superuser), bolt11)
        else:
            await pay_outside(self._town, bolt11)


class Depositor:
    """Of notes."""

    def __init__(self, town: Bed, deposit: Deposit) -> None:
        self._town = town
        self._deposit = deposit
        self.shown: asyncio.Queue[CashInOrder] = asyncio.Queue()
        self.leaves = asyncio.Event()

    @property
    def _net(self) -> int:
        inserted = self._deposit.inserted
        return inserted - fee_in_of(inserted, FEE_PPM, FEE_FIXED)

    async def brings(self, used: str | None) -> str | None:
        """The invoice that the customer hands the machine; `used`: one of an earlier customer."""
        if self._deposit.fetch not in BY_INVOICE:
            return None
        if self._deposit.fetch is Fetch.USED and used:
            return used
        sats = self._net + (1 if self._deposit.fetch is Fetch.TOO_LARGE else 0)
        while True:
            with suppress(httpx.HTTPError):  # LNbits is killed just now
                return await new_invoice(self._town, sats, inside=self._deposit.inside)
            await asyncio.sleep(AGAIN_SECONDS)

    async def stands_there(self) -> None:
        impatient = asyncio.create_task(self._loses_patience())
        try:
            while True:
                order = await self.shown.get()
                if order.step is not CashInStep.LINKED:
                    continue  # notes may go in
                if self._deposit.fetch is Fetch.NEVER:
                    self.leaves.set()
                else:
                    await self._fetches(order.lnurl or "")
        finally:
            impatient.cancel()

    async def has_left(self) -> None:
        """With the link."""

    async def _loses_patience(self) -> None:
        while True:
            await asyncio.sleep(PATIENCE_SECONDS)
            self.leaves.set()

    async def _fetches(self, lnurl: str) -> None:
        """Until there is nothing to fetch any more: the payment may fail."""
        link = Link(self._town, lnurl)
        while True:
            with suppress(httpx.HTTPError, LNbitsError):  # LNbits is killed just now
                offer = await link.offers()
                if "reason" not in offer:
                    await self._asks(link, offer)
                elif not any(words in offer["reason"] for words in NOT_NOW):
                    return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _asks(self, link: "Link", offer: dict[str, Any]) -> None:
        inside, sats = self._deposit.inside, int(offer["maxWithdrawable"]) // 1000
        match self._deposit.fetch:
            case Fetch.LNBITS:
                http, who = self._town.wallet(inside=inside)
                await fetch(http, _token(who), link.lnurl)
                return
            case Fetch.BROKEN_OFF:
                first = await new_invoice(self._town, sats, inside=True, memo=BREAKS_OFF)
            case _:
                first = await new_invoice(self._town, sats, inside=inside)
        match self._deposit.fetch:
            case Fetch.TWICE:
                await asyncio.gather(link.asks(offer, first), link.asks(offer, first))
            case Fetch.TWO:
                other = await new_invoice(self._town, sats, inside=not inside)
                await asyncio.gather(link.asks(offer, first), link.asks(offer, other))
            case Fetch.ANOTHER:
                await link.asks(offer, first)
                await link.asks(offer, await new_invoice(self._town, sats, inside=not inside))
            case Fetch.TOO_MUCH:
                for more in (1, 1000):
                    too_much = await new_invoice(self._town, sats + more, inside=inside)
                    await link.asks(offer, too_much)
        await link.asks(offer, first)


class Link:
    """A withdraw link, and a wallet that asks it at an address of its own."""

    _made = count(1)

    def __init__(self, town: Bed, lnurl: str) -> None:
        self._http, _ = town.wallet(inside=True)
        self.lnurl = lnurl
        number = next(self._made)
        self._address = f"198.51.{number // 250 % 250}.{number % 250}"

    async def offers(self) -> dict[str, Any]:
        """What a wallet may fetch; otherwise `reason` says why not."""
        return await self._get(str(decode_lnurl(self.lnurl).url))

    async def asks(self, offer: dict[str, Any], bolt11: str) -> None:
        """Hands over an invoice. Whatever the link says to it, what it offers next decides."""
        await self._get(offer["callback"], k1=offer["k1"], pr=bolt11)

    async def _get(self, url: str, **params: str) -> dict[str, Any]:
        answer = await self._http.get(
            url, params=params, headers={"X-Forwarded-For": self._address}
        )
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


async def pay_outside(town: Bed, bolt11: str) -> None:
    """From the other LNbits. LNbitsError when it does not."""
    http, who = town.wallet(inside=False)
    account = (await http.get("/api/v1/auth", headers=who.headers)).raise_for_status().json()
    paid = await http.post(
        "/api/v1/payments",
        json={"out": True, "bolt11": bolt11},
        headers={"X-Api-Key": account["wallets"][0]["adminkey"]},
    )
    if paid.is_error:
        raise LNbitsError(f"the customer's payment failed: {paid.text[:200]}")


async def new_invoice(town: Bed, sats: int, *, inside: bool, memo: str = "a customer's") -> str:
    """One of a customer's."""
    http, who = town.wallet(inside=inside)
    account = (await http.get("/api/v1/auth", headers=who.headers)).raise_for_status().json()
    made = await http.post(
        "/api/v1/payments",
        json={"out": False, "amount": sats, "memo": memo},
        headers={"X-Api-Key": account["wallets"][0]["inkey"]},
    )
    return str(made.raise_for_status().json()["bolt11"])


def _token(who: Caller) -> str:
    return who.headers["Authorization"].removeprefix("Bearer ")
