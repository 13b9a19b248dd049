"""LNbits' accounts, as far as a machine or its operator needs one."""

from collections.abc import Sequence
from typing import Any

from lnbits.core.crud import get_account

from .database import core, each_of, values_of_each
from .gathering import for_many


async def is_active(user_id: str) -> bool:
    """Whether the account is there, and not deactivated."""
    async with core.connect() as connection:
        return await get_account(user_id, conn=connection) is not None


@for_many
async def has_pubkey(pubkeys: Sequence[str]) -> Sequence[bool]:
    """Whether any account has this key (hex), deactivated ones too."""
    rows: list[Any] = await core.fetchall(
        "SELECT LOWER(pubkey) AS pubkey FROM accounts "  # noqa: S608
        f"WHERE LOWER(pubkey) IN ({each_of('key', len(pubkeys))})",
        values_of_each(pubkeys, key=str),
    )
    taken = {row["pubkey"] for row in rows}
    return [pubkey in taken for pubkey in pubkeys]
