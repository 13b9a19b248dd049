"""What a machine may still pay for notes, as its operator is told: the same that a hold finds."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api.cash_in import IN_WALLET, NET, SATS, invoice, reason, taking_here
from support.cash import CAPS, CashMachine, new_id, switch_on
from support.host import Host

RESERVE = NET + 10
"""What may leave the wallet for SATS: LNbits keeps 1 % for its node."""
BINDING = ("cap_order", "cap_open", "cap_hour", "cap_day", "wallet_short")


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with taking_here(host) as machine:
        yield machine


async def room_of(machine: CashMachine) -> Any:
    return (await machine.host.api("GET", f"/machines/{machine.id}/cash")).json()["room"]


async def test_what_is_left_is_what_a_hold_finds(host: Host, machine: CashMachine) -> None:
    """To the sat, whichever of the caps and the wallet has the least; after one order that was
    paid, and beside one that is held."""
    from spirekeeper.cash.cash_in import reserve_of
    from spirekeeper.orders import fee_in_of

    assert await room_of(machine) == {
        "now": CAPS["cap_order"],
        "hour": CAPS["cap_hour"],
        "day": CAPS["cap_day"],
        "open": CAPS["cap_open"],
        "wallet": IN_WALLET,
        "enough": True,
    }
    paid = new_id()
    await machine.holds(paid, SATS)
    assert (await machine.pay(paid, SATS, await invoice(host, NET)))["res"] == "ok"
    await machine.holds(new_id(), SATS)
    told = await room_of(machine)
    assert {name: told[name] for name in ("hour", "day", "open", "wallet")} == {
        "hour": CAPS["cap_hour"] - 2 * RESERVE,
        "day": CAPS["cap_day"] - 2 * RESERVE,
        "open": CAPS["cap_open"] - RESERVE,
        "wallet": IN_WALLET - NET - RESERVE,
    }

    def needs(sats: int) -> int:
        return int(reserve_of(sats - fee_in_of(sats, 20_000, 1)))

    wide = dict.fromkeys(CAPS, 400_000)
    for why in BINDING:
        caps = {**wide, **({} if why == "wallet_short" else {why: 5_000})}
        await switch_on(host, machine.id, **caps)
        room = await room_of(machine)
        assert room["enough"] is True
        most = max(sats for sats in range(1, IN_WALLET) if needs(sats) <= room["now"])
        order = new_id()
        assert reason(await machine.call("hold", order=order, sats=most + 1)) == why
        await machine.holds(order, most)
        if why != "cap_order":
            left = await room_of(machine)
            assert (left["now"], left["enough"]) == (room["now"] - needs(most), False)
        assert (await machine.data("abandon", order=order))["state"] == "abandoned"


async def test_it_has_no_room_that_takes_no_notes(host: Host, machine: CashMachine) -> None:
    await switch_on(host, machine.id, in_on=False)
    assert await room_of(machine) is None
