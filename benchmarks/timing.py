"""Measuring: ways of doing a thing taken in turn, so that a slow moment meets all of them."""

from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

Way = Callable[[], Awaitable[Any]]


async def timed(way: Way) -> float:
    """Seconds that it took."""
    start = perf_counter()
    await way()
    return perf_counter() - start


async def in_turns(
    ways: Mapping[str, Way], rounds: int, warm_up: int = 3
) -> dict[str, list[float]]:
    """Seconds of each way in each round; the first `warm_up` are not kept."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(warm_up + rounds):
        for name, way in ways.items():
            seconds = await timed(way)
            if number >= warm_up:
                taken[name].append(seconds)
    return taken


def ms(seconds: list[float]) -> float:
    """The median, in milliseconds."""
    return 1000 * median(seconds)


def p99(seconds: list[float]) -> float:
    """In milliseconds."""
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(0.99 * len(seconds)))]
