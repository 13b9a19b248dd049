"""A newer connection beside the one that signs: until a Yes, after a No, and when one is away.

The operator's verdict is what the bunker sees of it: a Yes revokes the older client, a No the
newer one.
"""

import asyncio
from pathlib import Path
from time import monotonic

import pytest
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import CutOff, Failing, Refused, Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import State
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker, RawAdmin
from unit.spire.scripted_signer import ScriptedSigner, refusing, silent
from unit.spire.two_connections import IMPATIENT_S, MakeSeed, Two, author, seed_of

# The verdict.


async def test_the_older_one_signs_until_the_newer_one_is_confirmed(two: Two) -> None:
    assert await two.signs_as() == two.older_seed.spire_pubkey
    assert two.machine.client_pubkey == two.newer.client_pubkey, "what the operator compares"
    await two.say_yes()
    assert await two.signs_as() == two.newer_seed.spire_pubkey
    assert two.machine.state == State(connected=two.newer)
    assert await two.signs_as() == two.newer_seed.spire_pubkey


async def test_after_a_no_it_goes_on_with_the_older_one(two: Two) -> None:
    await two.say_no()
    assert await two.signs_as() == two.older_seed.spire_pubkey
    await two.machine.boot()
    assert two.machine.state == State(connected=two.older)
    assert two.machine.client_pubkey == two.older.client_pubkey
    assert await two.signs_as() == two.older_seed.spire_pubkey


@pytest.mark.parametrize("again", ["without a seed", "with the older seed", "with the newer seed"])
@pytest.mark.parametrize("verdict", ["none yet", "yes", "no"])
async def test_a_boot_looks_at_both_and_sends_no_connect(
    again: str, verdict: str, two: Two, relay: DevRelay, home: Path
) -> None:
    seeds = {"with the older seed": two.older_seed, "with the newer seed": two.newer_seed}
    if verdict != "none yet":
        await (two.say_yes() if verdict == "yes" else two.say_no())
    steps: list[str] = []
    seed = seeds.get(again)
    await Machine(home, tell=steps.append).boot(seed.encode() if seed else None)
    left = {
        "none yet": State(connected=two.older, waiting=two.newer),
        "yes": State(connected=two.newer),
        "no": State(connected=two.older),
    }
    assert two.machine.state == left[verdict]
    words = {
        "none yet": "goes on signing until the operator has confirmed the newer one",
        "yes": "the newer one signs from now on",
        "no": "the newer connection, which is dropped",
    }
    assert words[verdict] in steps[-1]
    newer_signs = verdict == "yes"
    expected = two.newer_seed if newer_signs else two.older_seed
    assert await two.signs_as() == expected.spire_pubkey
    users = await two.admin.users("spire-a") + await two.admin.users("spire-a-2")
    assert len(users) == 2


async def test_refused_with_both_it_is_cut_off(two: Two) -> None:
    await two.say_yes()
    await two.say_no()
    with pytest.raises(CutOff, match="revoked"):
        await two.signs_as()
    with pytest.raises(CutOff, match="revoked"):
        await two.machine.boot()


async def test_a_seed_for_the_same_key_changes_over_as_soon_as_the_bunker_ends_the_older_client(
    machine: Machine, make_seed: MakeSeed, admin: RawAdmin
) -> None:
    """As it is without a confirmation."""
    await machine.boot((await make_seed()).encode())
    older = machine.client_pubkey
    await machine.boot((await make_seed()).encode())
    newer = machine.state.newest
    await admin.revoke(older)
    await machine.sign(21000, "hello")
    assert machine.state == State(connected=newer)


async def test_requests_side_by_side_all_change_over(two: Two) -> None:
    await two.say_yes()
    authors = await asyncio.gather(*(two.signs_as() for _ in range(4)))
    assert set(authors) == {two.newer_seed.spire_pubkey}
    assert two.machine.state == State(connected=two.newer)


async def test_a_refusal_that_comes_late_is_one_all_the_same(
    admin: RawAdmin,
    bunker: DevBunker,
    make_bunker: MakeBunker,
    clock: MovableClock,
    home: Path,
    relay: DevRelay,
) -> None:
    """Where the session has ended nsecbunkerd asks its admins first, longer than we wait for a
    connection that may be away."""
    await bunker.stop()
    admin.bunker = await make_bunker(lineage=Lineage.LIVE_POLICY, refusal_delay=1.5)
    machine = Machine(home, timeout=IMPATIENT_S)
    policy = await admin.make_policy()
    for name, hours in (("spire-a", "1"), ("spire-b", None)):
        seed = Seed.build(
            spire_pubkey=await admin.make_key(name),
            secret=await admin.make_token(name, policy, hours=hours),
            bunker_relay=relay.url,
            relays=[relay.url],
        )
        await machine.boot(seed.encode())
    clock.move(hours=2)
    assert await author(machine) == seed.spire_pubkey
    assert machine.state == State(connected=machine.state.newest)


# What is no verdict.


