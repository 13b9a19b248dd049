"""Many machines in one call, against what a bunker as slow as the real one allows.

The bunker takes for each call what the real daemon took (15 to 41 ms), one after another. What it
allows is found by a bare client, which makes the three calls of each machine (create_new_key beside
create_new_token, then get_key_tokens) for as many machines side by side as a bulk does, and nothing
else: no database, no wallets, no look at who may. Both in turn in one run, fresh machines each.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from uuid import uuid4

import httpx
from house import Site, ok, running_site
from plain_admin import PlainAdmin
from process import cpu_s, idle, rss_mb
from report import Section
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.devkit.api import DCA

MACHINES, ROUNDS, MORE_BULKS = 200, 3, 4
SIDE_BY_SIDE = 4
"""As fleet.py has it (PAIRS_SIDE_BY_SIDE)."""
RATE, GROWTH_MB, FIRST_MS = 0.9, 2.0, 500
REST_S = 10.0
"""Between two bulks whose memory is compared."""
POLICY = "spirekeeper-spire"
PASSPHRASE = "a passphrase of the benchmarks"


@dataclass
class Bulk:
    """One call, as its caller saw it."""

    seconds: float = 0.0
    first: float = 0.0
    """Until the first line was there."""
    pauses: list[float] = field(default_factory=list)
    """Between one line and the next."""
    cpu: float = 0.0
    """Seconds that LNbits used."""


async def sections() -> list[Section]:
    """Each round on a fresh site: about seeds that wait the background asks again and again."""
    alone, bulks = [], []
    for _ in range(ROUNDS):
        async with running_site() as site:
            bunker = BunkerAddress.parse(site.bunker.ready).pubkey
            async with (
                site.client() as http,
                PlainAdmin(site.relay.ready, bunker, site.other_admin) as bare,
            ):
                await _bulk(site, http, await _machines(http, SIDE_BY_SIDE))
                await site.bunker.tell("as-recorded")
                machines = await _machines(http, MACHINES)
                await idle(site.lnbits.pid)
                alone.append(await _bare(bare))
                # The bare client was heard, so the list of keys is read again, once.
                await _bulk(site, http, await _machines(http, 1))
                bulks.append(await _bulk(site, http, machines))
    return [_rate(alone, bulks), _memory(await _grown()), _progress(bulks)]


async def _grown() -> list[float]:
    """LNbits' memory before each bulk, and after the last.

    About so many seeds that wait the bunker is asked all the time, so LNbits is never idle.
    """
    memory = []
    async with running_site() as site, site.client() as http:
        for number in range(1 + MORE_BULKS + 1):
            await idle(site.lnbits.pid, within=REST_S)
            memory.append(rss_mb(site.lnbits.pid))
            if number <= MORE_BULKS:
                await _bulk(site, http, await _machines(http, MACHINES))
    return memory[1:]


def _rate(alone: list[float], bulks: list[Bulk]) -> Section:
    section = Section(f"A bulk of {MACHINES} machines in one call")
    section.add(f"a bare client, {SIDE_BY_SIDE} side by side", MACHINES / median(alone), "a second")
    taken = median(bulk.seconds for bulk in bulks)
    section.add("the bulk", MACHINES / taken, "a second")
    ratio = median(a / bulk.seconds for a, bulk in zip(alone, bulks, strict=True))
    section.add("the bulk's rate by the bare client's", ratio, "times", at_least=RATE)
    section.add("CPU of LNbits a machine", 1000 * median(b.cpu for b in bulks) / MACHINES, "ms")
    return section


def _memory(memory: list[float]) -> Section:
    """Each leaves as many machines more to watch."""
    section = Section("LNbits' memory over bulks, after the first")
    section.add("before", memory[0], "MB")
    section.add(f"after {MORE_BULKS}", memory[-1], "MB")
    growth = (memory[-1] - memory[0]) / MORE_BULKS
    section.add("growth a bulk", growth, "MB", at_most=GROWTH_MB)
    return section


def _progress(bulks: list[Bulk]) -> Section:
    section = Section("Progress while a bulk runs")
    first = 1000 * median(bulk.first for bulk in bulks)
    section.add("until the first line", first, "ms", at_most=FIRST_MS)
    longest = 1000 * median(max(bulk.pauses) for bulk in bulks)
    section.add("the longest pause between two lines", longest, "ms")
    return section


async def _machines(http: httpx.AsyncClient, number: int) -> list[str]:
    rows = "".join(f"Bulk {uuid4().hex[:8]},,make one\n" for _ in range(number))
    made = await ok(
        http,
        "POST",
        f"{DCA}/machines/import",
        content=f"name,location,wallet\n{rows}",
        headers={"Content-Type": "text/csv"},
    )
    return [machine["id"] for machine in made["machines"]]


async def _bare(admin: PlainAdmin) -> float:
    """Seconds for as many machines, by nothing but the calls."""
    policies = await admin.ask("get_policies")
    policy = next(each["id"] for each in policies if each["name"] == POLICY)
    waiting = deque(f"spire-{uuid4().hex}" for _ in range(MACHINES))

    async def work() -> None:
        while waiting:
            name = waiting.popleft()
            await asyncio.gather(
                admin.ask("create_new_key", name, PASSPHRASE),
                admin.ask("create_new_token", name, f"client-{name}", policy, 1),
            )
            (token,) = await admin.ask("get_key_tokens", name)
            assert token["client_name"] == f"client-{name}"

    start = perf_counter()
    await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
    return perf_counter() - start


async def _bulk(site: Site, http: httpx.AsyncClient, machines: list[str]) -> Bulk:
    body = site.pair_request(machine_ids=machines)
    bulk = Bulk()
    used = cpu_s(site.lnbits.pid)
    start = last = perf_counter()
    async with http.stream("POST", f"{DCA}/machines/pair", json=body) as answer:
        async for line in answer.aiter_lines():
            assert '"ok": true' in line, line[:200]
            now = perf_counter()
            if not bulk.first:
                bulk.first = now - start
            bulk.pauses.append(now - last)
            last = now
    bulk.seconds = last - start
    bulk.cpu = cpu_s(site.lnbits.pid) - used
    assert len(bulk.pauses) == len(machines)
    return bulk
