"""A node of LNbits' that raises: that proves nothing, and LNbits' row tells the rest. What nodes
answer is tried over two LNbits, in tests/system/cash/test_paying.py."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.cash import DEBIT, CashMachine, debit, new_id, taking
from support.host import Host
from support.movable_clock import MovableClock

SATS = 1000


class Breaks:
    """Beside LNbits' FakeWallet a node whose program breaks when it is to pay. `failed`: what it
    says of that when asked; None: it does not know."""

    failed: bool | None = None

    async def pay_invoice(self, bolt11: str, fee_limit_msat: int) -> Any:
        raise ConnectionResetError

    async def get_payment_status(self, checking_id: str) -> Any:
        from lnbits.wallets.base import PaymentStatus

        return PaymentStatus(paid=False if self.failed else None)


def pays_with(name: str, patch: pytest.MonkeyPatch) -> Any:
    """LNbits has a node of this kind from now on."""
    import lnbits.wallets
    from lnbits.settings import settings

    node = type(name, (Breaks, lnbits.wallets.FakeWallet), {})()
    patch.setattr(lnbits.wallets, "funding_source", node)
    patch.setattr(settings, "lnbits_backend_wallet_class", name)
    return node


@pytest.fixture
def node(host: Host, monkeypatch: pytest.MonkeyPatch) -> Any:
    return pays_with("OneNode", monkeypatch)


@pytest.fixture
async def machine(host: Host, watched: None, node: Any) -> AsyncIterator[CashMachine]:
    async with taking(host) as machine:
        there = await host.api("GET", f"/machines/{machine.id}")
        await host.credit(there.json()["wallet_id"], 20_000)
        yield machine


async def invoice(node: Any) -> str:
    """One that LNbits knows nothing of."""
    made = await node.create_invoice(SATS, memo="from outside")
    return str(made.payment_request)


async def test_what_a_raising_node_did_is_unknown_until_it_says(
    host: Host, machine: CashMachine, node: Any
) -> None:
    order = new_id()
    await machine.holds(order, SATS)
    asked = await machine.send(DEBIT, debit(order, SATS, await invoice(node)))
    await machine.gets("unknown")
    assert (await machine.pay(order, SATS, await invoice(node)))["code"] == 6
    assert machine.answers(asked) == []
    node.failed = True
    await look()
    await machine.gets("failed")


async def test_another_node_proves_nothing(
    host: Host, machine: CashMachine, node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits was given another one meanwhile, which knows nothing of the payment, and says so."""
    order = new_id()
    await machine.holds(order, SATS)
    await machine.send(DEBIT, debit(order, SATS, await invoice(node)))
    await machine.gets("unknown")
    pays_with("OtherNode", monkeypatch).failed = True
    await look()
    assert [each["state"] for each in await machine.listed()] == ["unknown"]


async def look() -> None:
    """What the background does, a minute later."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling
    from spirekeeper.clock import utc_now

    clock = MovableClock(utc_now())
    clock.move(seconds=60)
    await Settling(Post(lambda *_: 0), clock).look_again(clock)
