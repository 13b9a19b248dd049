"""The journal: what happened, when, to which machine, by whom. Never a secret.

Whatever an operator sees change leaves a line, so this is also where it is announced.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

from lnbits.db import Connection

from ..changes import announce_changed
from ..lifecycle import REDEEMED_STATES
from ..models import (
    JournalEntry,
    Machine,
    MachinePlace,
    OverdueRevocation,
    Page,
    Pairing,
)
from .database import (
    JOURNAL,
    MACHINES,
    OWED,
    PAIRINGS,
    among,
    aside,
    db,
    listed,
    moment,
    one_of,
)
from .details import NOTHING, Detail, told

BACKGROUND = "spirekeeper"
INTERRUPTED = "interrupted"
"""The outcome of what a process that ended has left, and the background has finished."""


async def record(
    event: str,
    outcome: str,
    *,
    at: datetime,
    actor: str,
    operator_user_id: str | None = None,
    machine_id: str | None = None,
    detail: Detail = NOTHING,
    conn: Connection | None = None,
) -> None:
    """Adds a line. `event` and `outcome` are stable words."""
    name = ""
    if machine_id and operator_user_id:
        name = await _name_of(machine_id, operator_user_id, conn)
    of = {"operator_user_id": operator_user_id, "machine_id": machine_id, "machine_name": name}
    await _add(_line(event, outcome, detail, at=at, actor=actor, **of), conn)


async def about(
    machine: Machine,
    event: str,
    outcome: str,
    *,
    actor: str,
    at: datetime,
    detail: Detail = NOTHING,
    conn: Connection | None = None,
) -> None:
    """Adds a line about a machine, which its operator reads."""
    await _add(line_about(machine, event, outcome, actor=actor, at=at, detail=detail), conn)


def line_about(
    machine: Machine,
    event: str,
    outcome: str,
    *,
    actor: str,
    at: datetime,
    detail: Detail = NOTHING,
) -> JournalEntry:
    """A line to be added with what it is about, by whoever then announces the change."""
    of = {"operator_user_id": machine.operator_user_id, "machine_id": machine.id}
    return _line(event, outcome, detail, at=at, actor=actor, machine_name=machine.name, **of)


def _line(event: str, outcome: str, detail: Detail, **of: Any) -> JournalEntry:
    return JournalEntry(id=uuid4().hex, event=event, outcome=outcome, **_parts(detail), **of)


def _parts(detail: Detail) -> dict[str, str]:
    return {
        "detail": detail.words,
        "detail_code": detail.code,
        "detail_values": detail.values,
    }


async def _add(line: JournalEntry, conn: Connection | None = None) -> None:
    await create_journal_entry(line, conn)
    if line.operator_user_id is not None:
        announce_changed(line.operator_user_id)


async def about_all_cut(operator_user_id: str, at: datetime) -> None:
    """A line for each machine that an emergency stop cut at this moment."""
    await create_cut_entries(operator_user_id, at, uuid4().hex)
    announce_changed(operator_user_id)


def _last_name(row: str) -> str:
    """Selects what the machine of this row was called last, as its operator's journal has it."""
    return (
        f"(SELECT j.machine_name FROM {JOURNAL} j WHERE j.machine_id = {row}.machine_id "
        f"AND j.operator_user_id = {row}.operator_user_id AND j.machine_name <> '' "
        "ORDER BY j.at DESC LIMIT 1)"
    )


async def _name_of(machine_id: str, operator_user_id: str, conn: Connection | None) -> str:
    """What this operator's machine is called, or was; empty where that is not known."""
    row: Any = await (conn or db).fetchone(
        f"SELECT COALESCE((SELECT name FROM {MACHINES} WHERE id = one.machine_id "
        f"AND operator_user_id = one.operator_user_id), {_last_name('one')}, '') AS name "
        "FROM (SELECT CAST(:id AS TEXT) AS machine_id, "
        "CAST(:operator AS TEXT) AS operator_user_id) one",
        {"id": machine_id, "operator": operator_user_id},
    )
    return str(row["name"])


_REDEEMED = one_of("state", REDEEMED_STATES)


def _to_tell_of(operator_user_id: str | None) -> str:
    """Selects the ids of machines about which there may be a notice.

    The UNION uses indexes that hold only the few rows with something noted. An OR would read every
    machine.
    """
    noted = " UNION ALL ".join(
        f"SELECT id FROM {MACHINES} WHERE {column} IS NOT NULL"
        for column in ("flag", "lock_reason", "silent_minutes")
    )
    whose = " AND m.operator_user_id = :operator" if operator_user_id else ""
    return (
        f"(SELECT m.id FROM {MACHINES} m WHERE m.cut_at IS NULL{whose} AND m.id IN ({noted} "
        f"UNION ALL SELECT machine_id FROM {PAIRINGS} WHERE {_REDEEMED} "
        f"AND session_expires_at <= {moment('soon')}))"
    )


