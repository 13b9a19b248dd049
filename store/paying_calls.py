"""Who asks LNbits to pay, for as long as it may still write a row of that payment.

A payment that was begun and has no row yet proves nothing while whoever asked may still be at it. A
lease that ran out proves nothing either: the process may only be slow. So whoever asks holds a
lock, which ends with its process: on SQLite one of a file, on PostgreSQL an advisory one of the
very connection that LNbits writes the row over.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from lnbits.db import SQLITE, Connection, Database
from lnbits.settings import settings

from .database import db

AT_ONCE = 4
"""Payments that hang; LNbits keeps its connection for as long as the node takes."""
FOLDER = "spirekeeper-paying"


class _Payers:
    """Plain databases of LNbits' own kind: one connection each, and none of them LNbits' own, which
    everybody else waits for."""

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[Database] | None = None

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Connection]:
        if self._free is None:
            self._free = asyncio.LifoQueue()
            for _ in range(AT_ONCE):
                self._free.put_nowait(Database("database"))
        database = await self._free.get()
        try:
            async with database.connect() as connection:
                yield connection
        finally:
            self._free.put_nowait(database)


_payers = _Payers()


@asynccontextmanager
async def calling(attempt_id: str) -> AsyncIterator[Connection | None]:
    """The connection to pay over, locked for this attempt; None when somebody else is at it."""
    if db.type == SQLITE:
        # The lock outlasts the connection, which ends what was begun: cancelled, LNbits may still
        # be writing its row.
        with _file_lock(attempt_id) as ours:
            async with AsyncExitStack() as held:
                yield await held.enter_async_context(_payers.one()) if ours else None
        return
    async with _payers.one() as connection:
        got: Any = await connection.fetchone(
            f"SELECT pg_try_advisory_lock({_number(attempt_id)}) AS got"
        )
        try:
            yield connection if got["got"] else None
        finally:
            await _unlock(connection, attempt_id)


async def _unlock(connection: Connection, attempt_id: str) -> None:
    """The pool keeps the connection, and with it a lock that is not let go. After an error of
    LNbits' PostgreSQL takes no other statement before the transaction is taken back."""
    try:
        await connection.conn.rollback()
        await connection.execute(f"SELECT pg_advisory_unlock({_number(attempt_id)})")
    except BaseException:
        await connection.conn.invalidate()
        raise


async def is_called(attempt_id: str) -> bool:
    """Whether somebody who lives is asking LNbits to pay."""
    if db.type == SQLITE:
        with _file_lock(attempt_id) as ours:
            return not ours
    got: Any = await db.fetchone(f"SELECT pg_try_advisory_xact_lock({_number(attempt_id)}) AS got")
    return not got["got"]


@contextmanager
def _file_lock(attempt_id: str) -> Iterator[bool]:
    """Whether it is ours. The file goes with the lock; one that is locked when it has gone already
    is somebody's who came too late, and is no lock."""
    folder = Path(settings.lnbits_data_folder) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / attempt_id
    file, ours = os.open(path, os.O_CREAT | os.O_RDWR, 0o600), False
    try:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = path.exists() and path.stat().st_ino == os.fstat(file).st_ino
        yield ours
    finally:
        if ours:
            path.unlink(missing_ok=True)
        os.close(file)


def _number(attempt_id: str) -> int:
    """Of 63 bits, as PostgreSQL names its locks."""
    return int.from_bytes(sha256(attempt_id.encode()).digest()[:8], "big") >> 1
