"""Two LNbits over one PostgreSQL: what one has begun the other leaves alone, and finishes when the
first has been killed."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.postgres import Postgres
from support.databases import new_database
from support.figures import Figures
from system.kills.aftermath import misrouted, overwritten, wait_for_aftermath
from system.kills.killable import PATIENCE, Subject, World
from websockets.asyncio.client import connect

pytestmark = pytest.mark.long

A, B = 0, 1


@pytest.fixture
async def world(postgres: Postgres, tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, servers=2, database=postgres.url()) as running:
        yield running


async def test_one_wins_and_the_other_takes_over(world: World, figures: Figures) -> None:
    await a_page_that_is_open_at_the_other_hears(world)
    await one_pairs_and_the_other_is_refused(world)
    await a_cut_here_beats_a_pair_there(world)
    await a_cut_here_silences_the_roster_there(world)
    raced = [await world.add() for _ in range(4)]
    await asyncio.gather(*(both_pair(world, subject) for subject in raced))
    await asyncio.gather(*(pair_and_revoke(world, subject) for subject in raced))
    figures.add("races", 2 + 2 * len(raced))
    await a_killed_process_is_waited_for(world)
    figures.add("kills", world.kills)
    after = await wait_for_aftermath(world, [], server=B)
    assert after.amiss == []
    assert misrouted(after) == []
    assert overwritten(after) == []


async def test_two_processes_share_their_counts(
    postgres: Postgres, tmp_path: Path, figures: Figures
) -> None:
    quotas = {
        "SPIREKEEPER_MAX_MACHINES": "3",
        "SPIREKEEPER_KEYS_AN_OPERATOR": "2",
        "SPIREKEEPER_PAIRS_A_MINUTE": "3",
    }
    database = await new_database(postgres)
    async with World(tmp_path, servers=2, database=database, **quotas) as world:
        machines = await asyncio.gather(
            *(
                world.ask(world.operator, "POST", "/machines", {"name": "Swarm"}, server=each % 2)
                for each in range(40)
            )
        )
        figures.add("races", 40)
        made = [answer.json()["id"] for answer in machines if answer and answer.is_success]
        assert sorted(answer.status_code for answer in machines if answer) == [201] * 3 + [429] * 37
        paths = [f"/machines/{machine_id}/pair" for machine_id in made]
        pairs = await asyncio.gather(
            *(
                world.ask(world.operator, "POST", path, world.pair_request(), server=number % 2)
                for number, path in enumerate(paths)
            )
        )
        assert sorted(answer.status_code for answer in pairs if answer) == [200, 200, 429]
        [refused] = [answer for answer in pairs if answer and answer.status_code == 429]
        assert refused.json()["code"] == "too_many_keys"
        for server in (A, B):
            again = await world.ask(
                world.operator, "POST", paths[0], world.pair_request(), server=server
            )
            assert again is not None
            assert again.json()["code"] == "too_many_pairs"


async def a_page_that_is_open_at_the_other_hears(world: World) -> None:
    """At once, and not when it asks by itself."""
    live = await world.ask(world.operator, "GET", "/live", server=B)
    assert live is not None
    address = world.servers[B].base_url.replace("http", "ws", 1)
    async with connect(f"{address}/api/v1/ws/{live.json()['channel']}") as page:
        subject = await world.add()
        assert await asyncio.wait_for(page.recv(), PATIENCE) == "changed"
        await world.told(subject, "PUT", "", {"location": "Hall 2"})
        assert await asyncio.wait_for(page.recv(), PATIENCE) == "changed"


async def one_pairs_and_the_other_is_refused(world: World) -> None:
    subject = await world.add()
    held = world.bunker.levers.hold(partial(world.is_about, subject))
    first = asyncio.create_task(pair(world, subject, A))
    await asyncio.wait_for(held.arrived.wait(), PATIENCE)
    assert await pair(world, subject, B) == 409
    held.let_go()
    assert await first == 200
    await world.redeem(subject, subject.client)


async def a_cut_here_beats_a_pair_there(world: World) -> None:
    subject = await world.add()
    held = world.bunker.levers.hold(partial(world.is_about, subject))
    first = asyncio.create_task(pair(world, subject, A))
    await asyncio.wait_for(held.arrived.wait(), PATIENCE)
    revoking = asyncio.create_task(world.about(subject, "POST", "/revoke", server=B))
    while not any(m["cut_at"] for m in await machine(world, subject)):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    held.let_go()
    assert await first == 409
    answer = await revoking
    assert answer is not None
    assert answer.status_code == 200


async def a_cut_here_silences_the_roster_there(world: World) -> None:
    subject = await world.add()
    await world.connect(subject)
    key = subject.seeds[-1].spire_pubkey
    assert await roster(world, key) == 200
    await world.told(subject, "POST", "/revoke")
    assert await roster(world, key) == 404


async def both_pair(world: World, subject: Subject) -> None:
    answers = await asyncio.gather(*(pair(world, subject, server) for server in (A, B)))
    assert set(answers) <= {200, 409}
    assert 200 in answers


async def pair_and_revoke(world: World, subject: Subject) -> None:
    paired, revoked = await asyncio.gather(
        pair(world, subject, A), world.about(subject, "POST", "/revoke", server=B)
    )
    assert paired in (200, 409)
    assert revoked is not None
    assert revoked.status_code == 200


async def a_killed_process_is_waited_for(world: World) -> None:
    """It holds a machine's lease; what it had begun is burned, and the machine is paired anew."""
    subject = await world.add()
    held = world.bunker.levers.hold(partial(world.is_about, subject), nth=2, done=True)
    first = asyncio.create_task(pair(world, subject, A))
    await asyncio.wait_for(held.arrived.wait(), PATIENCE)
    await world.kill(A)
    assert await first is None
    held.lose()
    assert await pair(world, subject, B) == 409
    while await pair(world, subject, B) == 409:  # noqa: ASYNC110
        await asyncio.sleep(1)
    await world.redeem(subject, Keys.generate(), server=B)


async def pair(world: World, subject: Subject, server: int) -> int | None:
    answer = await world.about(subject, "POST", "/pair", world.pair_request(), server=server)
    return None if answer is None else answer.status_code


async def roster(world: World, key: str) -> int:
    answer = await world.ask(world.operator, "GET", f"/roster/{key}", server=B)
    assert answer is not None
    return answer.status_code


async def machine(world: World, subject: Subject) -> list[dict[str, object]]:
    here = await world.here()
    return [dict(row) for row in here.machines if row["id"] == subject.machine_id]
