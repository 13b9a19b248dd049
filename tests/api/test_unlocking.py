"""A bunker restart locks every key; the background work unlocks each once."""

import asyncio
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import Lineage
from support.host import Host
from support.redeeming import paired, redeem, sign


async def unlock_pass() -> None:
    """One pass of the background work."""
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.unlocking import unlock_locked

    await unlock_locked(utc_now)


async def row(machine_id: str) -> Any:
    from spirekeeper import crud

    return await crud.get_machine(machine_id)


async def outcomes(machine_id: str) -> list[str]:
    """What the journal says about unlocking this machine's key, in order."""
    from spirekeeper.store import database

    rows: list[Any] = await database.db.fetchall(
        f"SELECT outcome FROM {database.JOURNAL} WHERE machine_id = :id AND event = 'unlock' "
        "ORDER BY at",
        {"id": machine_id},
    )
    return [each["outcome"] for each in rows]


def unlocks(host: Host, machine_id: str) -> int:
    """How often the bunker was asked to unlock the machine's key."""
    return sum(
        call.method == "unlock_key" and call.params[0] == f"spire-{machine_id}"
        for call in host.bunker.calls
    )


async def test_machines_go_on_signing_without_reconnecting(alone: Host) -> None:
    machine_id, seed, client = await paired(alone)
    waiting = await alone.add_machine()
    waiting_seed = await alone.pair(waiting)
    await alone.bunker.restart()
    assert (await alone.pairing(machine_id))["state"] == "locked"
    assert (await alone.api("GET", "/bunker")).json()["locked_keys"] == 2

    await unlock_pass()
    assert (await alone.api("GET", "/bunker")).json()["locked_keys"] == 0
    await alone.bunker.listening()
    assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    assert (await alone.pairing(machine_id))["state"] == "paired"
    assert (await row(machine_id)).lock_reason is None
    assert await outcomes(machine_id) == ["unlocked"]
    assert (await redeem(alone, waiting_seed["seed_url"]))["result"] == "ack"


async def test_a_key_is_unlocked_once(host: Host) -> None:
    """A second backend would answer everything twice."""
    machine_id, _, _ = await paired(host)
    await host.bunker.restart()
    host.bunker.calls.clear()
    for _ in range(3):
        await unlock_pass()
    assert unlocks(host, machine_id) == 1


async def test_two_processes_unlock_a_key_once(host: Host) -> None:
    """Even if both have seen it locked and neither knows of the other's turn."""
    from spirekeeper.bunker.client import NsecBunkerAdminClient
    from spirekeeper.clock import utc_now
    from spirekeeper.connection.open_bunker import OpenBunker, open_bunker
    from spirekeeper.upkeep.unlocking import check_and_unlock

    machine_id, _, _ = await paired(host)
    await host.bunker.restart()
    config = (await open_bunker()).config
    clients = [
        NsecBunkerAdminClient(
            bunker_pubkey=config.bunker_pubkey,
            relays=config.relays,
            admin_secret=config.admin_secret,
        )
        for _ in range(3)
    ]
    host.bunker.calls.clear()
    await asyncio.gather(
        *(check_and_unlock(OpenBunker(config, client), utc_now) for client in clients)
    )
    assert unlocks(host, machine_id) == 1
    assert (await row(machine_id)).busy_by is None
    for client in clients:
        await client.close()


