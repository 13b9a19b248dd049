"""SQL about the requests of machines that were heard: each is answered once, by one process."""

from datetime import datetime, timedelta
from typing import Any

from .database import CASH_HEARD, db, moment


async def note_heard(event_id: str, machine_id: str, now: datetime, forget_at: datetime) -> bool:
    """True for whoever notes it first, who answers it."""
    done = await db.execute(
        f"INSERT INTO {CASH_HEARD} (event_id, machine_id, at, forget_at) "
        f"VALUES (:event, :machine, {moment('now')}, {moment('forget')}) ON CONFLICT DO NOTHING",
        {
            "event": event_id,
            "machine": machine_id,
            "now": now.timestamp(),
            "forget": forget_at.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def count_heard(machine_id: str, now: datetime, within: timedelta) -> int:
    """How many requests of this machine were heard in the time before now."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {CASH_HEARD} "
        f"WHERE machine_id = :machine AND at > {moment('since')}",
        {"machine": machine_id, "since": (now - within).timestamp()},
    )
    return int(row["total"])


async def forget_heard(now: datetime) -> None:
    """What is so old that it would not be answered anyway."""
    await db.execute(
        f"DELETE FROM {CASH_HEARD} WHERE forget_at < {moment('now')}", {"now": now.timestamp()}
    )
