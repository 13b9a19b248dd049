"""Load as the world makes it: requests start on a fixed schedule, whether or not earlier ones are
done. One that had to wait for its turn has waited since its time on the schedule."""

import asyncio
from collections.abc import Hashable, Mapping
from time import perf_counter
from typing import TypeVar

from timing import Way

K = TypeVar("K", bound=Hashable)


async def in_slices(
    ways: Mapping[K, Way], *, rate: float, seconds: float, slices: int
) -> dict[K, list[float]]:
    """Seconds of each request of each way. The ways take turns, a slice of `seconds` each, so that
    a slow moment of the machine meets all of them; the first slice of each warms up."""
    taken: dict[K, list[float]] = {name: [] for name in ways}
    for number in range(1 + slices):
        for name, way in ways.items():
            of_slice = await _slice(way, rate, seconds)
            if number:
                taken[name] += of_slice
    return taken


async def _slice(way: Way, rate: float, seconds: float) -> list[float]:
    begin = perf_counter() + 0.05
    return await asyncio.gather(
        *(_at(begin + number / rate, way) for number in range(int(rate * seconds)))
    )


async def _at(due: float, way: Way) -> float:
    await asyncio.sleep(due - perf_counter())
    await way()
    return perf_counter() - due