def _telling(operator_user_id: str | None, **times: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {key: at.timestamp() for key, at in times.items()}
    return {**values, "operator": operator_user_id} if operator_user_id else values


async def get_machines_to_tell_of(
    soon: datetime, operator_user_id: str | None = None
) -> list[Machine]:
    """The machines that are flagged, locked or watched for silence, or whose session ends before
    `soon`."""
    return await aside.fetchall(
        f"SELECT * FROM {MACHINES} WHERE id IN {_to_tell_of(operator_user_id)}",
        _telling(operator_user_id, soon=soon),
        Machine,
    )


async def get_uncut(
    machine_ids: Collection[str], operator_user_id: str | None = None
) -> list[Machine]:
    """Of these machines, those that are not cut, and are this operator's if one is named."""
    if not machine_ids:
        return []
    whose = " AND operator_user_id = :operator" if operator_user_id else ""
    values = {"machines": listed(machine_ids), **_telling(operator_user_id)}
    return await aside.fetchall(
        f"SELECT * FROM {MACHINES} WHERE id {among('machines')} AND cut_at IS NULL{whose}",
        values,
        Machine,
    )


async def get_connections_to_tell_of(
    soon: datetime, operator_user_id: str | None = None
) -> list[Pairing]:
    """The redeemed pairings of those machines."""
    return await aside.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE {_REDEEMED} "
        f"AND machine_id IN {_to_tell_of(operator_user_id)}",
        _telling(operator_user_id, soon=soon),
        Pairing,
    )


async def get_overdue(
    before: datetime, operator_user_id: str | None = None
) -> list[OverdueRevocation]:
    """The machines for which the bunker has owed something since before `before`."""
    whose = " AND o.operator_user_id = :operator" if operator_user_id else ""
    return await aside.fetchall(
        "SELECT o.machine_id, o.operator_user_id, MIN(o.created_at) AS since, "
        f"(m.id IS NULL) AS deleted, COALESCE(m.name, {_last_name('o')}) AS name "
        f"FROM {OWED} o LEFT JOIN {MACHINES} m ON m.id = o.machine_id "
        f"WHERE o.created_at <= {moment('before')}{whose} "
        "GROUP BY o.machine_id, o.operator_user_id, m.id, m.name",
        _telling(operator_user_id, before=before),
        OverdueRevocation,
    )


async def get_connected_operators() -> list[str]:
    """The operators who have a machine connected."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT m.operator_user_id FROM {MACHINES} m JOIN {PAIRINGS} p "
        "ON p.machine_id = m.id "
        f"WHERE m.cut_at IS NULL AND {one_of('p.state', REDEEMED_STATES)}"
    )
    return [row["operator_user_id"] for row in rows]


async def create_journal_entry(entry: JournalEntry, conn: Connection | None = None) -> None:
    await (conn or db).insert(JOURNAL, entry)


async def create_cut_entries(operator_user_id: str, cut_at: datetime, stop_id: str) -> None:
    """Adds a line for each machine that an emergency stop cut at this moment."""
    await db.execute(
        f"INSERT INTO {JOURNAL} "
        "(id, at, actor, operator_user_id, machine_id, machine_name, event, outcome, "
        "detail, detail_code, detail_values) "
        "SELECT :stop_id || id, cut_at, operator_user_id, operator_user_id, id, name, "
        f"'revoke', 'cut', :detail, :detail_code, :detail_values FROM {MACHINES} "
        f"WHERE operator_user_id = :operator AND cut_at = {moment('at')}",
        {
            "operator": operator_user_id,
            "at": cut_at.timestamp(),
            "stop_id": stop_id,
            **_parts(told("emergency_stop")),
        },
    )


async def get_journal(
    operator_user_id: str,
    *,
    with_nobodys: bool = False,
    machine_id: str | None = None,
    event: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[JournalEntry]:
    """One page of an operator's lines, newest first. `with_nobodys`: and the lines of no
    operator."""
    where, values = _lines_of(operator_user_id, with_nobodys, machine_id, event)
    rows = await aside.fetchall(
        f"SELECT * FROM {JOURNAL} WHERE {where} ORDER BY at DESC, id DESC "
        "LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
        JournalEntry,
    )
    count: Any = await aside.fetchone(
        f"SELECT COUNT(*) AS total FROM {JOURNAL} WHERE {where}", values
    )
    return Page[JournalEntry](data=rows, total=count["total"])


async def get_journal_before(
    at: datetime,
    line_id: str | None,
    limit: int,
    operator_user_id: str,
    *,
    with_nobodys: bool,
    machine_id: str | None,
    event: str | None,
) -> list[JournalEntry]:
    """The next `limit` lines, newest first, after the line of this time and id; or, without an id,
    from this time on.

    The last lines are as quick to read as the first.
    """
    where, values = _lines_of(operator_user_id, with_nobodys, machine_id, event)
    where += f" AND at <= {moment('at')}"
    if line_id is not None:
        where += f" AND (at < {moment('at')} OR id < :line_id)"
        values["line_id"] = line_id
    return await aside.fetchall(
        f"SELECT * FROM {JOURNAL} WHERE {where} ORDER BY at DESC, id DESC LIMIT :limit",
        {**values, "at": at.timestamp(), "limit": limit},
        JournalEntry,
    )


async def get_places(
    machine_ids: Collection[str], operator_user_id: str
) -> dict[str, MachinePlace]:
    """Where these machines of the operator stand; those that are gone are left out."""
    there = await aside.fetchall(
        f"SELECT id, location, wallet_id FROM {MACHINES} "
        f"WHERE id {among('machines')} AND operator_user_id = :operator",
        {"machines": listed(machine_ids), "operator": operator_user_id},
        MachinePlace,
    )
    return {machine.id: machine for machine in there}


def _lines_of(
    operator_user_id: str, with_nobodys: bool, machine_id: str | None, event: str | None
) -> tuple[str, dict[str, Any]]:
    where = "operator_user_id = :operator"
    values: dict[str, Any] = {"operator": operator_user_id}
    if with_nobodys:
        where = f"({where} OR operator_user_id IS NULL)"
    if machine_id is not None:
        where += " AND machine_id = :machine_id"
        values["machine_id"] = machine_id
    if event is not None:
        where += " AND event = :event"
        values["event"] = event
    return where, values
