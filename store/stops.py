"""SQL about the emergency stop: what it would cut, and has cut (see `store/database.py`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..lifecycle import OPEN_STATES
from ..models import Machine
from .database import MACHINES, PAIRINGS, connected, db, moment, one_of


@dataclass(frozen=True)
class ToStop:
    """What an emergency stop would cut now."""

    machines: int
    """Those that have a key, or a seed."""
    connected: int
    """How many of them work."""


def to_stop(machine: str) -> str:
    """The machine that has this name in the statement has a key, or a seed of it is about: there is
    something to cut."""
    return (
        f"({machine}.cut_at IS NULL AND ({machine}.machine_npub IS NOT NULL OR EXISTS "
        f"(SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = {machine}.id "
        f"AND {one_of('p.state', OPEN_STATES)})))"
    )


def works(machine: str) -> str:
    """The machine that has this name in the statement is connected."""
    return (
        f"({machine}.cut_at IS NULL AND EXISTS (SELECT 1 FROM {PAIRINGS} p "
        f"WHERE p.machine_id = {machine}.id AND {connected('p')}))"
    )


async def count_to_stop(operator_user_id: str) -> ToStop:
    """How many machines an emergency stop would cut, and how many of them are connected."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS machines, SUM(CASE WHEN {works('m')} THEN 1 ELSE 0 END) AS connected "
        f"FROM {MACHINES} m WHERE m.operator_user_id = :operator AND {to_stop('m')}",
        {"operator": operator_user_id},
    )
    return ToStop(machines=row["machines"], connected=row["connected"] or 0)


async def get_stopped(operator_user_id: str) -> list[Machine]:
    """The operator's machines that an emergency stop has cut, and that were not paired since."""
    return await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE operator_user_id = :operator "
        "AND stopped_at IS NOT NULL AND cut_at = stopped_at ORDER BY name, id",
        {"operator": operator_user_id},
        Machine,
    )


async def was_stopped_since(operator_user_id: str, began: datetime) -> bool:
    """Whether an emergency stop has cut any of the operator's machines after this moment."""
    row: Any = await db.fetchone(
        f"SELECT id FROM {MACHINES} WHERE operator_user_id = :operator "
        f"AND stopped_at > {moment('began')} LIMIT 1",
        {"operator": operator_user_id, "began": began.timestamp()},
    )
    return row is not None
