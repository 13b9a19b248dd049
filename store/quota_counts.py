"""SQL about quotas: what is counted is counted in the statement or transaction that adds it."""

from datetime import datetime, timedelta
from typing import Any

from lnbits.db import Connection

from ..models import LimitsRow, MintedKey
from .database import COUNTS, LIMITS, MINTED, db, moment

_STANDS = f"counts.began > {moment('ago')} AND counts.began <= {moment('soon')}"
"""What was counted counts still. Clocks of two processes may differ; one that was set back does not
keep anybody out."""


async def count(
    who: str, what: str, times: int, at_most: int, now: datetime, lasting: timedelta
) -> bool:
    """Whether so many more are allowed, which are then counted: `at_most` in a time that begins
    with the first of them."""
    if times > at_most:
        return False
    done = await db.execute(
        f"INSERT INTO {COUNTS} (who, what, began, times) "
        f"VALUES (:who, :what, {moment('now')}, CAST(:times AS INT)) "
        "ON CONFLICT (who, what) DO UPDATE SET "
        f"began = CASE WHEN {_STANDS} THEN counts.began ELSE excluded.began END, "
        f"times = excluded.times + CASE WHEN {_STANDS} THEN counts.times ELSE 0 END "
        f"WHERE NOT ({_STANDS}) OR counts.times + excluded.times <= CAST(:at_most AS INT)",
        {
            "who": who,
            "what": what,
            "times": times,
            "at_most": at_most,
            "now": now.timestamp(),
            "ago": (now - lasting).timestamp(),
            "soon": (now + lasting).timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def hold(who: str, what: str, now: datetime, conn: Connection) -> None:
    """Until the end of the transaction nobody else counts this: no other process either."""
    await conn.execute(
        f"INSERT INTO {COUNTS} (who, what, began, times) VALUES (:who, :what, {moment('now')}, 0) "
        "ON CONFLICT (who, what) DO UPDATE SET began = excluded.began",
        {"who": who, "what": what, "now": now.timestamp()},
    )


async def forget_counts(before: datetime) -> None:
    """What was counted before then counts no more."""
    await db.execute(
        f"DELETE FROM {COUNTS} WHERE began < {moment('before')}", {"before": before.timestamp()}
    )


async def count_minted(bunker_pubkey: str, conn: Connection | None = None) -> dict[str, int]:
    """How many keys this bunker was ever asked for, by operator."""
    rows: list[Any] = await (conn or db).fetchall(
        f"SELECT operator_user_id, COUNT(*) AS total FROM {MINTED} "
        "WHERE bunker_pubkey = :bunker_pubkey GROUP BY operator_user_id",
        {"bunker_pubkey": bunker_pubkey},
    )
    return {row["operator_user_id"]: int(row["total"]) for row in rows}


async def get_minted(
    machine_id: str, since: datetime, conn: Connection | None = None
) -> list[MintedKey]:
    """The keys that were minted for this machine since then, the oldest first."""
    return await (conn or db).fetchall(
        f"SELECT * FROM {MINTED} WHERE machine_id = :machine_id "
        f"AND minted_at > {moment('since')} ORDER BY minted_at, key_name",
        {"machine_id": machine_id, "since": since.timestamp()},
        MintedKey,
    )


async def is_counted(bunker_pubkey: str, key_name: str, conn: Connection | None = None) -> bool:
    """Whether this bunker was asked for a key of this name before."""
    row: Any = await (conn or db).fetchone(
        f"SELECT key_name FROM {MINTED} WHERE bunker_pubkey = :bunker_pubkey "
        "AND key_name = :key_name",
        {"bunker_pubkey": bunker_pubkey, "key_name": key_name},
    )
    return row is not None


async def create_minted(key: MintedKey, conn: Connection) -> None:
    await conn.insert(MINTED, key)


async def get_limits(conn: Connection | None = None) -> LimitsRow | None:
    return await (conn or db).fetchone(f"SELECT * FROM {LIMITS}", None, LimitsRow)


async def set_limits(row: LimitsRow, conn: Connection) -> None:
    """In place of those set before."""
    values = {**row.dict(), "updated_at": row.updated_at.timestamp()}
    await conn.execute(
        f"INSERT INTO {LIMITS} "
        "(id, max_keys, keys_an_operator, forced_keys_an_hour, updated_at) VALUES (:id, "
        "CAST(:max_keys AS INT), CAST(:keys_an_operator AS INT), "
        f"CAST(:forced_keys_an_hour AS INT), {moment('updated_at')}) "
        "ON CONFLICT (id) DO UPDATE SET max_keys = excluded.max_keys, "
        "keys_an_operator = excluded.keys_an_operator, "
        "forced_keys_an_hour = excluded.forced_keys_an_hour, updated_at = excluded.updated_at",
        values,
    )
