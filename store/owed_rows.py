"""SQL about what is still to be done with the bunker, and how to reach it: one statement a
function (see `store/database.py`)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..lifecycle import SHOWN_STATES
from ..models import BunkerSettingsRow, KeyInUse, Machine, MachineState, OwedRevocation, Pairing
from .database import (
    BURNERS,
    LEASES,
    MACHINES,
    OWED,
    PAIRINGS,
    REFUSED,
    SETTINGS,
    among,
    aside,
    db,
    listed,
    moment,
    one_of,
)


async def get_passphrase_ids() -> set[str]:
    """The passphrases that some key in the bunker was encrypted with."""
    rows: list[Any] = await db.fetchall(f"SELECT DISTINCT passphrase_id FROM {PAIRINGS}")
    return {row["passphrase_id"] for row in rows}


async def create_owed(owed: OwedRevocation) -> None:
    await db.insert(OWED, owed)


async def get_owed(machine_id: str) -> list[OwedRevocation]:
    return await db.fetchall(
        f"SELECT * FROM {OWED} WHERE machine_id = :machine_id ORDER BY created_at",
        {"machine_id": machine_id},
        OwedRevocation,
    )


async def get_due(now: datetime, bunker_pubkey: str, limit: int = 50) -> list[OwedRevocation]:
    """What this bunker should be asked now. What is owed by another bunker does not hold it up."""
    return await db.fetch_readable(
        f"SELECT * FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey "
        f"AND next_at <= {moment('now')} ORDER BY next_at LIMIT :limit",
        {"bunker_pubkey": bunker_pubkey, "now": now.timestamp(), "limit": limit},
        OwedRevocation,
    )


async def claim_owed(owed: OwedRevocation, next_at: datetime) -> bool:
    """Whether this process may work on it now. Counts the try and sets the time of the next one."""
    done = await db.execute(
        f"UPDATE {OWED} SET tries = :tries + 1, next_at = {moment('next_at')} "
        "WHERE id = :id AND tries = :tries",
        {"id": owed.id, "tries": owed.tries, "next_at": next_at.timestamp()},
    )
    return bool(done.rowcount == 1)


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


async def delete_owed(owed_id: str) -> None:
    await db.execute(f"DELETE FROM {OWED} WHERE id = :id", {"id": owed_id})


async def delete_untried(owed_id: str) -> None:
    await db.execute(f"DELETE FROM {OWED} WHERE id = :id AND tries = 0", {"id": owed_id})


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


async def get_locked_machines() -> list[Machine]:
    """The machines whose key is noted as wrong, or that were found locked."""
    return await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE lock_reason IS NOT NULL UNION "
        f"SELECT * FROM {MACHINES} WHERE state = '{MachineState.LOCKED.value}'",
        None,
        Machine,
    )


async def get_all_machines() -> list[Machine]:
    return await aside.fetchall(f"SELECT * FROM {MACHINES}", None, Machine)


async def get_some_machines(after: str, limit: int) -> list[Machine]:
    """The next `limit` of all machines after this id."""
    return await aside.fetchall(
        f"SELECT * FROM {MACHINES} WHERE id > :after ORDER BY id LIMIT :limit",
        {"after": after, "limit": limit},
        Machine,
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


async def get_owing_keys(bunker_pubkey: str) -> set[str]:
    """The names of the keys for which this bunker still has to do something."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT key_name FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey",
        {"bunker_pubkey": bunker_pubkey},
    )
    return {row["key_name"] for row in rows}


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


async def take_work_lease(name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` may now do the background work of this name."""
    done = await db.execute(
        f"INSERT INTO {LEASES} (name, holder, held_until) "
        f"VALUES (:name, :holder, {moment('until')}) "
        "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
        f"held_until = excluded.held_until WHERE leases.held_until < {moment('now')}",
        {"name": name, "holder": holder, "now": now.timestamp(), "until": until.timestamp()},
    )
    return bool(done.rowcount == 1)


async def release_work_lease(name: str, holder: str) -> None:
    await db.execute(
        f"DELETE FROM {LEASES} WHERE name = :name AND holder = :holder",
        {"name": name, "holder": holder},
    )


async def get_bunker_settings() -> BunkerSettingsRow | None:
    return await db.fetchone(f"SELECT * FROM {SETTINGS}", None, BunkerSettingsRow)


async def create_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.insert(SETTINGS, row)


async def update_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.update(SETTINGS, row)


async def delete_bunker_settings() -> None:
    await db.execute(f"DELETE FROM {SETTINGS}")
