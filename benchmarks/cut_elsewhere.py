"""Two LNbits on one PostgreSQL: how soon a cut made by one silences the roster of the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import time

import httpx
from house import Site, add_machines, ok, running_site
from report import Section
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.spire.machine import Machine
from timing import ms

MACHINES = 12
EVERY_S = 0.02
AT_MOST_S = 1
SECRET = {"AUTH_SECRET_KEY": "one secret for both, so that both know a token"}


async def cut_elsewhere(postgres: Postgres) -> Section:
    after_update, after_answer, own = [], [], []
    async with (
        running_site(postgres=postgres, **SECRET) as site,
        another(site) as there,
        site.client() as here,
    ):
        for number, machine_id in enumerate(await add_machines(here, MACHINES)):
            key = await _connect(site, here, machine_id, site.folder / f"spire-{number}")
            path = f"{DCA}/roster/{key}"
            silent = asyncio.create_task(_until_silent(there, path))
            await asyncio.sleep(5 * EVERY_S)
            await ok(here, "POST", f"{DCA}/machines/{machine_id}/revoke")
            answered = time()
            own.append((await here.get(path)).status_code)
            machine = await ok(here, "GET", f"{DCA}/machines/{machine_id}")
            cut_at = datetime.fromisoformat(machine["cut_at"]).timestamp()
            silent_at = await silent
            after_update.append(silent_at - cut_at)
            after_answer.append(max(0.0, silent_at - answered))
    section = Section("A cut made by another LNbits on the same PostgreSQL")
    section.add("its roster is silent after the cut is written, median", ms(after_update), "ms")
    section.add(
        f"its roster is silent after the cut is written, longest of {MACHINES}",
        max(after_update),
        "s",
        at_most=AT_MOST_S,
    )
    section.add("after the answer of the cut, longest", max(after_answer), "s", at_most=AT_MOST_S)
    routed = sum(status != 404 for status in own)
    section.add("own next requests that were still routed", routed, at_most=0)
    section.note(f"the other process is asked every {1000 * EVERY_S:.0f} ms")
    return section


@asynccontextmanager
async def another(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    lnbits = site.add_lnbits(site.folder / "another")
    await lnbits.start()
    async with httpx.AsyncClient(
        base_url=lnbits.base_url, headers=site.operator.headers, trust_env=False, timeout=60
    ) as http:
        yield http


async def _connect(site: Site, http: httpx.AsyncClient, machine_id: str, folder: Path) -> str:
    """The machine's key, once the roster answers for it."""
    path = f"{DCA}/machines/{machine_id}"
    seed = await ok(http, "POST", f"{path}/pair", json=site.pair_request())
    await Machine(folder).boot(seed["seed_url"])
    while (await ok(http, "GET", f"{path}/pairing"))["state"] != "paired":  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return str((await ok(http, "GET", path))["machine_npub"])


async def _until_silent(http: httpx.AsyncClient, path: str) -> float:
    """When it was first asked so late that it did not answer for the key; it did before."""
    await ok(http, "GET", path)
    while True:
        answer = await http.get(path)
        if answer.status_code == 404:
            return time()
        answer.raise_for_status()
        await asyncio.sleep(EVERY_S)
