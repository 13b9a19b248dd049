"""SQL about notices that stand, and whether they have been told (see `store/database.py`).

A fleet falls silent at once, and is heard again at once. So many rows are written together, some
at a time: one wait for the disk each, and no request waits long.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from lnbits.db import Connection

from ..loop import chunks
from ..models import NoticeRow
from .database import NOTICES, Transaction, aside, db, finished, moment

AT_A_TIME = 20
Key = tuple[str, str]
"""The id of a notice's machine, or "", and its code."""
T = TypeVar("T")


async def get_notices() -> list[NoticeRow]:
    return await aside.fetchall(f"SELECT * FROM {NOTICES}", None, NoticeRow)


async def get_notices_of(code: str) -> list[NoticeRow]:
    return await aside.fetchall(
        f"SELECT * FROM {NOTICES} WHERE code = :code", {"code": code}, NoticeRow
    )


async def get_notice(machine_id: str, code: str) -> NoticeRow | None:
    return await db.fetchone(
        f"SELECT * FROM {NOTICES} WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code},
        NoticeRow,
    )


async def keep_notice(row: NoticeRow, conn: Connection | None = None) -> None:
    """Stores a notice as not yet told, in place of an older one of its machine and code."""
    await (conn or db).execute(
        f"INSERT INTO {NOTICES} (machine_id, code, mark, since) "
        f"VALUES (:machine_id, :code, :mark, {moment('since')}) "
        "ON CONFLICT (machine_id, code) DO UPDATE SET mark = excluded.mark, "
        "since = excluded.since, told_at = NULL, posted_at = NULL",
        {
            "machine_id": row.machine_id,
            "code": row.code,
            "mark": row.mark,
            "since": row.since.timestamp(),
        },
    )


async def delete_notice(machine_id: str, code: str, conn: Connection | None = None) -> None:
    await (conn or db).execute(
        f"DELETE FROM {NOTICES} WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code},
    )


async def set_posted(machine_id: str, code: str, now: datetime) -> None:
    await db.execute(
        f"UPDATE {NOTICES} SET posted_at = {moment('now')} "
        "WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code, "now": now.timestamp()},
    )


async def keep_notices(rows: Collection[NoticeRow]) -> None:
    await _together(rows, keep_notice)


async def delete_notices(keys: Collection[Key]) -> None:
    await _together(keys, lambda key, tx: delete_notice(*key, tx))


async def claim_tellings(keys: Collection[Key], now: datetime) -> set[Key]:
    """Those of these notices that this process is to tell their operators now."""
    claimed: set[Key] = set()

    async def claim(key: Key, tx: Transaction) -> None:
        done = await tx.execute(
            f"UPDATE {NOTICES} SET told_at = {moment('now')} "
            "WHERE machine_id = :machine_id AND code = :code AND told_at IS NULL",
            {"machine_id": key[0], "code": key[1], "now": now.timestamp()},
        )
        if done.rowcount == 1:
            claimed.add(key)

    await _together(keys, claim)
    return claimed


async def _together(items: Iterable[T], work: Callable[[T, Transaction], Awaitable[None]]) -> None:
    for some in chunks([*items], AT_A_TIME):
        await _in_one(some, work)


@finished
async def _in_one(items: Sequence[T], work: Callable[[T, Transaction], Awaitable[None]]) -> None:
    async with db.transaction() as tx:
        for item in items:
            await work(item, tx)
