"""LNbits' accounts, as far as a machine or its operator needs one."""

from collections.abc import Collection, Sequence
from typing import Any

from .database import among, core, listed
from .gathering import for_many


async def active_among(user_ids: Collection[str]) -> set[str]:
    """Those of these accounts that are there, and not deactivated."""
    if not user_ids:
        return set()
    rows: list[Any] = await core.fetchall(
        f"SELECT id FROM accounts WHERE id {among('users')} AND activated = true",  # noqa: S608
        {"users": listed(user_ids)},
    )
    return {row["id"] for row in rows}


@for_many
async def has_pubkey(pubkeys: Sequence[str]) -> Sequence[bool]:
    """Whether any account has this key (hex), deactivated ones too."""
    rows: list[Any] = await core.fetchall(
        "SELECT LOWER(pubkey) AS pubkey FROM accounts "  # noqa: S608
        f"WHERE LOWER(pubkey) {among('pubkeys')}",
        {"pubkeys": listed(pubkeys)},
    )
    taken = {row["pubkey"] for row in rows}
    return [pubkey in taken for pubkey in pubkeys]
