"""A large fleet written straight into LNbits' database, as years of use would have left it.

The machines are paired through another bunker than the one that runs: this one has none of their
keys, and is not asked to unlock them.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from secrets import token_hex
from typing import Any

import asyncpg
from nostr_sdk import Keys
from spirekeeper.store.search_key import search_key

OLDER_BUNKER = Keys.generate().public_key().to_hex()
DAY = 86_400
PATIENCE_S = 300
TIMES = frozenset(
    {
        *("created_at", "updated_at", "paired_at", "last_seen_at"),
        *("issued_at", "scan_before", "redeemed_at", "at"),
    }
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Fleet:
    """Rows by the table that they go into. Times are seconds since 1970, as SQLite keeps them."""

    wallets: list[Row]
    dca_machines: list[Row]
    pairings: list[Row]
    journal: list[Row]


async def seed_fleet(
    database: Path | str,
    user_id: str,
    size: int,
    *,
    over: Sequence[str] = (),
    journal_rows: int = 0,
    name: str = "Station",
) -> list[str]:
    """Ids of new machines of the user, who need not exist; each with a wallet.

    `database`: LNbits' data folder, or the URL of its PostgreSQL. `over`: relays, over one of which
    each machine is connected, in turn; without any, none is.
    """
    fleet = _fleet(user_id, size, over, journal_rows, name)
    if isinstance(database, Path):
        _into_sqlite(database, fleet)
    else:
        await _into_postgres(database, fleet)
    return [machine["id"] for machine in fleet.dca_machines]


def _fleet(user_id: str, size: int, over: Sequence[str], journal_rows: int, name: str) -> Fleet:
    from spirekeeper.keys import npub

    now = time.time()
    fleet = Fleet([], [], [], [])
    for number in range(size):
        machine_id, wallet_id, pubkey = token_hex(11), token_hex(16), token_hex(32)
        station = f"{name} {number:05}"
        fleet.wallets.append(_wallet(wallet_id, station, user_id))
        machine = {
            "id": machine_id,
            "operator_user_id": user_id,
            "wallet_id": wallet_id,
            "name": station,
            "name_sought": search_key(station),
            "location": f"Hall {number % 97}",
            "location_sought": search_key(f"Hall {number % 97}"),
            "machine_npub": pubkey if over else None,
            "npub": npub(pubkey) if over else "",
            "bunker_spire_key_name": f"spire-{machine_id}" if over else None,
            "created_at": now - DAY - size + number,
            "updated_at": now,
            "paired_at": now - DAY + _shuffled(number) if over else None,
            "last_seen_at": now - _shuffled(number + 1) if over else None,
            "state": "paired" if over else "unpaired",
        }
        fleet.dca_machines.append(machine)
        if over:
            fleet.pairings.append(_pairing(machine, over[number % len(over)], now))
    fleet.journal.extend(_entries(fleet.dca_machines, journal_rows, now))
    return fleet


def _shuffled(number: int) -> int:
    """Seconds, no two alike for some 60,000 numbers and in no order."""
    return number * 40_503 % 65_536


def _wallet(wallet_id: str, name: str, user_id: str) -> Row:
    keys = {"adminkey": token_hex(16), "inkey": token_hex(16)}
    return {"id": wallet_id, "name": name, "user": user_id, **keys}


def _pairing(machine: Row, relay: str, now: float) -> Row:
    from spirekeeper.keys import npub

    client = token_hex(32)
    return {
        "id": token_hex(16),
        "machine_id": machine["id"],
        "operator_user_id": machine["operator_user_id"],
        "state": "redeemed",
        "key_name": machine["bunker_spire_key_name"],
        "spire_pubkey": machine["machine_npub"],
        "bunker_pubkey": OLDER_BUNKER,
        "passphrase_id": "older",
        "client_name": f"spirekeeper-{token_hex(16)}",
        "token_id": "1",
        "bunker_relay": relay,
        "relays": json.dumps([relay]),
        "created_at": now - DAY,
        "issued_at": now - DAY,
        "scan_before": now - DAY + 3600,
        "redeemed_at": now - DAY + 60,
        "client_pubkey": client,
        "client_npub": npub(client),
        "confirm_required": False,
    }


def _entries(machines: list[Row], number: int, now: float) -> Iterator[Row]:
    """Over the last year, of the machines in turn."""
    for n in range(number):
        machine = machines[n % len(machines)]
        yield {
            "id": token_hex(16),
            "at": now - 365 * DAY * (number - n) / number,
            "actor": machine["operator_user_id"],
            "operator_user_id": machine["operator_user_id"],
            "machine_id": machine["id"],
            "event": "pair",
            "outcome": "issued",
            "detail": "",
        }


def _into_sqlite(data: Path, fleet: Fleet) -> None:
    for table, rows in _tables(fleet):
        file = "database.sqlite3" if table == "wallets" else "ext_spirekeeper.sqlite3"
        with closing(sqlite3.connect(data / file, timeout=PATIENCE_S)) as database, database:
            names = ", ".join(f'"{name}"' for name in rows[0])
            places = ", ".join(f":{name}" for name in rows[0])
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


async def _into_postgres(url: str, fleet: Fleet) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table, rows in _tables(fleet):
            await connection.copy_records_to_table(
                table,
                schema_name="public" if table == "wallets" else "spirekeeper",
                columns=list(rows[0]),
                records=[tuple(map(_for_postgres, row, row.values())) for row in rows],
            )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _for_postgres(name: str, value: Any) -> Any:
    """Times are kept there as UTC without saying so."""
    if name not in TIMES or value is None:
        return value
    return datetime.fromtimestamp(value, timezone.utc).replace(tzinfo=None)


def _tables(fleet: Fleet) -> Iterator[tuple[str, list[Row]]]:
    """Those that there is something for."""
    for field in fields(fleet):
        rows = getattr(fleet, field.name)
        if rows:
            yield field.name, rows
