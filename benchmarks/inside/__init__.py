"""An extension beside ours in the measured LNbits: the floor under our figures.

An empty authenticated route, single statements on spirekeeper's database, and a count of the
statements that anything takes.
"""

import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends
from lnbits.core.crud import get_account
from lnbits.core.models.users import AccountId
from lnbits.core.services.payments import create_invoice
from lnbits.db import Connection
from lnbits.decorators import check_account_id_exists

from .orders import orders_router
from .plans import note, plans_router

benchinside_ext = APIRouter(prefix="/benchinside/api/v1")
benchinside_ext.include_router(plans_router)
benchinside_ext.include_router(orders_router)

Caller = Annotated[AccountId, Depends(check_account_id_exists)]

counted: Counter[str] = Counter()
MODELS = ("insert", "update")
"""Calls that are given a table and a model, and no statement."""
OF_THE_WATCH = "substr(p.spire_pubkey"
"""What it reads in the background, once there is another key to watch."""


def count_statements(connection: type[Connection] = Connection) -> None:
    """From now on, every statement on such connections is counted, by database and kind."""
    for kind in ("fetchone", "fetchall", "execute", "insert", "update"):
        call = connection.__dict__.get(kind)
        if call is not None and not hasattr(call, "counted"):
            setattr(connection, kind, _counting(call, kind))


def _counting(call: Callable[..., Awaitable[Any]], kind: str) -> Callable[..., Awaitable[Any]]:
    async def run(self: Connection, query: str, *more: Any, **named: Any) -> Any:
        name = "" if OF_THE_WATCH in query else _kind(kind, query)
        if kind not in MODELS:
            note(self, query, *more, **named)
        if name:
            counted[f"{'ours' if self.name == 'ext_spirekeeper' else 'core'} {name}"] += 1
        return await call(self, query, *more, **named)

    run.counted = True  # type: ignore[attr-defined]
    return run


def _kind(call: str, query: str) -> str:
    """`select`, `insert` or `update`; "" for what opens a connection."""
    if call in MODELS:
        return call
    verb = query.split(None, 1)[0].lower()
    if verb in ("attach", "create"):
        return ""
    return {"delete": "update"}.get(verb, verb)


@benchinside_ext.get("/empty")
async def api_empty(caller: Caller) -> None:
    """Who calls is looked up, as LNbits does it, and nothing else is done."""


@benchinside_ext.delete("/count")
async def api_forget_count(caller: Caller) -> None:
    count_statements(sys.modules["spirekeeper.store.database"].Transaction)
    counted.clear()


@benchinside_ext.get("/count")
async def api_count(caller: Caller) -> dict[str, int]:
    return dict(counted)


@benchinside_ext.get("/ping")
async def api_ping(caller: Caller) -> float:
    """Seconds of one round trip to the bunker, over the connection that pairing uses."""
    bunker = await sys.modules["spirekeeper.connection.open_bunker"].open_bunker()
    return float(await bunker.admin.ping())


@benchinside_ext.get("/statements")
async def api_statements(caller: Caller, machine_id: str) -> dict[str, float]:
    """Seconds of one statement of each kind, one after another. The machine is written as it is."""
    database = sys.modules["spirekeeper.store.database"]
    models = sys.modules["spirekeeper.models"]
    db, machines = database.db, database.MACHINES
    entry = models.JournalEntry(
        id=uuid4().hex,
        at=datetime.now(timezone.utc),
        actor="benchmark",
        operator_user_id=caller.id,
        machine_id=machine_id,
        event="benchmark",
        outcome="measured",
        detail="",
    )
    named = {"id": machine_id}
    return {
        "core select": await _timed(lambda: get_account(caller.id)),
        "ours select": await _timed(
            lambda: db.fetchone(f"SELECT * FROM {machines} WHERE id = :id", named, models.Machine)
        ),
        "ours insert": await _timed(lambda: db.insert(database.JOURNAL, entry)),
        "ours update": await _timed(
            lambda: db.execute(f"UPDATE {machines} SET name = name WHERE id = :id", named)
        ),
    }


@benchinside_ext.post("/invoice")
async def api_invoice(caller: Caller, wallet_id: str, sats: int) -> dict[str, Any]:
    """An invoice of LNbits' own, and the seconds that it took."""
    start = time.perf_counter()
    made = await create_invoice(wallet_id=wallet_id, amount=sats, memo="of the benchmark")
    return {"bolt11": made.bolt11, "seconds": time.perf_counter() - start}


@benchinside_ext.post("/rounds")
async def api_rounds(rounds: int, operators: int) -> float:
    """CPU seconds of so many rounds of telling other processes and hearing them, each with a change
    of so many operators' machines."""
    process = sys.modules["spirekeeper.upkeep.other_processes"].OneOfMany()
    changes, clock = sys.modules["spirekeeper.changes"], sys.modules["spirekeeper.clock"]
    changed = [uuid4().hex for _ in range(operators)]
    start = time.process_time()
    for _ in range(rounds):
        for operator_user_id in changed:
            changes.announce_changed(operator_user_id)
        await process.tell_and_hear(clock.utc_now)
    return time.process_time() - start


async def _timed(statement: Callable[[], Awaitable[Any]]) -> float:
    start = time.perf_counter()
    await statement()
    return time.perf_counter() - start


def benchinside_start() -> None:
    count_statements()
