"""SQL: one statement a function.

Text that people typed goes through insert and update of models, because LNbits strips markup from
the parameters of raw statements. Times in raw statements go through `_at`, because a raw datetime
would be read in PostgreSQL's own time zone.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from lnbits.db import POSTGRES, Database

from . import lifecycle
from .models import (
    BunkerSettingsRow,
    JournalEntry,
    KeyInUse,
    Machine,
    MachineEdit,
    MachineState,
    NoticeRow,
    OverdueRevocation,
    OwedRevocation,
    Page,
    Pairing,
    PairingState,
    RosterEntry,
    WatchedPairing,
)

db = Database("ext_spirekeeper")

MACHINES = "spirekeeper.dca_machines"
PAIRINGS = "spirekeeper.pairings"
OWED = "spirekeeper.owed_revocations"
JOURNAL = "spirekeeper.journal"
NOTICES = "spirekeeper.notices"
SETTINGS = "spirekeeper.bunker_settings"
LEASES = "spirekeeper.leases"
REFUSED = "spirekeeper.refused_passphrases"

SORTABLE = ("name", "location", "state", "created_at", "paired_at", "last_seen_at")


def _at(key: str) -> str:
    """The placeholder of a time given as seconds since 1970 (UTC)."""
    return f"(to_timestamp(:{key}) AT TIME ZONE 'UTC')" if db.type == POSTGRES else f":{key}"


def _since_1970(column: str) -> str:
    """The seconds of a time column."""
    return f"EXTRACT(EPOCH FROM {column})" if db.type == POSTGRES else column


# Machines


async def create_machine(machine: Machine) -> None:
    await db.insert(MACHINES, machine)


async def update_machine(edit: MachineEdit) -> None:
    """Writes what the operator edits and nothing else, so that it cannot undo a cut."""
    await db.update(MACHINES, edit)


async def get_machine(machine_id: str) -> Machine | None:
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE id = :id", {"id": machine_id}, Machine
    )


async def get_machine_by_npub(pubkey: str) -> Machine | None:
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE machine_npub = :pubkey", {"pubkey": pubkey}, Machine
    )


async def get_machine_awaiting(pubkey: str) -> Machine | None:
    """The machine whose key this is, or whose newer seed stands for it."""
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE machine_npub = :pubkey OR id IN "
        f"(SELECT machine_id FROM {PAIRINGS} WHERE spire_pubkey = :pubkey AND state = 'issued')",
        {"pubkey": pubkey},
        Machine,
    )


async def get_machine_by_wallet(wallet_id: str) -> Machine | None:
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE wallet_id = :wallet_id", {"wallet_id": wallet_id}, Machine
    )


async def get_machines(
    operator_user_id: str,
    *,
    search: str = "",
    state: MachineState | None = None,
    sort_by: str = "created_at",
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> Page[Machine]:
    """One page of an operator's machines; `search` is the beginning of a name or a location."""
    if sort_by not in SORTABLE:
        raise ValueError(f"cannot sort by {sort_by}")
    where = "operator_user_id = :operator"
    values: dict[str, Any] = {"operator": operator_user_id}
    if search:
        where += (
            " AND (lower(name) LIKE :prefix ESCAPE '!' OR lower(location) LIKE :prefix ESCAPE '!')"
        )
        values["prefix"] = _prefix(search)
    if state:
        where += " AND state = :state"
        values["state"] = state.value
    order = f"{sort_by} {'DESC' if descending else 'ASC'}, id"
    rows = await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
        Machine,
    )
    count: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {MACHINES} WHERE {where}", values
    )
    return Page[Machine](data=rows, total=count["total"])


async def count_machines(operator_user_id: str) -> int:
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {MACHINES} WHERE operator_user_id = :operator",
        {"operator": operator_user_id},
    )
    return int(row["total"])


async def count_uncut_machines(operator_user_id: str) -> int:
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {MACHINES} "
        "WHERE operator_user_id = :operator AND cut_at IS NULL",
        {"operator": operator_user_id},
    )
    return int(row["total"])


