"""Two LNbits over one PostgreSQL, each with its data folder, and somebody with the database."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from spirekeeper.devkit.postgres import Postgres, PostgresError
from support.needed import missing
from system.kills.killable import World

pytestmark = pytest.mark.long

A, B = 0, 1
TABLE = "spirekeeper.bunker_settings"


async def put(world: World, server: int, passphrase: str) -> None:
    body = {
        "bunker_url": world.bunker.url,
        "admin_nsec": world.admin.secret_key().to_bech32(),
        "key_passphrase": passphrase,
    }
    answer = await world.ask(world.superuser, "PUT", "/bunker", body, server=server)
    assert answer is not None
    assert answer.status_code == 200, answer.text


async def status(world: World, server: int) -> tuple[bool, str | None]:
    answer = await world.ask(world.superuser, "GET", "/bunker", server=server)
    assert answer is not None
    told = answer.json()
    return told["reachable"], told["problem_code"]


async def test_an_older_seal_is_told_by_both_and_after_a_restart(tmp_path: Path) -> None:
    """What one of them stores is taken by the other, and is what an older one is told by there."""
    try:
        with Postgres() as postgres:
            url = postgres.url()
            async with World(tmp_path, servers=2, database=url) as world:
                await somebody_puts_it_back(world, await asyncpg.connect(url))
    except PostgresError as error:
        missing(str(error))


async def somebody_puts_it_back(world: World, database: Any) -> None:
    works, refused = (True, None), (False, "no_bunker")
    await put(world, A, "the first passphrase")
    assert [await status(world, server) for server in (A, B)] == [works, works]
    first = await database.fetchrow(f"SELECT * FROM {TABLE}")
    await put(world, B, "the second passphrase")
    assert [await status(world, server) for server in (A, B)] == [works, works]

    columns = ", ".join(first.keys())
    values = ", ".join(f"${number}" for number in range(1, len(first) + 1))
    await database.execute(f"DELETE FROM {TABLE}")
    await database.execute(
        f"INSERT INTO {TABLE} ({columns}) VALUES ({values})",
        *first.values(),
    )
    await database.close()
    assert [await status(world, server) for server in (A, B)] == [refused, refused]
    for server in (A, B):
        await world.kill(server)
        await world.restart(server)
    assert [await status(world, server) for server in (A, B)] == [refused, refused]

    await put(world, A, "the third passphrase")
    assert [await status(world, server) for server in (A, B)] == [works, works]
