"""SQL that lists machines a page at a time (see `store/database.py`).

Each order has an index with all that is filtered by (`m025` of the migrations): it is read in
order, as far as the page goes. A search looks at each of the operator's machines, and at the
clients that they ever had, and at no other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from ..models import ListedMachine, MachineState, Page, StateCount
from .database import MACHINES, OWED, PAIRINGS, among, db, listed
from .search_key import ESCAPE, may_be_of_npub, part_pattern

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
_SOUGHT = {
    "name_sought": "part",
    "location_sought": "part",
    "tags_sought": "part",
    "npub": "of_key",
    "machine_npub": "of_key",
}
"""What a machine is found by, and which pattern has to fit."""
_BY_CLIENT = (
    f"id IN (SELECT machine_id FROM {PAIRINGS} WHERE operator_user_id = :operator "
    f"AND client_npub <> '' AND client_npub LIKE :of_key ESCAPE '{ESCAPE}')"
)
"""And by the key whose fingerprint stands on its screen, or did before it was paired again."""


class MachineQuery(BaseModel):
    """Which of an operator's machines, and in what order."""

    search: str
    """Any part of a name, a location, a tag or a key; "" for all."""
    state: MachineState | None
    active: bool | None
    sort_by: Literal["name", "location", "state", "created_at", "paired_at", "last_seen_at"]
    descending: bool
    limit: int
    offset: int

    def shows(self, state: MachineState, is_active: bool) -> bool:
        """Whether those that stand so are asked for."""
        return self.state in (None, state) and self.active in (None, is_active)


@dataclass(frozen=True)
class FoundMachines:
    """One page of a list of machines."""

    data: list[ListedMachine]
    total: int
    counts: list[StateCount]
    """All that the search finds, whatever state is asked for."""


@dataclass(frozen=True)
class Begun:
    """How far an operator has come with a first machine."""

    added: bool
    heard: bool
    """A machine was seen."""


async def get_listed(machine_ids: Collection[str]) -> dict[str, ListedMachine]:
    """These machines as a list shows them, by id; those that are gone are left out."""
    found = await db.fetchall(
        f"SELECT m.*, {_OWED} FROM {MACHINES} m WHERE m.id {among('machines')}",
        {"machines": listed(machine_ids)},
        ListedMachine,
    )
    return {machine.id: machine for machine in found}


async def get_begun(operator_user_id: str) -> Begun:
    """From two looks into an index."""
    own = f"EXISTS (SELECT 1 FROM {MACHINES} WHERE operator_user_id = :operator"
    row: Any = await db.fetchone(
        f"SELECT {own}) AS added, {own} AND last_seen_at IS NOT NULL) AS heard",
        {"operator": operator_user_id},
    )
    return Begun(added=bool(row["added"]), heard=bool(row["heard"]))


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


async def get_machines(operator_user_id: str, query: MachineQuery) -> FoundMachines:
    """One page of an operator's machines, and how many the search finds in each state."""
    found, values = _found(operator_user_id, query.search)
    counts = await _counted(found, values)
    total = sum(count.total for count in counts if query.shows(count.state, count.is_active))
    where, values = _asked_for(operator_user_id, query)
    order = _order(query)
    page = f"SELECT id FROM {MACHINES} WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset"
    rows = await db.fetchall(
        f"SELECT m.*, {_OWED} FROM {MACHINES} m WHERE m.id IN ({page}) ORDER BY {order}",
        {**values, "limit": query.limit, "offset": query.offset},
        ListedMachine,
    )
    return FoundMachines(data=rows, total=total, counts=counts)


async def _counted(found: str, values: dict[str, str]) -> list[StateCount]:
    """By state alone, as the index goes: with `is_active` SQLite would sort all that it finds."""
    rows: list[Any] = await db.fetchall(
        "SELECT state, COUNT(*) AS total, COUNT(CASE WHEN is_active = true THEN 1 END) AS active "
        f"FROM {MACHINES} WHERE {found} GROUP BY state",
        values,
    )
    return [
        StateCount(state=row["state"], is_active=is_active, total=total)
        for row in rows
        for is_active, total in ((True, row["active"]), (False, row["total"] - row["active"]))
        if total
    ]


async def get_ids(operator_user_id: str, query: MachineQuery) -> list[str]:
    """The ids of all the machines that are asked for, in order, on whatever page they are."""
    where, values = _asked_for(operator_user_id, query)
    rows: list[Any] = await db.fetchall(
        f"SELECT id FROM {MACHINES} WHERE {where} ORDER BY {_order(query)}", values
    )
    return [row["id"] for row in rows]


def _found(operator_user_id: str, search: str) -> tuple[str, dict[str, str]]:
    """The condition of a search and its values."""
    condition, values = "operator_user_id = :operator", {"operator": operator_user_id}
    if search:
        in_one = "".join(search.split()) or search  # fingerprints are shown in groups of four
        fits = [f"{column} LIKE :{kind} ESCAPE '{ESCAPE}'" for column, kind in _SOUGHT.items()]
        if may_be_of_npub(in_one):
            fits.append(_BY_CLIENT)
        condition += f" AND ({' OR '.join(fits)})"
        values["part"] = part_pattern(search)
        values["of_key"] = part_pattern(in_one)
    return condition, values


def _asked_for(operator_user_id: str, query: MachineQuery) -> tuple[str, dict[str, str]]:
    """The condition of a list and its values."""
    condition, values = _found(operator_user_id, query.search)
    if query.state is not None:
        condition += " AND state = :state"
        values["state"] = query.state.value
    if query.active is not None:
        condition += f" AND is_active = {'true' if query.active else 'false'}"
    return condition, values


def _order(query: MachineQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    # SQLite and PostgreSQL disagree where "never" belongs.
    return ", ".join(
        f"{key} {direction}" + (" NULLS LAST" if key in _MAY_BE_NULL else "")
        for key in _ORDERS[query.sort_by]
    )
