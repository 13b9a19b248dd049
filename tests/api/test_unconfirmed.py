"""Whoever signs as a machine without the operator's Yes reaches no wallet, now or later.

Seen from a thief who photographed the QR of a machine, redeemed it first, and has had events signed
by its key that say they are from next week.
"""

from datetime import timedelta

import pytest
from api.living import connected, judge, pass_by, routes
from api.unconfirmed import ASKED, confirmed, machine_of, refused, scanned
from nostr_sdk import Keys
from support.host import Host
from support.movable_clock import MovableClock
from support.redeeming import sign
from support.spires import NewSpire, boots, signs

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
        from spirekeeper.steps import verdict

        patch.setattr(verdict, "BUNKER_SECONDS", 0.3)
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
    from spirekeeper.steps import recovery

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
    await recovery.finish_interrupted(host_clock)
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
    from spirekeeper.steps import older_seeds
    from spirekeeper.store import owed_rows

    machine_id, spire = await house.add_machine(), new_spire()
    older = await house.pair(machine_id, **ASKED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(older_seeds, "BURN_SECONDS", 0.0)
        seed = await house.pair(machine_id, **ASKED)
    assert [warning["code"] for warning in seed["warnings"]] == ["older_seed_lives"]
    assert await owed_rows.get_owed(machine_id)
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
    from spirekeeper.connection.open_bunker import open_bunker
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
    from spirekeeper.connection.open_bunker import open_bunker
    from spirekeeper.devkit.bunker.store import stamp
    from spirekeeper.upkeep.reconcile import in_background

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
