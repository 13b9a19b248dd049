"""What is asked often is answered from indexes, however large the fleet is.

SQLite's plans alone are looked at: PostgreSQL's depend on how much there is.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from spirekeeper.devkit.postgres import Postgres
from support.host import Host

ORDERS = ["name", "location", "state", "created_at", "paired_at", "last_seen_at"]
OF_FEW = ("pairings_intents",)
"""Indexes of what there is something to do about: reading them through is no work."""
IN_ORDER = "LIMIT :limit OFFSET :offset) ORDER BY"
"""Of a statement that reads a page of the list."""
Ask = Callable[[], Awaitable[object]]


def often() -> dict[str, Ask]:
    from spirekeeper import crud
    from spirekeeper.cash_models import CashSettings
    from spirekeeper.clock import utc_now
    from spirekeeper.orders import CashState, Direction
    from spirekeeper.store import (
        cash_attempts,
        cash_in,
        cash_list,
        cash_orders,
        cash_settings,
        clock_rows,
        journal,
        key_rows,
        machine_list,
        pairing_rows,
        quota_counts,
    )
    from spirekeeper.store.cash_list import OrderQuery
    from spirekeeper.store.database import db
    from spirekeeper.store.machine_list import MachineQuery

    now = utc_now()
    caps = CashSettings(machine_id="a", operator_user_id="somebody", updated_at=now)

    def asked_for(by: str, search: str, **more: Any) -> MachineQuery:
        asked = {"descending": False, "limit": 50, "offset": 0, "state": None, "active": None}
        return MachineQuery(search=search, sort_by=by, **{**asked, **more})

    def page(by: str, search: str, **more: Any) -> Ask:
        return lambda: machine_list.get_machines("somebody", asked_for(by, search, **more))

    def orders(**more: Any) -> Ask:
        return lambda: cash_list.get_orders(OrderQuery("somebody", **more))

    return {
        **{f"the list by {order}": page(order, "") for order in ORDERS},
        **{f"the list by {order}, backwards": page(order, "", descending=True) for order in ORDERS},
        **{f"a search, by {order}": page(order, "north") for order in ORDERS},
        "a search for a key": page("name", "hk04"),
        **{f"one state, by {order}": page(order, "", state="paired") for order in ORDERS},
        **{f"the inactive, by {order}": page(order, "", active=False) for order in ORDERS},
        **{
            f"a search of one state, by {order}": page(order, "north", state="paired")
            for order in ORDERS
        },
        "how far an operator has come": lambda: machine_list.get_begun("somebody"),
        "the machines of a file": lambda: machine_list.get_ids("somebody", asked_for("name", "")),
        "machines as a list has them": lambda: machine_list.get_listed(["a", "b"]),
        "where machines stand": lambda: pairing_rows.get_standings(["a", "b"]),
        "the pairings of a machine": lambda: pairing_rows.get_history("a"),
        "the open pairings of a key": lambda: pairing_rows.get_open_of_key("b" * 64, "k"),
        "keys ever minted": lambda: quota_counts.count_minted("b" * 64),
        "keys of late": lambda: quota_counts.get_minted("a", now),
        "a machine by its key": lambda: crud.get_machine_by_npub("a" * 64),
        "watched keys": lambda: pairing_rows.get_watched(["aa", "bb"]),
        "the roster": lambda: pairing_rows.get_roster_entry("a" * 64, now),
        "the journal": lambda: journal.get_journal("somebody"),
        "the journal's file": lambda: journal.get_journal_before(
            now, "a", 200, "somebody", with_nobodys=False, machine_id=None, event=None
        ),
        "lost intents": lambda: pairing_rows.get_lost_intents(now),
        "what ends by the clock": lambda: clock_rows.get_ended_by_clock(now),
        "what ends next": lambda: clock_rows.get_next_end(now),
        "unfinished cuts": lambda: pairing_rows.get_unfinished_cuts(now),
        "keys in use": lambda: key_rows.get_keys_in_use("b" * 64),
        "locked machines": crud.get_locked_machines,
        "machines to tell of": lambda: journal.get_machines_to_tell_of(now),
        "cash orders": orders(),
        "those of a machine": orders(machine_id="a"),
        "those of some days": orders(since=now, until=now, after="a"),
        "those in a state": orders(state=CashState.EXPIRED),
        "those of one direction": orders(direction=Direction.CASH_IN),
        "those of one direction in a state": orders(
            direction=Direction.CASH_IN, state=CashState.EXPIRED
        ),
        "those that a person has to look at": orders(stuck=now),
        "those that go on": orders(under_way=now),
        "those that a machine is told of": lambda: cash_orders.get_open_orders("a"),
        "what a machine sold today": lambda: cash_list.get_sold("a", now),
        "payments to look at": lambda: cash_attempts.get_due_attempts(now, 50),
        "the payments of an order": lambda: cash_attempts.get_attempts("a"),
        "whose invoice it is": lambda: cash_attempts.get_attempt_of_hash("b" * 64),
        "the link of an order": lambda: cash_attempts.get_link_of("a"),
        "what nobody has fetched": lambda: cash_in.get_over(now, now),
        "what is reserved": lambda: cash_in.get_reserved(db, "a", "b", now),
        "what has left": lambda: cash_in.get_gone(db, "a", now),
        "what may still be paid": lambda: cash_in.get_room(caps, "a", now),
        "where cash is on": lambda: cash_settings.count_switches("somebody"),
        "connections to tell of": lambda: journal.get_connections_to_tell_of(now),
    }


@pytest.fixture
async def statements(
    host: Host, cluster: Postgres | None, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What is often asked of our database, with its values."""
    if cluster is not None:
        pytest.skip("PostgreSQL's plans depend on how much there is")
    from lnbits.db import Connection

    made: dict[str, Any] = {}

    def noting(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def run(self: Any, query: str, values: Any = None, *more: Any) -> Any:
            if self.name == "ext_spirekeeper":
                made[query] = values
            return await call(self, query, values, *more)

        return run

    for ask in often().values():
        with monkeypatch.context() as patched:
            for kind in ("fetchall", "fetchone"):
                patched.setattr(Connection, kind, noting(getattr(Connection, kind)))
            await ask()
    return made


async def test_the_fleet_is_not_read_through(statements: dict[str, Any]) -> None:
    from spirekeeper.store.database import db

    read = []
    for query, values in statements.items():
        plan = await db.fetchall(f"EXPLAIN QUERY PLAN {query}", values)
        read += [f"{row['detail']}: {query}" for row in plan if _reads_through(row["detail"])]
    assert read == []


async def test_a_page_of_the_list_is_read_in_order(statements: dict[str, Any]) -> None:
    """From an index that has all but what is searched: the page is sorted, not the fleet for it."""
    from spirekeeper.store.database import db

    listings = {query: values for query, values in statements.items() if IN_ORDER in query}
    assert len(listings) >= 5 * len(ORDERS)
    for query, values in listings.items():
        plan = [row["detail"] for row in await db.fetchall(f"EXPLAIN QUERY PLAN {query}", values)]
        kind = "INDEX" if "LIKE" in query else "COVERING INDEX"
        assert [step for step in plan if f"{kind} dca_machines_listed_by" in step], plan
        assert plan.count("USE TEMP B-TREE FOR ORDER BY") == 1, plan


async def test_orders_in_a_state_are_found_without_the_others(statements: dict[str, Any]) -> None:
    """Of ten thousand few are in one that somebody looks for."""
    from spirekeeper.store.database import db

    listings = {query: values for query, values in statements.items() if " o.state = " in query}
    stuck = {query: values for query, values in statements.items() if "'paid_late'" in query}
    assert listings
    assert len(stuck) == 3
    for query, values in {**listings, **stuck}.items():
        plan = [row["detail"] for row in await db.fetchall(f"EXPLAIN QUERY PLAN {query}", values)]
        assert re.search(r"INDEX cash_orders_(in_state|stuck)", plan[0]), plan


async def test_orders_of_one_direction_are_found_without_the_others(
    statements: dict[str, Any],
) -> None:
    """And in the order of the list: of ten thousand sales few may be cash-ins."""
    from spirekeeper.store.database import db

    listings = {
        query: values
        for query, values in statements.items()
        if " o.direction = " in query and " o.state = " not in query
    }
    assert listings
    for query, values in listings.items():
        plan = [row["detail"] for row in await db.fetchall(f"EXPLAIN QUERY PLAN {query}", values)]
        assert len(plan) == 1, plan
        assert "INDEX cash_orders_directed" in plan[0]


async def test_no_statement_holds_one_lock_and_waits_for_another(
    statements: dict[str, Any],
) -> None:
    """LNbits opens the file and attaches it once more, each with locks of its own. A read of both
    holds the one while a write that waits for it keeps the other from it."""
    from spirekeeper.store.database import db

    for query, values in statements.items():
        steps = await db.fetchall(f"EXPLAIN {query}", values)
        locked = {step["p1"] for step in steps if step["opcode"] == "Transaction"}
        assert len(locked) == 1, query


def _reads_through(step: str) -> bool:
    """A table, that is; what was found already stands in brackets or has a name of its own."""
    scanned = re.match(
        r"SCAN (spirekeeper\.)?(dca_machines|pairings|journal|owed_revocations|cash_\w+|[mpso])\b",
        step,
    )
    return scanned is not None and not step.endswith(OF_FEW)


async def test_partial_indexes_have_the_very_words_of_the_statements(
    host: Host, cluster: Postgres | None
) -> None:
    """SQLite uses one for nothing else. A set of states that changes asks for a new migration."""
    if cluster is not None:
        pytest.skip("PostgreSQL writes a condition in words of its own")
    from spirekeeper import lifecycle
    from spirekeeper.store import database

    rows: list[Any] = await database.db.fetchall(
        "SELECT sql FROM spirekeeper.sqlite_master WHERE type = 'index' AND tbl_name = 'pairings'"
    )
    conditions = {row["sql"].partition(" WHERE ")[2].replace('"', "") for row in rows if row["sql"]}
    said = {
        database.redeemed_unconfirmed("p"),
        database.ended_badly("p"),
        database.ended_unseen("p"),
        *(
            database.one_of("state", states)
            for states in (
                lifecycle.OPEN_STATES,
                lifecycle.SHOWN_STATES,
                lifecycle.REDEEMED_STATES,
            )
        ),
    }
    without = {words.replace("p.", "") for words in said}
    assert {words for words in without if not any(words in each for each in conditions)} == set()
