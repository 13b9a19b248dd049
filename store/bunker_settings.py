"""SQL about how to reach the bunker (see `store/database.py`)."""

from ..models import BunkerSettingsRow
from .database import (
    SETTINGS,
    db,
)


async def get_bunker_settings() -> BunkerSettingsRow | None:
    return await db.fetchone(f"SELECT * FROM {SETTINGS}", None, BunkerSettingsRow)


async def create_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.insert(SETTINGS, row)


async def update_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.update(SETTINGS, row)


async def delete_bunker_settings() -> None:
    await db.execute(f"DELETE FROM {SETTINGS}")
