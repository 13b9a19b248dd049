"""Whoever signs as a machine without the operator's Yes reaches no wallet, now or later.

Seen from a thief who photographed the QR of a machine, redeemed it first, and has had events signed
by its key that say they are from next week.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from host import Host
from living import connected, judge, pass_by, routes
from movable_clock import MovableClock
from nostr_sdk import Keys
from redeeming import redeem, sign
from spires import NewSpire, boots, signs

ASKED = {"require_confirmation": True}


async def confirmed(house: Host, machine_id: str, spire: Any, **data: Any) -> dict[str, Any]:
    """The seed of a machine that the operator said Yes to."""
    seed = await connected(house, machine_id, spire, **ASKED, **data)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert answer.status_code == 200, answer.text
    return seed


async def scanned(house: Host, seed: dict[str, Any]) -> Keys:
    """A thief's client key, with which he redeemed the seed; nobody has noticed yet."""
    thief = Keys.generate()
    assert (await redeem(house, seed["seed_url"], thief))["result"] == "ack"
    return thief


async def refused(house: Host, machine_id: str, **data: Any) -> tuple[int, str]:
    answer = await house.api("POST", f"/machines/{machine_id}/pair", house.pair_request(**data))
    return answer.status_code, answer.json()["code"]


async def machine_of(house: Host, machine_id: str) -> dict[str, Any]:
    machine: dict[str, Any] = (await house.api("GET", f"/machines/{machine_id}")).json()
    return machine


# The photo of a "Pair again" QR


