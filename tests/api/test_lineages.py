"""The main job against each lineage of nsecbunkerd that the development bunker plays."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Refused
from spirekeeper.spire.machine import Machine
from support import matrix
from support.host import Caller, Host
from support.own_bunker import remove_machines
from support.raw_wire import RawClient
from support.spires import NewSpire, signs

LINEAGES = {
    Lineage.NEWER_NDK: ("nip44", "newer NDK"),
    Lineage.OLD_NDK: ("nip04", "NDK 2.8"),
    Lineage.FORK_398JA: ("nip44", "398ja"),
    Lineage.LIVE_POLICY: ("nip44", "live policies"),
    Lineage.UNKNOWN: ("nip44", "do not know"),
}
"""What each speaks, and a piece of the name that the operator is shown."""
assert set(LINEAGES) == set(Lineage)


@pytest.fixture(params=LINEAGES, ids=lambda lineage: lineage.name)
async def lineage(
    host: Host, host_admin: Keys, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[DevBunker]:
    """A bunker of that lineage, in force."""
    matrix.note(request.node, request.param.name, "reference machine")
    bunker = DevBunker(
        relays=[host.relay.url],
        admins=[host_admin.public_key().to_hex()],
        folder=tmp_path,
        lineage=request.param,
        refusal_delay=0.05,
    )
    await bunker.start()
    await use(host, host_admin, bunker)
    yield bunker
    await remove_machines(bunker)
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)
    await bunker.stop()


async def use(host: Host, host_admin: Keys, bunker: DevBunker) -> None:
    body = {
        "bunker_url": bunker.url,
        "admin_nsec": host_admin.secret_key().to_bech32(),
        "allow_private_relays": True,
        "force": True,
    }
    answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
    assert answer.status_code == 200, answer.text


async def pair(host: Host, lineage: DevBunker, machine_id: str, **data: Any) -> dict[str, Any]:
    """A seed for a machine that speaks what the bunker survives."""
    legacy = LINEAGES[lineage.lineage][0] == "nip04"
    return await host.pair(machine_id, legacy_nip04=legacy, **data)


async def ask(
    bunker: DevBunker, spire_pubkey: str, keys: Keys, method: str, *params: str
) -> dict[str, Any]:
    """What a machine with this client key is answered, in the encryption of the lineage."""
    encryption, _ = LINEAGES[bunker.lineage]
    await bunker.listening()
    async with RawClient(bunker.relays[0], keys) as client:
        how = {"kind": 24133, "encryption": encryption}
        return (await client.ask(spire_pubkey, method, *params, **how)).content


async def connect(bunker: DevBunker, seed_url: str, keys: Keys) -> dict[str, Any]:
    seed = Seed.decode(seed_url)
    return await ask(bunker, seed.spire_pubkey, keys, "connect", seed.spire_pubkey, seed.secret)


async def sign(bunker: DevBunker, spire_pubkey: str, keys: Keys) -> dict[str, Any]:
    event = {"kind": 21000, "content": "", "tags": [], "created_at": 1_790_000_000}
    text = json.dumps({**event, "pubkey": spire_pubkey})
    return await ask(bunker, spire_pubkey, keys, "sign_event", text)


async def test_pair_sign_re_pair_revoke(host: Host, lineage: DevBunker) -> None:
    machine_id, client = await host.add_machine(), Keys.generate()
    unused = await pair(host, lineage, machine_id, session_hours=24)
    seed = await pair(host, lineage, machine_id, session_hours=24)
    assert unused["spire_pubkey"] == seed["spire_pubkey"]
    assert (await connect(lineage, unused["seed_url"], client))["result"] == "error"
    client = Keys.generate()
    assert (await connect(lineage, seed["seed_url"], client))["result"] == "ack"
    assert "error" not in await sign(lineage, seed["spire_pubkey"], client)
    assert (await host.pairing(machine_id))["state"] == "paired"
    assert (await host.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200

    revoked = (await host.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (revoked["bunker"], revoked["outstanding"]) == ("done", 0)
    assert (await sign(lineage, seed["spire_pubkey"], client))["error"] == "Not authorized"
    assert not lineage.ended.is_set()


async def test_the_whole_life_of_a_pairing(
    host: Host, lineage: DevBunker, new_spire: NewSpire
) -> None:
    """Pair, boot, sign, cancel, re-pair, a restart, revoke: seen from the reference machine."""
    nip04 = LINEAGES[lineage.lineage][0] == "nip04"
    machine_id, old, late, new = await host.add_machine(), new_spire(), new_spire(), new_spire()

    async def boots(spire: Machine, seed: dict[str, Any]) -> bool:
        await lineage.listening()
        try:
            await spire.boot(seed["seed_url"], nip04=nip04)
        except Refused:
            return False
        return True

    async def state() -> str:
        return str((await host.pairing(machine_id))["state"])

    first = await pair(host, lineage, machine_id)
    assert await boots(old, first)
    assert await state() == "paired"
    assert await signs(old)
    assert not await boots(late, first), "the seed is spent"

    cancelled = await pair(host, lineage, machine_id)
    assert (await host.api("DELETE", f"/machines/{machine_id}/pairing")).status_code == 200
    assert not await boots(late, cancelled)
    assert await signs(old)

    second = await pair(host, lineage, machine_id)
    assert second["spire_pubkey"] == first["spire_pubkey"]
    assert await boots(new, second)
    assert await state() == "paired"
    await background_pass()
    assert not await signs(old)
    assert await signs(new)

    await lineage.restart()
    assert await state() == "locked"
    await background_pass()
    await lineage.listening()
    assert await state() == "paired"
    assert await signs(new)

    revoked = (await host.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)
    assert not await signs(new)
    assert (await host.api("GET", f"/roster/{first['spire_npub']}")).status_code == 404
    third = await pair(host, lineage, machine_id)
    assert third["spire_pubkey"] != first["spire_pubkey"]
    assert await boots(late, third)
    assert await signs(late)
    assert not lineage.ended.is_set()


async def background_pass() -> None:
    """What is owed, though it was put off, and locked keys."""
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import owed_revocations
    from spirekeeper.upkeep.unlocking import unlock_locked

    await owed_revocations.settle_owed(lambda: utc_now() + timedelta(minutes=2))
    await unlock_locked(utc_now)


async def test_a_fleet_is_paired_and_stopped(
    host: Host, newcomer: Caller, lineage: DevBunker
) -> None:
    """Side by side on a bunker that has nothing yet: they make one policy, not one each."""
    mine = [await host.add_machine(newcomer) for _ in range(3)]
    body = host.pair_request(machine_ids=mine, legacy_nip04=True)
    answer = await host.api("POST", "/machines/pair", body, as_=newcomer)
    clients = {}
    for seed in map(json.loads, answer.text.splitlines()):
        assert seed["ok"], seed
        client = clients[seed["spire_pubkey"]] = Keys.generate()
        assert (await connect(lineage, seed["seed_url"], client))["result"] == "ack"
        assert "error" not in await sign(lineage, seed["spire_pubkey"], client)
    assert [call.method for call in lineage.calls].count("create_new_policy") == 1

    answer = await host.api("POST", "/machines/revoke-all", {"expect": 3}, as_=newcomer)
    assert (answer.json()["cut"], answer.json()["done"]) == (3, 3), answer.text
    for spire_pubkey, client in clients.items():
        assert (await sign(lineage, spire_pubkey, client))["error"] == "Not authorized"


async def test_it_is_named_and_its_hazards_are_said(host: Host, lineage: DevBunker) -> None:
    """Before a machine that speaks NIP-44 ends it: such a seed is made only where that was said."""
    machine_id, ends = await host.add_machine(), lineage.lineage is Lineage.OLD_NDK
    lineage.calls.clear()
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert answer.status_code == (409 if ends else 200), answer.text
    if ends:
        assert answer.json()["code"] == "ends_on_nip44"
        assert not {"create_new_key", "create_new_token"} & {call.method for call in lineage.calls}
        assert (await pair(host, lineage, machine_id))["seed_url"]
    status = (await host.api("GET", "/bunker")).json()
    assert ("ends_on_nip44" in {each["code"] for each in status["hazards"]}) == ends
    assert LINEAGES[lineage.lineage][1] in status["lineage"]


async def test_what_a_tokens_hours_mean_is_the_lineages(host: Host, lineage: DevBunker) -> None:
    """They bound the redemption upstream, and the session where policies are live."""
    await pair(host, lineage, await host.add_machine())
    machine_id = await host.add_machine()
    await pair(host, lineage, machine_id, scan_minutes=90, session_hours=48)
    await pair(host, lineage, machine_id, scan_minutes=90)
    hours = [
        (call.params[3:] or [None])[0]
        for call in lineage.calls
        if call.method == "create_new_token" and call.params[0] == f"spire-{machine_id}"
    ]
    assert hours == ([48, None] if lineage.lineage is Lineage.LIVE_POLICY else [2, 2])


async def test_a_drifted_policy_is_corrected_where_that_can_be_done(
    host: Host, host_admin: Keys, lineage: DevBunker
) -> None:
    async with RawClient(host.relay.url, host_admin) as admin:
        rules = [{"method": "sign_event", "kind": 1}, {"method": "sign_event", "kind": 21000}]
        drifted = json.dumps({"name": "spirekeeper-spire", "rules": rules})
        how = {"kind": 24133, "encryption": LINEAGES[lineage.lineage][0]}
        await admin.ask(lineage.pubkey, "create_new_policy", drifted, **how)
        seed, client = await pair(host, lineage, await host.add_machine()), Keys.generate()
        listed = await admin.ask(lineage.pubkey, "get_policies", **how)
    policies = json.loads(listed.content["result"])
    corrected = lineage.lineage is Lineage.LIVE_POLICY
    assert [len(policy["rules"]) for policy in policies] == ([7] if corrected else [2, 7])

    await connect(lineage, seed["seed_url"], client)
    assert "error" not in await sign(lineage, seed["spire_pubkey"], client)
    note = json.dumps({"kind": 1, "content": "", "tags": [], "created_at": 1_790_000_000})
    refused = await ask(lineage, seed["spire_pubkey"], client, "sign_event", note)
    assert refused["error"] == "Not authorized"
