"""SQL about what the bunker still owes: one statement a function (see `store/database.py`)."""

from datetime import datetime
from typing import Any

from ..models import OwedRevocation
from .database import (
    OWED,
    db,
    moment,
)


async def create_owed(owed: OwedRevocation) -> None:
    await db.insert(OWED, owed)


async def get_owed(machine_id: str) -> list[OwedRevocation]:
    return await db.fetchall(
        f"SELECT * FROM {OWED} WHERE machine_id = :machine_id ORDER BY created_at",
        {"machine_id": machine_id},
        OwedRevocation,
    )


async def get_due(now: datetime, bunker_pubkey: str) -> list[OwedRevocation]:
    """What this bunker should be asked now. What is owed by another bunker does not hold it up."""
    return await db.fetch_readable(
        f"SELECT * FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey "
        f"AND next_at <= {moment('now')} ORDER BY next_at",
        {"bunker_pubkey": bunker_pubkey, "now": now.timestamp()},
        OwedRevocation,
    )


async def claim_owed(owed: OwedRevocation, next_at: datetime) -> bool:
    """Whether this process may work on it now. Counts the try and sets the time of the next one."""
    done = await db.execute(
        f"UPDATE {OWED} SET tries = :tries + 1, next_at = {moment('next_at')} "
        "WHERE id = :id AND tries = :tries",
        {"id": owed.id, "tries": owed.tries, "next_at": next_at.timestamp()},
    )
    return bool(done.rowcount == 1)


async def delete_owed(owed_id: str) -> None:
    await db.execute(f"DELETE FROM {OWED} WHERE id = :id", {"id": owed_id})


async def delete_untried(owed_id: str) -> None:
    await db.execute(f"DELETE FROM {OWED} WHERE id = :id AND tries = 0", {"id": owed_id})


async def get_owing_keys(bunker_pubkey: str) -> set[str]:
    """The names of the keys for which this bunker still has to do something."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT key_name FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey",
        {"bunker_pubkey": bunker_pubkey},
    )
    return {row["key_name"] for row in rows}