async def test_the_photo_of_a_pair_again_is_worth_no_wallet(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    first = await confirmed(house, machine_id, spire)
    again = await house.pair(machine_id, **ASKED)
    thief = await scanned(house, again)
    assert (await house.pairing(machine_id))["state"] == "confirming"
    assert "error" not in await sign(house, again["spire_pubkey"], thief)
    assert not await routes(house, again)
    assert await routes(house, first)  # the machine works on
    assert await signs(spire)

    await judge(house, machine_id, "reject", thief.public_key().to_hex())
    await pass_by(host_clock)
    assert (await sign(house, again["spire_pubkey"], thief))["error"] == "Not authorized"
    assert await routes(house, first)
    assert await signs(spire)
    assert (await house.pairing(machine_id))["state"] == "paired"


async def test_a_yes_moves_the_roster_and_cuts_the_older_key(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await confirmed(house, machine_id, spire)
    again = await confirmed(house, machine_id, new)
    assert again["spire_pubkey"] != first["spire_pubkey"]
    assert await routes(house, again)
    assert not await routes(house, first)
    await pass_by(host_clock)
    assert not await signs(spire)
    assert await signs(new)


async def test_a_client_that_was_never_confirmed_does_not_share_its_key_with_one_that_is(
    house: Host, new_spire: NewSpire
) -> None:
    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, spire)
    again = await house.pair(machine_id, **ASKED)
    assert again["spire_pubkey"] != first["spire_pubkey"]
    assert await routes(house, first)
    await new.boot(again["seed_url"])
    await house.pairing(machine_id)
    assert await routes(house, first)
    assert not await routes(house, again)
    await judge(house, machine_id, "confirm", new.client_pubkey)
    assert await routes(house, again)
    assert not await routes(house, first)


async def test_a_seed_that_ended_unused_leaves_its_key_to_the_next(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """Keys cannot be deleted. Each of these seeds is burned, by a client of ours."""
    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await house.pair(machine_id, **ASKED)
    await house.bunker.listening()
    assert (await house.api("DELETE", f"/machines/{machine_id}/pairing")).json()["bunker"] == "done"
    second = await confirmed(house, machine_id, spire)
    assert second["spire_pubkey"] == first["spire_pubkey"]

    keys = {(await house.pair(machine_id, **ASKED))["spire_pubkey"] for _ in range(3)}
    last = await confirmed(house, machine_id, new)
    assert keys == {last["spire_pubkey"]} != {first["spire_pubkey"]}
    await pass_by(host_clock)
    assert await routes(house, last)
    assert await signs(new)


async def test_keys_that_nobody_asked_for_have_a_limit_of_their_own(
    house: Host,
    host_clock: MovableClock,
    new_spire: NewSpire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a machine that is paired again and again fills the bunker; an hour later it may go on,
    and the superuser can have it go on at once."""
    monkeypatch.setenv("SPIREKEEPER_FORCED_KEYS_AN_HOUR", "1")
    machine_id, first, second = await house.add_machine(), new_spire(), new_spire()
    await confirmed(house, machine_id, first)
    routed = await confirmed(house, machine_id, second)
    body = house.pair_request(**ASKED)
    answer = await house.api("POST", f"/machines/{machine_id}/pair", body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_rotations")
    next_at = host_clock() + timedelta(hours=1)
    assert f"{next_at:%Y-%m-%d %H:}" in answer.json()["detail"]
    assert await routes(house, routed)
    host_clock.move(minutes=61)
    assert (await house.pair(machine_id, **ASKED))["spire_pubkey"] != routed["spire_pubkey"]


# What he had signed ahead of time


async def rejected(house: Host, machine_id: str, _: MovableClock) -> None:
    thief = await scanned(house, await house.pair(machine_id, **ASKED))
    await house.pairing(machine_id)
    await judge(house, machine_id, "reject", thief.public_key().to_hex())


async def two_clients(house: Host, machine_id: str, _: MovableClock) -> None:
    """As upstream lets them, when they come at one moment."""
    from spirekeeper import crud_pairings
    from spirekeeper.clock import utc_now
    from spirekeeper.devkit.bunker.store import stamp

    await scanned(house, await house.pair(machine_id, **ASKED))
    [pairing, *_older] = await crud_pairings.get_history(machine_id)
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
    from spirekeeper.connection import open_bunker
    from spirekeeper.reconcile import in_background

    await scanned(house, await house.pair(machine_id, **ASKED))
    await house.pairing(machine_id)
    admin = (await open_bunker()).admin
    for user in await admin.get_key_users(f"spire-{machine_id}"):
        await admin.revoke_user(user.id)
    await in_background(clock)
    assert (await house.pairing(machine_id))["reason"] == "revoked_outside"


async def revoked_before_it_was_noticed(house: Host, machine_id: str, _: MovableClock) -> None:
    from spirekeeper.connection import open_bunker

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
    from spirekeeper import ending

    await scanned(house, await house.pair(machine_id, **ASKED))
    house.bunker.levers.silent("get_key_users")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ending, "BUNKER_SECONDS", 0.3)
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


# The same key, because the caller insists


async def test_a_kept_key_is_silent_until_the_yes(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await confirmed(house, machine_id, spire)
    again = await house.pair(machine_id, **ASKED, keep_identity=True)
    assert again["spire_pubkey"] == first["spire_pubkey"]
    assert not await routes(house, first)  # already now: it may have been photographed
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("replacing", "key_in_doubt")
    await new.boot(again["seed_url"])
    await house.pairing(machine_id)
    assert not await routes(house, first)
    await judge(house, machine_id, "confirm", new.client_pubkey)
    assert await routes(house, again)
    await pass_by(host_clock)
    assert not await signs(spire)
    assert await signs(new)


async def test_a_kept_key_is_routed_again_once_its_seed_ended_unused(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    first = await confirmed(house, machine_id, spire)
    await house.pair(machine_id, **ASKED, keep_identity=True)
    await house.bunker.listening()
    house.bunker.levers.silent("get_key_users")
    with pytest.MonkeyPatch.context() as patch:
        from spirekeeper import ending

        patch.setattr(ending, "BUNKER_SECONDS", 0.3)
        assert (await house.api("DELETE", f"/machines/{machine_id}/pairing")).status_code == 200
    assert not await routes(house, first)  # nobody knows yet that nobody scanned it
    machine = await machine_of(house, machine_id)
    assert (machine["state"], machine["reason"]) == ("paired", "key_in_doubt")
    house.bunker.levers.normal()
    await pass_by(host_clock)
    assert await routes(house, first)
    assert await signs(spire)
    machine = await machine_of(house, machine_id)
    assert (machine["state"], machine["reason"]) == ("paired", None)


@pytest.mark.parametrize("noticed", [True, False], ids=["rejected", "cancelled"])
async def test_a_kept_key_that_a_thief_used_is_never_routed_again(
    house: Host, host_clock: MovableClock, new_spire: NewSpire, noticed: bool
) -> None:
    """Also for the machine that was confirmed before: it is cut, and gets a new key."""
    from spirekeeper import tasks

    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await confirmed(house, machine_id, spire)
    thief = await scanned(house, await house.pair(machine_id, **ASKED, keep_identity=True))
    if noticed:
        await house.pairing(machine_id)
        await judge(house, machine_id, "reject", thief.public_key().to_hex())
    else:
        await house.api("DELETE", f"/machines/{machine_id}/pairing")
    assert not await routes(house, first)
    await pass_by(host_clock)
    await tasks.finish_interrupted(host_clock)
    await pass_by(host_clock)
    assert not await routes(house, first)
    assert (await machine_of(house, machine_id))["state"] == "revoked"
    assert not await signs(spire)
    assert await refused(house, machine_id, keep_identity=True) == (409, "key_not_kept")
    last = await confirmed(house, machine_id, new)
    assert last["spire_pubkey"] != first["spire_pubkey"]
    assert await routes(house, last)


async def test_another_seed_while_a_kept_key_waits_for_the_yes_cuts_the_key_not_the_seed(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
    first = await confirmed(house, machine_id, spire)
    await scanned(house, await house.pair(machine_id, **ASKED, keep_identity=True))
    assert (await house.pairing(machine_id))["state"] == "confirming"
    last = await house.pair(machine_id, **ASKED)
    assert last["spire_pubkey"] != first["spire_pubkey"]
    assert (await machine_of(house, machine_id))["state"] == "awaiting_scan"
    await pass_by(host_clock)
    assert not await signs(spire)
    assert not await routes(house, first)
    await new.boot(last["seed_url"])
    await house.pairing(machine_id)
    await judge(house, machine_id, "confirm", new.client_pubkey)
    assert await routes(house, last)


async def test_a_key_that_a_client_without_a_yes_uses_is_not_kept_for_one_with(
    house: Host, new_spire: NewSpire
) -> None:
    machine_id = await house.add_machine()
    first = await connected(house, machine_id, new_spire())
    asked = await refused(house, machine_id, **ASKED, keep_identity=True)
    assert asked == (409, "key_not_kept")
    assert await routes(house, first)


# The moment of the Yes


async def test_no_yes_while_an_older_seed_of_the_key_lives(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """Whoever has a photo of it could redeem it after the Yes."""
    from spirekeeper import crud_work, pairing

    machine_id, spire = await house.add_machine(), new_spire()
    older = await house.pair(machine_id, **ASKED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "BURN_SECONDS", 0.0)
        seed = await house.pair(machine_id, **ASKED)
    assert [warning["code"] for warning in seed["warnings"]] == ["older_seed_lives"]
    assert await crud_work.get_owed(machine_id)
    await spire.boot(seed["seed_url"])
    await house.pairing(machine_id)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert (answer.status_code, answer.json()["code"]) == (409, "revoke_owed")
    assert not await routes(house, seed)
    await pass_by(host_clock)
    assert not await boots(new_spire(), older)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert answer.status_code == 200, answer.text
    assert await routes(house, seed)


async def test_a_revoked_user_blocks_the_yes_as_one_who_is_not(
    house: Host, new_spire: NewSpire
) -> None:
    from spirekeeper.connection import open_bunker
    from spirekeeper.devkit.bunker.store import stamp

    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire, **ASKED)
    assert house.bunker.store is not None
    from spirekeeper.clock import utc_now

    thief = Keys.generate().public_key().to_hex()
    key_name = f"spire-{machine_id}"
    house.bunker.store.upsert_user(key_name, thief, "another token", stamp(utc_now()))
    admin = (await open_bunker()).admin
    user = next(u for u in await admin.get_key_users(key_name) if u.pubkey == thief)
    await admin.revoke_user(user.id)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert (answer.status_code, answer.json()["code"]) == (409, "unexpected_client")
    assert not await routes(house, seed)


# After the Yes


@pytest.mark.parametrize("asked", [True, False])
async def test_a_second_user_of_a_confirmed_key_silences_it_for_good(
    house: Host, host_clock: MovableClock, new_spire: NewSpire, asked: bool
) -> None:
    """Where no confirmation was asked for, it is told, and nothing else."""
    from spirekeeper.connection import open_bunker
    from spirekeeper.devkit.bunker.store import stamp
    from spirekeeper.reconcile import in_background

    machine_id, spire = await house.add_machine(), new_spire()
    connect = confirmed if asked else connected
    seed = await connect(house, machine_id, spire)
    thief, key_name = Keys.generate().public_key().to_hex(), f"spire-{machine_id}"
    assert house.bunker.store is not None
    house.bunker.store.upsert_user(key_name, thief, "another token", stamp(host_clock()))
    await in_background(host_clock)
    assert await routes(house, seed) is not asked
    admin = (await open_bunker()).admin
    user = next(u for u in await admin.get_key_users(key_name) if u.pubkey == thief)
    await admin.revoke_user(user.id)
    await in_background(host_clock)
    assert await routes(house, seed) is not asked  # what he had signed is still out there
    flag = (await machine_of(house, machine_id))["flag"]
    assert flag == ("unknown_user" if asked else None)
    again = await house.pair(machine_id, **ASKED)
    assert again["spire_pubkey"] != seed["spire_pubkey"]
