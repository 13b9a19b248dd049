"""SQL that lists machines a page at a time (see `store/database.py`).

Each order has an index with all that is searched and filtered by (`m023` of the migrations): it is
read in order, as far as the page goes. Of the table only the rows of one page are read.
"""

from collections.abc import Collection
from typing import Any

from ..models import ListedMachine, MachineQuery, Page
from .database import MACHINES, OWED, among, db, listed
from .search_key import prefix_range

_ORDERS = {
    "name": ("name_sought", "created_at", "id"),
    "location": ("location_sought", "name_sought", "created_at", "id"),
    "state": ("state", "created_at", "id"),
    "created_at": ("created_at", "id"),
    "paired_at": ("paired_at", "id"),
    "last_seen_at": ("last_seen_at", "id"),
}
"""What each order of the list sorts by; its index begins with the same."""
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


async def get_names_taken(operator_user_id: str) -> set[str]:
    """What the operator's machines are called, in the form in which names are sought."""
    rows: list[Any] = await db.fetchall(
        f"SELECT DISTINCT name_sought FROM {MACHINES} WHERE operator_user_id = :operator",
        {"operator": operator_user_id},
    )
    return {row["name_sought"] for row in rows}


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
    where, values = _asked_for(operator_user_id, query)
    order = _order(query)
    page = f"SELECT id FROM {MACHINES} WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset"
    rows = await db.fetchall(
        f"SELECT m.*, {_OWED} FROM {MACHINES} m WHERE m.id IN ({page}) ORDER BY {order}",
        {**values, "limit": query.limit, "offset": query.offset},
        ListedMachine,
    )
    count: Any = await db.fetchone(
        f"SELECT COUNT(*) AS total FROM {MACHINES} WHERE {where}", values
    )
    return Page[ListedMachine](data=rows, total=count["total"])


def _asked_for(operator_user_id: str, query: MachineQuery) -> tuple[str, dict[str, str]]:
    """The condition and its values."""
    conditions, values = ["operator_user_id = :operator"], {"operator": operator_user_id}
    if query.state:
        conditions.append("state = :state")
        values["state"] = query.state.value
    if query.search:
        conditions.append(f"({_NAMED} OR {_LOCATED})")
        values["from"], values["to"] = prefix_range(query.search)
    return " AND ".join(conditions), values


def _order(query: MachineQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    # SQLite and PostgreSQL disagree where "never" belongs.
    return ", ".join(
        f"{key} {direction}" + (" NULLS LAST" if key in _MAY_BE_NULL else "")
        for key in _ORDERS[query.sort_by]
    )
