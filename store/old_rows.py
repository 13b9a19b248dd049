"""SQL that removes what is old (see `store/database.py`)."""

from datetime import datetime
from typing import Any

from .database import JOURNAL, MACHINES, OWED, PAIRINGS, aside, db, moment, redeemed
from .deciding import STILL_OPEN

_SAME_KEY = (
    "o.machine_id = p.machine_id AND o.bunker_pubkey = p.bunker_pubkey AND o.key_name = p.key_name"
)
_OTHER = f"EXISTS (SELECT 1 FROM {PAIRINGS} o WHERE {_SAME_KEY} AND"
_LATER = "(o.created_at, o.id) > (p.created_at, p.id)"
_EARLIER = "(o.created_at, o.id) < (p.created_at, p.id)"
_RETIRED = (
    f"(NOT {_OTHER} o.{STILL_OPEN}) AND NOT EXISTS (SELECT 1 FROM {MACHINES} m "
    "WHERE m.id = p.machine_id AND m.bunker_spire_key_name = p.key_name))"
)
"""The key is its machine's no more, and nobody can come by it. Else all stay that somebody
redeemed: they tell who ever could sign as the machine."""


async def delete_lines(before: datetime, most: int) -> int:
    """Deletes up to `most` lines of the journal that are older than `before`. How many it
    deleted."""
    done = await db.execute(
        f"DELETE FROM {JOURNAL} WHERE id IN "
        f"(SELECT id FROM {JOURNAL} WHERE at < {moment('before')} LIMIT :most)",
        {"before": before.timestamp(), "most": most},
    )
    return int(done.rowcount)


async def get_pairing_ids(after: str, limit: int) -> list[str]:
    """The ids of all pairings, in order: the next ones after this id."""
    rows: list[Any] = await aside.fetchall(
        f"SELECT id FROM {PAIRINGS} WHERE id > :after ORDER BY id LIMIT :limit",
        {"after": after, "limit": limit},
    )
    return [row["id"] for row in rows]


async def delete_pairings(after: str, last: str, before: datetime) -> None:
    """Deletes the pairings in this range of ids that ended before `before` and decide nothing.

    It keeps: the last pairing of each key, and its last with a seed; every pairing of a key for
    which the bunker owes something; of a key that may still be used, its first pairing and those
    that somebody redeemed.
    """
    await db.execute(
        f"DELETE FROM {PAIRINGS} AS p WHERE p.id > :after AND p.id <= :last "
        f"AND p.ended_at < {moment('before')} AND NOT (p.{STILL_OPEN}) AND {_OTHER} {_LATER}) "
        f"AND (p.issued_at IS NULL OR {_OTHER} o.issued_at IS NOT NULL AND {_LATER})) "
        f"AND NOT EXISTS (SELECT 1 FROM {OWED} w WHERE w.bunker_pubkey = p.bunker_pubkey "
        "AND w.key_name = p.key_name) "
        f"AND ({_RETIRED} OR (NOT {redeemed('p')} AND {_OTHER} {_EARLIER})))",
        {"after": after, "last": last, "before": before.timestamp()},
    )
