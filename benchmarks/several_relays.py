"""With three relays, one of them slow, hanging or dead, a pair takes no longer than with two.

Two houses side by side, each LNbits and a bunker: one has two live relays, in the bunker's URL and
in each pair request; the other has such two, and a third with the manners in question. Pairs are
made in turn, so that both meet the same moments.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median

import httpx
from delay_proxy import FOR_GOOD, DelayProxy, delayed
from house import Site, add_machines, ok, running_site
from report import Section
from spirekeeper.devkit.apart import Apart
from spirekeeper.devkit.api import DCA
from timing import ms, timed

ROUNDS, WARM_UP = 20, 2
NO_LONGER = 1.1
"""Of the medians; the machine is not so quiet that the same thing takes the same time twice."""
SLOW_S = 1.0
"""Each way: what is asked is answered two seconds later."""
SETTLES_S = 15.0
"""The bunker connects anew within that: it gives up on a relay that hangs after five seconds."""


@dataclass(frozen=True)
class House:
    """A site, its relays, and machines that have not been paired."""

    site: Site
    http: httpx.AsyncClient
    relays: list[str]
    machines: list[str]

    async def pair(self) -> None:
        machine_id = self.machines.pop()
        body = self.site.pair_request(relays=self.relays)
        await ok(self.http, "POST", f"{DCA}/machines/{machine_id}/pair", json=body)


async def sections() -> list[Section]:
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(Apart("relay"))
        behind = await stack.enter_async_context(Apart("relay"))
        third = await stack.enter_async_context(delayed(behind.ready))
        two = await _house(stack, [shared.ready])
        three = await _house(stack, [shared.ready, third.url])
        manners: dict[str, tuple[Callable[[], Awaitable[None]], float | None]] = {
            "as quick as the others": (partial(_answers_after, third, 0.0), None),
            f"{2 * SLOW_S:g} s slow": (partial(_answers_after, third, SLOW_S), NO_LONGER),
            "hanging: it takes connections, and says nothing": (
                partial(_answers_after, third, FOR_GOOD),
                NO_LONGER,
            ),
            "dead: nobody listens there": (third.stop, NO_LONGER),
        }
        return [
            await _compared(two, three, words, become, at_most)
            for words, (become, at_most) in manners.items()
        ]


async def _house(stack: AsyncExitStack, more_relays: list[str]) -> House:
    site = await stack.enter_async_context(running_site(more_relays=more_relays))
    http = await stack.enter_async_context(site.client())
    return House(site, http, [site.relay.ready, *more_relays], [])


async def _answers_after(third: DelayProxy, seconds: float) -> None:
    third.seconds = seconds
    await third.hang_up()


async def _compared(
    two: House,
    three: House,
    words: str,
    become: Callable[[], Awaitable[None]],
    at_most: float | None,
) -> Section:
    for house in (two, three):
        house.machines.extend(await add_machines(house.http, WARM_UP + ROUNDS))
    await become()
    await asyncio.sleep(SETTLES_S)
    first = await timed(three.pair)
    await two.pair()
    taken: dict[str, list[float]] = {"two": [], "three": []}
    for number in range(1, WARM_UP + ROUNDS):
        for name, house in (("two", two), ("three", three)):
            seconds = await timed(house.pair)
            if number >= WARM_UP:
                taken[name].append(seconds)
    section = Section(f"Three relays, the third {words}")
    section.add("a pair with the two live ones alone", ms(taken["two"]), "ms")
    section.add("a pair with all three", ms(taken["three"]), "ms")
    section.add("the first that met it so", 1000 * first, "ms")
    ratio = median(taken["three"]) / median(taken["two"])
    if at_most is None:
        section.add("three by two, for scale", ratio, "times")
    else:
        section.add("three by two", ratio, "times", at_most=at_most)
    return section
