"""SQL about machines and their leases: one statement a function (see `store/database.py`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lnbits.core.crud import create_wallet
from lnbits.db import Connection
from sqlalchemy import text

from .keys import npub
from .models import (
    AfterCut,
    JournalEntry,
    Machine,
    MachineEdit,
    MachineState,
    Pairing,
    PairingState,
    StoredMachine,
)
from .store.database import (
    JOURNAL,
    MACHINES,
    PAIRINGS,
    TakenBack,
    aside,
    both,
    connected,
    db,
    finished,
    flag_of_this_key,
    moment,
    seconds,
)
from .store.journal import create_journal_entry
from .store.outages import once_more
from .store.pairing_rows import move_pairing
from .store.quota_counts import hold
from .store.search_key import search_key, tags_key
from .store.stops import to_stop, works

MACHINES_AT_ONCE = 50
"""Are added together. LNbits' database, which gets their wallets, is written by nobody else
meanwhile."""


async def create_machines(
    machines: Sequence[Machine], lines: Sequence[JournalEntry], at_most: int
) -> list[Machine]:
    """Adds these machines of one operator, with a journal's line each; those without a wallet get
    one, which is named after them. Returns what was added.

    Some at a time, all of them or, when anything fails, none. It ends when the operator would have
    more than `at_most` with all that follow, whoever else adds some meanwhile.
    """
    added: list[Machine] = []
    for start in range(0, len(machines), MACHINES_AT_ONCE):
        end = start + MACHINES_AT_ONCE
        room = at_most - len(machines[end:])
        some = await create_together(machines[start:end], lines[start:end], room)
        if not some:
            break
        added += some
    return added


@finished
async def create_together(
    machines: Sequence[Machine], lines: Sequence[JournalEntry], at_most: int
) -> list[Machine]:
    """All of these or, when anything fails or there is no room, none."""
    operator, now = machines[0].operator_user_id, machines[0].created_at
    async with both.transaction() as tx:
        await hold(operator, "machines", now, tx)
        if await count_machines(operator, tx) + len(machines) > at_most:
            return []
        added = [await _with_wallet(machine, tx) for machine in machines]
        await tx.insert_all(MACHINES, [_stored(machine) for machine in added])
        await tx.insert_all(JOURNAL, lines)
    return added


async def _with_wallet(machine: Machine, tx: Connection) -> Machine:
    if machine.wallet_id is not None:
        return machine
    wallet = await create_wallet(
        user_id=machine.operator_user_id, wallet_name=machine.name, conn=tx
    )
    return machine.copy(update={"wallet_id": wallet.id})


def _stored(machine: Machine) -> StoredMachine:
    forms = {
        "name_sought": search_key(machine.name),
        "location_sought": search_key(machine.location),
        "tags_sought": tags_key(machine.tags),
    }
    return StoredMachine(**machine.dict(), **forms)


@finished
async def update_machine(edit: MachineEdit, version: int | None) -> bool:
    """Writes what the operator edits and nothing else, so that it cannot undo a cut.

    False, and nothing is written, when the machine has another version than the given one.
    """
    same = "" if version is None else "AND version = :version"
    async with db.transaction() as tx:
        done = await tx.execute(
            f"UPDATE {MACHINES} SET version = version + 1 WHERE id = :id {same}",
            {"id": edit.id, **({} if version is None else {"version": version})},
        )
        if done.rowcount != 1:
            return False
        await tx.update(MACHINES, edit)
    return True


async def get_machine(machine_id: str) -> Machine | None:
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE id = :id", {"id": machine_id}, Machine
    )


async def get_machine_by_npub(pubkey: str) -> Machine | None:
    """The machine with this key (hex)."""
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE machine_npub = :pubkey", {"pubkey": pubkey}, Machine
    )


async def get_machine_awaiting(pubkey: str) -> Machine | None:
    """The machine that has this key, or for which a seed of this key waits."""
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE machine_npub = :pubkey OR id IN "
        f"(SELECT machine_id FROM {PAIRINGS} "
        f"WHERE spire_pubkey = :pubkey AND state = '{PairingState.ISSUED.value}')",
        {"pubkey": pubkey},
        Machine,
    )


async def get_wallets_in_use(operator_user_id: str) -> dict[str, str]:
    """Wallet id to the id of the operator's machine that it serves."""
    rows: list[Any] = await db.fetchall(
        f"SELECT id, wallet_id FROM {MACHINES} "
        "WHERE operator_user_id = :operator AND wallet_id IS NOT NULL",
        {"operator": operator_user_id},
    )
    return {row["wallet_id"]: row["id"] for row in rows}


