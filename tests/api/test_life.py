"""The whole life of a pairing, seen from the API, the roster and the machine."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from host import Host
from movable_clock import MovableClock
from nostr_sdk import Keys
from redeeming import redeem, sign
from spirekeeper.seed import fingerprint


async def connected(host: Host, machine_id: str, **data: Any) -> tuple[dict[str, Any], Keys]:
    """A seed of this machine, redeemed and noticed, and the client key that redeemed it."""
    seed, client = await host.pair(machine_id, **data), Keys.generate()
    assert (await redeem(host, seed["seed_url"], client))["result"] == "ack"
    await host.pairing(machine_id)
    return seed, client


async def routes(host: Host, seed: dict[str, Any]) -> bool:
    return (await host.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200


async def signs(host: Host, seed: dict[str, Any], client: Keys) -> bool:
    return "error" not in await sign(host, seed["spire_pubkey"], client)


async def judge(host: Host, machine_id: str, verdict: str, client: Keys) -> Any:
    body = {"client_pubkey": client.public_key().to_hex()}
    return await host.api("POST", f"/machines/{machine_id}/pairing/{verdict}", body)


async def pass_by(host_clock: MovableClock) -> None:
    """One pass of the background work at the clock's time."""
    from spirekeeper import tasks
    from spirekeeper.ending import end_by_clock

    await end_by_clock(host_clock)
    await tasks.settle_owed(lambda: host_clock() + timedelta(minutes=2))


@pytest.fixture(autouse=True)
async def settled(host: Host) -> AsyncIterator[None]:
    """What a test leaves owed is done before the next one."""
    yield
    from spirekeeper import tasks
    from spirekeeper.clock import utc_now

    host.bunker.levers.normal()
    await host.bunker.start()
    await tasks.settle_owed(lambda: utc_now() + timedelta(days=1))


# Confirmation


async def test_a_confirmed_client_is_the_machine(host: Host) -> None:
    machine_id = await host.add_machine()
    seed, client = await connected(host, machine_id, require_confirmation=True)
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("confirming", "compare_fingerprint")
    assert status["pairing"]["fingerprint"] == fingerprint(client.public_key().to_hex())
    assert not await routes(host, seed)
    answer = await judge(host, machine_id, "confirm", client)
    assert answer.status_code == 200, answer.text
    assert (await host.pairing(machine_id))["state"] == "paired"
    assert await routes(host, seed)
    assert await signs(host, seed, client)


async def test_a_rejected_client_is_cut(host: Host) -> None:
    machine_id = await host.add_machine()
    seed, stranger = await connected(host, machine_id, require_confirmation=True)
    answer = await judge(host, machine_id, "reject", stranger)
    assert (answer.json()["bunker"], answer.json()["revoked_count"]) == ("done", 1)
    assert not await signs(host, seed, stranger)
    assert not await routes(host, seed)
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "rejected")
    again, client = await connected(host, machine_id, require_confirmation=True)
    assert (await judge(host, machine_id, "confirm", client)).status_code == 200
    assert await routes(host, again)


async def test_another_client_cannot_be_confirmed(host: Host) -> None:
    machine_id = await host.add_machine()
    seed, _ = await connected(host, machine_id, require_confirmation=True)
    for verdict in ("confirm", "reject"):
        answer = await judge(host, machine_id, verdict, Keys.generate())
        assert (answer.status_code, answer.json()["code"]) == (409, "another_client")
    assert not await routes(host, seed)


