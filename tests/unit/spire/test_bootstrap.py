"""The state of the cassettes, for the operator's eyes only, once for each seed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nostr_sdk import Event, Keys, PublicKey, nip44_decrypt
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.machine import Machine
from support.raw_parties import RawAdmin
from websockets.asyncio.client import connect

MakeSeed = Callable[..., Awaitable[Seed]]
CASSETTES = '{"cassettes":[{"denomination":20,"count":100}]}'


async def published(url: str) -> list[dict[str, Any]]:
    """The kind-30078 events that a relay keeps."""
    events = []
    async with connect(url, proxy=None) as socket:
        await socket.send('["REQ","state",{"kinds":[30078]}]')
        async for frame in socket:
            match json.loads(frame):
                case ["EVENT", _, event]:
                    events.append(event)
                case _:
                    return events
    raise AssertionError("the relay hung up")


async def test_it_is_published_once_a_seed(
    machine: Machine, make_seed: MakeSeed, relay: DevRelay, admin: RawAdmin
) -> None:
    operator = Keys.generate()
    operator_pubkey = operator.public_key().to_hex()
    await machine.boot((await make_seed()).encode())
    assert await machine.bootstrap(operator_pubkey, CASSETTES)
    [event] = await published(relay.url)
    assert Event.from_json(json.dumps(event)).verify()
    assert event["tags"] == [["d", "bitspire-cassettes"]]
    spire = PublicKey.parse(event["pubkey"])
    assert nip44_decrypt(operator.secret_key(), spire, event["content"]) == CASSETTES

    assert not await machine.bootstrap(operator_pubkey, CASSETTES)
    assert await published(relay.url) == [event]
    await machine.boot()
    assert not await machine.bootstrap(operator_pubkey, CASSETTES)

    older = machine.client_pubkey
    await machine.boot((await make_seed()).encode())
    assert not await machine.bootstrap(operator_pubkey, CASSETTES), "the older connection signs"
    await admin.revoke(older)
    assert await machine.bootstrap(operator_pubkey, CASSETTES)
    assert not await machine.bootstrap(operator_pubkey, CASSETTES)


async def test_the_newer_key_publishes_anew_once_it_has_taken_over(
    machine: Machine,
    seed: Seed,
    make_seed_of_new_key: MakeSeed,
    relay: DevRelay,
    admin: RawAdmin,
) -> None:
    operator = Keys.generate().public_key().to_hex()
    await machine.boot(seed.encode())
    older = machine.client_pubkey
    newer = await make_seed_of_new_key()
    await machine.boot(newer.encode())
    assert await machine.bootstrap(operator, CASSETTES)
    [event] = await published(relay.url)
    assert event["pubkey"] == seed.spire_pubkey, "nobody has confirmed the newer one yet"
    await admin.revoke(older)
    assert await machine.bootstrap(operator, CASSETTES)
    authors = {event["pubkey"] for event in await published(relay.url)}
    assert authors == {seed.spire_pubkey, newer.spire_pubkey}
    assert machine.state.connected
    assert machine.state.connected.bootstrap_published_at
    assert machine.state.waiting is None


async def test_what_no_relay_took_is_not_noted_as_published(
    machine: Machine, make_seed: MakeSeed
) -> None:
    operator = Keys.generate().public_key().to_hex()
    await machine.boot((await make_seed(relays=["ws://127.0.0.1:1"])).encode())
    with pytest.raises(Unreachable):
        await machine.bootstrap(operator, CASSETTES)
    assert machine.state.connected
    assert machine.state.connected.bootstrap_published_at is None


async def test_two_at_once_publish_once(machine: Machine, seed: Seed, relay: DevRelay) -> None:
    """One has the folder; the other is told so."""
    await machine.boot(seed.encode())
    operator = Keys.generate().public_key().to_hex()
    outcomes = await asyncio.gather(
        *(machine.bootstrap(operator, CASSETTES) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SpireError", "bool"]
    assert len(await published(relay.url)) == 1
