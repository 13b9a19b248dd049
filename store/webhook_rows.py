"""SQL about the webhook that the superuser has entered (see `store/database.py`)."""

from lnbits.db import Connection

from ..models import WebhookRow
from .database import WEBHOOK, db


async def get_webhook() -> WebhookRow | None:
    return await db.fetchone(f"SELECT * FROM {WEBHOOK}", None, WebhookRow)


async def set_webhook(row: WebhookRow, conn: Connection) -> None:
    """In place of the one that was there."""
    await delete_webhook(conn)
    await conn.insert(WEBHOOK, row)


async def delete_webhook(conn: Connection) -> None:
    await conn.execute(f"DELETE FROM {WEBHOOK}")
