"""The database, its tables, and what SQL has to know of times.

The `crud*.py` have the statements, one a function. Text that people typed goes through insert and
update of models, because LNbits strips markup from the parameters of raw statements. Times in raw
statements go through `moment`, because a raw datetime would be read in PostgreSQL's own time zone.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from lnbits.db import POSTGRES, Database

from . import gently
from .kept_database import KeptDatabase
from .rows import model_of

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
        return await gently.each(lambda row: model_of(row, model), rows)


db = FinishingDatabase("ext_spirekeeper")
core = FinishingDatabase("database")
"""LNbits' own, to read whose an account or a wallet is: asked at each request, also over a
connection that stays open. Nothing is written there but by LNbits itself."""

MACHINES = "spirekeeper.dca_machines"
PAIRINGS = "spirekeeper.pairings"
OWED = "spirekeeper.owed_revocations"
JOURNAL = "spirekeeper.journal"
NOTICES = "spirekeeper.notices"
SETTINGS = "spirekeeper.bunker_settings"
LEASES = "spirekeeper.leases"
REFUSED = "spirekeeper.refused_passphrases"


def moment(key: str) -> str:
    """The placeholder of a time given as seconds since 1970 (UTC)."""
    return f"(to_timestamp(:{key}) AT TIME ZONE 'UTC')" if db.type == POSTGRES else f":{key}"


def since_1970(column: str) -> str:
    """The seconds of a time column."""
    return f"EXTRACT(EPOCH FROM {column})" if db.type == POSTGRES else column


def seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
