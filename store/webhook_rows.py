"""SQL about the webhook that the superuser has entered (see `store/database.py`)."""

from typing import Any

from lnbits.db import Connection

from .database import WEBHOOK, db


async def get_sealed() -> str | None:
    """All of it, sealed; None where none is entered."""
    row: Any = await db.fetchone(f"SELECT sealed FROM {WEBHOOK}")
    return str(row["sealed"]) if row else None


async def set_sealed(sealed: str, conn: Connection) -> None:
    """In place of the one that was there."""
    await conn.execute(
        f"INSERT INTO {WEBHOOK} (id, sealed) VALUES ('webhook', :sealed) "
        "ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
        {"sealed": sealed},
    )


async def delete(conn: Connection) -> None:
    await conn.execute(f"DELETE FROM {WEBHOOK}")
