"""500 readers, 50 pairings and a relay that comes and goes, in an LNbits with 10,000 machines.

LNbits, relay and bunker are processes of their own. Everything is done twice, by other operators:
what the first round leaves is the measure for the second. Nothing here depends on how fast it is.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest
from spirekeeper.bunker.key_client import answers
from spirekeeper.seed import Seed
from support.figures import Figures
from support.host import DCA, Caller
from support.large_fleet import seed_fleet
from support.raw_wire import RawClient
from system.load import blocks
from system.load.crowd import Crowd
from system.load.observed_site import PATIENCE_S, Site
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.long

FLEET, OTHERS = 2000, 8000
READERS = 500
READERS_OF_A_STOP = 100
SINGLES, BULK = 30, 20
WAVES = 3
PAGES = 500
HANGING = 300
STAY = {"BunkerKey"}
"""A bunker's keys are never deleted, and it is known which it has."""
MOST_LINKS = 200 + 2
"""The relays of operators that are watched at most, and the bunker's, watched and asked over."""

LISTS = ["/machines", "/machines?search=paired%20001", "/machines?state=unpaired"]
LONG_LISTS = [
    "/machines?limit=500",
    "/machines?limit=500&sortby=last_seen_at&direction=desc",
    "/journal?limit=500",
    "/journal?format=csv",
    "/notices?limit=500",
    "/wallets",
]
OF_LNBITS = ["/api/v1/health", "/api/v1/wallets", "/api/v1/auth", "/wallet"]
MORE_MEMORY = 1.25
"""RSS after the second round by that after the first; allocators keep pages."""


@dataclass
class Round:
    """One time everything, by one operator."""

    name: str
    operator: Caller
    machine_ids: list[str]
    readers: Crowd = field(default_factory=Crowd)
    lists: Crowd = field(default_factory=Crowd)
    of_lnbits: Crowd = field(default_factory=Crowd)
    seeds: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    folder = Path(mkdtemp(prefix="load-"))
    async with Site(folder) as running:
        await seed_fleet(running.data, running.operator.user_id, FLEET, over=[running.relay.ready])
        neighbour = await running.newcomer("neighbour")
        await seed_fleet(running.data, neighbour.user_id, OTHERS, over=[running.relay.ready])
        yield running
    shutil.rmtree(folder)


async def test_nothing_is_lost_and_nobody_waits_for_us(site: Site, figures: Figures) -> None:
    after = []
    for name in ("first", "second"):
        operator = await site.newcomer(name)
        fresh = await seed_fleet(site.data, operator.user_id, SINGLES + BULK)
        round_ = Round(name, operator, fresh)
        await under_load(site, round_)
        await nothing_is_lost(site, round_)
        await emergency_stop(site, round_)
        await open_pages(site, round_)
        after.append(await quiet(site, name, after))
        for crowd in (round_.readers, round_.lists, round_.of_lnbits):
            show(crowd.table(name))
            assert crowd.failed == []
            figures.add("requests", crowd.answered)
        figures.add("pairings under load", SINGLES + BULK)
        show(f"{len(round_.seeds)} paired at once, {len(round_.failed)} not: {round_.failed}")
    report = await site.observer()
    show(blocks.table(report))
    first, second = after
    show(str({what: (first[what], second[what]) for what in ("rss", "files", "tasks", "objects")}))
    assert blocks.blocks({name: of for name, of in report.items() if name != "start"}) == []
    assert second["rss"] < MORE_MEMORY * first["rss"]
    assert more_than(second, first) == {}


async def quiet(site: Site, name: str, before: list[Any]) -> Any:
    """What there is in LNbits once what was closed has ended, or should have."""
    patience = time.monotonic() + PATIENCE_S
    while True:
        there = await site.observer(phase=f"{name}: quiet")
        closing = [task for task in there["tasks"] if task.startswith("WebSocket")]
        if not closing and not any(more_than(there, each) for each in before):
            return there
        if time.monotonic() > patience:
            return there
        await asyncio.sleep(1)


