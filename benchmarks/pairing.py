"""Pairing a machine: the whole POST against what it cannot do without, measured in the same run."""

import asyncio
from collections import Counter
from statistics import median

import httpx
from house import DCA, EMPTY, Site, add_machines, count_of, ok, running_site, statements_of
from report import Section
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.spire.machine import Machine
from tap import Tap, tapped
from timing import ms, timed

ROUNDS, WARM_UP, AGAIN, COLD = 60, 8, 8, 3
SLACK = 1.3
STEPS, MORE_WHEN_COLD, MORE_WHEN_AGAIN = 2, 3, 1


async def sections() -> list[Section]:
    async with running_site() as site:
        bunker = BunkerAddress.parse(site.bunker.ready).pubkey
        async with site.client() as http, tapped(site.relay.ready, bunker) as tap:
            machines = await add_machines(http, WARM_UP + ROUNDS)
            steady = await _steady(site, http, tap, machines)
            again = await _again(site, http, tap, machines[:AGAIN])
    async with running_site() as site:
        cold = await _cold(site)
    return [steady, cold, again]


async def _steady(site: Site, http: httpx.AsyncClient, tap: Tap, machines: list[str]) -> Section:
    """Connection open, policy known, a machine never paired before."""
    floor: dict[str, list[float]] = {"empty": [], "ping": [], "pair": []}
    statements: dict[str, list[float]] = {}
    counts, asked = [], []
    async with site.bare_client() as bare:
        for number, machine_id in enumerate(machines):
            taken = {
                "empty": await timed(lambda: ok(http, "GET", EMPTY)),
                "ping": await timed(bare.ping),
            }
            singles = await statements_of(http, machine_id, 1)
            await tap.since()
            async with count_of(http) as in_empty:
                await ok(http, "GET", EMPTY)
            async with count_of(http) as count:
                taken["pair"] = await timed(lambda id_=machine_id: pair(site, http, id_))
            requests = await tap.since()
            await _cancel(http, machine_id)
            if number < WARM_UP:
                continue
            asked.append(requests)
            counts.append(count - in_empty)
            for name, seconds in taken.items():
                floor[name].append(seconds)
            for kind, times in singles.items():
                statements.setdefault(kind, []).extend(times)
    used = _usual(counts)
    one_by_one = sum(number * ms(statements[kind]) for kind, number in used.items())
    budget = ms(floor["empty"]) + 2 * ms(floor["ping"]) + one_by_one
    requests, steps = (median(each) for each in zip(*asked, strict=True))
    section = Section("Pairing in the steady state")
    section.add("the empty route", ms(floor["empty"]), "ms")
    section.add("one round trip to the bunker (ping)", ms(floor["ping"]), "ms")
    section.add(f"its statements one by one ({_told(used)})", one_by_one, "ms")
    section.add("the whole POST …/pair", ms(floor["pair"]), "ms")
    section.add(
        "by the empty route, two round trips and its statements",
        ms(floor["pair"]) / budget,
        "times",
        at_most=SLACK,
    )
    section.add("requests to the bunker", requests)
    section.add(
        "round trips one after another",
        steps,
        at_most=STEPS,
    )
    return section


async def _cold(site: Site) -> Section:
    """The first pair after LNbits has started, the bunker's keys and policies not known."""
    bunker = BunkerAddress.parse(site.bunker.ready).pubkey
    steps, requests, taken = [], [], []
    async with site.client() as http:
        known, *machines = await add_machines(http, 1 + COLD)
        await pair(site, http, known)
        await _cancel(http, known)
    for machine_id in machines:
        async with tapped(site.relay.ready, bunker) as tap:
            await site.lnbits.stop()
            await site.lnbits.start()
            await tap.since()
            async with site.client() as http:
                taken.append(await timed(lambda http=http, id_=machine_id: pair(site, http, id_)))
                asked = await tap.since()
                await _cancel(http, machine_id)
        requests.append(asked[0])
        steps.append(asked[1])
    section = Section("The first pair after LNbits has started")
    section.add("the whole POST …/pair", ms(taken), "ms")
    section.add("requests to the bunker", median(requests))
    section.add(
        "round trips one after another",
        median(steps),
        at_most=STEPS + MORE_WHEN_COLD,
    )
    return section


async def _again(site: Site, http: httpx.AsyncClient, tap: Tap, machines: list[str]) -> Section:
    """A machine that is connected gets a fresh seed, which keeps its key."""
    taken, steps = [], []
    for number, machine_id in enumerate(machines):
        spire = Machine(site.folder / f"spire-{number}")
        await spire.boot(await pair(site, http, machine_id))
        await _until_paired(http, machine_id)
        await tap.since()
        taken.append(await timed(lambda id_=machine_id: pair(site, http, id_)))
        steps.append((await tap.since())[1])
    section = Section("Pairing a connected machine again")
    section.add("the whole POST …/pair", ms(taken), "ms")
    section.add("round trips one after another", median(steps), at_most=STEPS + MORE_WHEN_AGAIN)
    return section


async def _cancel(http: httpx.AsyncClient, machine_id: str) -> None:
    """Else the background asks about the seed that waits, while the next pair is counted."""
    await ok(http, "DELETE", f"{DCA}/machines/{machine_id}/pairing")


async def _until_paired(http: httpx.AsyncClient, machine_id: str) -> None:
    path = f"{DCA}/machines/{machine_id}/pairing"
    while (await ok(http, "GET", path))["state"] != "paired":  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def pair(site: Site, http: httpx.AsyncClient, machine_id: str) -> str:
    """The seed that came of it."""
    path = f"{DCA}/machines/{machine_id}/pair"
    return str((await ok(http, "POST", path, json=site.pair_request()))["seed_url"])


def _usual(counts: list[Counter[str]]) -> dict[str, int]:
    """Of each kind the usual number: now and then something else is at work too."""
    kinds = sorted(set().union(*counts))
    usual = {kind: int(median(count[kind] for count in counts)) for kind in kinds}
    return {kind: number for kind, number in usual.items() if number}


def _told(used: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in used.items())
