"""SQL about how often each of the superuser's settings was changed (see `store/database.py`)."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from lnbits.db import Connection

from ..errors import EditedMeanwhile
from .database import VERSIONS, db, finished

Setting = Literal["bunker", "limits", "webhook"]


async def get_version(setting: Setting, conn: Connection | None = None) -> int:
    row: Any = await (conn or db).fetchone(
        f"SELECT version FROM {VERSIONS} WHERE name = :name", {"name": setting}
    )
    return int(row["version"])


@finished
async def change(
    setting: Setting, version: int | None, write: Callable[[Connection], Awaitable[None]]
) -> int:
    """Has `write` change a setting, in one transaction. The setting's new version.

    Raises EditedMeanwhile, with nothing written, when it has another version than this one; None:
    whichever it has.
    """
    same = "" if version is None else "AND version = :version"
    async with db.transaction() as tx:
        done = await tx.execute(
            f"UPDATE {VERSIONS} SET version = version + 1 WHERE name = :name {same}",
            {"name": setting, **({} if version is None else {"version": version})},
        )
        if done.rowcount != 1:
            raise EditedMeanwhile(
                "Somebody has changed this since you read it; look at it and change it once more."
            )
        await write(tx)
        return await get_version(setting, tx)
