"""What the extension costs LNbits that has no machine yet: its start, its memory, an idle hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from nostr_sdk import Keys
from process import cpu_s, idle, rss_mb
from report import Section
from spirekeeper.devkit.apart import Apart
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import LNbits

STARTS = 6
IDLE_S = 120
HOUR_S = 3600
ALONE, WITH = "LNbits alone", "with spirekeeper"


async def sections() -> list[Section]:
    with TemporaryDirectory(prefix="spirekeeper-bench-") as name:
        async with _both(Path(name)) as servers:
            starts = await _starts(servers)
            hours = await _idle_hours(servers)
    return [_section(starts, hours)]


@asynccontextmanager
async def _both(folder: Path) -> AsyncIterator[dict[str, LNbits]]:
    """Ours with a bunker to talk to. Both have made their databases already."""
    admin = Keys.generate()
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(Apart("relay"))
        admins = admin.public_key().to_hex()
        bunker = await stack.enter_async_context(
            Apart("bunker", relay.ready, admins, str(folder / "bunker"))
        )
        environment = {
            "SPIREKEEPER_BUNKER_URL": bunker.ready,
            "SPIREKEEPER_ADMIN_NSEC": admin.secret_key().to_bech32(),
            "SPIREKEEPER_KEY_PASSPHRASE": "a passphrase of the benchmarks",
        }
        servers = {
            ALONE: LNbits(folder / "alone", port=free_port(), environment={}, linked=False),
            WITH: LNbits(folder / "with", port=free_port(), environment=environment),
        }
        for server in servers.values():
            stack.push_async_callback(server.stop)
            await server.start()
            await server.stop()
        yield servers


Starts = dict[str, list[tuple[float, float, float]]]
"""Of each start: seconds until it answers, CPU seconds until it is quiet, MB then."""


async def _starts(servers: dict[str, LNbits]) -> Starts:
    """In turns, so that a slow moment meets both. All run at the end."""
    found: Starts = {name: [] for name in servers}
    for _ in range(STARTS):
        for name, server in servers.items():
            await server.stop()
            began = perf_counter()
            await server.start()
            answered = perf_counter() - began
            await idle(server.pid, within=20)
            found[name].append((answered, cpu_s(server.pid), rss_mb(server.pid)))
    return found


async def _idle_hours(servers: dict[str, LNbits]) -> dict[str, float]:
    """CPU seconds of an hour, from what each used in the same two minutes."""
    before = {name: cpu_s(server.pid) for name, server in servers.items()}
    await asyncio.sleep(IDLE_S)
    return {
        name: (cpu_s(server.pid) - before[name]) * HOUR_S / IDLE_S
        for name, server in servers.items()
    }


def _section(starts: Starts, hours: dict[str, float]) -> Section:
    section = Section(f"In the host: medians of {STARTS} starts each, in turns")
    for number, (what, unit) in enumerate(
        (("until it answers", "s"), ("CPU of a start", "s"), ("memory after it", "MB"))
    ):
        values = {name: median(each[number] for each in starts[name]) for name in starts}
        _compare(section, what, unit, values)
    _compare(section, "CPU of an idle hour", "s", hours)
    section.note(f"the idle hour is scaled from {IDLE_S} s, in which both ran side by side")
    return section


def _compare(section: Section, what: str, unit: str, values: dict[str, float]) -> None:
    for name, value in values.items():
        section.add(f"{what}: {name}", value, unit)
    section.add(f"{what}: added", values[WITH] - values[ALONE], unit)
