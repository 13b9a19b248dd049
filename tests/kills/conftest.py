"""LNbits killed at each of the first calls that a bunker gets from it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from aftermath import Aftermath, wait_for_aftermath
from interrupting import OPERATIONS, Fate, Strike, strike_and_kill
from killable import World

FIRST_CALLS = 6
"""The first pair of all asks for keys and policies, and makes a policy."""


async def at_the_first_calls(folder: Path) -> Aftermath:
    """A bunker that has never served us; each time one more call gets through."""
    pair = OPERATIONS[0]
    async with World(folder) as world:
        strikes = []
        for number in range(1, FIRST_CALLS + 1):
            fate = list(Fate)[number % len(Fate)]
            strikes.append(Strike(pair, number, by_machine=False, fate=fate))
            await strike_and_kill(world, strikes[-1:])
        return await wait_for_aftermath(world, strikes)


STORIES = (at_the_first_calls,)


@pytest.fixture(scope="session")
async def aftermaths() -> AsyncIterator[dict[str, Aftermath]]:
    """By the name of what was done. All side by side: each has to wait for its leases to lapse."""
    folder = Path(mkdtemp(prefix="spirekeeper-kills-"))
    stories = [asyncio.create_task(story(folder / story.__name__)) for story in STORIES]
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
