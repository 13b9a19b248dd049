"""Watching ten thousand machines: what a relay is asked for, and what it costs LNbits."""

import asyncio
import json
from collections.abc import Iterator
from itertools import islice
from secrets import token_hex
from statistics import median
from time import process_time

from house import Site, ok, running_site
from nostr_sdk import Event, EventBuilder, Keys, Kind
from noting_relay import NotingRelay, noting_relay
from process import cpu_s, idle, rss_mb
from report import Section
from support.large_fleet import seed_fleet

FLEET = 10_000
SETTLE_S, IDLE_S, SPELLS = 20, 60, 3
"""What is left of the start is over; how long the idle LNbits are watched, and how often."""
MOST_SUBSCRIPTIONS, MOST_FILTERS, MOST_KEYS, MOST_KIB = 20, 10, 1000, 128
"""Of a connection, of a subscription, of a filter; KiB of a message: what common relays allow."""
MOST_IDLE, MOST_MB = 1.0, 30
MOST_OF_VERIFYING, MOST_A_STRAY_MS = 0.25, 0.2
STRAY, STRAY_PAUSE_S = 400, 20
"""Events of nobody here in one go, and seconds between two: an operator's relay that says more in
less time is disconnected."""


async def sections() -> list[Section]:
    async with noting_relay() as relay, running_site() as with_fleet, running_site() as without:
        async with with_fleet.client() as http:
            user_id = (await ok(http, "GET", "/api/v1/auth"))["id"]
        await seed_fleet(with_fleet.lnbits.folder / "data", user_id, FLEET, over=[relay.url])
        await relay.asked_for(FLEET)
        asked = _asked(relay)
        for site in (with_fleet, without):
            await idle(site.lnbits.pid, SETTLE_S)
        return [asked, await _idle(with_fleet, without), await _strays(with_fleet, relay)]


def _asked(relay: NotingRelay) -> Section:
    """As the relay saw it."""
    (subscriptions,) = relay.connections.values()
    keys = [len(each.get("#p") or each.get("authors") or ()) for each in relay.filters]
    section = Section(f"Watching {FLEET:,} machines over one relay: what it is asked for")
    section.add("connections", len(relay.connections), at_most=1)
    section.add("subscriptions", len(subscriptions), at_most=MOST_SUBSCRIPTIONS)
    section.add("filters of one", max(map(len, subscriptions.values())), at_most=MOST_FILTERS)
    section.add("keys of a filter", max(keys), at_most=MOST_KEYS)
    section.add("the longest message", relay.longest / 1024, "KiB", at_most=MOST_KIB)
    return section


async def _idle(with_fleet: Site, without: Site) -> Section:
    """Both LNbits at once, so that whatever else the computer does meets both."""
    used: list[tuple[float, float]] = []
    for _ in range(SPELLS):
        before = [cpu_s(site.lnbits.pid) for site in (with_fleet, without)]
        await asyncio.sleep(IDLE_S)
        after = [cpu_s(site.lnbits.pid) for site in (with_fleet, without)]
        used.append((after[0] - before[0], after[1] - before[1]))
    fleet, nobody = (100 * median(each) / IDLE_S for each in zip(*used, strict=True))
    more = rss_mb(with_fleet.lnbits.pid) - rss_mb(without.lnbits.pid)
    section = Section(f"Watching {FLEET:,} machines: the idle LNbits")
    section.add("of a core, without a fleet", nobody, "%")
    section.add("of a core, with the fleet", fleet, "%")
    section.add("the fleet alone", fleet - nobody, "%", at_most=MOST_IDLE)
    section.add("memory without a fleet", rss_mb(without.lnbits.pid), "MB")
    section.add("the fleet alone", more, "MB", at_most=MOST_MB)
    return section


async def _strays(site: Site, relay: NotingRelay) -> Section:
    """A relay that sends what nobody asked for."""
    events = list(islice(_stray_events(), STRAY))
    pid = site.lnbits.pid
    dropped = []
    for _ in range(SPELLS):
        await asyncio.sleep(STRAY_PAUSE_S)
        before = cpu_s(pid)
        await relay.send(events)
        dropped.append(1000 * (cpu_s(pid) - before) / STRAY)
    section = Section("Watching: events of keys that are nobody's here")
    section.add(
        "CPU time of one of them, in LNbits", median(dropped), "ms", at_most=MOST_A_STRAY_MS
    )
    section.add("reading and verifying one", _verifying(), "ms")
    section.add("share of that", median(dropped) / _verifying(), at_most=MOST_OF_VERIFYING)
    return section


def _verifying() -> float:
    """Seconds of CPU for 1,000."""
    event = EventBuilder(Kind(21000), "x" * 560).sign_with_keys(Keys.generate()).as_json()
    before = process_time()
    for _ in range(1000):
        assert Event.from_json(event).verify()
    return process_time() - before


def _stray_events() -> Iterator[str]:
    """Requests to keys, what keys publish, and what they ask of a service, in turn; as long as a
    signed request is."""
    while True:
        for kind, tags in (
            (24133, [["p", token_hex(32)]]),
            (21000, []),
            (21001, [["p", token_hex(32)], ["clink_version", "1"]]),
        ):
            yield json.dumps(
                {
                    "id": token_hex(32),
                    "pubkey": token_hex(32),
                    "created_at": 1_700_000_000,
                    "kind": kind,
                    "tags": tags,
                    "content": "x" * 560,
                    "sig": token_hex(64),
                }
            )
