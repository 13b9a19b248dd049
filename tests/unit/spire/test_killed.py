"""The machine is killed at every step of what changes its connections: the next boot goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import State
from support.raw_parties import RawAdmin
from unit.spire.mortal_spire import MortalSpire

MakeSeed = Callable[..., Awaitable[Seed]]
NEWER_KEY = "spire-a-2"
SIDE_BY_SIDE = 8


class Workshop:
    """Machines of a home each, with tokens of one older and one newer key."""

    def __init__(self, admin: RawAdmin, policy: int, older: str, newer: str, folder: Path) -> None:
        self.admin = admin
        self.pubkeys = {"spire-a": older, NEWER_KEY: newer}
        self._policy = policy
        self._folder = folder
        self._numbers = count(1)

    async def seed(self, key_name: str) -> Seed:
        client_name = f"client-{next(self._numbers)}"
        secret = await self.admin.make_token(key_name, self._policy, client_name=client_name)
        relay = self.admin.bunker.relays[0]
        return Seed.build(
            spire_pubkey=self.pubkeys[key_name], secret=secret, bunker_relay=relay, relays=[relay]
        )

    async def connected(self) -> tuple[Machine, Path]:
        home = self._folder / f"spire-{next(self._numbers)}"
        machine = Machine(home)
        await machine.boot((await self.seed("spire-a")).encode())
        return machine, home

    async def with_both(self) -> tuple[Machine, Path]:
        machine, home = await self.connected()
        await machine.boot((await self.seed(NEWER_KEY)).encode())
        return machine, home

    async def signs_as(self, machine: Machine) -> str:
        """The name of the key."""
        event = await machine.sign(21000, "hello")
        names = {pubkey: name for name, pubkey in self.pubkeys.items()}
        return names[event.author().to_hex()]


@pytest.fixture
async def workshop(admin: RawAdmin, tmp_path: Path) -> Workshop:
    older, newer = await admin.make_key(), await admin.make_key(NEWER_KEY)
    return Workshop(admin, await admin.make_policy(), older, newer, tmp_path)


async def at_every_step(story: Callable[[int], Awaitable[bool]], *, of_at_least: int) -> None:
    """Until a step is none any more: the story then says that nobody was killed."""
    for first in count(1, SIDE_BY_SIDE):
        steps = range(first, first + SIDE_BY_SIDE)
        killed = await asyncio.gather(*map(story, steps))
        if not all(killed):
            assert steps[killed.index(False)] > of_at_least
            return


async def test_while_it_connects_with_a_newer_seed(mortal: MortalSpire, workshop: Workshop) -> None:
    async def story(step: int) -> bool:
        machine, home = await workshop.connected()
        older = machine.state.connected
        assert older
        seed = (await workshop.seed(NEWER_KEY)).encode()
        killed = await mortal.dies(home, step, seed=seed)

        assert await workshop.signs_as(machine) == "spire-a", "before it is booted again"
        await machine.boot()
        assert machine.state.connected == older
        await machine.boot(seed)
        assert machine.state == State(connected=older, waiting=machine.state.newest)
        assert await workshop.signs_as(machine) == "spire-a"
        await workshop.admin.revoke(older.client_pubkey)
        assert await workshop.signs_as(machine) == NEWER_KEY
        return killed

    await at_every_step(story, of_at_least=10)


@pytest.mark.long
async def test_while_a_request_finds_that_the_newer_one_is_confirmed(
    mortal: MortalSpire, workshop: Workshop
) -> None:
    async def story(step: int) -> bool:
        machine, home = await workshop.with_both()
        older, newer = machine.state.both
        await workshop.admin.revoke(older.client_pubkey)
        killed = await mortal.dies(home, step, sign=True)

        assert machine.state in {State(older, newer), State(newer)}
        assert await workshop.signs_as(machine) == NEWER_KEY
        assert machine.state == State(newer)
        return killed

    await at_every_step(story, of_at_least=8)


@pytest.mark.parametrize("verdict", ["yes", "no"])
async def test_while_a_boot_finds_the_verdict(
    verdict: str, mortal: MortalSpire, workshop: Workshop
) -> None:
    async def story(step: int) -> bool:
        machine, home = await workshop.with_both()
        older, newer = machine.state.both
        if verdict == "yes":
            await workshop.admin.revoke(older.client_pubkey)
        else:
            await workshop.admin.revoke(newer.client_pubkey, NEWER_KEY)
        killed = await mortal.dies(home, step)

        stays = newer if verdict == "yes" else older
        assert await workshop.signs_as(machine) == (NEWER_KEY if verdict == "yes" else "spire-a")
        await machine.boot()
        assert machine.state == State(stays)
        return killed

    await at_every_step(story, of_at_least=8)


@pytest.mark.long
async def test_while_a_third_seed_takes_the_place_of_the_second(
    mortal: MortalSpire, workshop: Workshop
) -> None:
    """Whose client the operator's side has revoked by then."""

    async def story(step: int) -> bool:
        machine, home = await workshop.with_both()
        older, newer = machine.state.both
        await workshop.admin.revoke(newer.client_pubkey, NEWER_KEY)
        seed = (await workshop.seed(NEWER_KEY)).encode()
        killed = await mortal.dies(home, step, seed=seed)

        assert await workshop.signs_as(machine) == "spire-a"
        await machine.boot(seed)
        third = machine.state.waiting
        assert machine.state == State(older, third)
        assert third != newer
        await workshop.admin.revoke(older.client_pubkey)
        assert await workshop.signs_as(machine) == NEWER_KEY
        return killed

    await at_every_step(story, of_at_least=10)
