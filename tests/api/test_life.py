"""The whole life of a pairing, on both behaviours of the bunker, seen from the machine.

The machine is the reference machine; the roster has to agree with it at every moment. One clock is
handed to the extension and to the bunker, and moved.
"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from api.living import connected, judge, pass_by, routes
from nostr_sdk import Keys
from support.host import Host
from support.movable_clock import MovableClock
from support.redeeming import redeem, sign
from support.spires import NewSpire, boots, signs
from support.stored_here import all_pairings

# Re-pairing


async def test_the_old_connection_ends_when_the_new_seed_is_redeemed(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, old)
    second = await house.pair(machine_id)
    assert second["spire_pubkey"] == first["spire_pubkey"]
    assert (await house.pairing(machine_id))["state"] == "replacing"
    assert await signs(old)
    await new.boot(second["seed_url"])
    assert (await house.pairing(machine_id))["state"] == "paired"
    await pass_by(host_clock)
    assert not await signs(old)
    assert await signs(new)
    assert await routes(house, second)


async def test_the_old_connection_lives_until_the_new_one_is_confirmed(
    house: Host, new_spire: NewSpire
) -> None:
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, old)
    await connected(house, machine_id, new, require_confirmation=True)
    assert (await house.pairing(machine_id))["state"] == "confirming"
    assert await signs(old)
    assert await routes(house, first)
    answer = await judge(house, machine_id, "confirm", new.client_pubkey)
    assert (answer.json()["bunker"], answer.json()["revoked_count"]) == ("done", 1)
    assert not await signs(old)
    assert await signs(new)


async def test_a_machine_that_kept_its_client_key_is_never_revoked(
    house: Host, host_clock: MovableClock
) -> None:
    """It redeems onto its old user; upstream's revoke would be for ever."""
    machine_id, client = await house.add_machine(), Keys.generate()
    for _ in range(2):
        seed = await house.pair(machine_id)
        assert (await redeem(house, seed["seed_url"], client))["result"] == "ack"
        assert (await house.pairing(machine_id))["state"] == "paired"
    await pass_by(host_clock)
    assert "error" not in await sign(house, seed["spire_pubkey"], client)
    assert await routes(house, seed)


async def test_a_client_that_was_revoked_before_needs_a_new_key(
    house: Host, host_clock: MovableClock
) -> None:
    machine_id, client = await house.add_machine(), Keys.generate()
    first = await house.pair(machine_id)
    assert (await redeem(house, first["seed_url"], client))["result"] == "ack"
    revoked = (await house.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)
    host_clock.move(seconds=1)
    second = await house.pair(machine_id, keep_identity=True)
    await redeem(house, second["seed_url"], client)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "needs_new_client_key")
    assert not await routes(house, second)


async def test_keep_identity_keeps_the_key_after_a_revoke(house: Host, new_spire: NewSpire) -> None:
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, old)
    await house.api("POST", f"/machines/{machine_id}/revoke")
    second = await connected(house, machine_id, new, keep_identity=True)
    assert second["spire_pubkey"] == first["spire_pubkey"]
    assert await signs(new)
    assert not await signs(old)
    assert await routes(house, second)


async def test_keep_identity_waits_for_a_revoke_that_is_owed(
    house: Host, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps.revoke import pass_cut_on

    monkeypatch.setitem(pass_cut_on.__kwdefaults__, "seconds", 0.3)
    machine_id = await house.add_machine()
    await connected(house, machine_id, new_spire())
    house.bunker.levers.silent("revoke_user")
    await house.api("POST", f"/machines/{machine_id}/revoke")
    request = house.pair_request(keep_identity=True)
    answer = await house.api("POST", f"/machines/{machine_id}/pair", request)
    assert (answer.status_code, answer.json()["code"]) == (409, "revoke_owed")


@pytest.mark.parametrize("keep", [False, True])
async def test_revoke_now_cuts_before_the_new_seed(
    house: Host, new_spire: NewSpire, keep: bool
) -> None:
    """What is signed ahead of time by whoever is cut is worth nothing, unless the key is kept."""
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, old)
    second = await house.pair(machine_id, revoke_now=True, keep_identity=keep)
    assert (second["spire_pubkey"] == first["spire_pubkey"]) is keep
    assert not await signs(old)
    assert not await routes(house, first)
    await new.boot(second["seed_url"])
    assert (await house.pairing(machine_id))["state"] == "paired"
    assert await routes(house, second)
    assert await signs(new)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            {"relays": ["ws://user:password@127.0.0.1:1"], "keep_identity": True},
            (400, "invalid_input"),
        ),
        ({"relays": ["ws://127.0.0.1:1"], "keep_identity": True}, (503, "no_relay")),
        ({"rotate": True}, (429, "too_many_rotations")),
        ({}, (429, "too_many_rotations")),
        ({"keep_identity": True, "require_confirmation": True}, (409, "key_not_kept")),
    ],
)
async def test_revoke_now_cuts_nobody_where_no_seed_could_follow(
    house: Host,
    new_spire: NewSpire,
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    monkeypatch.setenv("SPIREKEEPER_ROTATIONS_A_DAY", "0")
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire)
    request = house.pair_request(revoke_now=True, **wrong)
    answer = await house.api("POST", f"/machines/{machine_id}/pair", request)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert await signs(spire)
    assert await routes(house, seed)


