"""A large fleet: what the operator's page and the roster ask, on SQLite.

10,000 machines of one operator, 100,000 in all, all but a tenth connected, and 200,000 lines of the
journal. Each request is to be answered from an index, the roster about as fast as the empty route,
and a list so that nobody waits for it.
"""

import asyncio
from itertools import cycle
from secrets import token_hex
from time import perf_counter
from typing import Any

import httpx
import listings
from house import EMPTY, Site, count_of, ok, running_site
from open_loop import in_slices
from plans import PATH, Plans, plans_of, plans_so_far, read_through, steps
from process import cpu_s
from report import Section
from spirekeeper.devkit.accounts import bearer
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.postgres import Postgres
from support.large_fleet import seed_fleet
from timing import Way, ms, p99

CONNECTED, UNPAIRED, OPERATORS, JOURNAL = 9_000, 1_000, 10, 200_000
SLICE_S, SLICES = 2, 10
RATE, SHARE = 50, 0.25
"""Requests a second where a page of the list then takes at most this share of a core. A slower
computer is asked as much less, for how fast it is is not what is measured."""
IN_A_ROW = 100
LOOK_S = 10
SLACK = 3
IDLE_S = 65
"""The background has done everything once."""
MACHINES = f"{DCA}/machines"
FLOOR, ROSTER, PAGE = "the empty route", "a roster lookup", "the first page"


async def sections() -> list[Section]:
    return await sections_of("SQLite", None)


async def sections_of(kind: str, postgres: Postgres | None) -> list[Section]:
    async with running_site(postgres=postgres) as site:
        await _seed(site, postgres)
        await site.lnbits.stop()
        began = perf_counter()
        await site.lnbits.start()
        started = perf_counter() - began
        async with site.client(connections=500) as http:
            ways = await _ways(http)
            await _until_all_are_remembered(http)
            await ok(http, "DELETE", PATH)
            await asyncio.sleep(IDLE_S)
            background = await plans_so_far(http)
            plans = {name: await plans_of(http, way) for name, way in ways.items()}
            counts = {name: await _statements(http, way) for name, way in ways.items()}
            cpu = {name: await _cpu_ms(site, way) for name, way in ways.items()}
            rate = max(1, min(RATE, round(SHARE / (cpu[PAGE] / 1000))))
            taken = await in_slices(ways, rate=rate, seconds=SLICE_S, slices=SLICES)
            lists = await listings.section(kind, http, _listing(http), ways[FLOOR], rate)
    return [
        lists,
        _load_section(kind, rate, taken, counts, cpu, started),
        _plans_section(kind, plans, background),
    ]


async def _seed(site: Site, postgres: Postgres | None) -> None:
    async with site.client() as http:
        me = (await ok(http, "GET", "/api/v1/auth"))["id"]
    for user_id in (me, *[await _registered(site) for _ in range(OPERATORS - 1)]):
        for name, number in (("Station", CONNECTED), ("New", UNPAIRED)):
            await seed_fleet(
                postgres.url() if postgres else site.lnbits.folder / "data",
                user_id,
                number,
                over=[site.relay.ready] if name == "Station" else [],
                journal_rows=JOURNAL // OPERATORS * number // (CONNECTED + UNPAIRED),
                name=name,
            )


async def _registered(site: Site) -> str:
    """The id of one more operator; without an account the superuser is told of each machine."""
    name, password = token_hex(6), token_hex(8)
    account = {"username": name, "password": password, "password_repeat": password}
    async with httpx.AsyncClient(base_url=site.lnbits.base_url, trust_env=False) as http:
        made = await ok(http, "POST", "/api/v1/auth/register", json=account)
        http.cookies.clear()
        who = await ok(http, "GET", "/api/v1/auth", headers=bearer(made["access_token"]))
        return str(who["id"])


async def _until_all_are_remembered(http: httpx.AsyncClient) -> None:
    """After a start the states of all machines are looked at, some at a time."""
    plans: Plans = {"id > :after": []}
    while any("id > :after" in statement for statement in plans):
        await ok(http, "DELETE", PATH)
        await asyncio.sleep(LOOK_S)
        plans = await plans_so_far(http)


async def _ways(http: httpx.AsyncClient) -> dict[str, Way]:
    page = await ok(http, "GET", MACHINES, params={"state": "paired", "limit": 500})
    keys = cycle([machine["machine_npub"] for machine in page["data"]])
    return {
        FLOOR: lambda: ok(http, "GET", EMPTY),
        PAGE: _listing(http),
        ROSTER: lambda: ok(http, "GET", f"{DCA}/roster/{next(keys)}"),
        "the journal's first page": lambda: ok(http, "GET", f"{DCA}/journal"),
    }


def _listing(http: httpx.AsyncClient) -> listings.Listing:
    """As the page asks for it."""

    async def listing(**params: Any) -> None:
        asked = {"limit": 50, "offset": 0, "sortby": "name", **params}
        await ok(http, "GET", MACHINES, params=asked)

    return listing


async def _statements(http: httpx.AsyncClient, way: Way) -> int:
    """The fewest of three: now and then something else is at work too."""
    totals = []
    for _ in range(3):
        async with count_of(http) as count:
            await way()
        totals.append(sum(count.values()))
    return min(totals)


async def _cpu_ms(site: Site, way: Way) -> float:
    """Of LNbits, for one of many in a row: that hardly depends on what else the computer does."""
    before = cpu_s(site.lnbits.pid)
    for _ in range(IN_A_ROW):
        await way()
    return 1000 * (cpu_s(site.lnbits.pid) - before) / IN_A_ROW


def _load_section(
    kind: str,
    rate: int,
    taken: dict[str, list[float]],
    counts: dict[str, int],
    cpu: dict[str, float],
    started: float,
) -> Section:
    section = Section(f"A large fleet on {kind}, at {rate} requests a second")
    empty = taken[FLOOR]
    for name, seconds in taken.items():
        section.add(f"{name}: median", ms(seconds), "ms")
        section.add(f"{name}: CPU of LNbits", cpu[name], "ms")
        section.add(f"{name}: statements", counts[name])
        if name == ROSTER:
            ratio = p99(seconds) / p99(empty)
            section.add(f"{name}: p99 by the empty route's", ratio, "times", at_most=SLACK)
        elif name != FLOOR:
            ratio = ms(seconds) / ms(empty)
            section.add(f"{name}: by the empty route's", ratio, "times", at_most=listings.TIMES)
            section.add(f"{name}: p99", p99(seconds), "ms", at_most=listings.P99_MS)
    section.add("LNbits' start with this fleet", started, "s")
    return section


def _plans_section(kind: str, plans: dict[str, Plans], background: Plans) -> Section:
    section = Section(f"Where {kind} finds it")
    read = 0
    for name, of_way in plans.items():
        for statement, plan in of_way.items():
            read += len(read_through(statement, plan))
            section.note(f"{name}: {steps(plan)}")
    section.add("tables read through by requests", read, at_most=0)
    found = [
        f"{steps([line])}, by {' '.join(text.split())[:120]}…"
        for text, plan in background.items()
        for line in read_through(text, plan)
    ]
    section.add("tables read through by what the background does in a minute", len(found))
    for line in found:
        section.note(f"in the background: {line}")
    return section
