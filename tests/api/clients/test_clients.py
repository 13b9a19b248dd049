"""Whatever NIP-46 client a machine is built with: it pairs from our bunker URL, and works."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nostr_sdk import Event, Keys, Nip44Version, PublicKey, nip44_decrypt, nip44_encrypt
from spirekeeper.devkit.bunker import Lineage
from support import clients, matrix
from support.clients import Client, Refused
from support.host import Host
from support.needed import missing
from support.own_bunker import OwnBunker

NewClient = Callable[[], Client]
SPEAK_NIP44 = [lineage for lineage in Lineage if lineage.value.nip44]
"""None of these clients speaks NIP-04 alone, so OLD_NDK would end."""
BY_DAY = (Lineage.NEWER_NDK, Lineage.FORK_398JA)
"""Those that people run; the others at night."""
CLIENTS = ("nostr-tools", "ndk", "applesauce", "nostr-sdk")


@pytest.fixture(
    params=[
        pytest.param(each, marks=[] if each in BY_DAY else pytest.mark.long, id=each.name)
        for each in SPEAK_NIP44
    ]
)
async def house(own: OwnBunker, request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    """The host with a bunker of each lineage that these clients can speak to."""
    async with own(lineage=request.param) as host:
        yield host


@pytest.fixture(params=CLIENTS)
async def new_client(request: pytest.FixtureRequest, house: Host) -> AsyncIterator[NewClient]:
    """Starts one more client of a kind."""
    matrix.note(request.node, house.bunker.lineage.name, request.param)
    if request.param != "nostr-sdk" and not clients.installed():
        missing(clients.MISSING)
    started: list[Client] = []

    def start() -> Client:
        started.append(Client(request.param))
        return started[-1]

    yield start
    for client in started:
        await client.close()


def _event(kind: int, *tags: list[str]) -> dict[str, Any]:
    return {"kind": kind, "content": "cash-out", "tags": list(tags), "created_at": 1_790_000_000}


async def _paired(host: Host, client: Client, client_key: str = "") -> tuple[str, dict[str, Any]]:
    machine_id = await host.add_machine()
    seed = await host.pair(machine_id)
    await host.bunker.listening()
    await client.ask("connect", bunker_url=seed["bunker_url"], client_key=client_key or _new_key())
    return machine_id, seed


def _new_key() -> str:
    return str(Keys.generate().secret_key().to_hex())


async def test_it_signs_what_a_machine_signs(house: Host, new_client: NewClient) -> None:
    client = new_client()
    machine_id, seed = await _paired(house, client)
    assert await client.ask("public_key") == seed["spire_pubkey"]
    for event in (_event(21000), _event(30078, ["d", "settings"])):
        signed = await client.ask("sign", event=event)
        assert Event.from_json(json.dumps(signed)).verify()
        assert (signed["pubkey"], signed["kind"]) == (seed["spire_pubkey"], event["kind"])
        assert (signed["content"], signed["tags"]) == (event["content"], event["tags"])
    assert (await house.pairing(machine_id))["state"] == "paired"


async def test_it_talks_nip44_both_ways(house: Host, new_client: NewClient) -> None:
    client, peer = new_client(), Keys.generate()
    _, seed = await _paired(house, client)
    spire = PublicKey.parse(seed["spire_pubkey"])
    to_peer = await client.ask("encrypt", peer=peer.public_key().to_hex(), text="balance?")
    assert nip44_decrypt(peer.secret_key(), spire, to_peer) == "balance?"
    to_spire = nip44_encrypt(peer.secret_key(), spire, "21 sats", Nip44Version.V2)
    assert await client.ask("decrypt", peer=peer.public_key().to_hex(), text=to_spire) == "21 sats"


async def test_it_is_refused_what_a_machine_may_not_sign(
    house: Host, new_client: NewClient
) -> None:
    client = new_client()
    await _paired(house, client)
    with pytest.raises(Refused):
        await client.ask("sign", event=_event(1))
    assert await client.ask("sign", event=_event(21000))


async def test_a_spent_seed_lets_nobody_in(house: Host, new_client: NewClient) -> None:
    first, second = new_client(), new_client()
    machine_id, seed = await _paired(house, first)
    with pytest.raises(Refused):
        await second.ask("connect", bunker_url=seed["bunker_url"], client_key=_new_key())
    assert await first.ask("sign", event=_event(21000))
    assert (await house.pairing(machine_id))["state"] == "paired"


async def test_it_works_on_after_the_bunker_was_restarted(
    house: Host, new_client: NewClient
) -> None:
    """The key is locked then, and unlocked by the background work."""
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep import unlocking

    client = new_client()
    await _paired(house, client)
    await house.bunker.restart()
    await unlocking.unlock_locked(utc_now)
    await house.bunker.listening()
    assert await client.ask("sign", event=_event(21000))


async def test_it_starts_again_with_its_client_key_and_without_the_secret(
    house: Host, new_client: NewClient
) -> None:
    """What docs/seed-url.md tells whoever builds a machine on it."""
    client_key = _new_key()
    client = new_client()
    machine_id, seed = await _paired(house, client, client_key)
    await client.close()
    with pytest.raises(Refused):
        await client.ask("connect", bunker_url=seed["bunker_url"], client_key=client_key)
    await client.close()
    kept = re.sub("&secret=[^&]*", "", seed["bunker_url"])
    await client.ask("connect", bunker_url=kept, client_key=client_key)
    signed = await client.ask("sign", event=_event(21000))
    assert signed["pubkey"] == seed["spire_pubkey"]
    assert (await house.pairing(machine_id))["state"] == "paired"


async def test_it_is_cut_off(house: Host, new_client: NewClient) -> None:
    client = new_client()
    machine_id, _ = await _paired(house, client)
    await house.api("POST", f"/machines/{machine_id}/revoke")
    with pytest.raises(Refused):
        await client.ask("sign", event=_event(21000))
