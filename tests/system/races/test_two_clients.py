"""Two clients redeem one token at the same moment, as upstream lets them.

Nothing tells which of them is the machine, so nothing is routed to either; where the second comes
when the first has been confirmed, the machine is flagged.
"""

import asyncio

from nostr_sdk import Keys
from support.figures import Figures
from system.races.racing import Racetrack


async def both(track: Racetrack) -> None:
    """The bunker reads the token for both before it has written it spent for either."""
    track.clients[:2] = [Keys.generate(), Keys.generate()]
    for _ in range(20):
        outcomes = await asyncio.gather(track.redeem(0, 0), track.redeem(0, 1))
        if [each.status for each in outcomes] == [200, 200]:
            return
        await track.revoke()  # this time one was too late
        await track.pair(require_confirmation=True)
        track.clients[:2] = [Keys.generate(), Keys.generate()]
    raise AssertionError("no two clients were at the bunker at one moment")


async def late(track: Racetrack) -> None:
    """The second's turn at the bunker was the first's, only its writing comes after our look."""
    from spirekeeper.devkit.bunker.store import stamp

    pairing, store = await track.pairing(), track.host.bunker.store
    assert store is not None
    pubkey = track.clients[1].public_key().to_hex()
    now = stamp(track.clock())
    store.upsert_user(pairing.key_name, pubkey, pairing.client_name, now)


async def test_both_before_the_look(track: Racetrack, figures: Figures) -> None:
    await track.pair(require_confirmation=True)
    await both(track)
    await track.look()
    assert (await track.pairing()).end_reason == "two_clients_redeemed"
    assert not await track.is_routed()
    await track.settle()
    assert await track.untruths() + await track.leftovers() == []
    figures.add("races")


async def test_the_second_between_the_look_and_the_confirmation(
    track: Racetrack, figures: Figures
) -> None:
    await track.pair(require_confirmation=True)
    assert (await track.redeem()).status == 200
    await track.look()
    await late(track)
    refused = await track.confirm()
    assert (refused.status, refused.code) == (409, "unexpected_client")
    assert not await track.is_routed()
    assert (await track.revoke()).status == 200
    await track.settle()
    assert await track.untruths() + await track.leftovers() == []
    figures.add("races")


async def test_the_second_after_the_confirmation_is_flagged(
    track: Racetrack, figures: Figures
) -> None:
    from spirekeeper import crud

    await track.pair(require_confirmation=True)
    assert (await track.redeem()).status == 200
    await track.look()
    assert (await track.confirm()).status == 200
    await late(track)
    await track.reconcile()
    machine = await crud.get_machine(track.machine_id)
    assert machine is not None
    assert machine.flag == "unknown_user"
    assert (await track.revoke()).status == 200
    assert not await track.is_routed()
    await track.settle()
    assert await track.leftovers() == []
    figures.add("races")
