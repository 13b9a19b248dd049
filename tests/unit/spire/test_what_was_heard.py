"""A bunker that answers one thing and not another: what was heard decides what is said."""

from pathlib import Path

import pytest
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import State
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker, RawAdmin
from unit.spire.scripted_signer import ScriptedSigner, silent
from unit.spire.two_connections import author

IMPATIENT_S = 1.0


async def test_a_token_that_lapsed_is_not_said_to_be_a_bunker_that_is_down(
    admin: RawAdmin,
    bunker: DevBunker,
    make_bunker: MakeBunker,
    clock: MovableClock,
    home: Path,
    relay: DevRelay,
) -> None:
    """Its key it tells to anybody. Before it says no to a signature it asks its admins, longer than
    this machine waits."""
    await bunker.stop()
    admin.bunker = await make_bunker(lineage=Lineage.LIVE_POLICY, refusal_delay=60)
    seed = Seed.build(
        spire_pubkey=await admin.make_key(),
        secret=await admin.make_token("spire-a", await admin.make_policy(), hours="1"),
        bunker_relay=relay.url,
        relays=[relay.url],
    )
    machine = Machine(home, timeout=IMPATIENT_S)
    await machine.boot(seed.encode())
    clock.move(hours=2)
    for attempt in (machine.boot(), author(machine)):
        with pytest.raises(Unreachable, match=r"sign_event.*though the bunker is there") as said:
            await attempt
        assert "time of this machine is over" in str(said.value)
        assert "locked" not in str(said.value)


async def boots_and_signs(machine: Machine, seed: Seed) -> None:
    await machine.boot(seed.encode())
    await author(machine)


@pytest.mark.parametrize("method", ["connect", "sign_event"])
async def test_who_tells_its_key_is_there(
    method: str, home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script[method] = silent
    machine = Machine(home, timeout=IMPATIENT_S)
    with pytest.raises(Unreachable, match=rf"{method}.*though the bunker is there"):
        await boots_and_signs(machine, scripted_seed)
    assert machine.state != State(), "nothing is given up for it"


async def test_who_says_nothing_at_all_is_down_or_locked(
    home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = signer.script["get_public_key"] = silent
    with pytest.raises(Unreachable, match=r"connect.*the bunker is down, or the key is locked"):
        await Machine(home, timeout=IMPATIENT_S).boot(scripted_seed.encode())


async def test_who_has_answered_before_is_there(
    home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["get_public_key"] = silent
    with pytest.raises(Unreachable, match=r"get_public_key.*though the bunker is there"):
        await Machine(home, timeout=IMPATIENT_S).boot(scripted_seed.encode())
