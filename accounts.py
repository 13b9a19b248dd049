"""LNbits' accounts, as far as a machine or its operator needs one."""

from collections.abc import Collection
from typing import Any

from .database import among, core, listed


async def active_among(user_ids: Collection[str]) -> set[str]:
    """Those of these accounts that are there, and not deactivated."""
    if not user_ids:
        return set()
    rows: list[Any] = await core.fetchall(
        f"SELECT id FROM accounts WHERE id {among('users')} AND activated = true",  # noqa: S608
        {"users": listed(user_ids)},
    )
    return {row["id"] for row in rows}


async def has_pubkey(pubkey: str) -> bool:
    """Whether any account has this key (hex), deactivated ones too."""
    row: Any = await core.fetchone(
        "SELECT id FROM accounts WHERE LOWER(pubkey) = :pubkey LIMIT 1", {"pubkey": pubkey}
    )
    return row is not None
