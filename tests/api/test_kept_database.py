"""The connection to the database that stays open, and transactions over it."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from host import Host


class Counted:
    """A database of its own, and how often LNbits has opened a connection to it."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.opened = 0
        opening = db._plain.connect

        def connect() -> Any:
            self.opened += 1
            return opening()

        db._plain.connect = connect

    async def rows(self) -> list[int]:
        return sorted(row["id"] for row in await self.db.fetchall("SELECT id FROM kept.rows"))

    async def add(self, number: int) -> None:
        await self.db.execute("INSERT INTO kept.rows (id) VALUES (:id)", {"id": number})


@pytest.fixture
async def kept(host: Host) -> AsyncIterator[Counted]:
    from spirekeeper.database import FinishingDatabase

    counted = Counted(FinishingDatabase("ext_kept"))
    await counted.db.execute("CREATE TABLE kept.rows (id INT)")
    yield counted
    await counted.db.execute("DROP TABLE kept.rows")
    await counted.db.close()


async def test_many_statements_share_one(kept: Counted) -> None:
    await asyncio.gather(*(kept.add(number) for number in range(10)))
    assert await kept.rows() == list(range(10))
    assert kept.opened == 1


async def test_after_an_error_the_next_statement_has_another(kept: Counted) -> None:
    with pytest.raises(Exception, match="nowhere"):
        await kept.db.execute("SELECT * FROM kept.nowhere")
    await kept.add(1)
    assert (await kept.rows(), kept.opened) == ([1], 2)


async def test_it_is_closed_when_it_is_not_used(
    kept: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import kept_database

    monkeypatch.setattr(kept_database, "IDLE_SECONDS", 0.01)
    await kept.db.close()
    await kept.add(1)
    await asyncio.wait_for(kept.db._keeper, 30)
    await kept.add(2)
    assert await kept.rows() == [1, 2]


async def test_a_transaction_counts_as_a_whole(kept: Counted) -> None:
    async def half() -> None:
        await kept.add(1)
        assert await kept.rows() == [1], "seen inside"
        raise LookupError

    with pytest.raises(LookupError):
        await kept.db.together(half)
    assert await kept.rows() == []

    async def whole() -> str:
        await kept.add(2)
        await kept.add(3)
        return "done"

    assert await kept.db.together(whole) == "done"
    await kept.db.close()
    assert await kept.rows() == [2, 3]


async def test_nothing_else_comes_between(kept: Counted) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        await kept.add(1)
        begun.set()
        await go_on.wait()
        raise LookupError

    writing = asyncio.create_task(kept.db.together(write))
    await begun.wait()
    other = asyncio.create_task(kept.add(2))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(writing, other, return_exceptions=True)
    assert await kept.rows() == [2], "the other's is not taken back with it"


async def test_begun_it_is_finished(kept: Counted) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        await kept.add(1)
        begun.set()
        await kept.add(2)

    writing = asyncio.create_task(kept.db.together(write))
    await begun.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert await kept.rows() == [1, 2]


SCRIPT = """
import asyncio
from spirekeeper.kept_database import KeptDatabase

db = KeptDatabase("ext_ending")

async def at_work(seconds):
    try:
        await asyncio.sleep(seconds)
        await asyncio.gather(*(add() for _ in range(100)))
    finally:
        for _ in range(3):
            await asyncio.shield(add())

async def add():
    await db.execute("INSERT INTO ending.rows (id) VALUES (1)")

async def main():
    await db.execute("CREATE TABLE ending.rows (id INT)")
    at_its_end = [asyncio.create_task(at_work(seconds)) for seconds in (100, 100, 0.1)]
    await asyncio.sleep(0.1)

asyncio.run(main())
"""


def test_a_process_ends_though_its_connection_is_open(tmp_path: Path) -> None:
    """SQLite's thread would keep it from ending. What is written at the end is written."""
    kept = {name: os.environ.get(name, "") for name in ("PATH", "PYTHONPATH")}
    environment = {"LNBITS_DATA_FOLDER": str(tmp_path), **kept}
    command = [sys.executable, "-c", SCRIPT]
    ended = subprocess.run(  # noqa: S603
        command, env=environment, cwd=tmp_path, timeout=60, check=False, capture_output=True
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
    with closing(sqlite3.connect(tmp_path / "ext_ending.sqlite3")) as database:
        [(written,)] = database.execute("SELECT COUNT(*) FROM rows")
    assert written >= 9