async def get_machine_by_wallet(wallet_id: str) -> Machine | None:
    return await db.fetchone(
        f"SELECT * FROM {MACHINES} WHERE wallet_id = :wallet_id", {"wallet_id": wallet_id}, Machine
    )


async def count_machines(operator_user_id: str, conn: Connection | None = None) -> int:
    row: Any = await (conn or db).fetchone(
        f"SELECT COUNT(*) AS total FROM {MACHINES} WHERE operator_user_id = :operator",
        {"operator": operator_user_id},
    )
    return int(row["total"])


async def get_machines_cut_at(operator_user_id: str, at: datetime) -> list[Machine]:
    """The operator's machines that were cut at exactly this moment."""
    return await db.fetchall(
        f"SELECT * FROM {MACHINES} WHERE operator_user_id = :operator "
        f"AND cut_at = {moment('at')} ORDER BY name, id",
        {"operator": operator_user_id, "at": at.timestamp()},
        Machine,
    )


async def delete_machine(machine_id: str) -> None:
    await db.execute(f"DELETE FROM {MACHINES} WHERE id = :id", {"id": machine_id})


@finished
async def set_machine_pairing(
    machine: Machine,
    pairing: Pairing,
    line: JournalEntry,
    *,
    holder: str,
    pubkey: str | None,
    key_name: str | None,
    state: MachineState,
) -> bool:
    """Writes what a pair has come to: the machine's row, its pairing, whose seed is about to be
    shown, and the journal's line; the lease is given back. All of it or, when it is False, nothing.

    `machine` is as it was when the lease was taken; key and state are the machine's from now on.
    False when the holder lost the lease meanwhile: a cut takes it away, so a pairing under way
    cannot undo a revoke. One that has run out is lost too: its pairing may have been given up.
    False also when the roster would leave a connection that was noticed since the machine was read.
    """
    try:
        async with db.transaction() as tx:
            done = await tx.execute(
                f"UPDATE {MACHINES} SET {flag_of_this_key('pubkey')}, machine_npub = :pubkey, "
                "npub = :npub, bunker_spire_key_name = :key_name, "
                f"paired_at = {moment('now')}, updated_at = {moment('now')}, cut_at = NULL, "
                "state = :state, busy_by = NULL, busy_until = NULL "
                f"WHERE id = :id AND busy_by = :holder AND busy_until >= {moment('now')} "
                "AND COALESCE(bunker_spire_key_name, '') = :was "
                f"AND NOT EXISTS (SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = :id "
                f"AND p.key_name <> :key_name AND {connected('p')})",
                {
                    "id": machine.id,
                    "was": machine.bunker_spire_key_name or "",
                    "holder": holder,
                    "pubkey": pubkey,
                    "npub": npub(pubkey) if pubkey else "",
                    "key_name": key_name,
                    "state": state.value,
                    "now": seconds(pairing.issued_at),
                },
            )
            if done.rowcount != 1 or not await move_pairing(pairing, PairingState.INTENT, tx):
                raise TakenBack
            await create_journal_entry(line, tx)
    except TakenBack:
        return False
    return True


async def set_machine_key(machine_id: str, pubkey: str, key_name: str) -> None:
    """Moves the roster to this key, because the seed of a rotation was redeemed."""
    await db.execute(
        f"UPDATE {MACHINES} SET {flag_of_this_key('pubkey')}, machine_npub = :pubkey, "
        "npub = :npub, bunker_spire_key_name = :key_name WHERE id = :id AND cut_at IS NULL",
        {"id": machine_id, "pubkey": pubkey, "npub": npub(pubkey), "key_name": key_name},
    )


_CUT = (
    f"SET cut_at = {moment('now')}, state = '{MachineState.REVOKED.value}', "
    f"updated_at = {moment('now')}, "
    "busy_by = NULL, busy_until = NULL, after_cut = "
    "CASE WHEN after_cut = 'remove' AND cut_at IS NOT NULL THEN 'remove' ELSE :after END"
)
"""A cut, and what has to follow it: noted with it, it is found again whatever fails from here on.
A removal that was begun is not forgotten."""


