"""What a machine's wallet holds, beside the machine."""

import asyncio
from typing import Any

from support.host import Caller, Host
from support.movable_clock import MovableClock


async def test_it_is_what_lnbits_says_and_a_minute_old_at_most(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    """Whatever has come of the payments; a part of a satoshi is none."""
    from lnbits.core.crud import create_payment, get_wallet
    from lnbits.core.models import CreatePayment, PaymentState

    path = f"/machines/{await host.add_machine(newcomer, wallet_id=newcomer.wallet_id)}"

    async def shown() -> int:
        machine: dict[str, Any] = (await host.api("GET", path, as_=newcomer)).json()
        listed = (await host.api("GET", "/machines", as_=newcomer)).json()["data"]
        assert listed == [machine]
        return int(machine["balance_sat"])

    assert await shown() == 0
    moved = [(state, amount) for state in PaymentState for amount in (70_000_500, -9_000_000)]
    for number, (state, amount) in enumerate(moved):
        payment = CreatePayment(
            wallet_id=newcomer.wallet_id,
            payment_hash=f"{newcomer.user_id}{number}",
            bolt11="",
            amount_msat=amount,
            memo="",
            fee=-1_200,
        )
        await create_payment(f"{newcomer.user_id}{number}", payment, state)
    assert await shown() == 0
    host_clock.move(minutes=1, seconds=1)
    wallet = await get_wallet(newcomer.wallet_id)
    assert wallet is not None
    assert await shown() == wallet.balance_msat // 1000 == 51_996


async def test_what_grows_old_while_another_is_read_is_told_all_the_same(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    """Somebody else's look meanwhile forgets what is older than a minute."""
    from spirekeeper.store.balances import get_balances
    from spirekeeper.store.database import ledger

    known = await get_balances([newcomer.wallet_id], host_clock)
    both = [newcomer.wallet_id, host.operator.wallet_id]
    host_clock.move(seconds=59)
    async with ledger.lock:
        reading = asyncio.create_task(get_balances(both, host_clock))
        await asyncio.wait({reading}, timeout=0.1)
        host_clock.move(minutes=2)
        assert await get_balances([], host_clock) == {}
    found = await reading
    assert found.keys() == set(both)
    assert found[newcomer.wallet_id] == known[newcomer.wallet_id]
