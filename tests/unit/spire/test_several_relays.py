"""A bunker URL may name several relays: the machine uses those that are up."""

import json
from pathlib import Path

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import Connection, State, StateFile
from support.commanding import Command
from unit.spire.relay_manners import refusing_requests
from unit.spire.scripted_signer import ScriptedSigner
from unit.spire.two_connections import author

NOWHERE = "ws://127.0.0.1:1"


def seed_over(signer: ScriptedSigner, *relays: str) -> Seed:
    """As others write it."""
    one = Seed.build(
        spire_pubkey=signer.pubkey, secret="5ec4e7", bunker_relay=relays[0], relays=[relays[0]]
    )
    named = "&".join(f"relay={relay}" for relay in relays)
    return Seed(
        spire_npub=one.spire_npub,
        spire_pubkey=one.spire_pubkey,
        bunker_url=f"bunker://{one.spire_pubkey}?{named}&secret=5ec4e7",
        relays=one.relays,
    )


async def boots_and_signs(machine: Machine, seed: Seed, signer: ScriptedSigner) -> None:
    await machine.boot(seed.encode())
    assert await author(machine) == signer.pubkey
    await machine.boot()


@pytest.mark.parametrize("place", ["first", "last"])
async def test_one_that_is_gone(
    place: str, machine: Machine, signer: ScriptedSigner, relay: DevRelay
) -> None:
    relays = [NOWHERE, relay.url] if place == "first" else [relay.url, NOWHERE]
    await boots_and_signs(machine, seed_over(signer, *relays), signer)


@pytest.mark.parametrize("place", ["first", "last"])
async def test_one_that_takes_the_connection_and_says_nothing(
    place: str, machine: Machine, signer: ScriptedSigner, relay: DevRelay
) -> None:
    async with HostileRelay(relay.url) as silent:
        await silent.hang()
        relays = [silent.url, relay.url] if place == "first" else [relay.url, silent.url]
        await boots_and_signs(machine, seed_over(signer, *relays), signer)


async def test_one_that_the_bunker_is_not_on(
    machine: Machine, signer: ScriptedSigner, relay: DevRelay, away: DevRelay
) -> None:
    await boots_and_signs(machine, seed_over(signer, away.url, relay.url), signer)


async def test_one_that_takes_no_requests(
    machine: Machine, signer: ScriptedSigner, relay: DevRelay
) -> None:
    async with HostileRelay(relay.url) as strict:
        strict.behave(up=refusing_requests("blocked: members only"))
        await boots_and_signs(machine, seed_over(signer, strict.url, relay.url), signer)


async def test_a_bunker_on_both_hears_each_request_as_one_event(
    machine: Machine, signer: ScriptedSigner, relay: DevRelay, away: DevRelay
) -> None:
    """So that a library that knows events by their id serves it once."""
    async with signer.on(away.url):
        await boots_and_signs(machine, seed_over(signer, relay.url, away.url), signer)
    connects = {asked.id for asked in signer.asked if asked.method == "connect"}
    assert len(connects) == 1


async def test_one_that_goes_while_the_machine_works(
    machine: Machine, signer: ScriptedSigner, relay: DevRelay, away: DevRelay
) -> None:
    await machine.boot(seed_over(signer, away.url, relay.url).encode())
    await away.stop()
    assert await author(machine) == signer.pubkey


async def test_when_none_is_up_each_is_named(machine: Machine, signer: ScriptedSigner) -> None:
    other = "ws://127.0.0.1:2"
    with pytest.raises(Unreachable) as unreachable:
        await machine.boot(seed_over(signer, NOWHERE, other).encode())
    assert NOWHERE in str(unreachable.value)
    assert other in str(unreachable.value)


async def test_the_command_names_all_of_them(
    spire: Command, signer: ScriptedSigner, relay: DevRelay
) -> None:
    twice = relay.url.replace("ws://", "WS://") + "/"
    seed = seed_over(signer, NOWHERE, relay.url, twice)
    shown = (await spire("inspect", seed.encode(), "--json")).json
    assert shown["bunker_url"].count("relay=") == 2
    assert (await spire("boot", seed.encode())).code == 0
    status = (await spire("status", "--json")).json
    assert status["connection"]["bunker_relays"] == [NOWHERE, relay.url]
    assert f"bunker_relays: {NOWHERE}, {relay.url}\n" in (await spire("status")).out


async def test_a_state_of_the_version_before_is_gone_on_from(
    home: Path, machine: Machine, signer: ScriptedSigner, relay: DevRelay
) -> None:
    """Which knew one relay only."""
    await machine.boot(seed_over(signer, relay.url).encode())
    file = home / "state.json"
    stored = json.loads(file.read_text())
    newer = ("bunker_relays", "bootstrap_event", "bootstrap_to")
    older = {name: value for name, value in stored["connected"].items() if name not in newer}
    file.write_text(json.dumps({**stored, "connected": {**older, "bunker_relay": relay.url}}))
    assert await author(machine) == signer.pubkey
    await machine.boot()
    assert StateFile(home).read() == State(
        connected=Connection(**{**older, "bunker_relays": (relay.url,), "relays": (relay.url,)})
    )
