"""SQL about pairings and the roster: one statement a function (see `store/database.py`)."""

import json
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any

from lnbits.db import Connection

from .. import lifecycle
from ..failures import log_failure
from ..loop import in_turns
from ..models import (
    Machine,
    Page,
    Pairing,
    PairingStanding,
    PairingState,
    RosterEntry,
    WatchedPairing,
)
from ..nostr.keys import parse_pubkey
from ..nostr.relay_urls import normal_form
from .database import (
    MACHINES,
    PAIRINGS,
    among,
    aside,
    connected,
    db,
    in_doubt,
    listed,
    moment,
    one_of,
    seconds,
    since_1970,
)
from .deciding import STILL_OPEN, deciding, standing

_OPEN = f"p.spire_pubkey IS NOT NULL AND {one_of('p.state', lifecycle.SHOWN_STATES)}"
_WATCHED = (
    f"FROM {PAIRINGS} p JOIN {MACHINES} m ON m.id = p.machine_id WHERE m.cut_at IS NULL AND {_OPEN}"
)

_PART = "substr(p.spire_pubkey, 1, 2)"
_AT_ONCE = 500
"""Machines that one statement lists."""
_normal_form = lru_cache(maxsize=4096)(normal_form)
"""It takes 0.1 ms, and thousands of pairings name a few relays."""


async def create_pairing(pairing: Pairing, conn: Connection | None = None) -> None:
    await (conn or db).insert(PAIRINGS, pairing)


async def get_standings(machine_ids: Collection[str]) -> dict[str, list[PairingStanding]]:
    """By machine, the pairings that decide where it stands, newest first."""
    of_machine: dict[str, list[PairingStanding]] = {id_: [] for id_ in machine_ids}
    pairings = await db.fetchall(
        f"SELECT {', '.join(PairingStanding.__fields__)} FROM {PAIRINGS} "
        f"WHERE id IN ({standing('machines')}) ORDER BY created_at DESC, id DESC",
        {"machines": listed(machine_ids)},
        PairingStanding,
    )
    for pairing in pairings:
        of_machine[pairing.machine_id].append(pairing)
    return of_machine


async def get_history(machine_id: str) -> list[Pairing]:
    """The pairings of a machine that decide anything, newest first: where it stands, and for each
    key that it had what is told of it (`store/deciding.py`)."""
    return (await get_histories([machine_id]))[machine_id]


async def get_histories(machine_ids: Collection[str]) -> dict[str, list[Pairing]]:
    """The same for many machines, by machine."""
    of_machine: dict[str, list[Pairing]] = {id_: [] for id_ in machine_ids}
    pairings = await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE id IN ({deciding('machines')}) "
        "ORDER BY created_at DESC, id DESC",
        {"machines": listed(of_machine)},
        Pairing,
    )
    for pairing in pairings:
        of_machine[pairing.machine_id].append(pairing)
    return of_machine


async def get_counted_clients(machine_id: str, key_name: str) -> set[str | None]:
    """Every client of this key that ever counted: it was confirmed, or was not to be."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT client_pubkey FROM {PAIRINGS} WHERE machine_id = :machine_id "
        "AND key_name = :key_name AND client_pubkey IS NOT NULL AND redeemed_at IS NOT NULL "
        "AND (confirmed_at IS NOT NULL OR confirm_required = false)",
        {"machine_id": machine_id, "key_name": key_name},
    )
    return {row["client_pubkey"] for row in rows}


async def get_clients(machine_id: str) -> set[str]:
    """Every client that a pairing of this machine ever had."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT client_pubkey FROM {PAIRINGS} "
        "WHERE machine_id = :machine_id AND client_pubkey IS NOT NULL",
        {"machine_id": machine_id},
    )
    return {row["client_pubkey"] for row in rows}


async def get_pairings_named(client_names: Collection[str]) -> list[Pairing]:
    """The pairings whose tokens have these names in the bunker, newest first."""
    if not client_names:
        return []
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE client_name {among('names')} "
        "ORDER BY created_at DESC, id DESC",
        {"names": listed(client_names)},
        Pairing,
    )


