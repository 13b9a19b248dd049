"""The schema can be made twice, and over what an older version left."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from api.older_tables import NPUB, OLDER_TABLE, PUBKEY, insert_older, migrate, rows
from spirekeeper.devkit.postgres import Postgres
from support.host import Host

COLUMNS = {
    "id",
    "operator_user_id",
    "wallet_id",
    "name",
    "name_sought",
    "location",
    "location_sought",
    "fiat_code",
    "is_active",
    "machine_npub",
    "created_at",
    "updated_at",
    "bunker_spire_key_name",
    "paired_at",
    "cut_at",
    "after_cut",
    "stopped_at",
    "state",
    "busy_by",
    "busy_until",
    "last_seen_at",
    "locked_at",
    "lock_reason",
    "flagged_at",
    "flag",
    "silent_minutes",
    "npub",
    "tags",
    "tags_sought",
    "version",
}


@pytest.fixture
def connection(empty_database: Any) -> Any:
    return empty_database


async def columns(connection: Any) -> set[str]:
    from spirekeeper import migrations

    return set(await migrations._columns(connection, "dca_machines"))


async def test_steps_stand_in_the_order_of_their_numbers(host: Host) -> None:
    """LNbits runs them as they stand in the file, and skips those below the last number it ran."""
    from spirekeeper import migrations

    numbers = [name[1:4] for name in vars(migrations) if name.startswith("m0")]
    assert numbers == sorted(set(numbers))


class Cockroach:
    """A stand-in: the one answer by which it shows, over the protocol of PostgreSQL."""

    type = "POSTGRES"

    async def fetchone(self, query: str) -> dict[str, str]:
        assert query == "SELECT version() AS version"
        return {"version": "CockroachDB CCL v24.3.1 (x86_64-pc-linux-gnu)"}


@pytest.mark.parametrize("step", ["m001_machines", "m032_changed"])
async def test_cockroachdb_is_refused_before_anything_is_written(host: Host, step: str) -> None:
    from spirekeeper import migrations

    with pytest.raises(RuntimeError, match="does not run on CockroachDB"):
        await getattr(migrations, step)(Cockroach())


async def test_from_nothing_and_again(connection: Any) -> None:
    await migrate(connection)
    assert await columns(connection) == COLUMNS
    await migrate(connection)
    assert await columns(connection) == COLUMNS


async def test_over_an_older_table(connection: Any) -> None:
    await connection.execute(OLDER_TABLE)
    await insert_older(connection, id="a", machine_npub=NPUB)
    await insert_older(connection, id="b", machine_npub="typed nonsense")
    await migrate(connection)
    await migrate(connection)
    assert await columns(connection) == COLUMNS | {"note"}
    machines = await rows(connection)
    assert (machines["a"]["machine_npub"], machines["a"]["note"]) == (PUBKEY, "kept")
    assert machines["b"]["machine_npub"] == "typed nonsense"
    assert (machines["a"]["state"], machines["a"]["is_active"]) == ("unpaired", 1)
    await connection.execute(
        "UPDATE spirekeeper.dca_machines SET machine_npub = NULL, wallet_id = NULL"
    )


async def test_a_rebuild_that_a_crash_interrupted_loses_nothing(
    connection: Any, cluster: Postgres | None
) -> None:
    if cluster is not None:
        pytest.skip("PostgreSQL relaxes a column in place")
    await connection.execute(OLDER_TABLE)
    await insert_older(connection, id="a", machine_npub=PUBKEY)
    await connection.execute("ALTER TABLE spirekeeper.dca_machines RENAME TO dca_machines_new")
    await migrate(connection)
    assert set(await rows(connection)) == {"a"}


async def test_shared_wallets_and_npubs_go_to_the_oldest(connection: Any) -> None:
    await connection.execute(OLDER_TABLE.replace(" UNIQUE", ""))
    await insert_older(connection, id="first", wallet_id="w", machine_npub=NPUB)
    await insert_older(
        connection, id="second", wallet_id="w", machine_npub=PUBKEY, created_at=1_700_000_001
    )
    await migrate(connection)
    machines = await rows(connection)
    assert (machines["first"]["wallet_id"], machines["first"]["machine_npub"]) == ("w", PUBKEY)
    assert (machines["second"]["wallet_id"], machines["second"]["machine_npub"]) == (None, None)
    journal = await connection.fetchall("SELECT machine_id, outcome FROM spirekeeper.journal")
    assert {(line["machine_id"], line["outcome"]) for line in journal} == {
        ("second", "wallet_id cleared"),
        ("second", "machine_npub cleared"),
    }


@pytest.mark.parametrize("index", ["wallet_id", "machine_npub"])
async def test_wallet_and_npub_are_unique(connection: Any, index: str) -> None:
    from sqlalchemy.exc import IntegrityError

    await migrate(connection)
    row = {"id": "a", "operator_user_id": "u1", "name": "North", index: "taken"}
    names = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    insert = f"INSERT INTO spirekeeper.dca_machines ({names}) VALUES ({places})"
    await connection.execute(insert, row)
    with pytest.raises(IntegrityError, match=index):
        await connection.execute(insert, {**row, "id": "b"})


@pytest.mark.parametrize("older", [True, False])
async def test_times_made_by_the_database_are_utc(connection: Any, older: bool) -> None:
    """Those that an older version did not have, and those of a row that names none."""
    from spirekeeper.models import Machine

    if older:
        timeless = OLDER_TABLE.replace("created_at TIMESTAMP NOT NULL", "made_by TEXT")
        await connection.execute(timeless)
    else:
        await migrate(connection)
    await connection.execute(
        "INSERT INTO spirekeeper.dca_machines (id, operator_user_id, wallet_id, name, machine_npub)"
        " VALUES ('a', 'u1', 'w', 'North', 'none')"
    )
    await migrate(connection)
    machine = await connection.fetchone("SELECT * FROM spirekeeper.dca_machines", {}, Machine)
    now = datetime.now(timezone.utc)
    for at in (machine.created_at, machine.updated_at):
        assert abs(now - at) < timedelta(minutes=5)
