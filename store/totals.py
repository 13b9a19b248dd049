"""SQL that counts over all operators (see `store/database.py`)."""

from datetime import datetime
from typing import Any

from ..models import MachineState, PairingState
from .database import MACHINES, NOTICES, OWED, PAIRINGS, db, moment, since_1970


async def answers() -> None:
    """Raises what the database does when it does not answer."""
    await db.fetchall(f"SELECT 1 FROM {OWED} LIMIT 1")


async def count_by_state() -> dict[str, int]:
    """Machines, by the state that was last written down."""
    found = await _by(f"SELECT state AS name, COUNT(*) AS total FROM {MACHINES} GROUP BY state")
    return {state.value: found.get(state.value, 0) for state in MachineState}


async def count_locked() -> dict[str, int]:
    """Machines whose key cannot sign, by the reason."""
    return await _by(
        f"SELECT lock_reason AS name, COUNT(*) AS total FROM {MACHINES} "
        "WHERE lock_reason IS NOT NULL GROUP BY lock_reason"
    )


async def count_notices() -> dict[str, int]:
    """What stood at the last look, by code."""
    return await _by(f"SELECT code AS name, COUNT(*) AS total FROM {NOTICES} GROUP BY code")


async def count_waiting(now: datetime) -> int:
    """Pairing codes that may still be scanned."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {PAIRINGS} "
        f"WHERE state = '{PairingState.ISSUED.value}' AND scan_before >= {moment('now')}",
        {"now": now.timestamp()},
    )
    return int(row["total"])


async def count_owed() -> tuple[int, float | None]:
    """How much the bunker owes, and since when, in seconds since 1970; None: nothing."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total, {since_1970('MIN(created_at)')} AS since FROM {OWED}"
    )
    return int(row["total"]), None if row["since"] is None else float(row["since"])


async def _by(query: str) -> dict[str, int]:
    rows: list[Any] = await db.fetchall(query)
    return {row["name"]: int(row["total"]) for row in rows}
