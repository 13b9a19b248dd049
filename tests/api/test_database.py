"""The connection that stays open, and transactions over it: what has begun is finished, whoever
waits for it. And texts that a statement lists."""

import asyncio
import itertools
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from spirekeeper.devkit.postgres import Postgres
from sqlalchemy import event
from support.databases import ON_POSTGRES
from support.host import Host

STATEMENTS = 40
CUTS = 200
needs_a_server = pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server")


class Rows:
    """A database of its own with one table, and how often a connection to it was opened."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.opened = 0
        event.listen(db.engine.sync_engine, "connect", self._count)

    def _count(self, *_: object) -> None:
        self.opened += 1

    async def all(self, conn: Any = None) -> list[int]:
        rows = await (conn or self.db).fetchall("SELECT id FROM kept.rows")
        return sorted(row["id"] for row in rows)

    async def add(self, number: int, conn: Any = None) -> None:
        insert = "INSERT INTO kept.rows (id) VALUES (:id)"
        await (conn or self.db).execute(insert, {"id": number})


@pytest.fixture
async def rows(host: Host) -> AsyncIterator[Rows]:
    from spirekeeper.store.database import PooledDatabase

    rows = Rows(PooledDatabase("ext_kept"))
    await rows.db.execute("CREATE TABLE kept.rows (id INT)")
    yield rows
    await rows.db.execute("DROP TABLE kept.rows")
    await rows.db.close()


async def test_many_statements_share_one(rows: Rows) -> None:
    await asyncio.gather(*(rows.add(number) for number in range(10)))
    assert await rows.all() == list(range(10))
    assert rows.opened == 1


async def test_after_an_error_the_next_statement_has_another(rows: Rows) -> None:
    with pytest.raises(Exception, match="nowhere"):
        await rows.db.execute("SELECT * FROM kept.nowhere")
    await rows.add(1)
    assert (await rows.all(), rows.opened) == ([1], 2)


async def test_one_that_is_old_is_opened_anew(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    from spirekeeper.store import database

    monkeypatch.setattr(database, "RECYCLE_SECONDS", 0)
    recycling = Rows(database.PooledDatabase("ext_kept"))
    await recycling.add(1)
    await recycling.add(2)
    assert await rows.all() == [1, 2]
    assert recycling.opened >= 2
    await recycling.db.close()


async def test_once_closed_the_next_statement_opens_another(rows: Rows) -> None:
    await rows.add(1)
    await rows.db.close()
    await rows.add(2)
    assert (await rows.all(), rows.opened) == ([1, 2], 2)


@needs_a_server
async def test_one_that_the_server_has_ended_is_replaced_unnoticed(rows: Rows) -> None:
    row = await rows.db.fetchone("SELECT pg_backend_pid() AS pid")
    await rows.db.close()  # it may be the one that asks
    row = await rows.db.fetchone("SELECT pg_backend_pid() AS pid")
    url = rows.db.engine.url.set(drivername="postgresql")
    other = await asyncpg.connect(url.render_as_string(hide_password=False))
    await other.execute("SELECT pg_terminate_backend($1, 10000)", row["pid"])
    await other.close()
    await rows.add(1)
    async with rows.db.transaction() as tx:
        await rows.add(2, tx)
    assert await rows.all() == [1, 2]


@needs_a_server
async def test_one_that_ended_while_nothing_else_ran_too(rows: Rows, server: Postgres) -> None:
    """The event loop has not seen its end: only the socket tells it."""
    for number in range(3):
        server.restart()
        await rows.add(number)
    server.restart()
    async with rows.db.transaction() as tx:
        await rows.add(3, tx)
    assert await rows.all() == [0, 1, 2, 3]


@needs_a_server
async def test_a_server_that_is_restarted_is_waited_for(rows: Rows, server: Postgres) -> None:
    from spirekeeper.errors import DatabaseAway

    restarting = asyncio.create_task(asyncio.to_thread(server.restart))
    written, in_doubt = set(), set()
    for number in itertools.count():
        try:
            await rows.add(number)
            written.add(number)
        except DatabaseAway:
            in_doubt.add(number)
        found = set(await rows.all())
        assert written <= found <= written | in_doubt
        if restarting.done():
            break
    assert len(in_doubt) <= 1


@needs_a_server
async def test_whenever_a_connection_is_cut_it_is_said_in_words(rows: Rows) -> None:
    """Its end comes between a statement's parts too, where asyncpg has an error of its own."""
    from spirekeeper.errors import DatabaseAway

    url = rows.db.engine.url.set(drivername="postgresql")
    other = await asyncpg.connect(url.render_as_string(hide_password=False))
    backends = "pid <> pg_backend_pid() AND query LIKE '%kept.rows%'"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {backends}"
    done = []
    for number in range(CUTS):
        cutting = asyncio.create_task(other.execute(cut))
        await asyncio.sleep(number % STATEMENTS / 20_000)
        try:
            await rows.add(number)
            done.append(number)
        except DatabaseAway:
            pass
        await cutting
    await other.close()
    assert set(done) <= set(await rows.all())


