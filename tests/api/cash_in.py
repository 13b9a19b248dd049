"""What the tests of cash-in share: a customer with a wallet at the same LNbits, and looks that
LNbits does not take by itself here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cash import CashMachine, taking
from support.host import Host
from support.movable_clock import MovableClock

SATS = 1000
IN_WALLET = 100_000
NET = SATS - 21


@asynccontextmanager
async def taking_here(host: Host) -> AsyncIterator[CashMachine]:
    """A machine whose wallet has sats, at an LNbits with an address that phones reach."""
    from lnbits.settings import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
        async with taking(host, in_fee_ppm=20_000, in_fee_fixed=1) as machine:
            await host.credit(await wallet_of(machine), IN_WALLET)
            yield machine


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


def reason(answer: dict[str, Any]) -> str:
    return str(answer["error"]).partition(":")[0]


async def own_invoice(machine: CashMachine, sats: int) -> str:
    from lnbits.core.services import create_invoice

    made = await create_invoice(wallet_id=await wallet_of(machine), amount=sats, memo="own")
    return str(made.bolt11)


async def noticed(host: Host) -> set[tuple[str, str | None]]:
    answer = await host.api("GET", "/notices", params={"limit": 500})
    return {(each["code"], each["machine_id"]) for each in answer.json()["data"]}


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
