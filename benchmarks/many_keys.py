"""A bunker with 2,000 keys against one with 50: a pair, a cancel and a revoke, in turns.

Keys can never be deleted, so every bunker gets there. What is asked for one machine is asked about
its key alone: the list of all keys is read once a connection.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
from house import Site, add_machines, ok, running_site
from report import Section
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.api import DCA
from spirekeeper.spire.machine import Machine
from tap import QUIET_S
from timing import ms, timed

from pairing import pair

FEW, MANY = 50, 2000
ROUNDS, WARM_UP = 15, 3
AT_ONCE = 16
AT_MOST = 2.0


@dataclass
class _House:
    site: Site
    http: httpx.AsyncClient
    machines: list[str]
    seconds: dict[str, list[float]] = field(
        default_factory=lambda: {"pair": [], "cancel": [], "revoke": []}
    )


async def sections() -> list[Section]:
    async with AsyncExitStack() as stack:
        houses = {keys: await _house(stack, keys) for keys in (FEW, MANY)}
        for number in range(WARM_UP + ROUNDS):
            for house in houses.values():
                await _round(house, number, kept=number >= WARM_UP)
        bare = await stack.enter_async_context(houses[MANY].site.bare_client())
        await bare.keys()
        listed = await timed(bare.refresh_keys)
        size = bare.keys_size
        has = len(await bare.keys())
    section = Section(f"A bunker with {MANY:,} keys against one with {FEW}")
    for name in houses[FEW].seconds:
        few, many = (ms(house.seconds[name]) for house in houses.values())
        section.add(f"{name} with {FEW} keys", few, "ms")
        section.add(f"{name} with {MANY:,} keys", many, "ms")
        section.add(f"{name}: by that with {FEW}", many / few, "times", at_most=AT_MOST)
    section.add("reading the list of all keys once", 1000 * listed, "ms")
    section.add("a key in that answer, as the relay carries it", (size or 0) / has, "bytes")
    return [section]


async def _house(stack: AsyncExitStack, keys: int) -> _House:
    site = await stack.enter_async_context(running_site())
    http = await stack.enter_async_context(site.client())
    async with site.bare_client() as bare:
        numbers = iter(range(keys))
        await asyncio.gather(*(_fill(bare, numbers) for _ in range(AT_ONCE)))
    return _House(site, http, await add_machines(http, WARM_UP + ROUNDS))


async def _fill(bare: NsecBunkerAdminClient, numbers: Iterator[int]) -> None:
    for number in numbers:
        await bare.create_new_key(f"filler-{number:022}", "a passphrase")


async def _round(house: _House, number: int, *, kept: bool) -> None:
    machine_id = house.machines[number]
    path = f"{DCA}/machines/{machine_id}"
    ways = {
        "pair": lambda: pair(house.site, house.http, machine_id),
        "cancel": lambda: ok(house.http, "DELETE", f"{path}/pairing"),
        "revoke": lambda: ok(house.http, "POST", f"{path}/revoke"),
    }
    for name, way in ways.items():
        if name == "revoke":
            seed = await pair(house.site, house.http, machine_id)
            await Machine(house.site.folder / f"spire-{number}").boot(seed)
        await asyncio.sleep(QUIET_S)
        seconds = await timed(way)
        if kept:
            house.seconds[name].append(seconds)