async def get_pairing_page(machine_id: str, limit: int, offset: int) -> Page[Pairing]:
    """One page of a machine's pairings, newest first."""
    rows = await aside.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE machine_id = :machine_id "
        "ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset",
        {"machine_id": machine_id, "limit": limit, "offset": offset},
        Pairing,
    )
    count: Any = await aside.fetchone(
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


async def get_open_of_key(bunker_pubkey: str, key_name: str) -> list[Pairing]:
    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE key_name = :key_name AND bunker_pubkey = :bunker "
        f"AND {STILL_OPEN}",
        {"key_name": key_name, "bunker": bunker_pubkey},
        Pairing,
    )


async def get_watch_marks() -> dict[str, tuple[Any, ...]]:
    """A mark for each part of the keys (`watch_part`). It changes when `get_watched` would tell
    something else of that part.

    Cheap enough to ask every few seconds: the open pairings are counted in an index, and beside
    them those of machines that are cut, which are few. To look up each pairing's machine instead
    would take ten times as long.
    """
    marks = (
        f"SELECT {_PART} AS part, COUNT(*) AS open, SUM({since_1970('p.created_at')}) AS made, "
        "COUNT(p.redeemed_at) AS redeemed, COUNT(p.confirmed_at) AS confirmed, "
    )
    rows: list[Any] = await aside.fetchall(
        f"{marks} 0 AS cut FROM {PAIRINGS} p WHERE {_OPEN} GROUP BY {_PART} UNION ALL "
        f"{marks} 1 AS cut FROM {MACHINES} m CROSS JOIN {PAIRINGS} p "  # SQLite begins with m
        f"WHERE m.cut_at IS NOT NULL AND p.machine_id = m.id AND {_OPEN} GROUP BY {_PART} "
        "ORDER BY cut"
    )
    found: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        found[row["part"]] = (*found.get(row["part"], ()), *row.values())
    return found


def watch_part(spire_pubkey: str) -> str:
    """The part that a key is in. There are up to 256, so that a new seed has only one of them
    read."""
    return spire_pubkey[:2]


async def get_watched(parts: Collection[str]) -> list[WatchedPairing]:
    """The open pairings of machines that are not cut, once their key is known. One that cannot be
    read is logged, and the others are watched all the same."""
    found: list[WatchedPairing] = []

    def read(row: Any) -> None:
        with log_failure(f"reading a pairing of {row['machine_id']}, to be watched"):
            found.append(_watched(row))

    rows: list[Any] = await aside.fetchall(
        "SELECT p.machine_id, p.state, p.key_name, p.spire_pubkey, p.client_pubkey, "
        "p.confirm_required, p.bunker_relay, p.relays, m.operator_user_id "
        f"{_WATCHED} AND {_PART} {among('parts')}",
        {"parts": listed(parts)},
    )
    await in_turns(read, rows)
    return found


def _watched(row: Any) -> WatchedPairing:
    """ValueError for what is no key: a relay refuses a whole filter for one of these."""
    if row["spire_pubkey"] != parse_pubkey(row["spire_pubkey"]):
        raise ValueError("not a pubkey as relays know it")
    return WatchedPairing(
        machine_id=row["machine_id"],
        state=PairingState(row["state"]),
        key_name=row["key_name"],
        spire_pubkey=row["spire_pubkey"],
        client_pubkey=row["client_pubkey"],
        confirm_required=bool(row["confirm_required"]),
        relays=frozenset(map(_normal_form, [row["bunker_relay"], *json.loads(row["relays"])])),
        operator_user_id=intern(row["operator_user_id"]),
    )


async def get_machine_of_key(key_name: str) -> Machine | None:
    """The machine that a key of the bunker was made for."""
    return await db.fetchone(
        f"SELECT m.* FROM {MACHINES} m WHERE m.id IN "
        f"(SELECT p.machine_id FROM {PAIRINGS} p WHERE p.key_name = :key_name)",
        {"key_name": key_name},
        Machine,
    )