async def test_a_kind_that_no_rule_allows_is_no_cut(
    machine: Machine, seed: Seed, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(seed.encode())
    await machine.boot(scripted_seed.encode())
    before = machine.state
    signer.asked.clear()
    with pytest.raises(Refused, match="kind 1") as refused:
        await machine.sign(1, "hello")
    assert not isinstance(refused.value, CutOff)
    assert machine.state == before
    assert signer.asked == [], "the newer connection is not asked instead"


@pytest.mark.parametrize(
    "texts",
    [
        ("Invalid `prisma.keyUser.findUnique()` invocation", "Not authorized"),
        ("Not authorized", "Invalid `prisma.keyUser.findUnique()` invocation"),
        ("something",),
    ],
)
@pytest.mark.parametrize("of", ["older", "newer"])
async def test_a_bunker_in_trouble_costs_no_connection(
    of: str,
    texts: tuple[str, ...],
    machine: Machine,
    seed: Seed,
    signer: ScriptedSigner,
    scripted_seed: Seed,
) -> None:
    """It refuses everything, and says `Not authorized` beside the reason."""
    seeds = [scripted_seed, seed] if of == "older" else [seed, scripted_seed]
    for each in seeds:
        await machine.boot(each.encode())
    before = machine.state
    signer.script["sign_event"] = refusing(*texts)
    assert await author(machine) == seed.spire_pubkey
    await machine.boot()
    assert machine.state == before
    del signer.script["sign_event"]
    assert await author(machine) == seeds[0].spire_pubkey


async def test_a_bunker_in_trouble_is_not_said_to_have_cut_a_machine_off(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(scripted_seed.encode())
    signer.script["sign_event"] = refusing("Invalid `prisma` invocation: 5ec4e7")
    with pytest.raises(Failing, match="its log says why") as failing:
        await machine.sign(21000, "hello")
    assert "5ec4e7" not in str(failing.value)


# One of them is away.


async def test_the_newer_one_signs_while_the_olders_relay_is_gone(
    machine: Machine, seed: Seed, away: DevRelay, aside: ScriptedSigner
) -> None:
    await machine.boot(seed_of(aside, away).encode())
    await machine.boot(seed.encode())
    before = machine.state
    assert await author(machine) == aside.pubkey
    await away.stop()
    assert await author(machine) == seed.spire_pubkey
    await machine.boot()
    assert machine.state == before, "kept: nobody has refused it"
    await away.start()
    async with aside.on(away.url):
        assert await author(machine) == aside.pubkey


async def test_a_locked_key_is_waited_for_a_third_of_the_time(two: Two, home: Path) -> None:
    """And nothing is asked of it twice: a bunker that is slow would sign what nobody waits for."""
    machine = Machine(home, timeout=3 * IMPATIENT_S)
    await two.admin.bunker.restart()
    await two.admin.call("unlock_key", "spire-a-2", "pass-a")
    await two.admin.bunker.listening()
    began = monotonic()
    assert await author(machine) == two.newer_seed.spire_pubkey
    assert IMPATIENT_S <= monotonic() - began < 2 * IMPATIENT_S
    assert machine.state == State(connected=two.older, waiting=two.newer)
    await two.admin.call("unlock_key", "spire-a", "pass-a")
    await two.admin.bunker.listening()
    assert await author(machine) == two.older_seed.spire_pubkey


async def test_a_silent_older_one_is_asked_for_its_key_and_for_no_signature(
    machine: Machine, home: Path, seed: Seed, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(scripted_seed.encode())
    await machine.boot(seed.encode())
    signer.script["get_public_key"] = silent
    signer.asked.clear()
    assert await author(Machine(home, timeout=IMPATIENT_S)) == seed.spire_pubkey
    assert set(signer.methods) == {"get_public_key"}


async def test_neither_answers(two: Two, home: Path, bunker: DevBunker) -> None:
    await bunker.stop()
    impatient = Machine(home, timeout=IMPATIENT_S / 2)
    for attempt in (author(impatient), impatient.boot()):
        with pytest.raises(Unreachable):
            await attempt
    assert two.machine.state == State(connected=two.older, waiting=two.newer)


async def test_a_no_while_the_older_ones_relay_is_gone(
    machine: Machine, seed: Seed, admin: RawAdmin, away: DevRelay, aside: ScriptedSigner
) -> None:
    """Nobody signs then, and the machine is not cut off either."""
    await machine.boot(seed_of(aside, away).encode())
    await machine.boot(seed.encode())
    older = machine.state.connected
    await admin.revoke(machine.client_pubkey)
    await away.stop()
    with pytest.raises(Unreachable):
        await author(machine)
    with pytest.raises(Unreachable):
        await machine.boot()
    assert machine.state == State(connected=older)


async def test_a_yes_while_the_newer_one_is_away(
    machine: Machine, seed: Seed, admin: RawAdmin, away: DevRelay, aside: ScriptedSigner
) -> None:
    await machine.boot(seed.encode())
    older = machine.client_pubkey
    await machine.boot(seed_of(aside, away).encode())
    newer = machine.state.newest
    await admin.revoke(older)
    await away.stop()
    for attempt in (author(machine), machine.boot()):
        with pytest.raises(Unreachable):
            await attempt
    await away.start()
    async with aside.on(away.url):
        assert await author(machine) == aside.pubkey
    assert machine.state == State(connected=newer)
