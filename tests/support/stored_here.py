"""All that spirekeeper has stored in the LNbits of this process, to be compared with later."""

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spirekeeper.models import Pairing

TABLES = (
    "dca_machines",
    "pairings",
    "owed_revocations",
    "journal",
    "bunker_settings",
    "webhook",
    "setting_versions",
    "refused_passphrases",
)
BY_ITSELF = {"last_seen_at", "bunker_listens", "busy_by", "busy_until"}
"""What is written when a machine is heard of, whoever calls."""


async def stored() -> Counter[str]:
    """Every row, and every wallet of LNbits; without what nobody asked for."""
    from lnbits.core.db import db as core
    from spirekeeper.store.database import db

    rows: list[tuple[str, dict[str, Any]]] = []
    for table in TABLES:
        found: list[Any] = await db.fetchall(f"SELECT * FROM spirekeeper.{table}")
        rows += [(table, dict(row)) for row in found]
    wallets: list[Any] = await core.fetchall('SELECT id, name, "user", deleted FROM wallets')
    rows += [("wallets", dict(row)) for row in wallets]
    return Counter(
        f"{table}: { {name: row[name] for name in sorted(row.keys() - BY_ITSELF)} }"
        for table, row in rows
        if row.get("actor") != "spirekeeper"
    )


def of(rows: Counter[str], *marks: str) -> Counter[str]:
    """The rows in which one of these ids stands."""
    return Counter({row: n for row, n in rows.items() if any(mark in row for mark in marks)})


async def columns(machine_id: str) -> dict[str, Any]:
    """A machine's row as it is stored."""
    from spirekeeper import crud

    machine = await crud.get_machine(machine_id)
    assert machine is not None
    result: dict[str, Any] = machine.dict()
    return result


async def all_pairings(machine_ids: Collection[str]) -> "list[Pairing]":
    """Every pairing that these machines ever had, newest first."""
    from spirekeeper.models import Pairing
    from spirekeeper.store.database import PAIRINGS, among, db, listed

    return await db.fetchall(
        f"SELECT * FROM {PAIRINGS} WHERE machine_id {among('machines')} "
        "ORDER BY created_at DESC, id DESC",
        {"machines": listed(machine_ids)},
        Pairing,
    )