async def get_lost_intents(now: datetime) -> list[Pairing]:
    """The intents that nobody works on any more, because the process that wrote them ended."""
    return await db.fetch_readable(
        f"SELECT p.* FROM {PAIRINGS} p LEFT JOIN {MACHINES} m ON m.id = p.machine_id "
        f"WHERE p.state = '{PairingState.INTENT.value}' "
        f"AND (m.busy_until IS NULL OR m.busy_until < {moment('now')})",
        {"now": now.timestamp()},
        Pairing,
    )


async def get_unfinished_take_overs(before: datetime) -> list[Pairing]:
    """The connections since before `before` that stand beside an older one: whoever noticed them
    stopped half-way.

    The few machines that may have such are read first, from an index. Asked for both at once,
    PostgreSQL reads all pairings.
    """
    rows: list[Any] = await aside.fetchall(
        f"SELECT machine_id FROM {PAIRINGS} WHERE {one_of('state', lifecycle.REDEEMED_STATES)} "
        "GROUP BY machine_id HAVING COUNT(*) > 1"
    )
    machine_ids = [row["machine_id"] for row in rows]
    found: list[Pairing] = []
    for begin in range(0, len(machine_ids), _AT_ONCE):
        found += await _take_overs_of(machine_ids[begin : begin + _AT_ONCE], before)
    return found


async def _take_overs_of(machine_ids: Collection[str], before: datetime) -> list[Pairing]:
    return await aside.fetchall(
        f"SELECT * FROM {PAIRINGS} p WHERE p.machine_id {among('machines')} "
        f"AND {connected('p')} AND COALESCE(p.confirmed_at, p.redeemed_at) < {moment('before')} "
        f"AND EXISTS (SELECT 1 FROM {PAIRINGS} older WHERE older.machine_id = p.machine_id "
        f"AND older.created_at < p.created_at AND {connected('older')}) ORDER BY p.created_at",
        {"machines": listed(machine_ids), "before": before.timestamp()},
        Pairing,
    )


async def get_unfinished_cuts(before: datetime) -> list[Machine]:
    """The machines that were cut before `before`, and whose cut is not finished: something still
    has to follow it, or a pairing is open."""
    return await db.fetch_readable(
        f"SELECT m.* FROM {MACHINES} m WHERE m.cut_at < {moment('before')} "
        "AND (m.after_cut IS NOT NULL OR EXISTS "
        f"(SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = m.id "
        f"AND {one_of('p.state', lifecycle.SHOWN_STATES)}))",
        {"before": before.timestamp()},
        Machine,
    )


async def move_pairing(pairing: Pairing, was: PairingState, conn: Connection | None = None) -> bool:
    """Writes a pairing that moved on from `was`. False when somebody else moved it first."""
    if not lifecycle.may_move(was, pairing.state):
        raise ValueError(f"a pairing cannot go from {was.value} to {pairing.state.value}")
    done = await (conn or db).execute(
        f"UPDATE {PAIRINGS} SET state = :state, spire_pubkey = :spire_pubkey, "
        "token_id = :token_id, client_pubkey = :client_pubkey, client_npub = :client_npub, "
        "end_reason = :end_reason, "
        f"issued_at = {moment('issued_at')}, redeemed_at = {moment('redeemed_at')}, "
        f"confirmed_at = {moment('confirmed_at')}, ended_at = {moment('ended_at')} "
        "WHERE id = :id AND state = :was",
        {
            "id": pairing.id,
            "was": was.value,
            "state": pairing.state.value,
            "spire_pubkey": pairing.spire_pubkey,
            "token_id": pairing.token_id,
            "client_pubkey": pairing.client_pubkey,
            "client_npub": pairing.client_npub,
            "end_reason": pairing.end_reason,
            "issued_at": seconds(pairing.issued_at),
            "redeemed_at": seconds(pairing.redeemed_at),
            "confirmed_at": seconds(pairing.confirmed_at),
            "ended_at": seconds(pairing.ended_at),
        },
    )
    return bool(done.rowcount == 1)


