"""The database, its tables, and what SQL has to know of times.

The `crud*.py` have the statements, one a function. Text that people typed goes through insert and
update of models, because LNbits strips markup from the parameters of raw statements. Times in raw
statements go through `moment`, because a raw datetime would be read in PostgreSQL's own time zone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, ParamSpec, TypeVar

from lnbits.db import POSTGRES, SQLITE, Database, dict_to_model, insert_query, model_to_dict
from pydantic import BaseModel
from sqlalchemy import text

from . import gently, lifecycle
from .kept_database import KeptDatabase
from .mishaps import told

P = ParamSpec("P")
R = TypeVar("R")


def _finished(
    statement: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.shield(statement(*args, **kwargs))

    return run


class FinishingDatabase(KeptDatabase):
    """A statement that has begun is finished, also when whoever waits for it is cancelled.

    Interrupted, LNbits' connection can stay open in the middle of a transaction, and SQLite's lock
    with it; background work is cancelled at stop, and calls to the bunker at their deadlines.
    """

    _rows = _finished(Database.fetchall)
    fetchone = _finished(Database.fetchone)
    insert = _finished(Database.insert)
    update = _finished(Database.update)
    execute = _finished(Database.execute)

    async def fetchall(
        self, query: str, values: dict[str, Any] | None = None, model: Any = None
    ) -> list[Any]:
        """As LNbits' own, which makes all rows into models at once, however many."""
        rows: list[Any] = await self._rows(query, values)
        if model is None:
            return rows
        return await gently.each(lambda row: dict_to_model(row, model), rows)

    async def fetch_readable(self, query: str, values: dict[str, Any], model: Any) -> list[Any]:
        """As `fetchall`, for what goes through rows in the background: one that cannot be read is
        told in the log, and does not keep the others from being done."""
        found: list[Any] = []
        rows: list[Any] = await self._rows(query, values)
        for row in rows:
            with told(f"reading {model.__name__} {row['id']}"):
                found.append(dict_to_model(row, model))
        return found

    async def together(self, write: Callable[[], Awaitable[R]]) -> R:
        """What `write` writes counts as a whole, with one wait for the disk; nothing when it
        raises. Begun, it is finished too."""

        async def run() -> R:
            async with self.one_transaction():
                return await write()

        return await asyncio.shield(run())

    async def execute_all(self, query: str, values: Sequence[dict[str, Any]]) -> int:
        """Runs it with each of the values; how many rows it has changed in all. All in one go where
        the driver tells that number, which is SQLite's."""

        async def run() -> int:
            async with self.one_transaction(), self.connect() as connection:
                statement, execute = text(query), connection.conn.execute
                if self.type == SQLITE:
                    return int((await execute(statement, list(values))).rowcount)
                return sum([(await execute(statement, each)).rowcount for each in values])

        return await asyncio.shield(run())

    async def insert_all(self, table: str, models: Sequence[BaseModel]) -> None:
        """As LNbits' insert, of many of one kind at once."""

        async def run() -> None:
            async with self.one_transaction(), self.connect() as connection:
                values = [model_to_dict(model) for model in models]
                await connection.conn.execute(text(insert_query(table, models[0])), values)

        await asyncio.shield(run())


db = FinishingDatabase("ext_spirekeeper")
aside = FinishingDatabase("ext_spirekeeper")
"""What the background reads of a whole fleet takes long: no request waits behind it."""
core = KeptDatabase("database")
"""LNbits' own, to look up accounts and wallets, as each request has to. Only LNbits writes it."""


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
        f"(WITH RECURSIVE listed(one, rest) AS (SELECT '', :{key} || ',' UNION ALL "  # noqa: S608
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
    return f"EXISTS (SELECT 1 FROM {PAIRINGS} other WHERE {same_key} AND {unconfirmed})"  # noqa: S608


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
