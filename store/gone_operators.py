"""SQL about machines whose operator's account is gone, and since when: one statement a function
(see `store/database.py`)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..models import GoneOperator, Machine
from .database import GONE, MACHINES, among, aside, db, each_of, listed, moment


async def get_operators() -> set[str]:
    """Whoever has a machine."""
    rows: list[Any] = await aside.fetchall(f"SELECT DISTINCT operator_user_id FROM {MACHINES}")
    return {row["operator_user_id"] for row in rows}


async def get_gone() -> dict[str, datetime]:
    """The operators whose account was found gone, and when it was found first."""
    rows = await db.fetchall(f"SELECT * FROM {GONE}", None, GoneOperator)
    return {row.operator_user_id: row.since for row in rows}


async def note_gone(operators: Collection[str], now: datetime) -> None:
    """Notes these operators as gone since `now`. Who is noted already keeps the earlier time."""
    if operators:
        await db.execute(
            f"INSERT INTO {GONE} (operator_user_id, since) "
            f"SELECT given.one, {moment('now')} FROM {each_of('operators')} given WHERE true "
            "ON CONFLICT DO NOTHING",
            {"operators": listed(operators), "now": now.timestamp()},
        )


async def forget_gone(operators: Collection[str]) -> None:
    """Forgets operators who are back, or who have no machine any more."""
    if operators:
        await db.execute(
            f"DELETE FROM {GONE} WHERE operator_user_id {among('operators')}",
            {"operators": listed(operators)},
        )


async def get_uncut_of(operators: Collection[str]) -> list[Machine]:
    """The machines of these operators that are not cut."""
    return await aside.fetch_readable(
        f"SELECT * FROM {MACHINES} WHERE operator_user_id {among('operators')} AND cut_at IS NULL",
        {"operators": listed(operators)},
        Machine,
    )