@once_more
async def set_machine_unpaired(
    machine_id: str, now: datetime, after: AfterCut = AfterCut.OWE
) -> None:
    """Cuts the machine, here and now, and takes the lease from whoever is pairing it. Cut twice it
    is cut as well."""
    await db.execute(
        f"UPDATE {MACHINES} {_CUT} WHERE id = :id",
        {"id": machine_id, "now": now.timestamp(), "after": after.value},
    )


async def set_machines_unpaired(operator_user_id: str, expected: int, now: datetime) -> int:
    """Cuts all of an operator's machines that have a key or a seed, in this one statement.

    The number of machines cut; none when there are fewer than `expected`, or when more than that
    are connected. Seeds may be made meanwhile: they end too. As with one machine, whoever is
    pairing any loses the lease: those that were cut before and are just being paired again are cut
    once more.
    """
    counted = f"SELECT COUNT(*) FROM {MACHINES} m WHERE m.operator_user_id = :operator AND"
    cut = f"({to_stop('dca_machines')} OR busy_by IS NOT NULL)"
    done = await db.execute(
        f"UPDATE {MACHINES} {_CUT}, stopped_at = {moment('now')} "
        f"WHERE operator_user_id = :operator AND {cut} "
        f"AND :expected BETWEEN ({counted} {works('m')}) AND ({counted} {to_stop('m')})",
        {
            "operator": operator_user_id,
            "expected": expected,
            "now": now.timestamp(),
            "after": AfterCut.OWE.value,
        },
    )
    return int(done.rowcount)


async def set_cut_owed(machine_id: str) -> None:
    """Notes that the cut is finished here: what the bunker owes is written down, and no pairing
    is open."""
    await db.execute(
        f"UPDATE {MACHINES} SET after_cut = NULL WHERE id = :id AND after_cut = 'owe'",
        {"id": machine_id},
    )


async def set_never_paired_owed(operator_user_id: str, cut_at: datetime) -> None:
    """The same for all machines that were cut at this moment and never paired: no bunker knows
    them."""
    await db.execute(
        f"UPDATE {MACHINES} SET after_cut = NULL WHERE operator_user_id = :operator "
        f"AND cut_at = {moment('at')} AND after_cut = 'owe' AND NOT EXISTS "
        f"(SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = dca_machines.id)",
        {"operator": operator_user_id, "at": cut_at.timestamp()},
    )


async def set_machine_state(machine_id: str, state: MachineState) -> None:
    """Keeps the cached state, unless a cut has been written since it was worked out."""
    await db.execute(
        f"UPDATE {MACHINES} SET state = :state "
        f"WHERE id = :id AND (cut_at IS NULL OR :state = '{MachineState.REVOKED.value}')",
        {"id": machine_id, "state": state.value},
    )


async def set_machine_lock(machine_id: str, reason: str | None, now: datetime) -> bool:
    """Notes why the key cannot sign, or (None) that it can again. True when that is news."""
    done = await db.execute(
        f"UPDATE {MACHINES} SET lock_reason = :reason, "
        f"locked_at = CASE WHEN :locked = 1 THEN {moment('now')} ELSE NULL END "
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
    at = moment("now") if flag else "NULL"
    values: dict[str, Any] = {"id": machine_id, "flag": flag}
    if flag:
        values["now"] = now.timestamp()
    done = await db.execute(
        f"UPDATE {MACHINES} SET flag = :flag, flagged_at = {at} WHERE id = :id AND {was}", values
    )
    return bool(done.rowcount == 1)


@finished
async def set_last_seen(seen: Mapping[str, datetime]) -> None:
    """Notes when machines were last seen; an older time than the one noted changes nothing."""
    update = text(
        f"UPDATE {MACHINES} SET last_seen_at = {moment('at')} WHERE id = :id "
        f"AND (last_seen_at IS NULL OR last_seen_at < {moment('at')})"
    )
    async with db.transaction() as tx:
        await tx.conn.execute(
            update, [{"id": machine_id, "at": at.timestamp()} for machine_id, at in seen.items()]
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
