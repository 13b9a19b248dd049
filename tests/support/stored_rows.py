"""What a LNbits in another process has stored, as `truth.Here`; also one that was killed."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import asyncpg

from support.truth import Here, Row

TABLES = ("dca_machines", "pairings", "owed_revocations", "journal", "burners")
TIMES = ("_at", "_until", "_before")
LISTS = {"relays", "tags"}


def in_sqlite(data: Path) -> Here:
    """From LNbits' data folder."""
    database = sqlite3.connect(f"file:{data / 'ext_spirekeeper.sqlite3'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return _here(*([*database.execute(f"SELECT * FROM {table}")] for table in TABLES))
    finally:
        database.close()


async def in_postgres(url: str) -> Here:
    async with _connected(url) as connection:
        return _here(*[await connection.fetch(f"SELECT * FROM spirekeeper.{t}") for t in TABLES])


async def all_of_postgres(url: str) -> bytes:
    """Every row of ours, as text."""
    async with _connected(url) as connection:
        xml = await connection.fetchval("SELECT schema_to_xml('spirekeeper', true, false, '')")
    return str(xml).encode()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _here(*tables: list[Any]) -> Here:
    return Here(*([_row(dict(row)) for row in rows] for rows in tables))


def _row(columns: Mapping[str, Any]) -> Row:
    """As the product's models have it. A lease that has lapsed holds nothing."""
    row = {
        name: _time(value) if name == "at" or name.endswith(TIMES) else value
        for name, value in columns.items()
    }
    for name in row.keys() & LISTS:
        row[name] = json.loads(row[name])
    if row.get("busy_until") and row["busy_until"] < datetime.now(timezone.utc):
        row["busy_by"] = row["busy_until"] = None
    return row


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc)
    return datetime.fromtimestamp(float(value), timezone.utc)
