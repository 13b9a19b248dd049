"""A third seed, what is stored of two connections, and where their events go."""

import os
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import OtherKey, Refused, SpireError, Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.publishing import Outcome, Verdict
from spirekeeper.spire.state import Connection, State, StateFile
from support.raw_parties import RawAdmin
from support.raw_wire import RawClient
from unit.spire.scripted_signer import ScriptedSigner, refusing, saying, silent
from unit.spire.two_connections import IMPATIENT_S, MakeSeed, Two, author, seed_of

# A third seed.


async def test_a_third_seed_takes_the_place_of_the_one_that_waits(
    two: Two, make_seed_of_new_key: MakeSeed
) -> None:
    third = await make_seed_of_new_key()
    await two.machine.boot(third.encode())
    assert two.machine.state == State(connected=two.older, waiting=two.machine.state.newest)
    assert await two.signs_as() == two.older_seed.spire_pubkey
    await two.say_yes()
    assert await two.signs_as() == third.spire_pubkey


async def test_a_third_seed_does_not_cost_the_connection_that_was_confirmed_unnoticed(
    two: Two, make_seed_of_new_key: MakeSeed
) -> None:
    """The machine had nothing to sign since the Yes: it believes that the older one signs."""
    await two.say_yes()
    third = await make_seed_of_new_key()
    await two.machine.boot(third.encode())
    assert two.machine.state.connected == two.newer
    assert await two.signs_as() == two.newer_seed.spire_pubkey


async def test_a_third_seed_keeps_whichever_signs_while_the_other_is_away(
    machine: Machine,
    seed: Seed,
    make_seed_of_new_key: MakeSeed,
    away: DevRelay,
    aside: ScriptedSigner,
) -> None:
    await machine.boot(seed_of(aside, away).encode())
    await machine.boot(seed.encode())
    newer = machine.state.newest
    await away.stop()
    await machine.boot((await make_seed_of_new_key()).encode())
    assert machine.state.connected == newer


@pytest.mark.parametrize("kind", ["refused", "another key", "silent"])
async def test_a_third_seed_that_fails_costs_neither(
    kind: str, two: Two, home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    """Whoever shows the machine a QR of his own cuts nobody off with it."""
    before = two.machine.state
    script: dict[str, Any] = {
        "refused": {"connect": refusing("Token expired", "Not authorized")},
        "another key": {"get_public_key": saying("0" * 64)},
        "silent": {"connect": silent},
    }
    signer.script.update(script[kind])
    with pytest.raises((Refused, OtherKey, Unreachable)):
        await Machine(home, timeout=IMPATIENT_S / 3).boot(scripted_seed.encode())
    assert State(two.machine.state.connected, two.machine.state.waiting) == before
    assert (two.machine.state.pending is not None) == (kind == "silent")
    assert await two.signs_as() == two.older_seed.spire_pubkey
    await two.say_yes()
    assert await two.signs_as() == two.newer_seed.spire_pubkey


# What is stored.


@pytest.mark.parametrize("why", ["disk full", "another command at work"])
async def test_a_change_that_cannot_be_stored_costs_no_signature(
    why: str, two: Two, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two.say_yes()
    steps: list[str] = []
    machine = Machine(home, tell=steps.append)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        if why == "disk full":
            broken.setattr(os, "replace", full)
            assert await author(machine) == two.newer_seed.spire_pubkey
        else:
            with StateFile(home).locked():
                assert await author(machine) == two.newer_seed.spire_pubkey
    assert "was not stored" in steps[-1]
    assert machine.state == State(connected=two.older, waiting=two.newer)
    assert await author(machine) == two.newer_seed.spire_pubkey
    assert machine.state == State(connected=two.newer)


async def test_a_newer_seed_that_the_version_before_was_connecting_with(
    machine: Machine, home: Path, seed: Seed, make_seed_of_new_key: MakeSeed, relay: DevRelay
) -> None:
    """It was updated between the bunker's `ack` and its own write."""
    await machine.boot(seed.encode())
    older = machine.state.connected
    newer = await make_seed_of_new_key()
    pending = Connection.begin(newer, nip04=False)
    StateFile(home).write(State(connected=older, pending=pending))
    async with RawClient(relay.url, pending.keys) as client:
        assert (await client.connect(newer.spire_pubkey, newer.secret))["result"] == "ack"
    await machine.boot()
    assert machine.state.connected == older
    assert machine.client_pubkey == pending.client_pubkey
    assert await author(machine) == seed.spire_pubkey


# Publishing.


async def test_an_event_goes_to_the_relays_of_the_key_that_signed_it(
    machine: Machine,
    seed: Seed,
    make_seed_of_new_key: MakeSeed,
    relay: DevRelay,
    away: DevRelay,
    admin: RawAdmin,
) -> None:
    await machine.boot(seed.encode())
    older = machine.client_pubkey
    await machine.boot((await make_seed_of_new_key(relays=[away.url])).encode())
    assert await machine.publish(await machine.sign(21000, "hello")) == [
        Outcome(relay.url, Verdict.TAKEN)
    ]
    stranger = Keys.generate().public_key().to_hex()
    assert machine.state.relays_of(stranger) == (relay.url,), "those of the connection that signs"
    await admin.revoke(older)
    assert await machine.publish(await machine.sign(21000, "hello")) == [
        Outcome(away.url, Verdict.TAKEN)
    ]


async def test_an_event_of_a_key_with_two_seeds_goes_to_the_relays_of_both(
    machine: Machine, make_seed: MakeSeed, relay: DevRelay, away: DevRelay
) -> None:
    """The roster may listen by either: it has noticed the newer client, or not yet."""
    await machine.boot((await make_seed()).encode())
    await machine.boot((await make_seed(relays=[away.url, relay.url])).encode())
    outcomes = await machine.publish(await machine.sign(21000, "hello"))
    assert outcomes == [Outcome(relay.url, Verdict.TAKEN), Outcome(away.url, Verdict.TAKEN)]


async def test_nothing_is_published_before_the_first_seed(machine: Machine, two: Two) -> None:
    event = await two.machine.sign(21000, "hello")
    two.machine.forget()
    with pytest.raises(SpireError, match="no connection yet"):
        await machine.publish(event)
