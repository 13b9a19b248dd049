"""From the machine's connect to the browser's "A machine connected": at the real page."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from statistics import median

import httpx
from house import Site, add_machines, ok, running_site
from pair_page import missing, pair_page
from report import Section
from spirekeeper.devkit.api import DCA
from spirekeeper.spire.machine import Machine
from websockets.asyncio.client import ClientConnection, connect

ROUNDS, WARM_UP = 15, 2
MOST_MS = 300
TO_SCAN_S = 4.0
"""Nobody scans sooner; and each seed takes two of the 30 relay checks that a minute has."""
ACKNOWLEDGED = "connect: acknowledged"


async def sections() -> list[Section]:
    section = Section("Noticing: from the bunker's ack to the page's \"A machine connected\"")
    if missing:
        section.unmeasured = missing
        return [section]
    async with running_site() as site:
        hints, shown = await _rounds(site)
    section.add("to the hint on LNbits' websocket", 1000 * median(hints), "ms")
    section.add("to the picture, in headless Chromium", 1000 * median(shown), "ms", at_most=MOST_MS)
    section.add("the slowest", 1000 * max(shown), "ms")
    return [section]


async def _rounds(site: Site) -> tuple[list[float], list[float]]:
    """Seconds, each with a fresh machine."""
    hints, shown = [], []
    async with site.client() as http:
        await add_machines(http, WARM_UP + ROUNDS)
        async with pair_page(site) as page, _hints(site, http) as hint:
            for number in range(WARM_UP + ROUNDS):
                name = f"Bench {number:05}"
                seed = await page.seed(name)
                seen = asyncio.create_task(page.shown())
                await asyncio.sleep(TO_SCAN_S)
                hinted = asyncio.create_task(_next(hint))
                acknowledged = await _boot(site, number, seed)
                times = await hinted - acknowledged, await seen - acknowledged
                await page.confirm(name)
                if number >= WARM_UP:
                    hints.append(times[0])
                    shown.append(times[1])
    return hints, shown


async def _boot(site: Site, number: int, seed: str) -> float:
    """When the machine heard the bunker's ack, in seconds since 1970."""
    heard: dict[str, float] = {}

    def tell(step: str) -> None:
        heard.setdefault(step, time.time())

    machine = Machine(site.folder / f"spire-{number}", tell=tell)
    await machine.boot(seed)
    return heard[ACKNOWLEDGED]


async def _next(hint: ClientConnection) -> float:
    """When the next one comes; those of what went before are let go."""
    with suppress(asyncio.TimeoutError):
        while True:
            await asyncio.wait_for(hint.recv(), 0.001)
    await hint.recv()
    return time.time()


@asynccontextmanager
async def _hints(site: Site, http: httpx.AsyncClient) -> AsyncIterator[ClientConnection]:
    """The channel that the operator's pages listen to."""
    channel = (await ok(http, "GET", f"{DCA}/live"))["channel"]
    address = site.lnbits.base_url.replace("http", "ws", 1)
    async with connect(f"{address}/api/v1/ws/{channel}", proxy=None) as hint:
        yield hint
