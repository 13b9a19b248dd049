"""Ten thousand open orders: what following them costs an LNbits that does nothing else."""

import asyncio
from statistics import median

from house import INSIDE, Site, add_machines, ok, running_site
from process import cpu_s, idle
from report import Section
from spirekeeper.devkit.api import DCA

LIVE, EXPIRED, STUCK = 50, 4_950, 5_000
SETTLE_S, SPELL_S, SPELLS = 60, 60, 3
MOST = 2.0


async def sections() -> list[Section]:
    async with running_site() as with_orders, running_site() as without:
        await _orders(with_orders)
        for site in (with_orders, without):
            await idle(site.lnbits.pid, SETTLE_S)
        used: list[tuple[float, float]] = []
        for _ in range(SPELLS):
            before = [cpu_s(site.lnbits.pid) for site in (with_orders, without)]
            await asyncio.sleep(SPELL_S)
            after = [cpu_s(site.lnbits.pid) for site in (with_orders, without)]
            used.append((after[0] - before[0], after[1] - before[1]))
    orders, none = (100 * median(each) / SPELL_S for each in zip(*used, strict=True))
    total = LIVE + EXPIRED + STUCK
    section = Section(f"Following {total:,} open orders, {LIVE} with an invoice that can be paid")
    section.add("the idle LNbits without them, of a core", none, "%")
    section.add("with them", orders, "%")
    section.add("the orders alone", orders - none, "%", at_most=MOST)
    return [section]


async def _orders(site: Site) -> None:
    async with site.client() as http:
        [machine_id] = await add_machines(http, 1)
        machine = await ok(http, "GET", f"{DCA}/machines/{machine_id}")
        params = {
            "machine_id": machine_id,
            "wallet_id": machine["wallet_id"],
            "operator_user_id": (await ok(http, "GET", "/api/v1/auth"))["id"],
            **{"live": LIVE, "expired": EXPIRED, "stuck": STUCK},
        }
        await ok(http, "POST", f"/{INSIDE}/api/v1/orders", params=params, timeout=600)
