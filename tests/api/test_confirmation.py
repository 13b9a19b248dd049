"""Who redeemed a seed is the machine once the operator says so, and not before."""

import json
from pathlib import Path

import pytest
from api.living import connected, judge, routes
from nostr_sdk import Keys
from spirekeeper.seed import Seed, fingerprint
from support.host import Host
from support.redeeming import redeem
from support.spires import NewSpire, signs

VECTORS = Path(__file__).parents[1] / "vectors" / "fingerprint.json"
ALIKE = json.loads(VECTORS.read_text())["fingerprints"][2:]
"""Two keys alike in the first 32 bits of sha256, and two in the first 40 bits of the key."""


async def test_a_confirmed_client_is_the_machine(house: Host, new_spire: NewSpire) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire, require_confirmation=True)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("confirming", "compare_fingerprint")
    assert status["pairing"]["fingerprint"] == spire.fingerprint
    assert (status["pairing"]["confirming"], status["pairing"]["connected"]) == (True, False)
    assert not await routes(house, seed)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert answer.status_code == 200, answer.text
    status = await house.pairing(machine_id)
    assert status["state"] == "paired"
    assert (status["pairing"]["confirming"], status["pairing"]["connected"]) == (False, True)
    assert await routes(house, seed)
    assert await signs(spire)


async def test_a_rejected_client_is_cut(house: Host, new_spire: NewSpire) -> None:
    machine_id, stranger, spire = await house.add_machine(), new_spire(), new_spire()
    seed = await connected(house, machine_id, stranger, require_confirmation=True)
    answer = await judge(house, machine_id, "reject", stranger.client_pubkey)
    assert (answer.json()["bunker"], answer.json()["revoked_count"]) == ("done", 1)
    assert not await signs(stranger)
    assert not await routes(house, seed)
    status = await house.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "rejected")
    again = await connected(house, machine_id, spire, require_confirmation=True)
    await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert await routes(house, again)


async def test_another_client_cannot_be_confirmed(house: Host, new_spire: NewSpire) -> None:
    machine_id = await house.add_machine()
    seed = await connected(house, machine_id, new_spire(), require_confirmation=True)
    for verdict in ("confirm", "reject"):
        answer = await judge(house, machine_id, verdict, "c" * 64)
        assert (answer.status_code, answer.json()["code"]) == (409, "another_client")
    assert not await routes(house, seed)


@pytest.mark.parametrize("pair", [ALIKE[:2], ALIKE[2:]], ids=["sha256", "key"])
async def test_a_thief_who_ground_a_key_that_looks_like_the_machines_is_told_apart(
    house: Host, pair: list[dict[str, str]]
) -> None:
    """A relay held back the machine's connect meanwhile, so that the thief comes first."""
    thief, machine = (Keys.parse(each["secret"]) for each in pair)
    machine_id = await house.add_machine()
    seed = await house.pair(machine_id, require_confirmation=True)
    assert (await redeem(house, seed["seed_url"], thief))["result"] == "ack"
    assert "error" in await redeem(house, seed["seed_url"], machine)
    pairing = (await house.pairing(machine_id))["pairing"]
    assert pairing["client_pubkey"] == thief.public_key().to_hex()
    assert pairing["fingerprint"] == fingerprint(thief.public_key().to_hex())
    shown_by_the_machine = fingerprint(machine.public_key().to_hex())
    assert pairing["fingerprint"] != shown_by_the_machine
    answer = await judge(house, machine_id, "confirm", machine.public_key().to_hex())
    assert (answer.status_code, answer.json()["code"]) == (409, "another_client")
    assert not await routes(house, seed)


async def test_nothing_to_confirm_reject_or_cancel_is_said(house: Host) -> None:
    machine_id = await house.add_machine()
    for answer in (
        await judge(house, machine_id, "confirm", "c" * 64),
        await judge(house, machine_id, "reject", "c" * 64),
        await house.api("DELETE", f"/machines/{machine_id}/pairing"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_waits")


async def test_one_more_user_than_expected_blocks_the_confirmation(
    house: Host, new_spire: NewSpire
) -> None:
    """Somebody redeemed a token that no pairing of ours explains, made with the admin key."""
    from spirekeeper.connection.open_bunker import open_bunker

    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire, require_confirmation=True)
    admin = (await open_bunker()).admin
    key_name = f"spire-{machine_id}"
    await admin.create_new_token(key_name, "somebody else", (await admin.policies())[0].id)
    tokens = await admin.get_key_tokens(key_name)
    foreign = next(token for token in tokens if token.client_name == "somebody else")
    stolen = Seed.build(
        spire_pubkey=foreign.pubkey,
        secret=foreign.secret,
        bunker_relay=house.relay.url,
        relays=[house.relay.url],
    )
    await new_spire().boot(stolen.encode())
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert (answer.status_code, answer.json()["code"]) == (409, "unexpected_client")
    assert not await routes(house, seed)


async def test_without_the_bunker_nobody_is_confirmed(
    house: Host, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    seed = await connected(house, machine_id, spire, require_confirmation=True)
    with monkeypatch.context() as patch:
        patch.delenv("SPIREKEEPER_BUNKER_URL")
        answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert answer.status_code == 503
    assert not await routes(house, seed)
