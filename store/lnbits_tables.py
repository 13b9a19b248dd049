"""LNbits' own tables: accounts and wallets, as far as a machine or its operator needs one."""

from collections.abc import Collection
from typing import Any

from .database import among, core, listed


async def active_among(user_ids: Collection[str]) -> set[str]:
    """Those of these accounts that are there, and not deactivated."""
    if not user_ids:
        return set()
    rows: list[Any] = await core.fetchall(
        f"SELECT id FROM accounts WHERE id {among('users')} AND activated = true",
        {"users": listed(user_ids)},
    )
    return {row["id"] for row in rows}


async def has_pubkey(pubkey: str) -> bool:
    """Whether any account has this key (hex), deactivated ones too."""
    row: Any = await core.fetchone(
        "SELECT id FROM accounts WHERE LOWER(pubkey) = :pubkey LIMIT 1", {"pubkey": pubkey}
    )
    return row is not None


async def wallets_of(user_id: str) -> list[tuple[str, str]]:
    """Id and name of the user's own wallets that are not deleted, by name."""
    rows: list[Any] = await core.fetchall(
        'SELECT id, name FROM wallets WHERE "user" = :user_id '
        "AND NOT deleted AND shared_wallet_id IS NULL ORDER BY name, id",
        {"user_id": user_id},
    )
    return [(row["id"], row["name"]) for row in rows]


async def standing_wallets(wallet_ids: Collection[str], operator_user_id: str) -> set[str]:
    """Which of the wallets are the operator's own and not deleted, while the operator's account is
    active: LNbits refuses the keys of every other account."""
    return {row["id"] for row in await _standing(wallet_ids, operator_user_id)}


async def standing_names(wallet_ids: Collection[str], operator_user_id: str) -> dict[str, str]:
    """The names of those of `standing_wallets`, by id."""
    rows = await _standing(wallet_ids, operator_user_id, "name")
    return {row["id"]: row["name"] for row in rows}


async def _standing(wallet_ids: Collection[str], operator_user_id: str, *columns: str) -> list[Any]:
    """The owner is compared here and not in SQL, where SQLite would read all wallets of the
    operator."""
    if not wallet_ids:
        return []
    read = ", ".join(["id", '"user" AS owner', *columns])
    rows: list[Any] = await core.fetchall(
        f"SELECT {read} FROM wallets WHERE id {among('wallets')} "
        "AND NOT deleted AND shared_wallet_id IS NULL AND EXISTS "
        '(SELECT 1 FROM accounts a WHERE a.id = wallets."user" AND a.activated = true)',
        {"wallets": listed(wallet_ids)},
    )
    return [row for row in rows if row["owner"] == operator_user_id]
