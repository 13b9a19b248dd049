"""Rows and bunker compared: what is found, what is mended, and who is left alone."""

import json
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import Lineage
from spirekeeper.seed import Seed
from support.host import Host
from support.raw_wire import RawClient
from support.redeeming import paired, redeem, sign
from support.settling import settle
from support.stored_here import all_pairings


async def reconcile(host: Host) -> list[dict[str, Any]]:
    """What is found."""
    answer = await host.api("POST", "/bunker/reconcile", as_=host.superuser)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["findings"]
    return found


async def codes(host: Host) -> list[tuple[str, bool]]:
    """The code of each finding, and whether it was mended."""
    return [(finding["code"], finding["repaired"]) for finding in await reconcile(host)]


async def admin() -> Any:
    """Somebody else with an admin key."""
    from spirekeeper.connection.open_bunker import open_bunker

    return (await open_bunker()).admin


async def policy_id() -> str:
    policies = await (await admin()).policies()
    return str(policies[0].id)


async def foreign_token(key_name: str) -> Any:
    """A token of the key that was not made by us."""
    other = await admin()
    await other.create_new_token(key_name, "somebody else", await policy_id())
    tokens = await other.get_key_tokens(key_name)
    return next(token for token in tokens if token.client_name == "somebody else")


async def connect(host: Host, spire_pubkey: str, secret: str, client: Keys) -> dict[str, Any]:
    async with RawClient(host.relay.url, client) as machine:
        return await machine.connect(spire_pubkey, secret)


async def row(machine_id: str) -> Any:
    from spirekeeper import crud

    return await crud.get_machine(machine_id)


async def journaled(machine_id: str, event: str) -> list[str]:
    from spirekeeper.store import database

    rows: list[Any] = await database.db.fetchall(
        f"SELECT outcome FROM {database.JOURNAL} "
        "WHERE machine_id = :id AND event = :event ORDER BY at",
        {"id": machine_id, "event": event},
    )
    return [each["outcome"] for each in rows]


async def test_all_is_well(alone: Host) -> None:
    """Machines in every state, and seeds that died: nothing to say."""
    machine_id, seed, client = await paired(alone)
    await alone.pair(machine_id)
    await alone.pair(machine_id)  # the older seed is burned
    waiting = await alone.add_machine()
    await alone.pair(waiting)
    revoked, _, _ = await paired(alone)
    await alone.api("POST", f"/machines/{revoked}/revoke")
    deleted, _, _ = await paired(alone)
    await alone.api("DELETE", f"/machines/{deleted}")
    await settle()
    assert await reconcile(alone) == []
    assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    assert (await row(machine_id)).flag is None


async def test_only_the_superuser_may(host: Host) -> None:
    assert (await host.api("POST", "/bunker/reconcile")).status_code == 403


async def test_without_a_bunker_it_says_so(host: Host, monkeypatch: Any) -> None:
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    answer = await host.api("POST", "/bunker/reconcile", as_=host.superuser)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_bunker")


async def test_one_at_a_time(host: Host) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases
    from spirekeeper.upkeep import reconcile

    async with leases.our_turn(reconcile.WORK, utc_now, reconcile.LASTING):
        answer = await host.api("POST", "/bunker/reconcile", as_=host.superuser)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_running")
        await reconcile.in_background(utc_now)


async def test_locked_keys_are_unlocked(alone: Host) -> None:
    machine_id, seed, client = await paired(alone)
    await alone.bunker.restart()
    found = await reconcile(alone)
    assert [(each["code"], each["repaired"]) for each in found] == [("key_locked", True)]
    assert (found[0]["machine_id"], found[0]["key_name"]) == (machine_id, f"spire-{machine_id}")
    await alone.bunker.listening()
    assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    assert await reconcile(alone) == []


async def test_a_key_that_is_missing_is_told(alone: Host) -> None:
    """A bunker restored from an older backup."""
    from spirekeeper import crud
    from spirekeeper.store import database

    machine_id, _, _ = await paired(alone)
    await database.db.execute(
        f"UPDATE {database.PAIRINGS} SET key_name = 'spire-gone' WHERE machine_id = :id",
        {"id": machine_id},
    )
    await crud.set_machine_key(machine_id, (await row(machine_id)).machine_npub, "spire-gone")
    assert ("key_missing", False) in await codes(alone)
    assert (await alone.pairing(machine_id))["reason"] == "key_missing"


async def test_a_key_that_cannot_be_read_is_told_and_the_others_are_compared(alone: Host) -> None:
    for _ in range(2):
        machine_id, _seed, _client = await paired(alone)
        await foreign_token(f"spire-{machine_id}")
    alone.bunker.levers.garbage("get_key_users", times=1)
    assert sorted(await codes(alone)) == [("key_unreadable", False), ("unknown_token", False)]
    assert await codes(alone) == [("unknown_token", False)] * 2