async def set_key_clean(client_name: str, *, clean: bool) -> None:
    """Stores what the bunker showed once the token of this name was dead.

    A client that was noticed before still makes the key unclean if it was to be confirmed and was
    not.
    """
    await db.execute(
        f"UPDATE {PAIRINGS} SET key_clean = CASE WHEN redeemed_at IS NOT NULL "
        "AND confirm_required = true AND confirmed_at IS NULL THEN false ELSE :clean END "
        "WHERE client_name = :client_name",
        {"client_name": client_name, "clean": clean},
    )


async def flag_key(spire_pubkey: str, now: datetime) -> None:
    """Notes that somebody else uses this key, on each open pairing of it."""
    await db.execute(
        f"UPDATE {PAIRINGS} SET flagged_at = {moment('now')} WHERE spire_pubkey = :pubkey "
        f"AND flagged_at IS NULL AND {one_of('state', lifecycle.SHOWN_STATES)}",
        {"pubkey": spire_pubkey, "now": now.timestamp()},
    )


async def get_spent_keys() -> list[Machine]:
    """Machines connected with a key that must not be routed any more (`key_use.spent`)."""
    return await aside.fetchall(
        f"SELECT m.* FROM {MACHINES} m WHERE m.cut_at IS NULL AND m.id IN "
        f"(SELECT q.machine_id FROM {PAIRINGS} q WHERE q.confirm_required = true "
        "AND q.confirmed_at IS NULL AND q.ended_at IS NOT NULL "
        "AND COALESCE(q.key_clean, false) = false "
        "AND (q.key_clean = false OR q.redeemed_at IS NOT NULL) "
        f"AND EXISTS (SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = q.machine_id "
        f"AND p.key_name = q.key_name AND {connected('p')}))",
        None,
        Machine,
    )


async def set_bunker_listens(pairing_id: str, listens: bool) -> None:
    await db.execute(
        f"UPDATE {PAIRINGS} SET bunker_listens = :listens WHERE id = :id",
        {"id": pairing_id, "listens": listens},
    )


async def count_paired_elsewhere(bunker_pubkey: str | None) -> int:
    """How many machines are paired, or wait to be, through a bunker other than this one."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(DISTINCT machine_id) AS total FROM {PAIRINGS} p "
        f"WHERE {STILL_OPEN} AND bunker_pubkey <> :bunker_pubkey "
        f"AND EXISTS (SELECT 1 FROM {MACHINES} m WHERE m.id = p.machine_id)",
        {"bunker_pubkey": bunker_pubkey or ""},
    )
    return int(row["total"])


async def get_roster_entry(pubkey: str, now: datetime) -> RosterEntry | None:
    """The machine behind a key, if there is no doubt.

    It is active and not cut, its pairing is redeemed and, where asked for, confirmed, and nobody
    else who was to be confirmed may use the key.
    """
    return await db.fetchone(
        "SELECT m.id AS machine_id, m.operator_user_id, m.wallet_id, "
        "m.machine_npub AS spire_pubkey, '' AS spire_npub "
        f"FROM {MACHINES} m JOIN {PAIRINGS} p "
        "ON p.machine_id = m.id AND p.spire_pubkey = m.machine_npub "
        "WHERE m.machine_npub = :pubkey AND m.is_active = true AND m.cut_at IS NULL "
        "AND m.wallet_id IS NOT NULL "
        f"AND {connected('p')} "
        "AND (p.confirm_required = false OR p.flagged_at IS NULL) "
        f"AND NOT {in_doubt('p')} "
        f"AND (p.session_expires_at IS NULL OR p.session_expires_at > {moment('now')})",
        {"pubkey": pubkey, "now": now.timestamp()},
        RosterEntry,
    )
