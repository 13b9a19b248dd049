"""SQL that lists machines a page at a time (see `database.py`).

All that is read of the fleet is read from indexes (`m017` of the migrations); the rows of one page
are all that is read of the table.
"""

from collections.abc import Collection
from typing import Any

from . import gently
from .database import MACHINES, OWED, db
from .models import Machine, MachineQuery, Page
from .rows import model_of
from .sought import range_of

_ORDERS = {
    "name": ("name_sought", "created_at", "id"),
    "location": ("location_sought", "name_sought", "created_at", "id"),
    "state": ("state", "created_at", "id"),
    "created_at": ("created_at", "id"),
    "paired_at": ("paired_at", "id"),
    "last_seen_at": ("last_seen_at", "id"),
}
"""What each order of the list sorts by; the columns of its index, where it has one."""
_MAY_BE_NULL = {"paired_at", "last_seen_at"}
_NAMED = "name_sought >= :from AND name_sought < :to"
_LOCATED = "location_sought >= :from AND location_sought < :to"


async def get_machines(operator_user_id: str, query: MachineQuery) -> Page[Machine]:
    """One page of an operator's machines."""
    values: dict[str, Any] = {"operator": operator_user_id}
    if query.search:
        values["from"], values["to"] = range_of(query.search)
    if query.state:
        values["state"] = query.state.value
    counted = f"SELECT COUNT(*) AS total FROM ({_found(query, 'id')}) AS counted"
    keys, order = ", ".join(_ORDERS[query.sort_by]), _order(query)
    rows: list[Any] = await db.fetchall(
        f"SELECT m.*, ({counted}) AS total FROM {MACHINES} m JOIN "
        f"(SELECT id AS listed FROM ({_found(query, keys)}) AS found "
        f"ORDER BY {order} LIMIT :limit OFFSET :offset) AS page "
        f"ON page.listed = m.id ORDER BY {order}",
        {**values, "limit": query.limit, "offset": query.offset},
    )
    if not rows and query.offset:  # beyond the last page
        counts: list[Any] = await db.fetchall(counted, values)
    else:
        counts = rows
    machines = await gently.each(lambda row: model_of(row, Machine), rows)
    return Page[Machine].construct(data=machines, total=counts[0]["total"] if counts else 0)


def _found(query: MachineQuery, columns: str) -> str:
    """The operator's machines that are asked for. Those found by their names and those found by
    their locations alone come from an index each; an OR would have one of them read through."""
    of_theirs = f"SELECT {columns} FROM {MACHINES} WHERE operator_user_id = :operator" + (
        " AND state = :state" if query.state else ""
    )
    if not query.search:
        return of_theirs
    return (
        f"{of_theirs} AND {_NAMED} UNION ALL {of_theirs} AND {_LOCATED} "
        "AND (name_sought < :from OR name_sought >= :to)"
    )


def _order(query: MachineQuery) -> str:
    """All columns in one direction, so that an index has it, forwards or backwards."""
    direction = "DESC" if query.descending else "ASC"
    # SQLite and PostgreSQL disagree where "never" belongs.
    return ", ".join(
        f"{key} {direction}" + (" NULLS LAST" if key in _MAY_BE_NULL else "")
        for key in _ORDERS[query.sort_by]
    )


async def count_owed(machine_ids: Collection[str]) -> dict[str, int]:
    """How many revocations the bunker still owes, for those of the machines that it owes any."""
    keys = {f"m{n}": machine_id for n, machine_id in enumerate(machine_ids)}
    wanted = ", ".join(f":{key}" for key in keys)
    rows: list[Any] = await db.fetchall(
        f"SELECT machine_id, COUNT(*) AS number FROM {OWED} WHERE machine_id IN ({wanted}) "
        "GROUP BY machine_id",
        keys,
    )
    return {row["machine_id"]: row["number"] for row in rows}
