"""What a machine may still pay for notes, as its operator is told: the same that a hold finds."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from api.cash_in import IN_WALLET, NET, SATS, invoice, reason, taking_here, wallet_of
from support.cash import CAPS, CashMachine, new_id, switch_on, taking
from support.host import Host

RESERVE = NET + 10
"""What may leave the wallet for SATS: LNbits keeps 1 % for its node."""
GUIDE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text()
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


def of_the_guide(part: str, columns: int) -> list[list[int]]:
    """The numbers of the table below a line of docs/operators.md, each row's last so many."""
    rows = GUIDE.partition(part)[2].partition("|---")[2].partition("\n\n")[0].splitlines()[1:]
    cells = [row.strip("|").split("|")[-columns:] for row in rows]
    return [[int(cell.replace(",", "")) for cell in row] for row in cells]


async def test_the_guides_evening_in_a_bar_is_reckoned_right(
    host: Host, watched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    caps = dict(
        zip(
            ("cap_order", "cap_hour", "cap_day", "cap_open"),
            (cap for [cap] in of_the_guide("Then:\n", 1)),
            strict=True,
        )
    )
    evening = of_the_guide("as the evening goes:\n", 4)
    assert len(evening) == 4
    async with taking(host, in_fee_ppm=30_000, **caps) as machine:
        await host.credit(await wallet_of(machine), 1_000_000)

        async def is_told_as(row: list[int]) -> None:
            room = await room_of(machine)
            assert [room[name] for name in ("now", "hour", "day", "open")] == row

        async def is_served(euros: int, net: int) -> None:
            order = new_id()
            await machine.holds(order, 1000 * euros)
            paid = await machine.pay(order, 1000 * euros, await invoice(host, net))
            assert paid["res"] == "ok", paid

        await is_told_as(evening[0])
        await is_served(50, 48_500)
        await is_told_as(evening[1])
        ben = new_id()
        await machine.holds(ben, 100_000)
        assert (await machine.withdraw(ben, 100_000))["amount_sats"] == 97_000
        await is_told_as(evening[2])
        await is_served(100, 97_000)
        await is_told_as(evening[3])
        refused = await machine.call("hold", order=new_id(), sats=100_000)
        assert reason(refused) == "cap_hour"
        await machine.holds(new_id(), 50_000)
    for sats in ("293,910", "979,700", "97,970", "48,500"):
        assert re.search(rf"\b{sats}\b", GUIDE)
