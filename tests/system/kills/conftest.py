"""LNbits killed at every call of every operation, and at random moments, in worlds side by side."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest
from spirekeeper.devkit.postgres import Postgres
from support.databases import new_database
from support.host import Host
from system.kills.aftermath import Aftermath, wait_for_aftermath
from system.kills.interrupting import (
    OPERATIONS,
    Fate,
    Strike,
    every_call,
    strike_and_kill,
    strike_and_kill_at,
)
from system.kills.killable import World
from system.kills.mortal_lnbits import MortalLNbits

SIDE_BY_SIDE = 12
RANDOM_KILLS = 8
SEED = 20261123
FIRST_CALLS = 8
"""The first pair of all asks for keys and policies, and makes a policy."""


async def at_every_call(folder: Path, database: str | None) -> Aftermath:
    async with World(folder, database=database) as world:
        strikes = await every_call(world)
        Random(SEED).shuffle(strikes)  # noqa: S311
        for first in range(0, len(strikes), SIDE_BY_SIDE):
            await strike_and_kill(world, strikes[first : first + SIDE_BY_SIDE])
        return await wait_for_aftermath(world, strikes)


async def at_the_first_calls(folder: Path, database: str | None) -> Aftermath:
    """A bunker that has never served us; each time one more call gets through."""
    pair = OPERATIONS[0]
    async with World(folder, database=database) as world:
        strikes = []
        for number in range(1, FIRST_CALLS + 1):
            fate = list(Fate)[number % len(Fate)]
            strikes.append(Strike(pair, number, by_machine=False, fate=fate))
            await strike_and_kill(world, strikes[-1:])
        return await wait_for_aftermath(world, strikes)


async def at_random(folder: Path, database: str | None) -> Aftermath:
    """Machines that an earlier kill hit are used again, in whatever state that left them."""
    print(f"random kills with seed {SEED}")  # noqa: T201
    chance = Random(SEED)  # noqa: S311
    async with World(folder, database=database) as world:
        strikes: list[Strike] = []
        for _ in range(RANDOM_KILLS):
            fresh = [Strike(operation) for operation in chance.sample(OPERATIONS, 6)]
            again = []
            for older in chance.sample(strikes, min(4, len(strikes))):
                operation = chance.choice(OPERATIONS)
                again.append(Strike(operation, subject=older.subject, alone=False))
                older.alone = False
            await strike_and_kill_at(world, fresh + again, chance)
            strikes += fresh + again
        return await wait_for_aftermath(world, strikes)


STORIES = (at_every_call, at_the_first_calls, at_random)


@pytest.fixture(scope="session")
async def aftermaths(cluster: Postgres | None) -> AsyncIterator[dict[str, Aftermath]]:
    """By the name of what was done. All side by side: each has to wait for its leases to lapse."""
    folder = Path(mkdtemp(prefix="spirekeeper-kills-"))
    stories = [
        asyncio.create_task(story(folder / story.__name__, await new_database(cluster)))
        for story in STORIES
    ]
    try:
        found = await asyncio.gather(*stories)
        yield {story.__name__: each for story, each in zip(STORIES, found, strict=True)}
    finally:
        for story in stories:
            story.cancel()
        await asyncio.gather(*stories, return_exceptions=True)
        shutil.rmtree(folder)


@pytest.fixture(params=[story.__name__ for story in STORIES])
def after(request: pytest.FixtureRequest, aftermaths: dict[str, Aftermath]) -> Aftermath:
    return aftermaths[request.param]


@pytest.fixture(scope="module")
async def lnbits(running_host: Host) -> AsyncIterator[MortalLNbits]:
    """A process of the same tables, which dies."""
    assert running_host  # its environment is set, and its tables are there
    async with MortalLNbits() as mortal:
        yield mortal
