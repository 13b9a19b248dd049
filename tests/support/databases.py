"""The database of LNbits in this run: SQLite, or with SPIREKEEPER_TEST_POSTGRES=1 PostgreSQL."""

import os
from uuid import uuid4

import asyncpg
from spirekeeper.devkit.postgres import Postgres

# Read before LNbits' start takes it out of the environment.
ON_POSTGRES = os.environ.get("SPIREKEEPER_TEST_POSTGRES") == "1"
NAME = "PostgreSQL" if ON_POSTGRES else "SQLite"


async def new_database(cluster: Postgres | None) -> str | None:
    """The address of one that is empty; None: LNbits makes its own, on SQLite."""
    if cluster is None:
        return None
    name = f"made_{uuid4().hex}"
    connection = await asyncpg.connect(cluster.url())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return cluster.url(name)