async def get_machines_cut_at(operator_user_id: str, at: datetime) -> list[Machine]:
    """The operator's machines that were cut at just this moment."""
    return await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE operator_user_id = :operator "
        f"AND cut_at = {_at('at')} ORDER BY name, id",
        {"operator": operator_user_id, "at": at.timestamp()},
        Machine,
    )


def _prefix(search: str) -> str:
    escaped = search.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return escaped + "%"


async def delete_machine(machine_id: str) -> None:
    await db.execute(f"DELETE FROM {MACHINES} WHERE id = :id", {"id": machine_id})


async def set_machine_pairing(
    machine_id: str,
    holder: str,
    *,
    pubkey: str | None,
    key_name: str | None,
    state: MachineState,
    now: datetime,
) -> bool:
    """The machine has this key and a fresh seed, and the lease is given back.

    False when `holder` lost the lease meanwhile: a cut takes it away, so a pairing under way cannot
    undo a revoke.
    """
    done = await db.execute(
        f"UPDATE {MACHINES} SET machine_npub = :pubkey, bunker_spire_key_name = :key_name, "
        f"paired_at = {_at('now')}, updated_at = {_at('now')}, cut_at = NULL, state = :state, "
        "busy_by = NULL, busy_until = NULL WHERE id = :id AND busy_by = :holder",
        {
            "id": machine_id,
            "holder": holder,
            "pubkey": pubkey,
            "key_name": key_name,
            "state": state.value,
            "now": now.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def set_machine_key(machine_id: str, pubkey: str, key_name: str) -> None:
    """The roster moves to this key: the seed of a rotation was redeemed."""
    await db.execute(
        f"UPDATE {MACHINES} SET machine_npub = :pubkey, bunker_spire_key_name = :key_name "
        "WHERE id = :id AND cut_at IS NULL",
        {"id": machine_id, "pubkey": pubkey, "key_name": key_name},
    )


async def set_machine_unpaired(machine_id: str, now: datetime) -> None:
    """Cuts the machine, here and now, and takes the lease from whoever is pairing it."""
    await db.execute(
        f"UPDATE {MACHINES} SET cut_at = {_at('now')}, state = 'revoked', "
        f"updated_at = {_at('now')}, busy_by = NULL, busy_until = NULL WHERE id = :id",
        {"id": machine_id, "now": now.timestamp()},
    )


async def set_machines_unpaired(operator_user_id: str, expected: int, now: datetime) -> int:
    """Cuts all of an operator's machines in this one statement, if they are `expected` many.

    The number of machines cut. As with one machine, whoever is pairing any loses the lease.
    """
    uncut = "operator_user_id = :operator AND cut_at IS NULL"
    done = await db.execute(
        f"UPDATE {MACHINES} SET cut_at = {_at('now')}, state = 'revoked', "
        f"updated_at = {_at('now')}, busy_by = NULL, busy_until = NULL WHERE {uncut} "
        f"AND (SELECT COUNT(*) FROM {MACHINES} WHERE {uncut}) = :expected",
        {"operator": operator_user_id, "expected": expected, "now": now.timestamp()},
    )
    return int(done.rowcount)


async def set_machine_state(machine_id: str, state: MachineState) -> None:
    """Keeps the cached state, unless a cut has been written since it was worked out."""
    await db.execute(
        f"UPDATE {MACHINES} SET state = :state "
        "WHERE id = :id AND (cut_at IS NULL OR :state = 'revoked')",
        {"id": machine_id, "state": state.value},
    )


async def set_machine_lock(machine_id: str, reason: str | None, now: datetime) -> bool:
    """Notes that the bunker has the key locked and why, or (None) that it is unlocked.

    True when that is news.
    """
    done = await db.execute(
        f"UPDATE {MACHINES} SET lock_reason = :reason, "
        f"locked_at = CASE WHEN :locked = 1 THEN {_at('now')} ELSE NULL END "
        "WHERE id = :id AND COALESCE(lock_reason, '') <> :wanted",
        {
            "id": machine_id,
            "reason": reason,
            "wanted": reason or "",
            "locked": 1 if reason else 0,
            "now": now.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def set_machine_flag(machine_id: str, flag: str | None, now: datetime) -> bool:
    """Flags that somebody else seems to use the machine's key, or (None) takes the flag away.

    One flag, whichever way it was found: the first stays. True when that is news.
    """
    was = "flag IS NULL" if flag else "flag IS NOT NULL"
    at = _at("now") if flag else "NULL"
    values: dict[str, Any] = {"id": machine_id, "flag": flag}
    if flag:
        values["now"] = now.timestamp()
    done = await db.execute(
        f"UPDATE {MACHINES} SET flag = :flag, flagged_at = {at} WHERE id = :id AND {was}", values
    )
    return bool(done.rowcount == 1)


async def set_last_seen(seen: Mapping[str, datetime]) -> None:
    """Notes when machines were last seen; an older time than the one noted changes nothing."""
    values: dict[str, Any] = {}
    for n, (machine_id, at) in enumerate(seen.items()):
        values |= {f"m{n}": machine_id, f"t{n}": at.timestamp()}
    ids = ", ".join(f":m{n}" for n in range(len(seen)))
    times = " ".join(f"WHEN :m{n} THEN {_at(f't{n}')}" for n in range(len(seen)))
    await db.execute(
        f"UPDATE {MACHINES} SET last_seen_at = CASE id {times} END WHERE id IN ({ids}) "
        f"AND (last_seen_at IS NULL OR last_seen_at < CASE id {times} END)",
        values,
    )


async def take_lease(machine_id: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` may now talk to the bunker about this machine."""
    done = await db.execute(
        f"UPDATE {MACHINES} SET busy_by = :holder, busy_until = {_at('until')} "
        f"WHERE id = :id AND (busy_by IS NULL OR busy_until < {_at('now')})",
        {
            "id": machine_id,
            "holder": holder,
            "now": now.timestamp(),
            "until": until.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def renew_lease(machine_id: str, holder: str, until: datetime) -> bool:
    done = await db.execute(
        f"UPDATE {MACHINES} SET busy_until = {_at('until')} WHERE id = :id AND busy_by = :holder",
        {"id": machine_id, "holder": holder, "until": until.timestamp()},
    )
    return bool(done.rowcount == 1)


async def release_lease(machine_id: str, holder: str) -> None:
    await db.execute(
        f"UPDATE {MACHINES} SET busy_by = NULL, busy_until = NULL "
        "WHERE id = :id AND busy_by = :holder",
        {"id": machine_id, "holder": holder},
    )


# Pairings


async def create_pairing(pairing: Pairing) -> None:
    await db.insert(PAIRINGS, pairing)


async def get_pairings(machine_ids: Collection[str]) -> list[Pairing]:
    """Every pairing of these machines, newest first."""
    keys = {f"m{n}": machine_id for n, machine_id in enumerate(machine_ids)}
    if not keys:
        return []
    wanted = ", ".join(f":{key}" for key in keys)
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE machine_id IN ({wanted}) "
        "ORDER BY created_at DESC, id DESC",
        keys,
        Pairing,
    )


async def get_ever_paired(operator_user_id: str) -> set[str]:
    """The operator's machines that a bunker may know something of."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT p.machine_id FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id "
        "WHERE m.operator_user_id = :operator",
        {"operator": operator_user_id},
    )
    return {row["machine_id"] for row in rows}


async def get_pairing_page(machine_id: str, limit: int, offset: int) -> Page[Pairing]:
    """One page of a machine's pairings, newest first."""
    rows = await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE machine_id = :machine_id "
        "ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset",
        {"machine_id": machine_id, "limit": limit, "offset": offset},
        Pairing,
    )
    count: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {PAIRINGS} WHERE machine_id = :machine_id",
        {"machine_id": machine_id},
    )
    return Page[Pairing](data=rows, total=count["total"])


async def get_pairings_of_key(bunker_pubkey: str, key_name: str) -> list[Pairing]:
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE key_name = :key_name AND bunker_pubkey = :bunker",
        {"key_name": key_name, "bunker": bunker_pubkey},
        Pairing,
    )


async def get_ended_by_clock(now: datetime) -> list[Pairing]:
    """Seeds whose scan window has closed, and connections whose session is over."""
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE (state = 'issued' AND scan_before < {_at('now')}) "
        "OR (state IN ('redeemed', 'confirmed') AND session_expires_at IS NOT NULL "
        f"AND session_expires_at <= {_at('now')}) ORDER BY scan_before LIMIT 100",
        {"now": now.timestamp()},
        Pairing,
    )


_WATCHED = (
    f"FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id WHERE m.cut_at IS NULL "
    "AND p.spire_pubkey IS NOT NULL AND p.state IN ('issued', 'redeemed', 'confirmed')"
)


async def get_watch_mark() -> tuple[Any, ...]:
    """Differs whenever get_watched does; cheap enough to ask every few seconds."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS open, SUM({_since_1970('p.created_at')}) AS made, "
        f"COUNT(p.redeemed_at) AS redeemed, COUNT(p.confirmed_at) AS confirmed {_WATCHED}"
    )
    return tuple(row.values())


async def get_watched() -> list[WatchedPairing]:
    """The open pairings of machines that are not cut, once their key is known."""
    rows: list[Any] = await db.fetchall(
        "SELECT p.machine_id, p.state, p.key_name, p.spire_pubkey, p.client_pubkey, "
        f"p.confirm_required, p.bunker_relay, p.relays {_WATCHED}"
    )
    return [
        WatchedPairing(
            machine_id=row["machine_id"],
            state=PairingState(row["state"]),
            key_name=row["key_name"],
            spire_pubkey=row["spire_pubkey"],
            client_pubkey=row["client_pubkey"],
            confirm_required=bool(row["confirm_required"]),
            relays=frozenset([row["bunker_relay"], *json.loads(row["relays"])]),
        )
        for row in rows
    ]


async def get_machine_of_key(key_name: str) -> Machine | None:
    """The machine that a key of the bunker was made for."""
    return await db.fetchone(
        f"SELECT m.* FROM {MACHINES} m WHERE m.id IN "
        f"(SELECT p.machine_id FROM {PAIRINGS} p WHERE p.key_name = :key_name)",
        {"key_name": key_name},
        Machine,
    )


async def get_lost_intents(now: datetime) -> list[Pairing]:
    """Intents that nobody works on any more: the process that wrote them ended."""
    return await db.fetchall(
        f"SELECT p.* FROM {PAIRINGS} p LEFT JOIN {MACHINES} m ON m.id = p.machine_id "
        f"WHERE p.state = 'intent' AND (m.busy_until IS NULL OR m.busy_until < {_at('now')})",
        {"now": now.timestamp()},
        Pairing,
    )


async def get_unfinished_take_overs() -> list[Pairing]:
    """Connections beside older ones: the process that noticed them ended half-way."""
    connected = "(state = 'confirmed' OR (state = 'redeemed' AND confirm_required = false))"
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} p WHERE {connected} AND EXISTS "
        f"(SELECT 1 FROM {PAIRINGS} older WHERE older.machine_id = p.machine_id "
        "AND older.created_at < p.created_at AND (older.state = 'confirmed' "
        "OR (older.state = 'redeemed' AND older.confirm_required = false))) "
        "ORDER BY p.created_at",
        None,
        Pairing,
    )


async def get_unfinished_cuts() -> list[Machine]:
    """Cut machines with pairings still open: the process that cut them ended half-way."""
    return await db.fetchall(
        f"SELECT m.* FROM {MACHINES} m WHERE m.cut_at IS NOT NULL AND EXISTS "
        f"(SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = m.id "
        "AND p.state IN ('issued', 'redeemed', 'confirmed'))",
        None,
        Machine,
    )


async def move_pairing(pairing: Pairing, was: PairingState) -> bool:
    """Writes a pairing that moved on from `was`. False when somebody else moved it first."""
    if not lifecycle.may_move(was, pairing.state):
        raise ValueError(f"a pairing cannot go from {was.value} to {pairing.state.value}")
    done = await db.execute(
        f"UPDATE {PAIRINGS} SET state = :state, spire_pubkey = :spire_pubkey, "
        "token_id = :token_id, client_pubkey = :client_pubkey, end_reason = :end_reason, "
        f"issued_at = {_at('issued_at')}, redeemed_at = {_at('redeemed_at')}, "
        f"confirmed_at = {_at('confirmed_at')}, ended_at = {_at('ended_at')} "
        "WHERE id = :id AND state = :was",
        {
            "id": pairing.id,
            "was": was.value,
            "state": pairing.state.value,
            "spire_pubkey": pairing.spire_pubkey,
            "token_id": pairing.token_id,
            "client_pubkey": pairing.client_pubkey,
            "end_reason": pairing.end_reason,
            "issued_at": _seconds(pairing.issued_at),
            "redeemed_at": _seconds(pairing.redeemed_at),
            "confirmed_at": _seconds(pairing.confirmed_at),
            "ended_at": _seconds(pairing.ended_at),
        },
    )
    return bool(done.rowcount == 1)


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


async def set_bunker_listens(pairing_id: str, listens: bool) -> None:
    await db.execute(
        f"UPDATE {PAIRINGS} SET bunker_listens = :listens WHERE id = :id",
        {"id": pairing_id, "listens": listens},
    )


async def count_paired_elsewhere(bunker_pubkey: str | None) -> int:
    """How many machines are paired, or wait to be, through another bunker than this one."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(DISTINCT machine_id) AS total FROM {PAIRINGS} "
        "WHERE state IN ('intent', 'issued', 'redeemed', 'confirmed') "
        "AND bunker_pubkey <> :bunker_pubkey",
        {"bunker_pubkey": bunker_pubkey or ""},
    )
    return int(row["total"])


async def get_passphrase_ids() -> set[str]:
    """The passphrases that some key in the bunker was encrypted with."""
    rows: list[Any] = await db.fetchall(f"SELECT DISTINCT passphrase_id FROM {PAIRINGS}")
    return {row["passphrase_id"] for row in rows}


async def get_roster_entry(pubkey: str, now: datetime) -> RosterEntry | None:
    """The machine behind a key: active, not cut, its pairing redeemed and confirmed if asked."""
    return await db.fetchone(
        "SELECT m.id AS machine_id, m.operator_user_id, m.wallet_id, "
        "m.machine_npub AS spire_pubkey, '' AS spire_npub "
        f"FROM {MACHINES} m JOIN {PAIRINGS} p "
        "ON p.machine_id = m.id AND p.spire_pubkey = m.machine_npub "
        "WHERE m.machine_npub = :pubkey AND m.is_active = true AND m.cut_at IS NULL "
        "AND m.wallet_id IS NOT NULL "
        "AND (p.state = 'confirmed' OR (p.state = 'redeemed' AND p.confirm_required = false)) "
        f"AND (p.session_expires_at IS NULL OR p.session_expires_at > {_at('now')})",
        {"pubkey": pubkey, "now": now.timestamp()},
        RosterEntry,
    )


# What the bunker owes


async def create_owed(owed: OwedRevocation) -> None:
    await db.insert(OWED, owed)


async def get_owed(machine_id: str) -> list[OwedRevocation]:
    return await db.fetchall(
        f"SELECT * FROM {OWED} WHERE machine_id = :machine_id ORDER BY created_at",
        {"machine_id": machine_id},
        OwedRevocation,
    )


async def get_owed_by(operator_user_id: str) -> list[OwedRevocation]:
    """What the bunker owes for all of an operator's machines."""
    return await db.fetchall(
        f"SELECT * FROM {OWED} WHERE operator_user_id = :operator ORDER BY created_at",
        {"operator": operator_user_id},
        OwedRevocation,
    )


async def get_due(now: datetime, bunker_pubkey: str, limit: int = 50) -> list[OwedRevocation]:
    """What this bunker should be asked now. What another one owes does not stand in its way."""
    return await db.fetchall(
        f"SELECT * FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey "
        f"AND next_at <= {_at('now')} ORDER BY next_at LIMIT :limit",
        {"bunker_pubkey": bunker_pubkey, "now": now.timestamp(), "limit": limit},
        OwedRevocation,
    )


async def claim_owed(owed: OwedRevocation, next_at: datetime) -> bool:
    """Whether this process may work on it: the try is counted and the next one put off."""
    done = await db.execute(
        f"UPDATE {OWED} SET tries = :tries + 1, next_at = {_at('next_at')} "
        "WHERE id = :id AND tries = :tries",
        {"id": owed.id, "tries": owed.tries, "next_at": next_at.timestamp()},
    )
    return bool(done.rowcount == 1)


async def set_burner(owed_id: str, burner_pubkey: str) -> None:
    await db.execute(
        f"UPDATE {OWED} SET burner_pubkey = :burner WHERE id = :id",
        {"id": owed_id, "burner": burner_pubkey},
    )


async def delete_owed(owed_id: str) -> None:
    await db.execute(f"DELETE FROM {OWED} WHERE id = :id", {"id": owed_id})


# Locked keys, and whose turn the background work is


async def get_keys_in_use(bunker_pubkey: str) -> list[KeyInUse]:
    """The keys in this bunker that an open pairing needs, unless they are to be revoked."""
    return await db.fetchall(
        "SELECT DISTINCT p.machine_id, p.key_name, p.spire_pubkey, m.lock_reason "
        f"FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id "
        "WHERE m.cut_at IS NULL AND p.state IN ('issued', 'redeemed', 'confirmed') "
        "AND p.bunker_pubkey = :bunker_pubkey AND NOT EXISTS "
        f"(SELECT 1 FROM {OWED} o WHERE o.kind = 'revoke_key' AND o.key_name = p.key_name "
        "AND o.bunker_pubkey = p.bunker_pubkey) ORDER BY p.machine_id, p.key_name",
        {"bunker_pubkey": bunker_pubkey},
        KeyInUse,
    )


async def get_locked_machines() -> list[Machine]:
    """Those with something noted that is wrong with their key, or found locked by a look."""
    return await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE lock_reason IS NOT NULL OR state = 'locked'", None, Machine
    )


async def get_all_machines() -> list[Machine]:
    return await db.fetchall(f"SELECT * FROM {MACHINES}", None, Machine)


async def get_pairings_through(bunker_pubkey: str) -> list[Pairing]:
    """Every pairing that went through this bunker, newest first."""
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE bunker_pubkey = :bunker_pubkey "
        "ORDER BY created_at DESC, id DESC",
        {"bunker_pubkey": bunker_pubkey},
        Pairing,
    )


async def get_owing_keys(bunker_pubkey: str) -> set[str]:
    """The names of the keys about which this bunker still has to do something."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT key_name FROM {OWED} WHERE bunker_pubkey = :bunker_pubkey",
        {"bunker_pubkey": bunker_pubkey},
    )
    return {row["key_name"] for row in rows}


async def create_refusal(bunker_pubkey: str, key_name: str, mark: str) -> None:
    """The bunker refused this passphrase for this key; `mark` stands for the passphrase."""
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
    """This is the passphrase that opens the key, whichever it was made with."""
    await db.execute(
        f"UPDATE {PAIRINGS} SET passphrase_id = :passphrase_id "
        "WHERE bunker_pubkey = :bunker_pubkey AND key_name = :key_name "
        "AND passphrase_id <> :passphrase_id",
        {"bunker_pubkey": bunker_pubkey, "key_name": key_name, "passphrase_id": passphrase_id},
    )


async def take_work_lease(name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` may now do the background work of this name."""
    done = await db.execute(
        f"INSERT INTO {LEASES} (name, holder, held_until) VALUES (:name, :holder, {_at('until')}) "
        "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
        f"held_until = excluded.held_until WHERE leases.held_until < {_at('now')}",
        {"name": name, "holder": holder, "now": now.timestamp(), "until": until.timestamp()},
    )
    return bool(done.rowcount == 1)


async def release_work_lease(name: str, holder: str) -> None:
    await db.execute(
        f"DELETE FROM {LEASES} WHERE name = :name AND holder = :holder",
        {"name": name, "holder": holder},
    )


# Notices


def _to_tell_of(operator_user_id: str | None) -> str:
    """Machines `m` of which there may be something to tell."""
    whose = " AND m.operator_user_id = :operator" if operator_user_id else ""
    return (
        "m.cut_at IS NULL AND (m.flag IS NOT NULL OR m.lock_reason IS NOT NULL "
        f"OR m.silent_minutes IS NOT NULL OR EXISTS (SELECT 1 FROM {PAIRINGS} s "
        "WHERE s.machine_id = m.id AND s.state IN ('redeemed', 'confirmed') "
        f"AND s.session_expires_at <= {_at('soon')})){whose}"
    )


def _telling(operator_user_id: str | None, **times: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {key: at.timestamp() for key, at in times.items()}
    return {**values, "operator": operator_user_id} if operator_user_id else values


async def get_machines_to_tell_of(
    soon: datetime, operator_user_id: str | None = None
) -> list[Machine]:
    """Flagged or locked, watched for silence, or with a session that ends before `soon`."""
    return await db.fetchall(
        f"SELECT m.* FROM {MACHINES} m WHERE {_to_tell_of(operator_user_id)}",
        _telling(operator_user_id, soon=soon),
        Machine,
    )


async def get_connections_to_tell_of(
    soon: datetime, operator_user_id: str | None = None
) -> list[Pairing]:
    """The redeemed pairings of those machines."""
    return await db.fetchall(
        f"SELECT p.* FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id "
        f"WHERE p.state IN ('redeemed', 'confirmed') AND {_to_tell_of(operator_user_id)}",
        _telling(operator_user_id, soon=soon),
        Pairing,
    )


async def get_overdue(
    before: datetime, operator_user_id: str | None = None
) -> list[OverdueRevocation]:
    """The machines for which the bunker owes something since before then."""
    whose = " AND o.operator_user_id = :operator" if operator_user_id else ""
    return await db.fetchall(
        "SELECT o.machine_id, o.operator_user_id, m.name, MIN(o.created_at) AS since "
        f"FROM {OWED} o LEFT JOIN {MACHINES} m ON m.id = o.machine_id "
        f"WHERE o.created_at <= {_at('before')}{whose} "
        "GROUP BY o.machine_id, o.operator_user_id, m.name",
        _telling(operator_user_id, before=before),
        OverdueRevocation,
    )


async def get_connected_operators() -> list[str]:
    """Whoever has a machine connected."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT m.operator_user_id FROM {MACHINES} m JOIN {PAIRINGS} p "
        "ON p.machine_id = m.id "
        "WHERE m.cut_at IS NULL AND p.state IN ('redeemed', 'confirmed')"
    )
    return [row["operator_user_id"] for row in rows]


async def get_notices() -> list[NoticeRow]:
    return await db.fetchall(f"SELECT * FROM {NOTICES}", None, NoticeRow)


async def get_notice(machine_id: str, code: str) -> NoticeRow | None:
    return await db.fetchone(
        f"SELECT * FROM {NOTICES} WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code},
        NoticeRow,
    )


async def keep_notice(row: NoticeRow) -> None:
    """Untold, in place of an older one of its machine and code."""
    await db.execute(
        f"INSERT INTO {NOTICES} (machine_id, code, mark, since) "
        f"VALUES (:machine_id, :code, :mark, {_at('since')}) "
        "ON CONFLICT (machine_id, code) DO UPDATE SET mark = excluded.mark, "
        "since = excluded.since, told_at = NULL, posted_at = NULL",
        {
            "machine_id": row.machine_id,
            "code": row.code,
            "mark": row.mark,
            "since": row.since.timestamp(),
        },
    )


async def claim_telling(machine_id: str, code: str, now: datetime) -> bool:
    """Whether the operator is to be told now: nobody has told them yet."""
    done = await db.execute(
        f"UPDATE {NOTICES} SET told_at = {_at('now')} "
        "WHERE machine_id = :machine_id AND code = :code AND told_at IS NULL",
        {"machine_id": machine_id, "code": code, "now": now.timestamp()},
    )
    return bool(done.rowcount == 1)


async def set_posted(machine_id: str, code: str, now: datetime) -> None:
    await db.execute(
        f"UPDATE {NOTICES} SET posted_at = {_at('now')} "
        "WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code, "now": now.timestamp()},
    )


async def delete_notice(machine_id: str, code: str) -> None:
    await db.execute(
        f"DELETE FROM {NOTICES} WHERE machine_id = :machine_id AND code = :code",
        {"machine_id": machine_id, "code": code},
    )


# Journal and settings


async def create_journal_entry(entry: JournalEntry) -> None:
    await db.insert(JOURNAL, entry)


async def create_cut_entries(operator_user_id: str, cut_at: datetime, stop_id: str) -> None:
    """A line for each machine that an emergency stop cut at this moment."""
    await db.execute(
        f"INSERT INTO {JOURNAL} "
        "(id, at, actor, operator_user_id, machine_id, event, outcome, detail) "
        "SELECT :stop_id || id, cut_at, operator_user_id, operator_user_id, id, "
        f"'revoke', 'cut', 'emergency stop' FROM {MACHINES} "
        f"WHERE operator_user_id = :operator AND cut_at = {_at('at')}",
        {"operator": operator_user_id, "at": cut_at.timestamp(), "stop_id": stop_id},
    )


async def get_journal(
    operator_user_id: str,
    *,
    with_nobodys: bool = False,
    until: datetime | None = None,
    machine_id: str | None = None,
    event: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[JournalEntry]:
    """One page of an operator's lines, newest first; with those of no operator where asked for."""
    where = "operator_user_id = :operator"
    values: dict[str, Any] = {"operator": operator_user_id}
    if with_nobodys:
        where = f"({where} OR operator_user_id IS NULL)"
    if until is not None:
        where += f" AND at <= {_at('until')}"
        values["until"] = until.timestamp()
    if machine_id is not None:
        where += " AND machine_id = :machine_id"
        values["machine_id"] = machine_id
    if event is not None:
        where += " AND event = :event"
        values["event"] = event
    rows = await db.fetchall(
        f"SELECT * FROM {JOURNAL} WHERE {where} ORDER BY at DESC, id DESC "
        "LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
        JournalEntry,
    )
    count: Any = await db.fetchone(f"SELECT COUNT(*) AS total FROM {JOURNAL} WHERE {where}", values)
    return Page[JournalEntry](data=rows, total=count["total"])


async def get_bunker_settings() -> BunkerSettingsRow | None:
    return await db.fetchone(f"SELECT * FROM {SETTINGS}", None, BunkerSettingsRow)


async def create_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.insert(SETTINGS, row)


async def update_bunker_settings(row: BunkerSettingsRow) -> None:
    await db.update(SETTINGS, row)


async def delete_bunker_settings() -> None:
    await db.execute(f"DELETE FROM {SETTINGS}")