async def test_a_rotation_moves_the_roster_when_its_seed_is_redeemed(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, old, new = await house.add_machine(), new_spire(), new_spire()
    first = await connected(house, machine_id, old)
    second = await house.pair(machine_id, rotate=True)
    assert second["spire_pubkey"] != first["spire_pubkey"]
    machine = (await house.api("GET", f"/machines/{machine_id}")).json()
    assert (machine["state"], machine["machine_npub"]) == ("replacing", first["spire_pubkey"])
    assert await routes(house, first)
    assert not await routes(house, second)

    host_clock.move(seconds=3)
    await new.boot(second["seed_url"])
    assert await routes(house, second)
    assert not await routes(house, first)
    await pass_by(host_clock)
    assert not await signs(old)
    assert await signs(new)
    third = await house.pair(machine_id)
    assert third["spire_pubkey"] == second["spire_pubkey"]


# The two clocks, and cancelling


async def test_a_seed_that_nobody_scans_dies_with_its_window(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id = await house.add_machine()
    seed = await house.pair(machine_id, scan_minutes=10)
    await house.bunker.listening()
    host_clock.move(minutes=11)
    assert (await house.pairing(machine_id))["reason"] == "seed_lapsed"
    await pass_by(host_clock)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "seed_lapsed")
    assert status["pairing"]["state"] == "lapsed"
    assert not await boots(new_spire(), seed)


async def test_a_redemption_in_time_that_nobody_noticed_counts(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await house.pair(machine_id, scan_minutes=10)
    await spire.boot(seed["seed_url"])
    host_clock.move(minutes=11)
    await pass_by(host_clock)
    assert (await house.pairing(machine_id))["state"] == "paired"
    assert await signs(spire)


async def test_a_redemption_after_the_window_does_not_count(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """The bunker counts in whole hours, so it still takes the token."""
    machine_id, late = await house.add_machine(), new_spire()
    seed = await house.pair(machine_id, scan_minutes=10)
    host_clock.move(minutes=11)
    await late.boot(seed["seed_url"])
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "redeemed_too_late")
    assert not await routes(house, seed)
    await pass_by(host_clock)
    assert not await signs(late)


async def test_a_window_that_closes_with_the_bunker_away_is_made_up_for(
    house: Host, host_clock: MovableClock, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import clocks

    machine_id = await house.add_machine()
    seed = await house.pair(machine_id, scan_minutes=10)
    await house.bunker.listening()
    house.bunker.levers.silent()
    host_clock.move(minutes=11)
    with monkeypatch.context() as patch:
        patch.setattr(clocks, "LOOK_SECONDS", 0.3)
        await clocks.end_by_clock(host_clock)
    assert (await house.api("GET", f"/machines/{machine_id}")).json()["reason"] == "seed_lapsed"
    house.bunker.levers.normal()
    await pass_by(host_clock)
    assert not await boots(new_spire(), seed)


async def test_seeds_that_wait_for_the_bunker_hold_up_no_session(
    house: Host, host_clock: MovableClock, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The background took the hundred oldest; with as many seeds whose bunker is away no session
    ended any more."""
    from spirekeeper.models import PairingState
    from spirekeeper.steps import clocks
    from spirekeeper.store import pairing_rows

    machine_id, spire = await house.add_machine(), new_spire()
    await connected(house, machine_id, spire, session_hours=2)
    (pairing,) = await all_pairings([machine_id])
    host_clock.move(hours=2, seconds=1)
    waiting = {"machine_id": await house.add_machine(), "state": PairingState.ISSUED}
    waiting |= {"scan_before": host_clock() - timedelta(days=3650), "session_expires_at": None}
    seeds = [
        pairing.copy(update={**waiting, "id": name, "client_name": name})
        for name in (uuid4().hex for _ in range(101))
    ]
    for seed in seeds:
        await pairing_rows.create_pairing(seed)
    house.bunker.levers.silent()
    with monkeypatch.context() as patch:
        patch.setattr(clocks, "LOOK_SECONDS", 0.3)
        await clocks.end_by_clock(host_clock)
    house.bunker.levers.normal()
    assert (await all_pairings([machine_id]))[0].end_reason == "session_ended"
    for seed in seeds:
        ended = {"state": PairingState.CANCELLED, "ended_at": host_clock()}
        assert await pairing_rows.move_pairing(seed.copy(update=ended), seed.state)
    await pass_by(host_clock)
    assert not await signs(spire)


async def test_a_session_that_is_over_is_ended_at_the_bunker(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """By the bunker's own expiry where that ends sessions, by revoking elsewhere."""
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire, session_hours=2)
    assert await signs(spire)
    host_clock.move(hours=2, seconds=1)
    assert not await routes(house, seed)
    await pass_by(host_clock)
    assert not await signs(spire)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("expired", "session_ended")


async def test_a_cancelled_seed_is_dead(house: Host, new_spire: NewSpire) -> None:
    machine_id = await house.add_machine()
    seed = await house.pair(machine_id)
    await house.bunker.listening()
    answer = await house.api("DELETE", f"/machines/{machine_id}/pairing")
    assert answer.json() == {"bunker": "done", "revoked_count": 0, "burned_count": 1}
    assert not await boots(new_spire(), seed)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "cancelled")


async def test_cancelling_leaves_the_connected_machine_alone(
    house: Host, new_spire: NewSpire
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire)
    await house.pair(machine_id)
    await house.api("DELETE", f"/machines/{machine_id}/pairing")
    assert (await house.pairing(machine_id))["state"] == "paired"
    assert await routes(house, seed)
    assert await signs(spire)


# Whatever happens in between


async def test_somebody_who_redeems_in_the_middle_of_a_revoke_is_cut_too(
    house: Host, new_spire: NewSpire
) -> None:
    machine_id, first, thief = await house.add_machine(), new_spire(), new_spire()
    await connected(house, machine_id, first)
    seed = await house.pair(machine_id)
    house.bunker.levers.late(0.3, "revoke_user", times=1)
    house.bunker.calls.clear()
    revoke = asyncio.create_task(house.api("POST", f"/machines/{machine_id}/revoke"))
    await house.bunker.called("revoke_user")
    await boots(thief, seed)
    answer = (await revoke).json()
    assert (answer["bunker"], answer["outstanding"]) == ("done", 0)
    assert not await signs(first)
    assert not await boots(thief, seed)
    assert not await routes(house, seed)


async def test_a_rotation_does_not_burn_a_seed_that_was_just_scanned(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """Nobody has noticed the scan when the next seed, of another key, takes its place."""
    machine_id, spire = await house.add_machine(), new_spire()
    first = await house.pair(machine_id)
    await spire.boot(first["seed_url"])
    second = await house.pair(machine_id, rotate=True)
    host_clock.move(seconds=1)
    assert (await house.pairing(machine_id))["state"] == "replacing"
    await pass_by(host_clock)
    assert await signs(spire)
    assert second["spire_pubkey"] != first["spire_pubkey"]


async def test_a_scan_noticed_while_another_key_is_made_keeps_the_roster(
    house: Host, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    """The machine that connected is not left without its wallet for a seed that nobody has yet."""
    from spirekeeper import pairing

    machine_id, spire = await house.add_machine(), new_spire()
    first = await house.pair(machine_id)
    replace_older = pairing.replace_older

    async def after_a_scan(*args: Any) -> Any:
        owing = await replace_older(*args)
        await house.pairing(machine_id)
        return owing

    await spire.boot(first["seed_url"])
    monkeypatch.setattr(pairing, "replace_older", after_a_scan)
    request = house.pair_request(rotate=True)
    answer = await house.api("POST", f"/machines/{machine_id}/pair", request)
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    assert (await house.pairing(machine_id))["state"] == "paired"
    assert await routes(house, first)
    assert await signs(spire)


async def test_a_state_that_a_crash_left_behind_is_put_right(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """The process ended between a pairing and the state that the list is searched by."""
    from spirekeeper import crud
    from spirekeeper.models import MachineState
    from spirekeeper.steps import standing

    machine_id = await house.add_machine()
    await connected(house, machine_id, new_spire())
    await crud.set_machine_state(machine_id, MachineState.CONFIRMING)

    async def listed(state: str) -> bool:
        page = (await house.api("GET", "/machines", params={"state": state, "limit": 500})).json()
        return machine_id in [machine["id"] for machine in page["data"]]

    assert await listed("confirming")
    await standing.remember_all(host_clock)
    assert (await listed("confirming"), await listed("paired")) == (False, True)


async def test_take_overs_that_a_crash_left_half_done_are_finished(
    house: Host, host_clock: MovableClock, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import recovery
    from spirekeeper.store import database, pairing_rows

    monkeypatch.setattr(pairing_rows, "_AT_ONCE", 1)
    replaced = {await house.add_machine(): (new_spire(), new_spire()) for _ in range(2)}
    for machine_id, (old, new) in replaced.items():
        await connected(house, machine_id, old)
        host_clock.move(seconds=1)
        await connected(house, machine_id, new)
        await database.db.execute(
            f"UPDATE {database.PAIRINGS} SET state = 'redeemed' "
            "WHERE machine_id = :id AND state = 'replaced'",
            {"id": machine_id},
        )
    host_clock.move(seconds=60)
    await recovery.finish_interrupted(host_clock)
    for machine_id in replaced:
        assert ("redemption", "interrupted") in await house.journaled(machine_id)
    await pass_by(host_clock)
    for old, new in replaced.values():
        assert not await signs(old)
        assert await signs(new)
