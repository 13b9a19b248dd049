"""The list of machines in every order and with every filter that the page offers."""

from collections.abc import Awaitable, Callable, Mapping
from itertools import chain, cycle, product
from typing import Any, NamedTuple

import httpx
from open_loop import in_slices
from plans import plans_of, read_through
from report import Section
from timing import Way, ms, p99

ORDERS = ("name", "location", "state", "created_at", "paired_at", "last_seen_at")
DIRECTIONS = ("asc", "desc")
FILTERS: Mapping[str, Mapping[str, str]] = {
    "all": {},
    "the connected ones": {"state": "paired"},
    "the others": {"state": "unpaired"},
    "a state that none is in": {"state": "locked"},
    "the inactive, of which there are none": {"active": "false"},
    "a search that finds 100": {"search": "ation 0{hundred:02}"},
    "a search that finds 9,000": {"search": "TATION"},
    "a search that finds all, by where they are": {"search": "all"},
    "a search that finds none": {"search": "nowhere"},
    "a search by a key": {"search": "npub1 {hundred:02}"},
    "a search that finds 9,000, all connected": {"search": "tation", "state": "paired"},
    "a search that finds 1,000 of 10,000, by their state": {"search": "all", "state": "unpaired"},
}
SEARCHED = [name for name, asked in FILTERS.items() if "search" in asked]
SLICE_S, SLICES = 1, 2
SEARCHES, LEAST = 0.2, 2
"""So many of the requests: one operator types them. A slice has two at least, however long."""
TIMES, P99_MS = 4, 250
Listing = Callable[..., Awaitable[Any]]


class Kind(NamedTuple):
    """One way to ask for a page."""

    order: str
    direction: str
    found: str


EMPTY = Kind("", "", "the empty route")


async def section(
    database: str, http: httpx.AsyncClient, listing: Listing, empty: Way, rate: int
) -> Section:
    """Of each order its slowest filter and its slowest search, and the slowest hundredth of all its
    requests. A search looks at each of the operator's machines, so only that one counts for it."""
    ways = _ways(listing)
    searches = {kind: way for kind, way in ways.items() if kind.found in SEARCHED}
    plain = {kind: way for kind, way in ways.items() if kind not in searches}
    seldom = rate * SEARCHES
    long = max(SLICE_S, LEAST / seldom)
    taken = {
        **await in_slices({EMPTY: empty, **plain}, rate=rate, seconds=SLICE_S, slices=SLICES),
        **await in_slices(searches, rate=seldom, seconds=long, slices=SLICES),
    }
    found = Section(f"Every list of machines on {database}, at {rate} requests a second")
    found.add("the empty route: median", ms(taken[EMPTY]), "ms")
    for order, direction in product(ORDERS, DIRECTIONS):
        kinds = [Kind(order, direction, each) for each in FILTERS]
        slowest = max(plain.keys() & kinds, key=lambda kind: ms(taken[kind]))
        searched = max(searches.keys() & kinds, key=lambda kind: ms(taken[kind]))
        name, ratio = f"by {order}, {direction}", ms(taken[slowest]) / ms(taken[EMPTY])
        found.add(f"{name}, all: median", ms(taken[kinds[0]]), "ms")
        found.add(f"{name}, the slowest filter by the empty route's", ratio, "times", at_most=TIMES)
        found.add(f"{name}, the slowest search: median", ms(taken[searched]), "ms")
        found.add(
            f"{name}: p99", p99([*chain(*(taken[kind] for kind in kinds))]), "ms", at_most=P99_MS
        )
        found.note(f"{name}: the slowest are {slowest.found}, and {searched.found}")
    plans = [await plans_of(http, way) for way in ways.values()]
    read = sum(len(read_through(*each)) for of_way in plans for each in of_way.items())
    found.add("tables read through", read, at_most=0)
    return found


def _ways(listing: Listing) -> dict[Kind, Way]:
    hundreds = cycle(range(90))

    def way(kind: Kind) -> Way:
        def ask() -> Awaitable[Any]:
            hundred = next(hundreds)
            asked = {
                name: value.format(hundred=hundred) for name, value in FILTERS[kind.found].items()
            }
            return listing(sortby=kind.order, direction=kind.direction, **asked)

        return ask

    kinds = [Kind(*each) for each in product(ORDERS, DIRECTIONS, FILTERS)]
    return {kind: way(kind) for kind in kinds}