@needs_a_server
async def test_a_server_that_stays_away_is_said_at_once(
    rows: Rows, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.errors import DatabaseAway
    from spirekeeper.store import outages

    monkeypatch.setattr(outages, "PATIENCE_SECONDS", 0.0)
    with server.away(), pytest.raises(DatabaseAway):
        await rows.all()
    assert await rows.all() == []


@needs_a_server
async def test_a_read_that_is_cut_off_is_made_again_and_a_transaction_is_not(rows: Rows) -> None:
    from spirekeeper.errors import DatabaseAway

    cut_off = "SELECT CASE WHEN {} THEN pg_terminate_backend(pg_backend_pid()) END AS done"
    await rows.db.execute("CREATE SEQUENCE kept.times")
    assert await rows.db.fetchone(cut_off.format("nextval('kept.times') = 1"))
    assert await rows.db.fetchall(cut_off.format("nextval('kept.times') = 3"))

    async def write() -> None:
        async with rows.db.transaction() as tx:
            await rows.add(1, tx)
            await tx.execute(cut_off.format("true"))

    with pytest.raises(DatabaseAway):
        await write()
    assert await rows.all() == []
    await rows.db.execute("DROP SEQUENCE kept.times")


async def test_a_transaction_counts_as_a_whole(rows: Rows) -> None:
    async def half() -> None:
        async with rows.db.transaction() as tx:
            await rows.add(1, tx)
            assert await rows.all(tx) == [1], "seen inside"
            raise LookupError

    with pytest.raises(LookupError):
        await half()
    assert await rows.all() == []
    async with rows.db.transaction() as tx:
        await rows.add(2, tx)
        await rows.add(3, tx)
    await rows.db.close()
    assert await rows.all() == [2, 3]


async def test_nothing_else_comes_between(rows: Rows) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with rows.db.transaction() as tx:
            await rows.add(1, tx)
            begun.set()
            await go_on.wait()
            raise LookupError

    writing = asyncio.create_task(write())
    await begun.wait()
    other = asyncio.create_task(rows.add(2))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(writing, other, return_exceptions=True)
    assert await rows.all() == [2], "the other's is not taken back with it"


async def test_a_transaction_that_has_begun_is_finished(rows: Rows) -> None:
    from spirekeeper.store.database import finished

    begun = asyncio.Event()

    @finished
    async def write() -> None:
        async with rows.db.transaction() as tx:
            await rows.add(1, tx)
            begun.set()
            await rows.add(2, tx)

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert await rows.all() == [1, 2]


async def test_all_that_write_in_a_transaction_are_finished(host: Host) -> None:
    """Cancelled in its middle, one would leave the connection there."""
    from spirekeeper import crud
    from spirekeeper.steps import quotas

    for write in (
        crud.create_together,
        crud.set_machine_pairing,
        crud.set_last_seen,
        quotas.write_intent,
    ):
        assert hasattr(write, "__wrapped__"), write


async def test_cancelled_in_its_middle_it_leaves_neither_rows_nor_a_lock(rows: Rows) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with rows.db.transaction() as tx:
            await rows.add(1, tx)
            begun.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await rows.add(2)
    assert await rows.all() == [2]


SCRIPT = """
import asyncio
from spirekeeper.store.database import PooledDatabase

db = PooledDatabase("ext_ending")

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


async def test_a_cancelled_caller_leaves_neither_a_lock_nor_half_a_statement(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """Cancelled twice, as a task is whose parent is cancelled and then cancels its children."""
    from spirekeeper.store.database import PooledDatabase

    db = PooledDatabase("ext_finishing")
    await db.execute("CREATE TABLE finishing.rows (id INT)")
    with caplog.at_level(logging.ERROR, logger="sqlalchemy"):
        for number in range(STATEMENTS):
            insert = "INSERT INTO finishing.rows (id) VALUES (:id)"
            caller = asyncio.create_task(db.execute(insert, {"id": number}))
            await asyncio.sleep(number / 20_000)  # a different moment of the statement each time
            caller.cancel()
            await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        row: Any = await db.fetchone("SELECT COUNT(*) AS total FROM finishing.rows")
    assert row["total"] == STATEMENTS
    assert [record.message for record in caplog.records] == []


async def test_a_turn_that_is_given_up_while_it_is_taken_is_free_again(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store.leases import our_turn

    async def take() -> bool:
        async with our_turn("given up", utc_now, timedelta(hours=1)) as ours:
            return ours

    for number in range(STATEMENTS):
        taking = asyncio.create_task(take())
        await asyncio.sleep(number / 20_000)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        assert await take()


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "c", "nobody"], ["a b", "%", "", "é"]])
async def test_a_parameter_lists_any_number_of_texts(host: Host, texts: list[str]) -> None:
    from spirekeeper.store.database import among, db, listed

    there = ["a", "b", "c", "a b", "é", "A"]
    union = " UNION ALL ".join(f"SELECT '{text}' AS one" for text in there)
    query = f"SELECT one FROM ({union}) AS they WHERE one {among('texts')}"
    rows: list[Any] = await db.fetchall(query, {"texts": listed(texts)})
    assert [row["one"] for row in rows] == [text for text in there if text in texts]