async def test_nothing_to_confirm_reject_or_cancel_is_said(host: Host) -> None:
    machine_id = await host.add_machine()
    for answer in (
        await judge(host, machine_id, "confirm", Keys.generate()),
        await judge(host, machine_id, "reject", Keys.generate()),
        await host.api("DELETE", f"/machines/{machine_id}/pairing"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_waits")


async def test_one_more_user_than_expected_blocks_the_confirmation(host: Host) -> None:
    """Somebody redeemed a token that no pairing of ours explains, made with the admin key."""
    machine_id = await host.add_machine()
    seed, client = await connected(host, machine_id, require_confirmation=True)
    from spirekeeper.connection import open_bunker

    admin = (await open_bunker()).admin
    policy = (await admin.policies())[0]
    key_name = f"spire-{machine_id}"
    await admin.create_new_token(key_name, "somebody else", policy.id)
    tokens = await admin.get_key_tokens(key_name)
    foreign = next(token for token in tokens if token.client_name == "somebody else")
    from spirekeeper.seed import Seed

    stolen = Seed.build(
        spire_pubkey=foreign.pubkey,
        secret=foreign.secret,
        bunker_relay=host.relay.url,
        relays=[host.relay.url],
    )
    await redeem(host, stolen.encode())
    answer = await judge(host, machine_id, "confirm", client)
    assert (answer.status_code, answer.json()["code"]) == (409, "unexpected_client")
    assert not await routes(host, seed)


async def test_without_the_bunker_nobody_is_confirmed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_id = await host.add_machine()
    seed, client = await connected(host, machine_id, require_confirmation=True)
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    assert (await judge(host, machine_id, "confirm", client)).status_code == 503
    assert not await routes(host, seed)


# Re-pairing


async def test_the_old_connection_ends_when_the_new_seed_is_redeemed(
    host: Host, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    second = await host.pair(machine_id)
    assert await signs(host, first, old)
    new = Keys.generate()
    await redeem(host, second["seed_url"], new)
    assert (await host.pairing(machine_id))["state"] == "paired"
    await pass_by(host_clock)
    assert not await signs(host, first, old)
    assert await signs(host, second, new)
    assert await routes(host, second)


async def test_the_old_connection_lives_until_the_new_one_is_confirmed(host: Host) -> None:
    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    _, new = await connected(host, machine_id, require_confirmation=True)
    assert (await host.pairing(machine_id))["state"] == "confirming"
    assert await signs(host, first, old)
    assert await routes(host, first)
    answer = await judge(host, machine_id, "confirm", new)
    assert (answer.json()["bunker"], answer.json()["revoked_count"]) == ("done", 1)
    assert not await signs(host, first, old)
    assert await signs(host, first, new)


async def test_a_machine_that_kept_its_client_key_is_never_revoked(
    host: Host, host_clock: MovableClock
) -> None:
    """It redeems onto its old user; upstream's revoke would be for ever."""
    machine_id = await host.add_machine()
    _, client = await connected(host, machine_id)
    second = await host.pair(machine_id)
    await redeem(host, second["seed_url"], client)
    assert (await host.pairing(machine_id))["state"] == "paired"
    await pass_by(host_clock)
    assert await signs(host, second, client)
    assert await routes(host, second)


async def test_a_client_that_was_revoked_before_needs_a_new_key(host: Host) -> None:
    machine_id = await host.add_machine()
    _, client = await connected(host, machine_id)
    await host.api("POST", f"/machines/{machine_id}/revoke")
    seed = await host.pair(machine_id, keep_identity=True)
    await redeem(host, seed["seed_url"], client)
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "needs_new_client_key")
    assert not await routes(host, seed)


async def test_keep_identity_keeps_the_key_after_a_revoke(host: Host) -> None:
    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    await host.api("POST", f"/machines/{machine_id}/revoke")
    second, new = await connected(host, machine_id, keep_identity=True)
    assert second["spire_pubkey"] == first["spire_pubkey"]
    assert await signs(host, second, new)
    assert not await signs(host, second, old)
    assert await routes(host, second)


async def test_keep_identity_waits_for_a_revoke_that_is_owed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import pairing

    monkeypatch.setitem(pairing.revoke_spire.__kwdefaults__, "seconds", 0.3)
    machine_id = await host.add_machine()
    await connected(host, machine_id)
    host.bunker.levers.silent("revoke_user")
    await host.api("POST", f"/machines/{machine_id}/revoke")
    answer = await host.api(
        "POST", f"/machines/{machine_id}/pair", host.pair_request(keep_identity=True)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "revoke_owed")


async def test_revoke_now_cuts_before_the_new_seed(host: Host) -> None:
    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    second = await host.pair(machine_id, revoke_now=True)
    assert second["spire_pubkey"] == first["spire_pubkey"]
    assert not await signs(host, first, old)
    assert not await routes(host, first)
    new = Keys.generate()
    await redeem(host, second["seed_url"], new)
    assert (await host.pairing(machine_id))["state"] == "paired"
    assert await routes(host, second)
    assert await signs(host, second, new)


async def test_a_rotation_moves_the_roster_when_its_seed_is_redeemed(
    host: Host, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    second = await host.pair(machine_id, rotate=True)
    assert second["spire_pubkey"] != first["spire_pubkey"]
    assert (await host.pairing(machine_id))["state"] == "replacing"
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    assert machine["machine_npub"] == first["spire_pubkey"]
    assert await routes(host, first)
    assert not await routes(host, second)

    host_clock.move(seconds=3)
    new = Keys.generate()
    await redeem(host, second["seed_url"], new)
    assert await routes(host, second)
    assert not await routes(host, first)
    await pass_by(host_clock)
    assert not await signs(host, first, old)
    assert await signs(host, second, new)
    third = await host.pair(machine_id)
    assert third["spire_pubkey"] == second["spire_pubkey"]


# The two clocks, and cancelling


async def test_a_seed_that_nobody_scans_dies_with_its_window(
    host: Host, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine()
    seed = await host.pair(machine_id, scan_minutes=10)
    await host.bunker.listening()
    host_clock.move(minutes=11)
    assert (await host.pairing(machine_id))["reason"] == "seed_lapsed"
    await pass_by(host_clock)
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "seed_lapsed")
    assert status["pairing"]["state"] == "lapsed"
    assert (await redeem(host, seed["seed_url"]))["result"] == "error"


async def test_a_redemption_in_time_that_nobody_noticed_counts(
    host: Host, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine()
    seed, client = await host.pair(machine_id, scan_minutes=10), Keys.generate()
    await redeem(host, seed["seed_url"], client)
    host_clock.move(minutes=11)
    await pass_by(host_clock)
    assert (await host.pairing(machine_id))["state"] == "paired"
    assert await signs(host, seed, client)


async def test_a_window_that_closes_with_the_bunker_away_is_made_up_for(
    host: Host, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import ending

    monkeypatch.setattr(ending, "LOOK_SECONDS", 0.3)
    machine_id = await host.add_machine()
    seed = await host.pair(machine_id, scan_minutes=10)
    await host.bunker.listening()
    host.bunker.levers.silent()
    host_clock.move(minutes=11)
    await ending.end_by_clock(host_clock)
    assert (await host.api("GET", f"/machines/{machine_id}")).json()["reason"] == "seed_lapsed"
    host.bunker.levers.normal()
    await pass_by(host_clock)
    assert (await redeem(host, seed["seed_url"]))["result"] == "error"


async def test_a_session_that_is_over_is_ended_at_the_bunker(
    host: Host, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine()
    seed, client = await connected(host, machine_id, session_hours=2)
    assert await signs(host, seed, client)
    host_clock.move(hours=2)
    assert not await routes(host, seed)
    await pass_by(host_clock)
    assert not await signs(host, seed, client)
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("expired", "session_ended")


async def test_a_cancelled_seed_is_dead(host: Host) -> None:
    machine_id = await host.add_machine()
    seed = await host.pair(machine_id)
    await host.bunker.listening()
    answer = await host.api("DELETE", f"/machines/{machine_id}/pairing")
    assert answer.json() == {"bunker": "done", "revoked_count": 0, "burned_count": 1}
    assert (await redeem(host, seed["seed_url"]))["result"] == "error"
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "cancelled")


async def test_cancelling_leaves_the_connected_machine_alone(host: Host) -> None:
    machine_id = await host.add_machine()
    seed, client = await connected(host, machine_id)
    await host.pair(machine_id)
    await host.api("DELETE", f"/machines/{machine_id}/pairing")
    assert (await host.pairing(machine_id))["state"] == "paired"
    assert await signs(host, seed, client)


async def test_a_take_over_that_a_crash_left_half_done_is_finished(host: Host) -> None:
    from spirekeeper import crud, tasks
    from spirekeeper.clock import utc_now

    machine_id = await host.add_machine()
    first, old = await connected(host, machine_id)
    _, new = await connected(host, machine_id)
    await crud.db.execute(
        f"UPDATE {crud.PAIRINGS} SET state = 'redeemed' "
        "WHERE machine_id = :id AND state = 'replaced'",
        {"id": machine_id},
    )
    await tasks.finish_interrupted(utc_now)
    await tasks.settle_owed(lambda: utc_now() + timedelta(hours=1))
    assert not await signs(host, first, old)
    assert await signs(host, first, new)
