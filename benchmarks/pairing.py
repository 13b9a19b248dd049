"""Pairing a machine: the whole POST against what it cannot do without, measured in the same run."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from statistics import median

import httpx
from house import (
    EMPTY,
    PING,
    Site,
    add_machines,
    count_of,
    ok,
    running_site,
    statements_of,
)
from report import Section
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.house import PASSPHRASE
from spirekeeper.spire.machine import Machine
from tap import Tap, tapped
from timing import ms, timed

ROUNDS, WARM_UP, AGAIN, COLD = 60, 8, 8, 7
SLACK = 1.3
STEPS, MORE_WHEN_COLD, MORE_WHEN_AGAIN = 2, 3, 1


async def sections() -> list[Section]:
    async with running_site() as site:
        bunker = BunkerAddress.parse(site.bunker.ready).pubkey
        async with site.client() as http, tapped(site.relay.ready, bunker) as tap:
            machines = await add_machines(http, WARM_UP + ROUNDS + COLD)
            # First: about seeds that wait the background asks now and then.
            cold = await _cold(site, http, tap, machines[:COLD])
            steady = await _steady(site, http, tap, machines[COLD:])
            again = await _again(site, http, tap, machines[COLD : COLD + AGAIN])
    return [steady, cold, again]


@dataclass
class Steady:
    """What was measured, round by round."""

    seconds: dict[str, list[float]]
    statements: dict[str, list[float]]
    used: list[Counter[str]]
    """Statements of the pair, without those that LNbits makes for any request."""
    asked: list[tuple[int, int]]
    """Requests to the bunker, and round trips one after another."""


async def _steady(site: Site, http: httpx.AsyncClient, tap: Tap, machines: list[str]) -> Section:
    """Connection open, policy known, a machine never paired before."""
    found = Steady({"empty": [], "ping": [], "pair": []}, {}, [], [])
    for number, machine_id in enumerate(machines):
        await _round(site, http, tap, machine_id, found if number >= WARM_UP else None)
        await _cancel(http, machine_id)
    return _told_of(found)


async def _round(
    site: Site, http: httpx.AsyncClient, tap: Tap, machine_id: str, found: Steady | None
) -> None:
    empty = await timed(lambda: ok(http, "GET", EMPTY))
    ping = float(await ok(http, "GET", PING))
    statements = await statements_of(http, machine_id, 1)
    async with count_of(http) as for_any:
        await ok(http, "GET", EMPTY)
    await tap.since()
    async with count_of(http) as used:
        seconds = await timed(lambda: pair(site, http, machine_id))
    asked = await tap.since()
    if found is None:
        return
    for name, taken in (("empty", empty), ("ping", ping), ("pair", seconds)):
        found.seconds[name].append(taken)
    for kind, times in statements.items():
        found.statements.setdefault(kind, []).extend(times)
    found.used.append(used - for_any)
    found.asked.append(asked)


def _told_of(found: Steady) -> Section:
    used = _usual(found.used)
    empty, ping, whole = (ms(found.seconds[name]) for name in ("empty", "ping", "pair"))
    one_by_one = sum(number * ms(found.statements[kind]) for kind, number in used.items())
    budget = empty + 2 * ping + one_by_one
    requests, steps = (median(each) for each in zip(*found.asked, strict=True))
    section = Section("Pairing in the steady state")
    section.add("the empty route", empty, "ms")
    section.add("one round trip to the bunker (ping)", ping, "ms")
    section.add(f"its {sum(used.values())} statements one by one", one_by_one, "ms")
    section.add("the whole POST …/pair", whole, "ms")
    what = "by the empty route, two round trips and its statements"
    section.add(what, whole / budget, "times", at_most=SLACK)
    section.add("requests to the bunker", requests)
    section.add("round trips one after another", steps, at_most=STEPS)
    told = ", ".join(f"{number} {kind}" for kind, number in used.items())
    section.note(f"Statements beside those of the empty route: {told}.")
    return section


async def _cold(site: Site, http: httpx.AsyncClient, tap: Tap, machines: list[str]) -> Section:
    """The first pair over a new connection, as after a start: how the bunker speaks, its keys and
    its policies are not known. Entering the bunker anew has it opened by whoever asks next."""
    steps, requests, taken = [], [], []
    entered = {
        "bunker_url": site.bunker.ready,
        "admin_nsec": site.admin.secret_key().to_bech32(),
        "key_passphrase": PASSPHRASE,
        "allow_private_relays": True,
    }
    async with site.client(account=site.superuser) as superuser:
        for machine_id in machines:
            await ok(superuser, "PUT", f"{DCA}/bunker", json=entered)
            await tap.since()
            taken.append(await timed(partial(pair, site, http, machine_id)))
            asked = await tap.since()
            await _cancel(http, machine_id)
            requests.append(asked[0])
            steps.append(asked[1])
    section = Section("The first pair over a new connection to the bunker")
    section.add("the whole POST …/pair", ms(taken), "ms")
    section.add("requests to the bunker", median(requests))
    section.add("round trips one after another", median(steps), at_most=STEPS + MORE_WHEN_COLD)
    return section


async def _again(site: Site, http: httpx.AsyncClient, tap: Tap, machines: list[str]) -> Section:
    """A machine that is connected gets a fresh seed, which keeps its key."""
    taken, steps = [], []
    for number, machine_id in enumerate(machines):
        spire = Machine(site.folder / f"spire-{number}")
        await spire.boot(await pair(site, http, machine_id))
        await _until_paired(http, machine_id)
        await tap.since()
        taken.append(await timed(partial(pair, site, http, machine_id)))
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
