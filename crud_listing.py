"""SQL that lists machines a page at a time (see `database.py`).

All that is read of the fleet is read from indexes (`m017` of the migrations); the rows of one page
are all that is read of the table.
"""

from collections.abc import Collection
from typing import Any

from .database import MACHINES, OWED, among, db, listed
from .models import ListedMachine, MachineQuery, Page
from .rows import models_of
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
_OWED = f"(SELECT COUNT(*) FROM {OWED} o WHERE o.machine_id = m.id) AS owed"
_NAMED = "name_sought >= :from AND name_sought < :to"
_LOCATED = "location_sought >= :from AND location_sought < :to"


async def get_listed(machine_ids: Collection[str]) -> dict[str, ListedMachine]:
    """These machines as a list shows them, by id; those that are gone are left out."""
    found = await db.fetchall(
        f"SELECT m.*, {_OWED} FROM {MACHINES} m WHERE m.id {among('machines')}",
        {"machines": listed(machine_ids)},
        ListedMachine,
    )
    return {machine.id: machine for machine in found}


async def get_machines_of(
    operators: Collection[str], limit: int, offset: int
) -> Page[ListedMachine]:
    """One page of all these operators' machines, one operator's after the other's."""
    values = {"operators": listed(operators)}
    where = f"operator_user_id {among('operators')}"
    rows = await db.fetchall(
        f"SELECT m.*, {_OWED} FROM {MACHINES} m WHERE {where} "
        "ORDER BY operator_user_id, created_at, id LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
        ListedMachine,
    )
    counted = f"SELECT COUNT(*) AS total FROM {MACHINES} WHERE {where}"
    count: Any = await db.fetchone(counted, values)
    return Page[ListedMachine](data=rows, total=count["total"])


async def get_machines(operator_user_id: str, query: MachineQuery) -> Page[ListedMachine]:
    """One page of an operator's machines."""
    values: dict[str, Any] = {"operator": operator_user_id}
    if query.search:
        values["from"], values["to"] = range_of(query.search)
    if query.state:
        values["state"] = query.state.value
    counts = (f"(SELECT COUNT(*) FROM {MACHINES} WHERE {where})" for where in _wheres(query))
    counted = f"SELECT {' + '.join(counts)} AS total"
    order = _order(query)
    rows: list[Any] = await db.fetchall(
        f"SELECT m.*, {_OWED}, ({counted}) AS total FROM {MACHINES} m JOIN "
        f"(SELECT id AS listed FROM ({_first(query)}) AS found "
        f"ORDER BY {order} LIMIT :limit OFFSET :offset) AS page "
        f"ON page.listed = m.id ORDER BY {order}",
        {
            **values,
            "limit": query.limit,
            "offset": query.offset,
            "most": query.offset + query.limit,
        },
    )
    if not rows and query.offset:  # beyond the last page
        totals: list[Any] = await db.fetchall(counted, values)
    else:
        totals = rows
    machines = await models_of(rows, ListedMachine)
    return Page[ListedMachine].construct(data=machines, total=totals[0]["total"] if totals else 0)


def _wheres(query: MachineQuery) -> list[str]:
    """The machines that are asked for. Those found by their names and those found by their
    locations alone come from an index each; an OR would have one of them read through."""
    of_theirs = "operator_user_id = :operator" + (" AND state = :state" if query.state else "")
    if not query.search:
        return [of_theirs]
    not_named = "(name_sought < :from OR name_sought >= :to)"
    return [f"{of_theirs} AND {_NAMED}", f"{of_theirs} AND {_LOCATED} AND {not_named}"]


def _first(query: MachineQuery) -> str:
    """Of each of them what may be on the page, in the order of an index where there is one."""
    keys = ", ".join(_ORDERS[query.sort_by])
    return " UNION ALL ".join(
        f"SELECT * FROM (SELECT {keys} FROM {MACHINES} WHERE {where} "
        f"ORDER BY {_order(query)} LIMIT :most) AS part_{number}"
        for number, where in enumerate(_wheres(query))
    )


def _order(query: MachineQuery) -> str:
    """All columns in one direction, so that an index has it, forwards or backwards."""
    direction = "DESC" if query.descending else "ASC"
    # SQLite and PostgreSQL disagree where "never" belongs.
    return ", ".join(
        f"{key} {direction}" + (" NULLS LAST" if key in _MAY_BE_NULL else "")
        for key in _ORDERS[query.sort_by]
    )
