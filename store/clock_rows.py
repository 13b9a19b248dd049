"""SQL about the pairings that end by the clock: one statement a function (see
`store/database.py`)."""

from datetime import datetime
from typing import Any

from .. import lifecycle
from ..models import Pairing, PairingState
from .database import PAIRINGS, db, moment, one_of, since_1970


async def get_ended_by_clock(now: datetime) -> list[Pairing]:
    """The connections whose session is over, then the seeds whose scan window has closed."""
    return await db.fetch_readable(
        f"SELECT * FROM {PAIRINGS} "
        f"WHERE (state = '{PairingState.ISSUED.value}' AND scan_before < {moment('now')}) "
        f"OR ({one_of('state', lifecycle.REDEEMED_STATES)} AND session_expires_at IS NOT NULL "
        f"AND session_expires_at <= {moment('now')}) "
        f"ORDER BY CASE WHEN state = '{PairingState.ISSUED.value}' THEN 1 ELSE 0 END, scan_before",
        {"now": now.timestamp()},
        Pairing,
    )


async def get_next_end(now: datetime) -> float | None:
    """When, in seconds since 1970, the next of them will be one."""
    rows: list[Any] = await db.fetchall(
        f"SELECT {since_1970('MIN(scan_before)')} AS next FROM {PAIRINGS} "
        f"WHERE state = '{PairingState.ISSUED.value}' AND scan_before >= {moment('now')} "
        f"UNION ALL SELECT {since_1970('MIN(session_expires_at)')} AS next FROM {PAIRINGS} "
        f"WHERE {one_of('state', lifecycle.REDEEMED_STATES)} AND session_expires_at IS NOT NULL "
        f"AND session_expires_at > {moment('now')}",
        {"now": now.timestamp()},
    )
    return min((float(row["next"]) for row in rows if row["next"] is not None), default=None)
