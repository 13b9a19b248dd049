"""SQL by which processes tell each other what changed (see `store/database.py`).

The times are the database's own, since the clocks of two hosts differ.
"""

from collections.abc import Collection

from lnbits.db import POSTGRES
from pydantic import BaseModel

from .database import CHANGED, db, each_of, listed

_NOW = "(now() AT TIME ZONE 'UTC')" if db.type == POSTGRES else "strftime('%s', 'now')"
_AGO = (
    f"{_NOW} - CAST(:seconds AS FLOAT) * interval '1 second'"
    if db.type == POSTGRES
    else f"{_NOW} - :seconds"
)


class Told(BaseModel):
    """That something of an operator's changed."""

    process: str
    number: int
    operator_user_id: str


async def tell(process: str, number: int, operators: Collection[str]) -> None:
    """This process tells the others that something of these operators' changed, as its message of
    this number."""
    await db.execute(
        f"INSERT INTO {CHANGED} (process, number, operator_user_id, at) "
        f"SELECT :process, CAST(:number AS INT), one, {_NOW} FROM {each_of('operators')} AS given",
        {"process": process, "number": number, "operators": listed(operators)},
    )


async def get_told(process: str, seconds: float) -> list[Told]:
    """What the others have told within so many seconds."""
    return await db.fetchall(
        f"SELECT process, number, operator_user_id FROM {CHANGED} "
        f"WHERE at >= {_AGO} AND process <> :process",
        {"process": process, "seconds": seconds},
        Told,
    )


async def forget(seconds: float) -> None:
    """What was told longer ago."""
    await db.execute(f"DELETE FROM {CHANGED} WHERE at < {_AGO}", {"seconds": seconds})
