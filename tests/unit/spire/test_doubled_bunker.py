"""A daemon that has just started may serve a key twice: one connect is answered with yes and no."""

from collections.abc import Iterable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Refused, Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import State
from support.raw_parties import RawAdmin
from support.raw_wire import Message
from unit.spire.scripted_signer import ScriptedSigner, in_turn, refusing, saying, silent
from unit.spire.two_connections import author

ACK: dict[str, Any] = {"result": "ack"}
SPENT, NOT_AUTHORIZED = (
    {"result": "error", "error": text} for text in ("Token already redeemed", "Not authorized")
)
IMPATIENT_S = 0.5


@pytest.mark.parametrize("order", permutations([ACK, SPENT, NOT_AUTHORIZED]), ids=str)
async def test_the_yes_counts_in_whatever_order_they_come(
    order: tuple[dict[str, Any], ...],
    machine: Machine,
    signer: ScriptedSigner,
    scripted_seed: Seed,
) -> None:
    signer.script["connect"] = lambda _: order
    await machine.boot(scripted_seed.encode())
    assert signer.methods == ["connect", "get_public_key"]
    assert await author(machine) == signer.pubkey


def knowing(asked: Message) -> Iterable[dict[str, Any]]:
    """Says that the token is spent, and knows who has used it."""
    return [ACK] if len(asked.params) == 1 else [SPENT, NOT_AUTHORIZED]


@pytest.mark.parametrize(
    "first",
    [refusing("Token already redeemed"), refusing("Not authorized"), refusing("database is busy")],
    ids=["spent", "no reason", "another reason"],
)
async def test_told_no_for_a_seed_that_it_has_just_sent_it_asks_whether_it_is_known(
    first: Any, machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = in_turn(first, saying("ack"))
    await machine.boot(scripted_seed.encode())
    assert [len(asked.params) for asked in signer.asked[:2]] == [2, 1]
    assert {asked.author for asked in signer.asked} == {machine.client_pubkey}


async def test_who_is_not_known_has_no_use_for_the_seed(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = refusing("Token already redeemed", "Not authorized")
    with pytest.raises(Refused, match="used already"):
        await machine.boot(scripted_seed.encode())
    assert machine.state == State()


async def test_a_client_key_is_kept_while_nobody_says_whether_it_is_known(
    home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = in_turn(refusing("Token already redeemed"), silent)
    impatient = Machine(home, timeout=IMPATIENT_S)
    with pytest.raises(Unreachable, match="does not say whether it was this machine"):
        await impatient.boot(scripted_seed.encode())
    kept = impatient.client_pubkey

    signer.script["connect"] = knowing
    machine = Machine(home)
    await machine.boot()
    assert machine.client_pubkey == kept
    assert await author(machine) == signer.pubkey


@pytest.mark.parametrize("what", ["no acknowledgement", "no public key"])
async def test_a_client_key_that_may_have_been_accepted_is_kept(
    what: str, machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    """The page says paired then, for this client."""
    if what == "no acknowledgement":
        signer.script["connect"] = saying("sure")
    else:
        signer.script["get_public_key"] = refusing("database is busy")
    with pytest.raises(Refused):
        await machine.boot(scripted_seed.encode())
    kept = machine.client_pubkey

    del signer.script["connect" if what == "no acknowledgement" else "get_public_key"]
    await machine.boot()
    assert machine.client_pubkey == kept
    assert await author(machine) == signer.pubkey


async def test_a_newer_seed_that_is_answered_twice_costs_the_older_connection_nothing(
    machine: Machine,
    seed: Seed,
    signer: ScriptedSigner,
    scripted_seed: Seed,
) -> None:
    await machine.boot(seed.encode())
    older = machine.state.connected
    signer.script["connect"] = lambda _: [SPENT, NOT_AUTHORIZED, ACK]
    await machine.boot(scripted_seed.encode())
    assert machine.state == State(connected=older, waiting=machine.state.newest)
    assert await author(machine) == seed.spire_pubkey


async def test_a_key_that_the_development_bunker_serves_twice(
    machine: Machine, admin: RawAdmin, bunker: DevBunker, seed: Seed
) -> None:
    """Unlocked while the daemon starts: each request is answered twice."""
    await bunker.restart()
    for _ in range(2):
        await admin.call("unlock_key", "spire-a", "pass-a")
    await bunker.listening()
    await machine.boot(seed.encode())
    [user] = await admin.users("spire-a")
    assert user["pubkey"] == machine.client_pubkey
    assert await author(machine) == seed.spire_pubkey
    await machine.boot()
