"""When the database does not do as it is told: its connection broke, it is away, its disk is full.

PostgreSQL that is restarted ends every connection, and takes none for some seconds.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import wraps
from select import POLLIN, poll
from typing import Any, ParamSpec, TypeVar

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError

from ..errors import DatabaseAway, DatabaseFull

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_SECONDS = 10.0
"""So long a database that has gone away is waited for; after that whoever asks is told at once."""
AGAIN_SECONDS = 0.1

_ENDED = ("08", "57P")
"""How PostgreSQL's codes begin that tell of a connection, or of a server that starts or stops."""
_CUT_OFF = (OSError, asyncio.TimeoutError, InternalClientError)
"""The last is asyncpg's when the server's farewell has come, and its socket's end not yet."""
_FULL = "53100"
_SQLITE_FULL = "database or disk is full"


class Outage:
    """How long a database has been away, for all who ask it."""

    def __init__(self) -> None:
        self._since: float | None = None

    def over(self) -> None:
        self._since = None

    def may_pass(self) -> bool:
        """Whether it is worth waiting for."""
        if self._since is None:
            self._since = time.monotonic()
        return time.monotonic() - self._since < PATIENCE_SECONDS


def has_hung_up(connection: Any) -> bool:
    """Whether the server has ended this asyncpg connection, on which nothing is being asked.

    Nothing is to be read from one that is at rest but its end, which the event loop may not have
    seen yet. Looking costs no round trip, as `pool_pre_ping` would before each statement.
    """
    if connection.is_closed():
        return True
    waiting = poll()
    waiting.register(connection._transport.get_extra_info("socket"), POLLIN)
    return bool(waiting.poll(0))


def is_away(error: BaseException) -> bool:
    """Whether it says that there is no connection to the database, or none any more."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, _CUT_OFF) or _code(error).startswith(_ENDED)


def raise_in_words(error: BaseException) -> None:
    """Raises what to answer when a statement has failed so; does nothing when the database is not
    to blame."""
    if is_away(error):
        raise DatabaseAway(
            "LNbits' database cannot be reached, or went away in the middle. Look whether what you "
            "asked for was done, then try again."
        ) from None
    if _code(error) == _FULL or (isinstance(error, DBAPIError) and _SQLITE_FULL in str(error.orig)):
        raise DatabaseFull(
            "The disk of LNbits' database is full, so this was not written: what you asked for is "
            "not done. Make room on it, then try again."
        ) from None


def once_more(work: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Done again when the connection broke: for what may be done twice."""

    @wraps(work)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await work(*args, **kwargs)
        except DatabaseAway:
            return await work(*args, **kwargs)

    return run


def _code(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")
