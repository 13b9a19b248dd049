"""SQL about keys in the bunker: whose they are, which passphrase each was made with, and which
throw-away keys of ours used them (see `store/database.py`)."""

from collections.abc import Collection
from typing import Any

from ..lifecycle import SHOWN_STATES
from ..models import KeyInUse, Pairing
from .database import (
    BURNERS,
    MACHINES,
    OWED,
    PAIRINGS,
    REFUSED,
    among,
    aside,
    db,
    listed,
    one_of,
)


async def get_passphrase_ids() -> set[str]:
    """The passphrases that some key in the bunker was encrypted with."""
    rows: list[Any] = await db.fetchall(f"SELECT DISTINCT passphrase_id FROM {PAIRINGS}")
    return {row["passphrase_id"] for row in rows}


async def create_burner(bunker_pubkey: str, key_name: str, pubkey: str) -> None:
    """Notes a throw-away key of ours before it redeems a token of this key.

    Kept for ever, like the key: among the key's users our own burner is no stranger.
    """
    await db.execute(
        f"INSERT INTO {BURNERS} (pubkey, bunker_pubkey, key_name) "
        "VALUES (:pubkey, :bunker, :key_name)",
        {"pubkey": pubkey, "bunker": bunker_pubkey, "key_name": key_name},
    )


async def get_burners(bunker_pubkey: str, key_name: str) -> set[str]:
    """Our own throw-away keys among the users of a key. Read them after the users."""
    rows: list[Any] = await db.fetchall(
        f"SELECT pubkey FROM {BURNERS} WHERE bunker_pubkey = :bunker AND key_name = :key_name",
        {"bunker": bunker_pubkey, "key_name": key_name},
    )
    return {row["pubkey"] for row in rows}


async def get_keys_in_use(bunker_pubkey: str) -> list[KeyInUse]:
    """The keys in this bunker that an open pairing needs, but for those that are to be revoked."""
    return await db.fetchall(
        "SELECT DISTINCT p.machine_id, m.operator_user_id, p.key_name, p.spire_pubkey, "
        "m.lock_reason "
        f"FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id "
        f"WHERE m.cut_at IS NULL AND {one_of('p.state', SHOWN_STATES)} "
        "AND p.bunker_pubkey = :bunker_pubkey AND NOT EXISTS "
        f"(SELECT 1 FROM {OWED} o WHERE o.kind = 'revoke_key' AND o.key_name = p.key_name "
        "AND o.bunker_pubkey = p.bunker_pubkey) ORDER BY p.machine_id, p.key_name",
        {"bunker_pubkey": bunker_pubkey},
        KeyInUse,
    )


async def get_pairings_through(bunker_pubkey: str, key_names: Collection[str]) -> list[Pairing]:
    """Every pairing of these keys through this bunker, newest first.

    Ask for few keys at a time: each may have had many pairings.
    """
    return await aside.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE key_name {among('names')} "
        "AND bunker_pubkey = :bunker_pubkey ORDER BY created_at DESC, id DESC",
        {"names": listed(key_names), "bunker_pubkey": bunker_pubkey},
        Pairing,
    )


async def create_refusal(bunker_pubkey: str, key_name: str, mark: str) -> None:
    """Notes that the bunker refused this passphrase for this key. `mark` stands for the
    passphrase."""
    await db.execute(
        f"INSERT INTO {REFUSED} (bunker_pubkey, key_name, passphrase_mark) "
        "VALUES (:bunker_pubkey, :key_name, :mark) ON CONFLICT DO NOTHING",
        {"bunker_pubkey": bunker_pubkey, "key_name": key_name, "mark": mark},
    )


async def get_refusals(bunker_pubkey: str) -> set[tuple[str, str]]:
    """Key name and mark of every passphrase that this bunker has refused."""
    rows: list[Any] = await db.fetchall(
        f"SELECT key_name, passphrase_mark FROM {REFUSED} WHERE bunker_pubkey = :bunker_pubkey",
        {"bunker_pubkey": bunker_pubkey},
    )
    return {(row["key_name"], row["passphrase_mark"]) for row in rows}


async def set_passphrase(bunker_pubkey: str, key_name: str, passphrase_id: str) -> None:
    """Notes that this passphrase opens the key, whichever it was made with."""
    await db.execute(
        f"UPDATE {PAIRINGS} SET passphrase_id = :passphrase_id "
        "WHERE bunker_pubkey = :bunker_pubkey AND key_name = :key_name "
        "AND passphrase_id <> :passphrase_id",
        {"bunker_pubkey": bunker_pubkey, "key_name": key_name, "passphrase_id": passphrase_id},
    )
