"""Keys: never overwritten, never unlocked twice, never with a passphrase that is not their own."""

import json
from pathlib import Path

import pytest
from nostr_sdk import Keys
from spirekeeper.spire.machine import Machine
from support.host import Host
from support.raw_wire import RawClient
from support.settling import background_work
from support.spires import signs
from unit.traps.trapped import asked, boots, connected, old, pair

BY_HAND = "a passphrase by hand"


async def made_by_hand(host: Host, host_admin: Keys, name: str) -> str:
    """Somebody with the admin key makes a key of that name, and we are not told; its npub."""
    async with RawClient(host.relay.url, host_admin) as admin:
        how = {"kind": 24133, "encryption": "nip04" if old(host) else "nip44"}
        params = (name, BY_HAND)
        answer = await admin.ask(host.bunker.pubkey, "create_new_key", *params, **how)
    await host.bunker.listening()
    return str(json.loads(answer.content["result"])["npub"])


async def test_a_name_taken_since_we_connected_is_not_made_again(
    any_bunker: Host, host_admin: Keys
) -> None:
    """The first key of a machine: its row was restored, or another server has paired it."""
    await pair(any_bunker, await any_bunker.add_machine())
    machine_id = await any_bunker.add_machine()
    npub = await made_by_hand(any_bunker, host_admin, f"spire-{machine_id}")
    assert (await pair(any_bunker, machine_id))["spire_npub"] == npub
    made = [params[0] for params in asked(any_bunker, "create_new_key")]
    assert made.count(f"spire-{machine_id}") == 1, "by hand alone"


@pytest.mark.parametrize("why", ["rotate", "revoked"])
async def test_a_new_key_takes_no_name_taken_since_we_connected(
    any_bunker: Host, host_admin: Keys, why: str
) -> None:
    machine_id = await any_bunker.add_machine()
    first = await pair(any_bunker, machine_id)
    if why == "revoked":
        await any_bunker.api("POST", f"/machines/{machine_id}/revoke")
    taken = f"spire-{machine_id}-2"
    npub = await made_by_hand(any_bunker, host_admin, taken)
    seed = await pair(any_bunker, machine_id, rotate=why == "rotate")
    assert seed["spire_npub"] not in (npub, first["spire_npub"])
    made = [params[0] for params in asked(any_bunker, "create_new_key")]
    assert made.count(taken) == 1, "by hand alone"
    assert f"spire-{machine_id}-3" in made


async def test_a_key_is_unlocked_once_and_with_its_own_passphrase(
    any_bunker: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though another one is in force since; a key whose own is known is never tried with it."""
    machine_id, _, spire = await connected(any_bunker, tmp_path)
    monkeypatch.setenv("SPIREKEEPER_KEY_PASSPHRASE", "another one since")
    other = await any_bunker.add_machine()
    await pair(any_bunker, other)
    monkeypatch.setenv("SPIREKEEPER_KEY_PASSPHRASE", "a passphrase of the tests")
    await any_bunker.bunker.restart()
    any_bunker.bunker.calls.clear()
    for _ in range(2):
        await background_work()
        await any_bunker.pairing(machine_id)
        await pair(any_bunker, machine_id)
    tried = asked(any_bunker, "unlock_key")
    key_name = f"spire-{machine_id}"
    own = [params for params in tried if params[0] == key_name]
    assert own == [[key_name, "a passphrase of the tests"]]
    assert len([params for params in tried if params[0] != key_name]) <= 1, "refused once"
    await any_bunker.bunker.listening()
    assert await signs(spire)


async def test_an_unredeemed_token_is_not_forgotten(any_bunker: Host, tmp_path: Path) -> None:
    """By none of what ends a seed: a newer one, a cancel, a revoke, a deletion."""
    machine_id, spire = await any_bunker.add_machine(), Machine(tmp_path / "late", timeout=10.0)
    seeds = [await pair(any_bunker, machine_id)]
    seeds.append(await pair(any_bunker, machine_id))
    await any_bunker.api("DELETE", f"/machines/{machine_id}/pairing")
    seeds.append(await pair(any_bunker, machine_id))
    await any_bunker.api("POST", f"/machines/{machine_id}/revoke")
    seeds.append(await pair(any_bunker, machine_id))
    await any_bunker.api("DELETE", f"/machines/{machine_id}")
    await background_work()
    assert [await boots(any_bunker, spire, seed) for seed in seeds] == [False] * 4


async def test_the_redeemer_is_not_revoked_by_the_re_pair_that_it_serves(
    any_bunker: Host, tmp_path: Path
) -> None:
    """A machine that kept its client key redeems onto its old user, and a revoke is for ever."""
    machine_id, client = await any_bunker.add_machine(), Keys.generate()
    how = {"kind": 24133, "encryption": "nip04" if old(any_bunker) else "nip44"}
    for _ in range(3):
        seed = await pair(any_bunker, machine_id)
        secret = seed["bunker_url"].partition("secret=")[2]
        await any_bunker.bunker.listening()
        async with RawClient(any_bunker.relay.url, client) as machine:
            pubkey = seed["spire_pubkey"]
            answer = await machine.ask(pubkey, "connect", pubkey, secret, **how)
            assert answer.content["result"] == "ack"
            assert (await any_bunker.pairing(machine_id))["state"] == "paired"
            await background_work()
            event = {"kind": 21000, "content": "", "tags": [], "created_at": 1_790_000_000}
            signed = await machine.ask(pubkey, "sign_event", json.dumps(event), **how)
        assert "error" not in signed.content
