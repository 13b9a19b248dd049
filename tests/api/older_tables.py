"""A database of its own, with what an older version left in it."""

from typing import Any

NPUB = "npub1hk04j6d342kngldaes6w3c856g0kfmqfz6000egljhhattvpzvzse9yldr"
PUBKEY = "bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305"


OLDER_TABLE = """
    CREATE TABLE spirekeeper.dca_machines (
        id TEXT PRIMARY KEY, operator_user_id TEXT NOT NULL, wallet_id TEXT NOT NULL,
        name TEXT NOT NULL, machine_npub TEXT NOT NULL UNIQUE, paired_at TIMESTAMP, note TEXT,
        created_at TIMESTAMP NOT NULL
    )
"""


async def migrate(connection: Any) -> None:
    from spirekeeper import migrations

    for name in sorted(name for name in dir(migrations) if name.startswith("m0")):
        await getattr(migrations, name)(connection)


async def insert_older(connection: Any, **row: Any) -> None:
    values = {
        "operator_user_id": "u1",
        "wallet_id": row["id"],
        "name": "Old",
        "note": "kept",
        "created_at": 1_700_000_000,
        **row,
    }
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    if connection.type == "POSTGRES":
        places = places.replace(":created_at", "to_timestamp(:created_at) AT TIME ZONE 'UTC'")
    await connection.execute(
        f"INSERT INTO spirekeeper.dca_machines ({names}) VALUES ({places})", values
    )


async def rows(connection: Any) -> dict[str, Any]:
    found = await connection.fetchall("SELECT * FROM spirekeeper.dca_machines")
    return {row["id"]: dict(row) for row in found}
