"""SQL about how to reach the bunker (see `store/database.py`)."""

from lnbits.db import Connection

from ..models import BunkerSettingsRow
from .database import (
    SETTINGS,
    db,
)


async def get_bunker_settings() -> BunkerSettingsRow | None:
    return await db.fetchone(f"SELECT * FROM {SETTINGS}", None, BunkerSettingsRow)


async def create_bunker_settings(row: BunkerSettingsRow, conn: Connection | None = None) -> None:
    await (conn or db).insert(SETTINGS, row)


async def update_bunker_settings(row: BunkerSettingsRow, conn: Connection | None = None) -> None:
    await (conn or db).update(SETTINGS, row)


async def delete_bunker_settings(conn: Connection | None = None) -> None:
    await (conn or db).execute(f"DELETE FROM {SETTINGS}")
