"""How the database goes about the statements that spirekeeper makes, as it made them."""

import sys
from typing import Any

from fastapi import APIRouter
from lnbits.db import SQLITE, Connection

plans_router = APIRouter()

_VERBS = {"select", "insert", "update", "delete"}
_made: dict[str, dict[str, Any] | None] = {}
"""The values of the last of each, by its text."""


def note(
    connection: Connection, query: str, values: dict[str, Any] | None = None, *_: Any, **__: Any
) -> None:
    """A statement is about to be made."""
    if connection.name == "ext_spirekeeper" and query.split(None, 1)[0].lower() in _VERBS:
        _made[query] = values


@plans_router.delete("/plans")
async def api_forget_plans() -> None:
    _made.clear()


@plans_router.get("/plans")
async def api_plans() -> dict[str, list[str]]:
    """The plan of every statement since it was last forgotten, by the statement's text."""
    db = sys.modules["spirekeeper.store.database"].db
    explain = "EXPLAIN QUERY PLAN" if db.type == SQLITE else "EXPLAIN"
    column = "detail" if db.type == SQLITE else "QUERY PLAN"
    plans = {}
    for query, values in list(_made.items()):
        rows = await db.fetchall(f"{explain} {query}", values)
        plans[query] = [row[column] for row in rows]
    return plans
