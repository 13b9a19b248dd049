"""Pairing over the API: what a pair gives."""

from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed, fingerprint
from support.host import Caller, Host
from support.raw_wire import RawClient
from support.redeeming import redeem, sign
from support.stored_here import columns


async def test_a_pair_answers_with_a_seed(host: Host) -> None:
    machine_id = await host.add_machine()
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    result = answer.json()
    seed = Seed.decode(result["seed_url"])
    assert result["bunker_url"] == seed.bunker_url
    assert (result["spire_npub"], result["spire_pubkey"]) == (seed.spire_npub, seed.spire_pubkey)
    assert result["relays"] == list(seed.relays) == [host.relay.url]
    assert result["session_expires_at"] is None
    assert result["warnings"] == []

    row = await columns(machine_id)
    assert row["machine_npub"] == seed.spire_pubkey
    assert row["bunker_spire_key_name"] == f"spire-{machine_id}"
    assert row["paired_at"] is not None
    assert (row["busy_by"], row["busy_until"]) == (None, None)
    assert (await host.pairing(machine_id))["state"] == "awaiting_scan"


async def test_the_steady_state_asks_the_bunker_in_two_steps(host: Host) -> None:
    await host.pair(await host.add_machine())
    host.bunker.calls.clear()
    machine_id = await host.add_machine()
    await host.pair(machine_id)
    about = [call.method for call in host.bunker.calls if f"spire-{machine_id}" in call.params]
    assert sorted(about[:2]) == ["create_new_key", "create_new_token"]
    assert about[2] == "get_key_tokens"


async def test_the_policy_allows_exactly_what_a_spire_does(host: Host, host_admin: Keys) -> None:
    await host.pair(await host.add_machine())
    async with RawClient(host.relay.url, host_admin) as admin:
        answer = await admin.ask(host.bunker.pubkey, "get_policies")
    import json

    policies = [p for p in json.loads(answer.content["result"]) if p["name"] == "spirekeeper-spire"]
    rules = {(rule["method"], rule["kind"] or "") for rule in policies[0]["rules"]}
    kinds = {("sign_event", kind) for kind in ("21000", "21001", "21002", "21003", "30078")}
    assert len(policies) == 1
    assert rules == kinds | {("nip44_encrypt", ""), ("nip44_decrypt", "")}


async def test_redeemed_is_paired_and_shows_the_fingerprint(host: Host) -> None:
    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    client = Keys.generate()
    assert (await redeem(host, result["seed_url"], client))["result"] == "ack"
    status = await host.pairing(machine_id)
    assert (status["state"], status["bunker"]) == ("paired", "ok")
    assert status["pairing"]["client_pubkey"] == client.public_key().to_hex()
    assert status["pairing"]["fingerprint"] == fingerprint(client.public_key().to_hex())
    assert "secret" not in str(status)


async def test_its_status_is_told_without_a_bunker_too(host: Host) -> None:
    machine_id = await host.add_machine()
    await host.pair(machine_id)
    host.bunker.levers.silent()
    status = await host.pairing(machine_id)
    assert (status["state"], status["bunker"], status["as_of"]) == (
        "awaiting_scan",
        "unreachable",
        None,
    )
    unpaired = await host.pairing(await host.add_machine())
    assert (unpaired["state"], unpaired["pairing"]) == ("unpaired", None)


async def test_a_locked_key_is_told(host: Host) -> None:
    machine_id = await host.add_machine()
    await host.pair(machine_id)
    await host.bunker.restart()
    assert (await host.pairing(machine_id))["state"] == "locked"


async def test_the_list_finds_machines_by_their_state(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    answer = await host.api(
        "POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer
    )
    for state in ("awaiting_scan", "paired", "revoked"):
        if state == "paired":
            await redeem(host, answer.json()["seed_url"])
            await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)
        if state == "revoked":
            await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
        found = await host.api("GET", "/machines", as_=newcomer, params={"state": state})
        assert [machine["id"] for machine in found.json()["data"]] == [machine_id], state


async def test_a_confirmation_that_is_asked_for_is_waited_for(host: Host) -> None:
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, require_confirmation=True)
    await redeem(host, result["seed_url"])
    assert (await host.pairing(machine_id))["state"] == "confirming"
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404


async def test_a_re_pair_keeps_the_key_and_burns_the_older_seed(host: Host) -> None:
    machine_id = await host.add_machine()
    first = await host.pair(machine_id)
    second = await host.pair(machine_id)
    assert first["spire_pubkey"] == second["spire_pubkey"]
    assert first["seed_url"] != second["seed_url"]
    assert (await redeem(host, first["seed_url"]))["result"] == "error"
    assert (await redeem(host, second["seed_url"]))["result"] == "ack"


async def test_a_re_pair_leaves_the_connected_machine_alone(host: Host) -> None:
    machine_id = await host.add_machine()
    first = await host.pair(machine_id)
    client = Keys.generate()
    await redeem(host, first["seed_url"], client)
    assert (await host.pairing(machine_id))["state"] == "paired"
    await host.pair(machine_id)
    assert (await host.pairing(machine_id))["state"] == "replacing"
    assert (await host.api("GET", f"/roster/{first['spire_npub']}")).status_code == 200
    assert "error" not in await sign(host, first["spire_pubkey"], client)


async def test_the_two_clocks_are_stored_and_answered(host: Host, host_clock: Any) -> None:
    from datetime import datetime, timedelta

    machine_id = await host.add_machine()
    result = await host.pair(machine_id, scan_minutes=90, session_hours=48)
    now = host_clock()
    assert datetime.fromisoformat(result["scan_before"]) == now + timedelta(minutes=90)
    assert datetime.fromisoformat(result["session_expires_at"]) == now + timedelta(hours=48)
    made = next(call for call in reversed(host.bunker.calls) if call.method == "create_new_token")
    assert made.params[3] == 2  # the scan window in whole hours: this lineage bounds redemption


async def test_the_first_relay_that_is_up_is_where_they_meet(host: Host) -> None:
    machine_id = await host.add_machine()
    dead = "ws://127.0.0.1:9"
    result = await host.pair(machine_id, relays=[dead, host.relay.url])
    seed = Seed.decode(result["seed_url"])
    assert seed.bunker_relay == host.relay.url
    assert seed.relays == (host.relay.url,)
    words = f"{dead} cannot be reached and is not in the pairing code."
    assert result["warnings"] == [{"code": "relay_down", "words": words, "relay": dead}]


async def test_a_bunker_that_does_not_listen_there_is_warned_about(host: Host) -> None:
    from spirekeeper import crud

    machine_id = await host.add_machine()
    async with DevRelay() as elsewhere:
        await host.pair(machine_id, relays=[elsewhere.url])
        from spirekeeper.steps import listening

        machine = await crud.get_machine(machine_id)
        assert machine is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(listening, "LISTEN_SECONDS", 0.5)
            from spirekeeper.clock import utc_now

            await listening.check_listening(machine, utc_now)
    [warning] = (await host.pairing(machine_id))["warnings"]
    assert warning["code"] == "bunker_not_heard"
    assert "pair again over one it listens on" in warning["words"]
