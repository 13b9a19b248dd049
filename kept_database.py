"""LNbits' database with one connection that stays open while it is used.

LNbits opens one for each statement, which costs more than the statement: on SQLite a thread, the
file and its ATTACH, on PostgreSQL a CREATE SCHEMA.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from lnbits.db import SQLITE, Connection, Database
from sqlalchemy.ext.asyncio import AsyncConnection

IDLE_SECONDS = 60.0


class KeptDatabase(Database):
    """As LNbits' own, one statement at a time; its connection is closed when it has been idle.

    The connection lives in a task, so that it is closed when the event loop ends, whoever ends it:
    the thread of an open SQLite connection would keep LNbits' process from ending. What other tasks
    write as they end, like the leases they give back, goes over a connection of its own.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._plain = Database(name)
        self._opened: asyncio.Future[Connection] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._uses = 0
        self._ending = False
        self._in_transaction: ContextVar[Connection | None] = ContextVar(name, default=None)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """The connection, for whoever's turn it is. After an error the next one gets another."""
        ours = self._in_transaction.get()
        if ours is not None:
            yield ours
            return
        async with self.lock:
            if self._ending:
                async with self._plain.connect() as connection:
                    yield connection
                return
            self._uses += 1
            try:
                yield await self._get()
            except BaseException:
                await self._close()
                raise

    @asynccontextmanager
    async def one_transaction(self) -> AsyncIterator[None]:
        """The statements inside, of this task and of those that it waits for, are committed at the
        end or, after an error, not at all. Nothing else has its turn meanwhile."""
        if self._in_transaction.get() is not None:
            yield  # the one that it is in commits it
            return
        async with self.connect() as connection:
            await self._commit_each(connection.conn, False)
            later: Any = _CommitsLater(connection.conn)
            inside = Connection(later, self.type, self.name, self.schema)
            token = self._in_transaction.set(inside)
            try:
                yield
            finally:
                self._in_transaction.reset(token)
            await connection.conn.commit()
            await self._commit_each(connection.conn, True)

    async def close(self) -> None:
        """Closes the connection; the next statement opens another."""
        async with self.lock:
            await self._close()

    async def _get(self) -> Connection:
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()
            self._keeper = asyncio.create_task(self._keep(self._opened))
        return await asyncio.shield(self._opened)

    async def _close(self) -> None:
        self._opened = None
        if self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()
            await asyncio.wait({self._keeper})

    async def _commit_each(self, connection: AsyncConnection, each: bool) -> None:
        """Whether each statement is a transaction of its own. Else SQLAlchemy has PostgreSQL begin
        one for every read and end it: two round trips more. SQLite begins one to write only."""
        if self.type != SQLITE:
            if connection.in_transaction():
                await connection.rollback()  # SQLAlchemy's own: the server knows of none
            level = "AUTOCOMMIT" if each else "READ COMMITTED"
            await connection.execution_options(isolation_level=level)

    async def _keep(self, opened: "asyncio.Future[Connection]") -> None:
        try:
            async with self._plain.connect() as connection:
                await self._commit_each(connection.conn, True)
                opened.set_result(connection)
                try:
                    await self._until_idle(opened)
                finally:
                    self._ending = self._opened is opened  # nobody closed it: the loop ends
                    if self._ending:
                        async with self.lock:
                            self._opened = None
        except Exception as error:
            if opened.done():
                raise
            opened.set_exception(error)

    async def _until_idle(self, opened: "asyncio.Future[Connection]") -> None:
        while self._opened is opened:
            uses = self._uses
            await asyncio.sleep(IDLE_SECONDS)
            async with self.lock:
                if self._uses == uses:
                    self._opened = None


class _CommitsLater:
    """LNbits commits after each statement."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(self, *statement: Any) -> Any:
        return await self._connection.execute(*statement)

    async def commit(self) -> None:
        """At the end of the transaction."""
