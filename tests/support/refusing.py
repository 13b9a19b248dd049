"""A table of ours in a database that really fails at it, by a trigger."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

from sqlalchemy import event

FAILURES = {
    "full": "RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'",
    "cut off": "PERFORM pg_terminate_backend(pg_backend_pid())",
}
"""What PostgreSQL does then: it says what it says of a full disk, or the connection ends."""


@asynccontextmanager
async def failing(
    table: str, verb: Literal["INSERT", "UPDATE"], how: Literal["full", "cut off"] = "full"
) -> AsyncIterator[None]:
    """Each such statement on the table fails. On SQLite, which nobody can cut off, the trigger
    needs more room than the file may take."""
    from lnbits.db import SQLITE
    from spirekeeper.store.database import both, db

    if db.type == SQLITE:
        made = [
            "CREATE TABLE spirekeeper.filler (bytes BLOB)",
            f"CREATE TRIGGER spirekeeper.fails AFTER {verb} ON {table} BEGIN "
            "INSERT INTO filler (bytes) VALUES (zeroblob(50000000)); END",
        ]
        drop = ["DROP TRIGGER spirekeeper.fails", "DROP TABLE spirekeeper.filler"]
    else:
        made = [
            "CREATE FUNCTION spirekeeper.fails() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {FAILURES[how]}; RETURN NEW; END $$",
            f"CREATE TRIGGER fails AFTER {verb} ON spirekeeper.{table} "
            "FOR EACH ROW EXECUTE FUNCTION spirekeeper.fails()",
        ]
        drop = ["DROP FUNCTION spirekeeper.fails() CASCADE"]
    for statement in made:
        await db.execute(statement)
    with _no_longer(db, both):
        await db.close()
        await both.close()
        yield
    await db.close()
    await both.close()
    for statement in drop:
        await db.execute(statement)


@contextmanager
def _no_longer(*databases: Any) -> Iterator[None]:
    """Whichever connection writes it, a SQLite file takes no more room than it has."""

    def limit(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA spirekeeper.max_page_count = 1")
        cursor.close()

    limited = [each.engine.sync_engine for each in databases if each.type == "SQLITE"]
    for engine in limited:
        event.listen(engine, "connect", limit)
    yield
    for engine in limited:
        event.remove(engine, "connect", limit)
