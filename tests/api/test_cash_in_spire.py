"""The reference machine takes notes on the real LNbits, and its customer has the sats."""

import asyncio
from pathlib import Path

import pytest
from lnurl import LnurlSuccessResponse, LnurlWithdrawResponse
from lnurl import decode as decode_lnurl
from spirekeeper.spire.acceptor import Acceptor
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInOrders, CashInStep
from spirekeeper.spire.errors import CashRefused
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash import CAPS, confirm, switch_on
from support.fake_acceptor import FakeAcceptor
from support.host import Host
from support.spires import NewSpire

SATS, IN, FEE = 20_000, 15_000, 301
NET = IN - FEE


@pytest.fixture
async def spire(
    host: Host, watched: None, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    """A machine that its operator has confirmed, with cash-in on."""
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    machine_id, spire = await host.add_machine(), new_spire()
    wallet = (await host.api("GET", f"/machines/{machine_id}")).json()["wallet_id"]
    await host.credit(wallet, 100_000)
    fees = {"in_fee_ppm": 20_000, "in_fee_fixed": 1}
    await switch_on(host, machine_id, in_on=True, **fees, **CAPS)
    await spire.boot((await host.pair(machine_id))["seed_url"])
    await confirm(host, machine_id)
    return spire


class Booth:
    """The machine, with its acceptor and what it shows."""

    def __init__(self, spire: Machine, folder: Path) -> None:
        self.acceptor = FakeAcceptor(folder / "acceptor")
        self.acceptor.takes(10_000, 5_000)
        self.shown: asyncio.Queue[CashInOrder] = asyncio.Queue()
        self.desk = CashIn(
            Service(spire),
            CashInOrders(folder / "home"),
            Acceptor([self.acceptor.command]),
            show=self.shown.put_nowait,
            tell=lambda _: None,
            leaves=asyncio.Event(),
        )

    def takes(self, bolt11: str | None, sats: int = SATS) -> "asyncio.Task[CashInOrder]":
        return asyncio.create_task(self.desk.serve(sats, bolt11))

    async def shows(self, step: CashInStep) -> CashInOrder:
        while True:
            order = await asyncio.wait_for(self.shown.get(), 30)
            if order.step is step:
                return order


async def customers_invoice(host: Host) -> str:
    from lnbits.core.services import create_invoice

    wallet = host.other_operator.wallet_id
    return str((await create_invoice(wallet_id=wallet, amount=NET, memo="mine")).bolt11)


async def balance(host: Host) -> int:
    from lnbits.core.crud import get_wallet

    wallet = await get_wallet(host.other_operator.wallet_id)
    assert wallet is not None
    return int(wallet.balance)


async def test_a_customers_notes_for_sats_both_ways(
    host: Host, spire: Machine, tmp_path: Path
) -> None:
    booth, before = Booth(spire, tmp_path), await balance(host)
    done = await asyncio.wait_for(booth.takes(await customers_invoice(host)), 60)
    assert (done.step, done.inserted, done.fee_sats) == (CashInStep.SENT, IN, FEE)
    assert await balance(host) == before + NET

    taking = booth.takes(None)
    link = await booth.shows(CashInStep.LINKED)
    await fetched(host, str(link.lnurl))
    done = await asyncio.wait_for(taking, 60)
    assert (done.step, done.net_sats) == (CashInStep.SENT, NET)
    assert await balance(host) == before + 2 * NET
    assert len(booth.acceptor.ran) == 2

    with pytest.raises(CashRefused, match="more than this machine pays out at once"):
        await booth.takes(None, sats=CAPS["cap_order"] + 10_000)
    assert len(booth.acceptor.ran) == 2


async def fetched(host: Host, lnurl: str) -> None:
    """As a wallet does with LNbits' own library: it offers an invoice for what the link has."""
    url = str(decode_lnurl(lnurl).url)
    offer = LnurlWithdrawResponse(**(await host.client.get(url)).json())
    assert offer.maxWithdrawable == offer.minWithdrawable == 1000 * NET
    asked = {"k1": offer.k1, "pr": await customers_invoice(host)}
    taken = await host.client.get(str(offer.callback), params=asked)
    assert LnurlSuccessResponse(**taken.json()).status == "OK"
