"""The database, its tables, and what SQL has to know of times.

`crud.py` and the other files of `store/` have the statements, one a function. Text that people
typed goes through insert and update of models, because LNbits strips markup from the parameters of
raw statements. Times in raw statements go through `moment`, because a raw datetime would be read in
PostgreSQL's own time zone.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import aiosqlite
from lnbits.db import (
    POSTGRES,
    SQLITE,
    Connection,
    Database,
    insert_query,
    model_to_dict,
    update_query,
)
from pydantic import BaseModel
from sqlalchemy import event, text
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from .. import lifecycle
from ..failures import log_failure
from ..loop import in_turns
from .outages import AGAIN_SECONDS, Outage, has_hung_up, is_away, once_more, raise_in_words
from .rows import model_of

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Connection)

_AT_ONCE = {"isolation_level": "IMMEDIATE"}
"""A transaction locks all its SQLite files with its first write, and waits for them. One that reads
another's file first, and writes there later, is refused where somebody else waits to write."""
RECYCLE_SECONDS = 60
"""A connection that is older is opened anew: on SQLite the file may be another one by then."""


def finished(work: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Once begun it is finished, also when whoever waits for it is cancelled.

    Interrupted, a connection can stay open in the middle of a transaction, and SQLite's lock with
    it; background work is cancelled at stop, and calls to the bunker at their deadlines.
    """

    @wraps(work)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.shield(work(*args, **kwargs))

    return run


class TakenBack(Exception):
    """Raised inside a transaction, to take back what it has written so far."""


class Transaction(Connection):
    """LNbits' connection, without its commit after each statement."""

    async def execute(self, query: str, values: dict[str, Any] | None = None) -> Any:
        return await self.conn.execute(
            text(self.rewrite_query(query)), self.rewrite_values(values or {})
        )

    async def insert(self, table_name: str, model: BaseModel) -> None:
        await self.conn.execute(text(insert_query(table_name, model)), model_to_dict(model))

    async def insert_all(self, table_name: str, models: Sequence[BaseModel]) -> None:
        """With one call to the database, however many of one kind they are."""
        await self.conn.execute(
            text(insert_query(table_name, models[0])), [model_to_dict(model) for model in models]
        )

    async def update(
        self, table_name: str, model: BaseModel, where: str = "WHERE id = :id"
    ) -> None:
        await self.conn.execute(text(update_query(table_name, model, where)), model_to_dict(model))


class PooledDatabase(Database):
    """LNbits' database with a pool of one connection. LNbits opens one for each statement, which
    costs more than the statement: on SQLite a thread, the file and its ATTACH, on PostgreSQL a
    CREATE SCHEMA. As with LNbits' own, one statement runs at a time."""

    def __init__(self, name: str, *, beside: "PooledDatabase | None" = None) -> None:
        """`beside`: another one whose tables a transaction over this one writes too."""
        super().__init__(name)
        self._beside = beside
        self._outage = Outage()
        self.engine = create_async_engine(
            self.engine.url,
            connect_args=_AT_ONCE if beside and self.type == SQLITE else {},
            echo=self.engine.echo,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
            pool_recycle=RECYCLE_SECONDS,
        )
        event.listen(self.engine.sync_engine, "connect", self._enter_schema)
        if self.type == SQLITE:
            event.listen(self.engine.sync_engine, "do_connect", _in_daemon_thread)
            self._committing = self.engine
        else:
            event.listen(self.engine.sync_engine, "checkout", _replace_if_dead)
            self._committing = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """The connection, each statement a transaction of its own.

        On PostgreSQL the server does that: SQLAlchemy would begin and end one around every read,
        which is two round trips more.
        """
        async with self._connection(self._committing, Connection) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """What is written over it is committed at the end or, after an error, not at all, with one
        wait for the disk. Nothing else has its turn meanwhile. To be used in what is `finished`."""
        async with self._connection(self.engine, Transaction) as tx, tx.conn.begin():
            yield tx

    async def close(self) -> None:
        """Closes the connection; the next statement opens another."""
        async with self.lock:
            await self.engine.dispose()

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine, kind: type[C]) -> AsyncIterator[C]:
        """For whoever's turn it is. After an error the next one gets another connection."""
        async with self.lock, AsyncExitStack() as held:
            connection = await self._opened(engine, held)
            try:
                yield kind(connection, self.type, self.name, self.schema)
            except BaseException as error:
                if self.type == SQLITE:
                    # Closed without it, it would hold its lock until it is collected.
                    await connection.rollback()
                await connection.invalidate()
                raise_in_words(error)
                raise

    async def _opened(self, engine: AsyncEngine, held: AsyncExitStack) -> AsyncConnection:
        """Waits for a server that is being restarted."""
        while (connection := await self._open(engine, held)) is None:  # noqa: ASYNC110
            await asyncio.sleep(AGAIN_SECONDS)
        self._outage.over()
        return connection

    async def _open(self, engine: AsyncEngine, held: AsyncExitStack) -> AsyncConnection | None:
        """None: it may be there again soon."""
        try:
            return await held.enter_async_context(engine.connect())
        except Exception as error:
            if is_away(error) and self._outage.may_pass():
                return None
            raise_in_words(error)
            raise

    def _enter_schema(self, connection: Any, _: object) -> None:
        """The tables are found by the extension's name: `spirekeeper.pairings`."""
        cursor = connection.cursor()
        for each in (self, self._beside):
            if each is None or each.schema is None:
                continue
            if self.type == SQLITE:
                cursor.execute(f"ATTACH '{each.path}' AS {each.schema}")
            else:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {each.schema}")
                connection.commit()
        cursor.close()

    fetchone = once_more(finished(Database.fetchone))
    insert = finished(Database.insert)
    update = finished(Database.update)
    execute = finished(Database.execute)
    _rows = once_more(finished(Database.fetchall))

    async def fetchall(
        self, query: str, values: dict[str, Any] | None = None, model: Any = None
    ) -> list[Any]:
        """As LNbits' own, which makes all rows into models at once, however many."""
        rows: list[Any] = await self._rows(query, values)
        if model is None:
            return rows
        return await in_turns(lambda row: model_of(row, model), rows)

    async def fetch_readable(self, query: str, values: dict[str, Any], model: Any) -> list[Any]:
        """As `fetchall`, for what goes through rows in the background: one that cannot be read is
        told in the log, and does not keep the others from being done."""

        def read(row: Any) -> Any:
            with log_failure(f"reading {model.__name__} {row['id']}"):
                return model_of(row, model)

        found = await in_turns(read, await self._rows(query, values))
        return [each for each in found if each is not None]


