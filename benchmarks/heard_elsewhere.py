"""Two LNbits on one PostgreSQL: how soon an open page of one hears what the other has changed, and
what telling each other costs."""

import asyncio
from time import time

from cut_elsewhere import SECRET, another
from house import INSIDE, add_machines, ok, running_site
from report import Section
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.postgres import Postgres, PostgresError
from timing import ms
from websockets.asyncio.client import connect

CHANGES = 12
WITHIN_S = 3
ROUNDS = 200
SHARE_AT_MOST = 0.5
CHANGED = (0, 1, 100)
"""Operators whose machines change within a second."""


async def sections() -> list[Section]:
    section = Section("What another LNbits on the same PostgreSQL hears")
    try:
        with Postgres() as postgres:
            await _measure(section, postgres)
    except PostgresError as error:
        section.unmeasured = str(error)
    return [section]


async def _measure(section: Section, postgres: Postgres) -> None:
    late = []
    async with (
        running_site(postgres=postgres, **SECRET) as site,
        another(site) as there,
        site.client() as here,
    ):
        channel = (await ok(there, "GET", f"{DCA}/live"))["channel"]
        address = str(there.base_url).replace("http", "ws", 1).rstrip("/")
        async with connect(f"{address}/api/v1/ws/{channel}") as page:
            (machine_id,) = await add_machines(here, 1)
            await page.recv()
            for number in range(CHANGES):
                await asyncio.sleep(number / CHANGES)  # at any moment of the second
                changed = {"location": f"Hall {number}"}
                await ok(here, "PUT", f"{DCA}/machines/{machine_id}", json=changed)
                answered = time()
                await page.recv()
                late.append(time() - answered)
        for operators in CHANGED:
            path = f"/{INSIDE}/api/v1/rounds?rounds={ROUNDS}&operators={operators}"
            share = 100 * float(await ok(here, "POST", path)) / ROUNDS
            name = f"of a core, while {operators} operators' machines change each second"
            section.add(name, share, "%", at_most=None if operators else SHARE_AT_MOST)
    section.add("an open page of it hears of a change, median", ms(late), "ms")
    name = f"an open page of it hears of a change, latest of {CHANGES}"
    section.add(name, max(late), "s", at_most=WITHIN_S)
    section.note(f"CPU of LNbits over {ROUNDS} rounds in a row, of which there is one a second")
