"""What ends here ends in the bunker at once, with nothing of the background running but what the
end itself sets off."""

import asyncio

import pytest
from api.living import connected, routes
from api.unconfirmed import confirmed, machine_of
from spirekeeper.spire.machine import Machine
from support.host import Host
from support.movable_clock import MovableClock
from support.spires import NewSpire, boots, signs

LONG = 60.0
"""Seconds after which it has hung: the background, which would do it in time, stands still."""


async def refused_in_the_end(spire: Machine) -> bool:
    async def refused() -> bool:
        while await signs(spire):
            pass
        return True

    return await asyncio.wait_for(refused(), LONG)


async def nothing_owed(house: Host, machine_id: str) -> bool:
    async def settled() -> bool:
        while (await machine_of(house, machine_id))["owed"]:
            pass
        return True

    return await asyncio.wait_for(settled(), LONG)


@pytest.mark.parametrize("rotate", [True, False], ids=["new key", "same key"])
async def test_the_older_connection_when_the_newer_one_is_noticed(
    house: Host, new_spire: NewSpire, rotate: bool
) -> None:
    """As it was found: for 7 to 9 s the older machine went on signing."""
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    await connected(house, machine_id, old)
    seed = await connected(house, machine_id, new, rotate=rotate)
    assert await refused_in_the_end(old)
    assert await signs(new)
    assert await routes(house, seed)


async def test_a_seed_whose_window_closes(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """As it was found: for 6 to 10 s a machine was told that it is connected, and was cut then."""
    from spirekeeper.steps import clocks

    machine_id = await house.add_machine()
    seed = await house.pair(machine_id, scan_minutes=10)
    await house.bunker.listening()
    host_clock.move(minutes=11)
    await clocks.end_by_clock(host_clock)
    assert await nothing_owed(house, machine_id)
    assert not await boots(new_spire(), seed)


async def test_a_client_that_came_after_the_window(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, late = await house.add_machine(), new_spire()
    seed = await house.pair(machine_id, scan_minutes=10)
    await house.bunker.listening()
    host_clock.move(minutes=11)
    await late.boot(seed["seed_url"])
    assert (await house.pairing(machine_id))["reason"] == "redeemed_too_late"
    assert await refused_in_the_end(late)


async def test_a_client_whose_session_is_over(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    from spirekeeper.steps import clocks

    machine_id, spire = await house.add_machine(), new_spire()
    await confirmed(house, machine_id, spire, session_hours=2)
    host_clock.move(hours=2, seconds=1)
    await clocks.end_by_clock(host_clock)
    assert await refused_in_the_end(spire)


async def test_the_background_rests_until_the_next_end_and_no_longer(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    from spirekeeper.steps.clocks import seconds_to_next_end

    host_clock.move(days=3650)  # beyond whatever other tests have left
    machine_id, spire = await house.add_machine(), new_spire()
    assert await seconds_to_next_end(host_clock, 5) == 5
    seed = await house.pair(machine_id, scan_minutes=10, session_hours=1)
    host_clock.move(minutes=9, seconds=58)
    assert await seconds_to_next_end(host_clock, 5) == pytest.approx(2, abs=0.01)
    await spire.boot(seed["seed_url"])
    await house.pairing(machine_id)
    host_clock.move(minutes=50)
    assert await seconds_to_next_end(host_clock, 5) == pytest.approx(2, abs=0.01)
    assert (await house.api("DELETE", f"/machines/{machine_id}")).status_code == 200