async def test_who_gets_the_lease_looks_again(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has unlocked the key since we saw it locked, and is done with it."""
    from spirekeeper.clock import utc_now
    from spirekeeper.connection.open_bunker import open_bunker
    from spirekeeper.store import leases
    from spirekeeper.upkeep.unlocking import check_and_unlock

    machine_id, _, _ = await paired(host)
    await host.bunker.restart()
    bunker, take_lease = await open_bunker(), leases.take_lease

    async def after_another(*args: Any) -> bool:
        monkeypatch.setattr(leases, "take_lease", take_lease)
        await check_and_unlock(bunker, utc_now)
        return await take_lease(*args)

    host.bunker.calls.clear()
    monkeypatch.setattr(leases, "take_lease", after_another)
    await check_and_unlock(bunker, utc_now)
    assert unlocks(host, machine_id) == 1


async def test_one_process_at_a_time_does_the_work(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases
    from spirekeeper.upkeep import unlocking

    machine_id, _, _ = await paired(host)
    await host.bunker.restart()
    host.bunker.calls.clear()
    lasting = timedelta(minutes=1)
    async with leases.our_turn(unlocking.WORK, utc_now, lasting) as ours:
        assert ours
        async with leases.our_turn(unlocking.WORK, utc_now, lasting) as also_ours:
            assert not also_ours
        await unlock_pass()
        assert unlocks(host, machine_id) == 0
        killed = lambda: utc_now() + timedelta(minutes=2)  # noqa: E731
        async with leases.our_turn(unlocking.WORK, killed, lasting) as taken_over:
            assert taken_over
    await unlock_pass()
    assert unlocks(host, machine_id) == 1


async def test_a_machine_that_is_being_paired_is_left_alone(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases

    machine_id, _, _ = await paired(host)
    await host.bunker.restart()
    host.bunker.calls.clear()
    now = utc_now()
    assert await leases.take_lease(machine_id, "a pair", now, now + timedelta(minutes=1))
    await unlock_pass()
    assert unlocks(host, machine_id) == 0
    assert (await row(machine_id)).lock_reason is None
    await leases.release_lease(machine_id, "a pair")
    await unlock_pass()
    assert unlocks(host, machine_id) == 1


async def test_keys_that_nobody_needs_stay_locked(host: Host) -> None:
    cut, _, _ = await paired(host)
    never = await host.add_machine()
    await host.pair(never)
    assert (await host.api("DELETE", f"/machines/{never}/pairing")).status_code == 200
    assert (await host.api("POST", f"/machines/{cut}/revoke")).json()["bunker"] == "done"
    await host.bunker.restart()
    host.bunker.calls.clear()
    await unlock_pass()
    assert (unlocks(host, cut), unlocks(host, never)) == (0, 0)


async def test_a_refused_passphrase_is_tried_once_until_it_is_changed(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = [await paired(alone) for _ in range(2)]
    ids = [machine_id for machine_id, _, _ in machines]
    await alone.bunker.restart()
    alone.bunker.calls.clear()
    with monkeypatch.context() as patch:
        patch.setenv("SPIREKEEPER_KEY_PASSPHRASE", "another one altogether")
        for _ in range(3):
            await unlock_pass()
        stands = [await alone.pairing(machine_id) for machine_id in ids]
        assert {each["state"] for each in stands} == {"locked"}
        # Refused once, it is not tried on other keys either.
        assert {each["reason"] for each in stands} == {"passphrase_refused", "passphrase_unknown"}
        told = {(await outcomes(machine_id))[0] for machine_id in ids}
        assert told == {"refused", "passphrase_unknown"}
        for machine_id in ids:
            answer = await alone.api("POST", f"/machines/{machine_id}/pair", alone.pair_request())
            assert (answer.status_code, answer.json()["code"]) == (502, "bunker_failed")
        assert sum(unlocks(alone, machine_id) for machine_id in ids) == 1

    await unlock_pass()
    assert sum(unlocks(alone, machine_id) for machine_id in ids) == 3
    await alone.bunker.listening()
    for machine_id, seed, client in machines:
        assert (await alone.pairing(machine_id))["state"] == "paired"
        assert (await outcomes(machine_id))[1:] == ["unlocked"]
        assert "error" not in await sign(alone, seed["spire_pubkey"], client)


async def test_a_passphrase_entered_later_is_tried_on_keys_whose_own_is_gone(
    alone: Host, host_admin: Keys
) -> None:
    """The superuser moved the settings into the database and gave the passphrase again."""
    _, seed, client = await paired(alone)
    body = {
        "bunker_url": alone.bunker.url,
        "admin_nsec": host_admin.secret_key().to_bech32(),
        "key_passphrase": "a passphrase of the tests",
        "allow_private_relays": True,
        "force": True,
    }
    assert (await alone.api("PUT", "/bunker", body, as_=alone.superuser)).status_code == 200
    try:
        for _ in range(2):
            await alone.bunker.restart()
            await unlock_pass()
            await alone.bunker.listening()
            assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    finally:
        await alone.api("DELETE", "/bunker?force=true", as_=alone.superuser)


@pytest.mark.parametrize("alone", [Lineage.NEWER_NDK], indirect=True)
async def test_a_key_that_turns_out_to_be_another_is_told(alone: Host) -> None:
    """Somebody overwrote it in the bunker, where a name can be taken again."""
    from spirekeeper.connection.open_bunker import open_bunker

    machine_id, _, _ = await paired(alone)
    key_name = f"spire-{machine_id}"
    admin = (await open_bunker()).admin
    await admin.create_new_key(key_name, "a passphrase of the tests")
    await alone.bunker.restart()
    for _ in range(2):
        await unlock_pass()
    status = await alone.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("locked", "wrong_key")
    assert await outcomes(machine_id) == ["wrong_key"]


@pytest.mark.parametrize("lost", ["silent", "drop_answer"])
async def test_an_unlock_without_an_answer_is_looked_at_first(
    alone: Host, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """What is seen then tells whether it was done."""
    from spirekeeper.connection import open_bunker

    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 0.4)
    await open_bunker.close_bunker()
    machine_id, seed, client = await paired(alone)
    await alone.bunker.restart()
    alone.bunker.calls.clear()
    getattr(alone.bunker.levers, lost)("unlock_key")
    await unlock_pass()
    done = lost == "drop_answer"
    assert (await row(machine_id)).lock_reason == (None if done else "key_locked")
    alone.bunker.levers.normal()
    await unlock_pass()
    assert unlocks(alone, machine_id) == (1 if done else 2)
    assert (await row(machine_id)).lock_reason is None
    assert await outcomes(machine_id) == (["unlocked"] if done else ["failed", "unlocked"])
    await alone.bunker.listening()
    assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    await open_bunker.close_bunker()


async def test_with_the_bunker_away_the_next_pass_looks_again(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import open_bunker

    machine_id, seed, client = await paired(host)
    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 0.4)
    await open_bunker.close_bunker()
    await host.bunker.stop()
    await unlock_pass()
    assert (await row(machine_id)).lock_reason is None
    await host.bunker.start()
    monkeypatch.undo()
    await open_bunker.close_bunker()
    await unlock_pass()
    await host.bunker.listening()
    assert "error" not in await sign(host, seed["spire_pubkey"], client)


async def test_what_somebody_else_unlocked_is_noticed(alone: Host) -> None:
    """By hand, or by the bunker itself; also where only a look had found it locked."""
    from spirekeeper.connection.open_bunker import open_bunker

    machine_id, _, _ = await paired(alone)
    await alone.bunker.restart()
    assert (await alone.pairing(machine_id))["state"] == "locked"
    assert (await row(machine_id)).state == "locked"
    admin = (await open_bunker()).admin
    await admin.unlock_key(f"spire-{machine_id}", "a passphrase of the tests")
    await unlock_pass()
    assert unlocks(alone, machine_id) == 1
    assert (await row(machine_id)).state == "paired"


async def test_when_all_is_well_the_bunker_is_asked_once(alone: Host) -> None:
    from spirekeeper.bunker.client import NsecBunkerAdminClient
    from spirekeeper.clock import utc_now
    from spirekeeper.connection.open_bunker import OpenBunker, open_bunker
    from spirekeeper.upkeep.unlocking import check_and_unlock

    class Counting(NsecBunkerAdminClient):
        asked = 0

        async def refresh_keys(self) -> Any:
            self.asked += 1
            return await super().refresh_keys()

    await paired(alone)
    await paired(alone)
    await unlock_pass()
    config = (await open_bunker()).config
    async with Counting(
        bunker_pubkey=config.bunker_pubkey,
        relays=config.relays,
        admin_secret=config.admin_secret,
    ) as client:
        assert await check_and_unlock(OpenBunker(config, client), utc_now) == []
        assert client.asked == 1