def more_than(later: Any, earlier: Any) -> dict[str, int]:
    """Tasks, and objects of our classes, of which there are more."""
    return {
        name: number - earlier[kind].get(name, 0)
        for kind in ("tasks", "objects")
        for name, number in later[kind].items()
        if number > earlier[kind].get(name, 0) and name not in STAY
    }


def show(text: str) -> None:
    """Seen with `pytest -s`."""
    sys.stdout.write(f"{text}\n")


async def under_load(site: Site, round_: Round) -> None:
    await site.observer(phase=f"{round_.name}: load")
    async with (
        site.client(site.operator, READERS) as readers,
        site.client(site.operator) as lists,
        site.client(round_.operator, SINGLES + 1) as pairing,
        site.client(round_.operator) as visitor,
        round_.lists.reading(lists, [DCA + path for path in LONG_LISTS]),
        round_.of_lnbits.reading(visitor, OF_LNBITS),
    ):
        crowd = asyncio.create_task(
            round_.readers.read(readers, [DCA + path for path in LISTS], readers=READERS, times=1)
        )
        waves = [round_.machine_ids[wave:SINGLES:WAVES] for wave in range(WAVES)]
        pairs = []
        for number, wave in enumerate(waves):
            pairs += [asyncio.create_task(pair(site, round_, pairing, each)) for each in wave]
            if number == 0:
                pairs.append(asyncio.create_task(pair_bulk(site, round_, pairing)))
            step = READERS // (2 * WAVES)
            await round_.readers.has_read(step * (2 * number + 1))
            await site.relay.tell("stop")
            await round_.readers.has_read(step * (2 * number + 1) + step // 2)
            await site.relay.tell("start")
        await asyncio.gather(crowd, *pairs)


async def pair(site: Site, round_: Round, http: httpx.AsyncClient, machine_id: str) -> None:
    answer = await http.post(f"{DCA}/machines/{machine_id}/pair", json=site.pair_request())
    note(round_, machine_id, answer.status_code, answer.json())


async def pair_bulk(site: Site, round_: Round, http: httpx.AsyncClient) -> None:
    mine = round_.machine_ids[SINGLES:]
    request = site.pair_request(machine_ids=mine)
    answer = await http.post(f"{DCA}/machines/pair", json=request)
    if answer.status_code != 200:
        for machine_id in mine:
            note(round_, machine_id, answer.status_code, answer.json())
        return
    for line in answer.text.splitlines():
        said = httpx.Response(200, text=line).json()
        note(round_, said["machine_id"], 200 if said["ok"] else said["status"], said)


def note(round_: Round, machine_id: str, status: int, said: dict[str, Any]) -> None:
    if status == 200:
        round_.seeds[machine_id] = said["seed_url"]
    else:
        assert status in (409, 502, 503, 504), said
        round_.failed[machine_id] = f"{status} {said['code']}"


async def nothing_is_lost(site: Site, round_: Round) -> None:
    """What was answered holds, what failed left nothing, and all end paired and connected."""
    await site.observer(phase=f"{round_.name}: afterwards")
    assert round_.seeds.keys() | round_.failed.keys() == set(round_.machine_ids)
    assert await site.settled(round_.machine_ids) == []
    waiting = {
        p["machine_id"] for p in site.here(round_.machine_ids).pairings if p["state"] == "issued"
    }
    assert waiting == round_.seeds.keys()
    async with site.client(round_.operator) as http:
        for machine_id in list(round_.failed):
            await pair(site, round_, http, machine_id)
        assert round_.seeds.keys() == set(round_.machine_ids)
        for seed_url in round_.seeds.values():
            await redeem(site, seed_url)
        for machine_id in round_.machine_ids:
            answer = await http.get(f"{DCA}/machines/{machine_id}/pairing")
            assert answer.json()["state"] == "paired", answer.text
    assert await site.settled(round_.machine_ids) == []


async def redeem(site: Site, seed_url: str) -> None:
    seed = Seed.decode(seed_url)
    # A connect that comes before the bunker listens for a new key is lost.
    assert await answers(seed.spire_pubkey, seed.bunker_relay, "nip44", PATIENCE_S)
    async with RawClient(seed.bunker_relay) as client:
        assert (await client.connect(seed.spire_pubkey, seed.secret))["result"] == "ack"


async def emergency_stop(site: Site, round_: Round) -> None:
    await site.observer(phase=f"{round_.name}: emergency stop")
    async with (
        site.client(site.operator, READERS) as readers,
        site.client(round_.operator) as http,
    ):
        crowd = asyncio.create_task(
            round_.readers.read(readers, [DCA + "/machines"], readers=READERS_OF_A_STOP, times=1)
        )
        await round_.readers.has_read(READERS + 20)
        expect = {"expect": len(round_.machine_ids)}
        answer = await http.post(f"{DCA}/machines/revoke-all", json=expect)
        assert answer.json()["cut"] == len(round_.machine_ids), answer.text
        await crowd
    assert await site.settled(round_.machine_ids) == []
    assert [user for user in site.there(round_.machine_ids).users if not user["revoked_at"]] == []


async def open_pages(site: Site, round_: Round) -> None:
    """Many pages of one operator are told of a change."""
    await site.observer(phase=f"{round_.name}: open pages")
    async with site.client(round_.operator) as http:
        channel = (await http.get(DCA + "/live")).json()["channel"]
        url = f"{site.lnbits.base_url}/api/v1/ws/{channel}".replace("http", "ws", 1)
        pages: list[ClientConnection] = [await connect(url, proxy=None) for _ in range(PAGES)]
        machine = f"{DCA}/machines/{round_.machine_ids[0]}"
        assert (await http.put(machine, json={"name": "Renamed"})).status_code == 200
        assert {await page.recv() for page in pages} == {"changed"}
        await asyncio.gather(*(page.close() for page in pages))


async def test_relays_that_hang_do_not_keep_the_watch_from_the_others(
    site: Site, figures: Figures
) -> None:
    """Many seeds each name one that takes a connection and says nothing."""
    connected: set[str] = set()
    enough = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.add(str(writer.get_extra_info("sockname")))
        if len(connected) >= HANGING // 2:
            enough.set()
        await reader.read()

    operator = await site.newcomer("stranded")
    async with AsyncExitStack() as stack, site.client(operator) as http:
        servers = [await asyncio.start_server(hang, "127.0.0.1", 0) for _ in range(HANGING)]
        for server in servers:
            await stack.enter_async_context(server)
        hanging = [f"ws://127.0.0.1:{s.sockets[0].getsockname()[1]}" for s in servers]
        await seed_fleet(site.data, operator.user_id, HANGING, over=hanging)
        await site.observer(phase="hanging relays")
        await asyncio.wait_for(enough.wait(), PATIENCE_S)
        [machine_id] = await seed_fleet(site.data, operator.user_id, 1)
        of_lnbits = Crowd()
        async with of_lnbits.reading(http, OF_LNBITS):
            round_ = Round("stranded", operator, [machine_id])
            patience = time.monotonic() + PATIENCE_S
            while not round_.seeds and time.monotonic() < patience:
                await pair(site, round_, http, machine_id)
            await redeem(site, round_.seeds[machine_id])
            await noticed(site, machine_id)
        assert of_lnbits.failed == []
        figures.add("requests", of_lnbits.answered)
        there = await site.observer(phase="hanging relays: after")
        show(f"{len(connected)} relays hang: {there['files']} files, {there['tasks']}")
    report = await site.observer()
    show(blocks.table(report))
    assert blocks.blocks({name: report[name] for name in report if "hanging" in name}) == []
    assert there["tasks"]["RelayLink.run"] <= MOST_LINKS


async def noticed(site: Site, machine_id: str) -> None:
    """Waits until the watch has seen the scan; nobody asks."""
    patience = time.monotonic() + PATIENCE_S
    while all(p["state"] != "redeemed" for p in site.here([machine_id]).pairings):
        assert time.monotonic() < patience, "the scan was not noticed"
        await asyncio.sleep(0.2)
