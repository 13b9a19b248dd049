"""What somebody unconfirmed had signed ahead of time is never routed, however his seed ended."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from api.living import connected, judge, pass_by, routes
from api.unconfirmed import ASKED, machine_of, refused, scanned
from nostr_sdk import Keys
from support.host import Host
from support.movable_clock import MovableClock
from support.spires import NewSpire, signs


async def rejected(house: Host, machine_id: str, _: MovableClock) -> None:
    thief = await scanned(house, await house.pair(machine_id, **ASKED))
    await house.pairing(machine_id)
    await judge(house, machine_id, "reject", thief.public_key().to_hex())


async def two_clients(house: Host, machine_id: str, _: MovableClock) -> None:
    """As upstream lets them, when they come at one moment."""
    from spirekeeper.clock import utc_now
    from spirekeeper.devkit.bunker.store import stamp
    from spirekeeper.store import pairing_rows

    await scanned(house, await house.pair(machine_id, **ASKED))
    [pairing, *_older] = await pairing_rows.get_history(machine_id)
    pubkey, now = Keys.generate().public_key().to_hex(), stamp(utc_now())
    assert house.bunker.store is not None
    house.bunker.store.upsert_user(pairing.key_name, pubkey, pairing.client_name, now)
    assert (await house.pairing(machine_id))["reason"] == "two_clients_redeemed"


async def too_late(house: Host, machine_id: str, clock: MovableClock) -> None:
    seed = await house.pair(machine_id, scan_minutes=10)
    clock.move(minutes=11)
    await scanned(house, seed)
    assert (await house.pairing(machine_id))["reason"] == "redeemed_too_late"


async def revoked_outside(house: Host, machine_id: str, clock: MovableClock) -> None:
    from spirekeeper.connection.open_bunker import open_bunker
    from spirekeeper.upkeep.reconcile import in_background

    await scanned(house, await house.pair(machine_id, **ASKED))
    await house.pairing(machine_id)
    admin = (await open_bunker()).admin
    for user in await admin.get_key_users(f"spire-{machine_id}"):
        await admin.revoke_user(user.id)
    await in_background(clock)
    assert (await house.pairing(machine_id))["reason"] == "revoked_outside"


async def revoked_before_it_was_noticed(house: Host, machine_id: str, _: MovableClock) -> None:
    from spirekeeper.connection.open_bunker import open_bunker

    await scanned(house, await house.pair(machine_id, **ASKED))
    admin = (await open_bunker()).admin
    for user in await admin.get_key_users(f"spire-{machine_id}"):
        await admin.revoke_user(user.id)
    assert (await house.pairing(machine_id))["reason"] == "needs_new_client_key"


async def replaced(house: Host, machine_id: str, _: MovableClock) -> None:
    """By the very seed of which the test asks for another key."""
    await scanned(house, await house.pair(machine_id, **ASKED))
    assert (await house.pairing(machine_id))["state"] == "confirming"


async def session_over(house: Host, machine_id: str, clock: MovableClock) -> None:
    await scanned(house, await house.pair(machine_id, **ASKED, session_hours=1))
    await house.pairing(machine_id)
    clock.move(hours=2)
    await pass_by(clock)
    assert (await house.pairing(machine_id))["state"] == "expired"


async def cancelled(house: Host, machine_id: str, clock: MovableClock) -> None:
    """The page still says that the seed waits; he was a moment faster."""
    await scanned(house, await house.pair(machine_id, **ASKED))
    assert (await house.api("DELETE", f"/machines/{machine_id}/pairing")).status_code == 200
    await pass_by(clock)


async def cancelled_with_the_bunker_away(house: Host, machine_id: str, clock: MovableClock) -> None:
    from spirekeeper.steps import verdict

    await scanned(house, await house.pair(machine_id, **ASKED))
    house.bunker.levers.silent("get_key_users")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "BUNKER_SECONDS", 0.3)
        await house.api("DELETE", f"/machines/{machine_id}/pairing")
    house.bunker.levers.normal()


Ending = Callable[[Host, str, MovableClock], Awaitable[None]]
ENDINGS: list[Ending] = [
    rejected,
    two_clients,
    too_late,
    revoked_outside,
    revoked_before_it_was_noticed,
    replaced,
    session_over,
    cancelled,
    cancelled_with_the_bunker_away,
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: str(ending.__name__))
@pytest.mark.parametrize("asked", [{}, ASKED], ids=["unasked", "asked"])
async def test_after_somebody_unconfirmed_the_next_seed_is_for_a_new_key(
    house: Host,
    host_clock: MovableClock,
    new_spire: NewSpire,
    ending: Ending,
    asked: dict[str, Any],
) -> None:
    """Else what he had signed for next week would be routed as soon as the machine is paired."""
    machine_id, spire = await house.add_machine(), new_spire()
    await ending(house, machine_id, host_clock)
    stolen = (await machine_of(house, machine_id))["machine_npub"]
    assert await refused(house, machine_id, keep_identity=True, **asked) == (409, "key_not_kept")
    seed = await connected(house, machine_id, spire, **asked)
    assert seed["spire_pubkey"] != stolen
    if asked:
        await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert await routes(house, seed)
    assert (await house.api("GET", f"/roster/{stolen}")).status_code == 404
    await pass_by(host_clock)
    assert await signs(spire)
    assert await routes(house, seed)