async def test_a_bunker_that_falls_silent_ends_the_comparison(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import open_bunker

    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 0.3)
    await open_bunker.close_bunker()
    for _ in range(10):
        await paired(alone)
    alone.bunker.levers.silent("get_key_users")
    answer = await alone.api("POST", "/bunker/reconcile", as_=alone.superuser)
    assert (answer.status_code, answer.json()["code"]) == (504, "bunker_silent")
    await open_bunker.close_bunker()


async def test_a_client_revoked_in_the_bunker_leaves_the_roster(alone: Host) -> None:
    machine_id, seed, _ = await paired(alone)
    other = await admin()
    (user,) = await other.get_key_users(f"spire-{machine_id}")
    await other.revoke_user(user.id)
    assert await codes(alone) == [("revoked_outside", True)]
    status = await alone.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "revoked_outside")
    assert (await alone.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 404
    assert await journaled(machine_id, "reconcile") == ["revoked_outside"]
    assert await reconcile(alone) == []


async def test_a_stranger_on_the_key_is_flagged_once_and_not_revoked(alone: Host) -> None:
    machine_id, seed, client = await paired(alone)
    token = await foreign_token(f"spire-{machine_id}")
    assert await codes(alone) == [("unknown_token", False)]
    stranger = Keys.generate()
    assert (await connect(alone, token.pubkey, token.secret, stranger))["result"] == "ack"
    for _ in range(2):
        (found,) = await reconcile(alone)
        assert (found["code"], found["repaired"]) == ("unknown_user", False)
        assert found["client_pubkey"] == stranger.public_key().to_hex()
    assert (await row(machine_id)).flag == "unknown_user"
    assert await journaled(machine_id, "flag") == ["unknown_user"]
    for each in (client, stranger):  # both go on: the operator decides
        assert "error" not in await sign(alone, seed["spire_pubkey"], each)

    other = await admin()
    users = await other.get_key_users(f"spire-{machine_id}")
    hostile = next(user for user in users if user.pubkey == stranger.public_key().to_hex())
    await other.revoke_user(hostile.id)
    assert await reconcile(alone) == []
    assert (await row(machine_id)).flag is None
    assert await journaled(machine_id, "flag") == ["unknown_user", "cleared"]


async def test_a_seed_that_ended_and_was_not_burned_is(alone: Host) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.models import PairingState
    from spirekeeper.steps.standing import end_pairing

    machine_id = await alone.add_machine()
    seed = await alone.pair(machine_id)
    (pairing,) = await all_pairings([machine_id])
    await end_pairing(pairing, PairingState.CANCELLED, "cancelled", utc_now())
    assert await codes(alone) == [("token_left", True)]
    assert await codes(alone) == []  # it is owed, and under way
    await settle()
    assert (await redeem(alone, seed["seed_url"]))["result"] == "error"
    assert await reconcile(alone) == []


async def test_a_client_of_an_ended_pairing_is_revoked(alone: Host) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.models import PairingState
    from spirekeeper.steps.standing import end_pairing

    machine_id, seed, client = await paired(alone)
    (pairing,) = await all_pairings([machine_id])
    await end_pairing(pairing, PairingState.LAPSED, "seed_lapsed", utc_now())
    assert await codes(alone) == [("user_left", True)]
    await settle()
    assert "error" in await sign(alone, seed["spire_pubkey"], client)
    assert await reconcile(alone) == []


async def test_a_machine_that_kept_its_client_key_is_left_alone(alone: Host) -> None:
    """The bunker knows it under the name of its older pairing, which has ended."""
    machine_id, _, client = await paired(alone)
    again = await alone.pair(machine_id)
    assert (await redeem(alone, again["seed_url"], client))["result"] == "ack"
    assert await reconcile(alone) == []  # before its redemption was noticed
    assert (await alone.pairing(machine_id))["state"] == "paired"
    await settle()
    assert await reconcile(alone) == []
    assert "error" not in await sign(alone, again["spire_pubkey"], client)


async def test_who_can_use_a_cut_machine_s_key_is_cut_again(alone: Host) -> None:
    machine_id, _, _ = await paired(alone)
    key_name = f"spire-{machine_id}"
    assert (await alone.api("POST", f"/machines/{machine_id}/revoke")).json()["bunker"] == "done"
    token = await foreign_token(key_name)
    stranger = Keys.generate()
    assert (await connect(alone, token.pubkey, token.secret, stranger))["result"] == "ack"
    assert await codes(alone) == [("access_left", True)]
    await settle()
    assert "error" in await sign(alone, token.pubkey, stranger)
    assert await reconcile(alone) == []


async def test_who_can_use_a_deleted_machine_s_key_is_cut_too(alone: Host) -> None:
    machine_id, _, _ = await paired(alone)
    assert (await alone.api("DELETE", f"/machines/{machine_id}")).json()["bunker"] == "done"
    token = await foreign_token(f"spire-{machine_id}")
    assert await codes(alone) == [("access_left", True)]
    assert await reconcile(alone) == []  # it is owed, and under way
    await settle()
    stranger = Keys.generate()
    assert (await connect(alone, token.pubkey, token.secret, stranger))["result"] == "error"
    assert await reconcile(alone) == []


async def test_nothing_is_mended_while_somebody_pairs_the_machine(alone: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases, owed_rows

    machine_id, _, _ = await paired(alone)
    await alone.api("POST", f"/machines/{machine_id}/revoke")
    await foreign_token(f"spire-{machine_id}")
    now = utc_now()
    assert await leases.take_lease(machine_id, "a pair", now, now + timedelta(minutes=1))
    assert await codes(alone) == [("access_left", False)]
    assert await owed_rows.get_owed(machine_id) == []
    await leases.release_lease(machine_id, "a pair")
    assert await codes(alone) == [("access_left", True)]
    await settle()


async def test_a_key_that_no_machine_has_is_told(alone: Host) -> None:
    await (await admin()).create_new_key("spire-of-nobody", "a passphrase of theirs")
    await (await admin()).create_new_key("something-else", "a passphrase of theirs")
    found = await reconcile(alone)
    assert [(each["code"], each["key_name"], each["machine_id"]) for each in found] == [
        ("orphan_key", "spire-of-nobody", None)
    ]


async def test_a_key_whose_rows_a_backup_has_lost_is_its_machine_s(alone: Host) -> None:
    machine_id = await alone.add_machine()
    await (await admin()).create_new_key(f"spire-{machine_id}", "a passphrase of the tests")
    assert await reconcile(alone) == []


async def test_a_policy_that_drifted_is_corrected_where_that_can_be_done(
    alone: Host, host_admin: Keys
) -> None:
    machine_id, seed, client = await paired(alone)
    live = alone.bunker.lineage is Lineage.LIVE_POLICY
    async with RawClient(alone.relay.url, host_admin) as raw:
        if live:  # the machine's own policy allows more than it should
            body: dict[str, Any] = {
                "policyId": int(await policy_id()),
                "rule": {"method": "sign_event", "kind": 1},
            }
            await raw.ask(alone.bunker.pubkey, "add_policy_rule", json.dumps(body))
        else:
            rules = [{"method": "sign_event", "kind": 1}]
            body = {"name": "spirekeeper-spire", "rules": rules}
            await raw.ask(alone.bunker.pubkey, "create_new_policy", json.dumps(body))
    assert await codes(alone) == [("policy_drifted", live)]
    note = {"kind": 1, "content": "", "tags": [], "created_at": 1_790_000_000}
    async with RawClient(alone.relay.url, client) as machine:
        text = json.dumps({**note, "pubkey": seed["spire_pubkey"]})
        answer = await machine.ask(seed["spire_pubkey"], "sign_event", text, kind=24133)
    assert answer.content["error"] == "Not authorized"
    assert "error" not in await sign(alone, seed["spire_pubkey"], client)
    assert (await row(machine_id)).flag is None


async def test_a_token_that_goes_by_another_policy_is_told(alone: Host) -> None:
    """Somebody swapped the policy under a seed that waits: the row says one, the token another."""
    from spirekeeper.store import database

    machine_id = await alone.add_machine()
    await alone.pair(machine_id)
    other = await admin()
    await other.create_new_policy("everything", [])
    wide = next(p for p in await other.refresh_policies() if p.name == "everything")
    swapped = f"swapped-{machine_id}"
    await other.create_new_token(f"spire-{machine_id}", swapped, wide.id)
    await database.db.execute(
        f"UPDATE {database.PAIRINGS} SET client_name = :name WHERE machine_id = :id",
        {"id": machine_id, "name": swapped},
    )
    assert ("wrong_policy", False) in await codes(alone)


async def test_no_secret_is_in_the_report(alone: Host) -> None:
    machine_id, seed, _ = await paired(alone)
    token = await foreign_token(f"spire-{machine_id}")
    report = (await alone.api("POST", "/bunker/reconcile", as_=alone.superuser)).text
    assert token.secret not in report
    assert Seed.decode(seed["seed_url"]).secret not in report