def _in_daemon_thread(dialect: Any, _: object, where: Any, how: dict[str, Any]) -> Any:
    """SQLAlchemy opens SQLite in a daemon thread, so that a connection left open does not keep the
    process from ending: LNbits stops no extension when it ends. With aiosqlite 0.22, which LNbits
    has, SQLAlchemy 1.4 misses that thread."""
    connection = aiosqlite.connect(*where, **how, check_same_thread=False)
    connection._thread.daemon = True
    return AsyncAdapt_aiosqlite_connection(dialect.dbapi, await_only(connection))


def _replace_if_dead(connection: Any, _: object, __: object) -> None:
    """PostgreSQL was restarted, or has hung up: the pool opens another."""
    if has_hung_up(connection.driver_connection):
        raise DisconnectionError


db = PooledDatabase("ext_spirekeeper")
aside = PooledDatabase("ext_spirekeeper")
"""What the background reads of a whole fleet takes long: no request waits behind it."""
core = PooledDatabase("database")
"""LNbits' own, to look up accounts and wallets, as each request has to. Only LNbits writes it."""
ledger = PooledDatabase("database")
"""The same, for what reads many payments: no other request waits behind it."""
both = PooledDatabase("database", beside=db)
"""LNbits' own and ours, for a transaction over both: LNbits makes a wallet, and we its machine."""


MACHINES = "spirekeeper.dca_machines"
PAIRINGS = "spirekeeper.pairings"
OWED = "spirekeeper.owed_revocations"
JOURNAL = "spirekeeper.journal"
NOTICES = "spirekeeper.notices"
SETTINGS = "spirekeeper.bunker_settings"
LEASES = "spirekeeper.leases"
BURNERS = "spirekeeper.burners"
REFUSED = "spirekeeper.refused_passphrases"
GONE = "spirekeeper.gone_operators"
MINTED = "spirekeeper.minted_keys"
LIMITS = "spirekeeper.limits"
COUNTS = "spirekeeper.counts"
LAST_RELAYS = "spirekeeper.last_relays"
CHANGED = "spirekeeper.changed"
WEBHOOK = "spirekeeper.webhook"
VERSIONS = "spirekeeper.setting_versions"
CASH_SETTINGS = "spirekeeper.cash_settings"
CASH_HEARD = "spirekeeper.cash_heard"
CASH_ORDERS = "spirekeeper.cash_orders"
CASH_ATTEMPTS = "spirekeeper.cash_attempts"
CASH_LINKS = "spirekeeper.cash_links"
CASH_WALLETS = "spirekeeper.cash_wallets"
SERVICE_KEYS = "spirekeeper.service_keys"


def moment(key: str) -> str:
    """The placeholder of a time given as seconds since 1970 (UTC)."""
    return f"(to_timestamp(:{key}) AT TIME ZONE 'UTC')" if db.type == POSTGRES else f":{key}"


def since_1970(column: str) -> str:
    """The seconds of a time column."""
    return f"EXTRACT(EPOCH FROM {column})" if db.type == POSTGRES else column


def seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def among(key: str) -> str:
    """For `column {among('ids')}`: one of the texts that a parameter lists (`listed`).

    One parameter, however many texts: SQLAlchemy takes longer to read a statement that it has not
    seen, and one with hundreds of parameters, than SQLite takes to run it. No `json_each`: to
    SQLite that is of the file as LNbits opened it, and our tables of the same file as LNbits
    attached it, so that a read would hold one lock and wait for the other. For hundreds of texts at
    a time: for each, SQLite copies those that are left.
    """
    if db.type == POSTGRES:
        return f"= ANY(string_to_array(CAST(:{key} AS TEXT), ','))"
    return f"IN {each_of(key)}"


def each_of(key: str) -> str:
    """For `FROM {each_of('ids')} given`: a row for each text that a parameter lists, as `one`."""
    if db.type == POSTGRES:
        return f"(SELECT unnest(string_to_array(CAST(:{key} AS TEXT), ',')) AS one)"
    return (
        f"(WITH RECURSIVE listed(one, rest) AS (SELECT '', :{key} || ',' UNION ALL "
        "SELECT substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1) "
        "FROM listed WHERE rest <> '') SELECT one FROM listed WHERE one <> '')"
    )


def listed(texts: Iterable[str]) -> str:
    """These texts, none of which has a comma, as the one parameter that `among` reads."""
    return ",".join(texts)


def one_of(column: str, words: Collection[Enum]) -> str:
    """The column holds one of these states or reasons, which `lifecycle` names.

    In the order of their class, as the partial indexes of the migrations have them: an index serves
    a statement that has its very words.
    """
    [kind] = {type(word) for word in words}
    listed_words = [f"'{word.value}'" for word in kind if word in words]
    if len(listed_words) == 1:
        return f"{column} = {listed_words[0]}"
    return f"{column} IN ({', '.join(listed_words)})"


def connected(pairing: str) -> str:
    """`lifecycle.connected` of the pairing that has this name in the statement."""
    state = f"{pairing}.state"
    return (
        f"({one_of(state, lifecycle.CONNECTED_STATES)} "
        f"OR ({one_of(state, lifecycle.CONNECTED_UNLESS_ASKED)} "
        f"AND {pairing}.confirm_required = false))"
    )


def in_doubt(pairing: str) -> str:
    """`lifecycle.in_doubt` of the connection that has this name in the statement."""
    same_key = (
        f"other.machine_id = {pairing}.machine_id AND other.spire_pubkey = {pairing}.spire_pubkey"
    )
    unconfirmed = (
        "other.confirm_required = true AND other.confirmed_at IS NULL "
        "AND other.issued_at IS NOT NULL AND COALESCE(other.key_clean, false) = false"
    )
    return f"EXISTS (SELECT 1 FROM {PAIRINGS} other WHERE {same_key} AND {unconfirmed})"


def flag_of_this_key(key: str) -> str:
    """In an update of machines: a flag was about the key, and goes when another one comes."""
    same = f"COALESCE(machine_npub, '') = COALESCE(:{key}, '')"
    return ", ".join(
        f"{column} = CASE WHEN {same} THEN {column} ELSE NULL END"
        for column in ("flag", "flagged_at")
    )


def redeemed(pairing: str) -> str:
    """Somebody redeemed this pairing's seed, in time or not."""
    end = one_of(f"COALESCE({pairing}.end_reason, '')", lifecycle.REDEEMED_ENDS)
    return f"({pairing}.redeemed_at IS NOT NULL OR {end})"


def redeemed_unconfirmed(pairing: str) -> str:
    """Somebody whom no operator ever said Yes to. Its index has the very same words."""
    return f"({pairing}.confirmed_at IS NULL AND {redeemed(pairing)})"


def ended_badly(pairing: str) -> str:
    """`key_use.ended_badly`. Its index has the very same words."""
    bad = one_of(f"COALESCE({pairing}.end_reason, '')", lifecycle.BAD_ENDS)
    return (
        f"({pairing}.ended_at IS NOT NULL AND ({pairing}.key_clean = false "
        f"OR ({pairing}.flagged_at IS NOT NULL AND {pairing}.confirm_required = true) "
        f"OR ({pairing}.confirmed_at IS NULL "
        f"AND (({pairing}.redeemed_at IS NOT NULL AND {pairing}.confirm_required = true) "
        f"OR {bad}))))"
    )


def ended_unseen(pairing: str) -> str:
    """`key_use.not_looked_up` of a seed that has ended. Its index has the very same words."""
    return (
        f"({pairing}.issued_at IS NOT NULL AND {pairing}.redeemed_at IS NULL "
        f"AND {pairing}.ended_at IS NOT NULL AND {pairing}.key_clean IS NULL)"
    )
