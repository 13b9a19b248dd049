"""What rows of an older version are given when columns are new."""

from typing import Any
from uuid import uuid4

import pytest
from api.older_tables import NPUB, OLDER_TABLE, PUBKEY, insert_older, migrate, rows
from support.host import Host


@pytest.fixture
def connection(empty_database: Any) -> Any:
    return empty_database


async def test_machines_of_before_are_found_by_their_names(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one statement fills; an interrupted filling goes on where it ended."""
    from spirekeeper import migrations

    monkeypatch.setattr(migrations, "_AT_ONCE", 3)
    await connection.execute(OLDER_TABLE)
    for number in range(8):
        name = f"ÄRA {number}"
        await insert_older(connection, id=f"m{number}", machine_npub=f"k{number}", name=name)
    await migrate(connection)
    assert {row["name_sought"] for row in (await rows(connection)).values()} == {
        f"ara {number}" for number in range(8)
    }
    await connection.execute(
        "UPDATE spirekeeper.dca_machines SET name_sought = '', location = 'Straße' WHERE id = 'm7'"
    )
    await migrate(connection)
    again = (await rows(connection))["m7"]
    assert (again["name_sought"], again["location_sought"]) == ("ara 7", "strasse")


async def test_machines_of_before_are_found_by_their_keys(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without accents, also those that were stored with them; it can be done twice."""
    from spirekeeper import migrations

    monkeypatch.setattr(migrations, "_AT_ONCE", 2)
    await connection.execute(OLDER_TABLE)
    typed = {"a": NPUB, "b": "typed nonsense", "c": "z" * 64}
    for machine_id, key in typed.items():
        await insert_older(connection, id=machine_id, machine_npub=key, name="Málaga")
    for name in sorted(name for name in dir(migrations) if name.startswith("m0")):
        if name < "m025":
            await getattr(migrations, name)(connection)
    await connection.execute("UPDATE spirekeeper.dca_machines SET name_sought = 'málaga'")
    for _ in range(2):
        await migrations.m025_any_part(connection)
        machines = await rows(connection)
        assert {machine["name_sought"] for machine in machines.values()} == {"malaga"}
        assert {key: machine["npub"] for key, machine in machines.items()} == {
            "a": NPUB,
            "b": "",
            "c": "",
        }
        assert {machine["version"] for machine in machines.values()} == {0}


async def test_machines_of_before_are_found_by_their_clients(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one statement fills; it can be done twice."""
    from spirekeeper import migrations

    monkeypatch.setattr(migrations, "_AT_ONCE", 2)
    for name in sorted(name for name in dir(migrations) if name.startswith("m0")):
        if name < "m029":
            await getattr(migrations, name)(connection)
    clients = {"a": f"'{PUBKEY}'", "b": "NULL", "c": "'nonsense'", "d": f"'{PUBKEY}'"}
    at = "1" if connection.type == "SQLITE" else "to_timestamp(1)"
    for pairing_id, client in clients.items():
        await connection.execute(
            "INSERT INTO spirekeeper.pairings (id, machine_id, state, key_name, bunker_pubkey, "
            "passphrase_id, client_name, bunker_relay, relays, created_at, scan_before, "
            f"confirm_required, client_pubkey) VALUES ('{pairing_id}', 'm', 'redeemed', 'k', 'b', "
            f"'one', 'c{pairing_id}', 'wss://r', '[]', {at}, {at}, false, {client})"
        )
    for _ in range(2):
        await migrations.m029_clients(connection)
        found = await connection.fetchall("SELECT id, client_npub FROM spirekeeper.pairings")
        npubs = {row["id"]: row["client_npub"] for row in found}
        assert npubs == {"a": NPUB, "b": "", "c": "", "d": NPUB}


async def test_texts_are_filled_in_as_they_are_written_later(host: Host) -> None:
    """The migration imports no sibling, so it says the same a second time."""
    from spirekeeper import migrations
    from spirekeeper.store.search_key import search_key

    texts = ("Ärger & <Co>", "STRASSE", "Straße", "İzmir", "١٢٣", "a\U0010ffffb", "서울", "\u0301")
    for text in texts:
        assert search_key(text)  # else it would be filled in for ever
        assert migrations._sought(text) == search_key(text)


async def insert_pairing(connection: Any, name: str, **row: Any) -> None:
    """Of machine `a`, as the schema was before m019."""
    values = {
        "id": name,
        "machine_id": "a",
        "state": "issued",
        "key_name": "spire-a",
        "spire_pubkey": PUBKEY,
        "bunker_pubkey": "b" * 64,
        "passphrase_id": "p",
        "client_name": f"spirekeeper-{name}",
        "bunker_relay": "wss://r.example",
        "relays": '["wss://r.example"]',
        "confirm_required": True,
        **row,
    }
    times = dict.fromkeys(["created_at", "issued_at", "scan_before"], 1_700_000_000)
    if values["state"] == "confirmed":
        times |= {"redeemed_at": 1_700_000_001, "confirmed_at": 1_700_000_002}
    if values["state"] == "cancelled":
        times |= {"ended_at": 1_700_000_003}
    on_postgres = connection.type == "POSTGRES"
    moments = [f"to_timestamp(:{t}) AT TIME ZONE 'UTC'" if on_postgres else f":{t}" for t in times]
    await connection.execute(
        f"INSERT INTO spirekeeper.pairings ({', '.join([*values, *times])}) "
        f"VALUES ({', '.join([*(f':{name}' for name in values), *moments])})",
        {**values, **times},
    )


async def test_a_seed_that_waits_at_the_upgrade_works_or_is_cancelled(connection: Any) -> None:
    """It is cancelled where it could not be confirmed any more, and the machine stays paired."""
    from spirekeeper import migrations

    for name in sorted(name for name in dir(migrations) if name.startswith("m0")):
        if name < "m019":
            await getattr(migrations, name)(connection)
    now = "now()" if connection.type == "POSTGRES" else "1700000000"
    await connection.execute(
        f"INSERT INTO spirekeeper.dca_machines (id, operator_user_id, name, created_at, updated_at)"
        f" VALUES ('a', 'u1', 'North', {now}, {now})"
    )
    await insert_pairing(connection, "lapsed", state="cancelled")
    await insert_pairing(connection, "connected", state="confirmed")
    await insert_pairing(connection, "again")
    await insert_pairing(connection, "unasked", confirm_required=False)
    await insert_pairing(connection, "alone", key_name="spire-a-2", spire_pubkey="c" * 64)
    for _ in range(2):  # a crash in between runs it again
        await migrations.m019_who_can_sign(connection)
        found = await connection.fetchall("SELECT * FROM spirekeeper.pairings")
        pairings = {row["id"]: dict(row) for row in found}
        assert {name: row["state"] for name, row in pairings.items()} == {
            "lapsed": "cancelled",
            "connected": "confirmed",
            "again": "cancelled",
            "unasked": "issued",
            "alone": "issued",
        }
        assert pairings["again"]["end_reason"] == "upgraded"
        assert pairings["lapsed"]["key_clean"]
        assert pairings["again"]["key_clean"] is None
        [owed] = await connection.fetchall("SELECT * FROM spirekeeper.owed_revocations")
        assert (owed["kind"], owed["client_name"]) == ("burn_token", "spirekeeper-again")
        assert (owed["operator_user_id"], owed["machine_id"]) == ("u1", "a")


async def test_whose_pairings_and_debts_were_is_found_where_it_can_be(connection: Any) -> None:
    """From the machine, or from the journal where it is gone; else it stays unknown."""
    from spirekeeper import migrations

    await migrate(connection)
    await connection.execute(
        "INSERT INTO spirekeeper.dca_machines (id, operator_user_id, name) "
        "VALUES ('there', 'u1', 'North')"
    )
    at = "0" if connection.type == "SQLITE" else "now()"
    for machine_id, operator in (("gone", "'u2'"), ("gone", "NULL"), ("nobody", "''")):
        await connection.execute(
            "INSERT INTO spirekeeper.journal "
            "(id, at, actor, operator_user_id, machine_id, event, outcome, detail) "
            f"VALUES (:id, {at}, 'u2', {operator}, :machine, 'pair', 'seed_issued', '')",
            {"id": uuid4().hex, "machine": machine_id},
        )
    for machine_id in ("there", "gone", "nobody"):
        await connection.execute(
            "INSERT INTO spirekeeper.pairings (id, machine_id, state, key_name, bunker_pubkey, "
            "passphrase_id, client_name, bunker_relay, relays, created_at, scan_before, "
            "confirm_required) VALUES "
            f"(:id, :id, 'revoked', 'k', 'b', 'p', :id, 'r', '[]', {at}, {at}, false)",
            {"id": machine_id},
        )
        await connection.execute(
            "INSERT INTO spirekeeper.owed_revocations (id, kind, machine_id, operator_user_id, "
            "bunker_pubkey, key_name, relays, tries, next_at, created_at) "
            f"VALUES (:id, 'revoke_key', :id, '', 'b', 'k', '[]', 0, {at}, {at})",
            {"id": machine_id},
        )
    for _ in range(2):
        await migrations.m022_cuts(connection)
        for table in ("pairings", "owed_revocations"):
            found = await connection.fetchall(f"SELECT * FROM spirekeeper.{table}")
            assert {row["machine_id"]: row["operator_user_id"] for row in found} == {
                "there": "u1",
                "gone": "u2",
                "nobody": "",
            }
    unread = await connection.fetchall(
        "SELECT id FROM spirekeeper.journal WHERE operator_user_id = ''"
    )
    assert unread == []


async def test_keys_ever_minted_are_known_from_the_pairings(connection: Any) -> None:
    """Also those of machines that are gone; a second run adds none."""
    from spirekeeper import migrations

    await migrate(connection)
    await connection.execute(
        "INSERT INTO spirekeeper.dca_machines (id, operator_user_id, name) "
        "VALUES ('here', 'u1', 'North')"
    )
    await connection.execute(
        "INSERT INTO spirekeeper.journal "
        "(id, at, actor, operator_user_id, machine_id, event, outcome, detail) VALUES "
        f"('j', {migrations._utc_now(connection)}, 'u2', 'u2', 'gone', 'pair', 'failed', '')"
    )
    issued = [("here", ""), ("here", ""), ("here", "-2"), ("gone", ""), ("unknown", "")]
    for number, (machine_id, generation) in enumerate(issued):
        at = f"{number + 1}" if connection.type == "SQLITE" else f"to_timestamp({number + 1})"
        await connection.execute(
            "INSERT INTO spirekeeper.pairings (id, machine_id, state, key_name, bunker_pubkey, "
            "passphrase_id, client_name, bunker_relay, relays, created_at, scan_before, "
            f"confirm_required) VALUES ('p{number}', '{machine_id}', 'revoked', "
            f"'spire-{machine_id}{generation}', 'b', 'one', 'c{number}', 'wss://r', '[]', "
            f"{at}, {at}, false)"
        )
    for _ in range(2):
        await migrations.m020_quotas(connection)
        minted = await connection.fetchall(
            "SELECT key_name, operator_user_id, why FROM spirekeeper.minted_keys ORDER BY minted_at"
        )
        assert [tuple(dict(row).values()) for row in minted] == [
            ("spire-here", "u1", "first"),
            ("spire-here-2", "u1", "asked"),
            ("spire-gone", "u2", "first"),
            ("spire-unknown", "", "first"),
        ]


async def test_a_bunker_that_was_entered_before_names_no_relays_for_machines(
    connection: Any,
) -> None:
    from spirekeeper import migrations

    await migrations.m008_bunker_settings(connection)
    at = "0" if connection.type == "SQLITE" else "now()"
    await connection.execute(
        "INSERT INTO spirekeeper.bunker_settings (id, bunker_pubkey, relays, admin_pubkey, sealed, "
        f"allow_private_relays, updated_at) VALUES ('bunker', 'b', '[]', 'a', 's', false, {at})"
    )
    for _ in range(2):
        await migrations.m024_relays_for_machines(connection)
        row = await connection.fetchone("SELECT * FROM spirekeeper.bunker_settings")
        assert (row["machine_relays"], bool(row["bunker_relays_for_machines"])) == ("[]", False)
    assert await connection.fetchall("SELECT * FROM spirekeeper.last_relays") == []


async def test_a_changed_setting_keeps_its_number(connection: Any) -> None:
    from spirekeeper import migrations

    versions = "spirekeeper.setting_versions"
    for expected in (0, 5):
        await migrations.m027_webhook_and_versions(connection)
        found = await connection.fetchall(f"SELECT * FROM {versions}")
        assert {row["name"]: row["version"] for row in found} == dict.fromkeys(
            ("bunker", "limits", "webhook"), expected
        )
        await connection.execute(f"UPDATE {versions} SET version = 5")
    assert await connection.fetchall("SELECT * FROM spirekeeper.webhook") == []


async def test_lines_of_before_get_the_names_of_their_machines(connection: Any) -> None:
    """Also of one that was deleted, and never for another operator."""
    from spirekeeper import migrations

    for name in sorted(name for name in dir(migrations) if name.startswith("m0")):
        if name < "m028":
            await getattr(migrations, name)(connection)
    await connection.execute(
        "INSERT INTO spirekeeper.dca_machines (id, operator_user_id, name) "
        "VALUES ('there', 'u1', 'North')"
    )
    lines = {
        "added": ("u1", "there", "added", ""),
        "begun": ("u1", "gone", "added", ""),
        "ended": ("u1", "gone", "deleted", "South"),
        "others": ("u2", "there", "added", ""),
        "others-gone": ("u2", "gone", "added", ""),
        "nobodys": (None, None, "stored", ""),
    }
    for line_id, (operator, machine_id, outcome, detail) in lines.items():
        await connection.execute(
            "INSERT INTO spirekeeper.journal "
            "(id, at, actor, operator_user_id, machine_id, event, outcome, detail) VALUES "
            f"(:id, {migrations._utc_now(connection)}, 'u1', :operator, :machine, 'machine', "
            ":outcome, :detail)",
            {
                "id": line_id,
                "operator": operator,
                "machine": machine_id,
                "outcome": outcome,
                "detail": detail,
            },
        )
    for _ in range(2):
        await migrations.m028_names_in_the_journal(connection)
        found = await connection.fetchall("SELECT * FROM spirekeeper.journal")
        assert {row["id"]: row["machine_name"] for row in found} == {
            "added": "North",
            "begun": "South",
            "ended": "South",
            "others": "",
            "others-gone": "",
            "nobodys": "",
        }
        await connection.execute("UPDATE spirekeeper.dca_machines SET name = 'Renamed'")


async def test_lines_of_the_journal_of_before_keep_their_words(connection: Any) -> None:
    from spirekeeper import migrations

    await migrations.m007_journal(connection)
    at = "0" if connection.type == "SQLITE" else "now()"
    await connection.execute(
        "INSERT INTO spirekeeper.journal (id, at, actor, event, outcome, detail) "
        f"VALUES ('1', {at}, 'u1', 'revoke', 'cut', 'emergency stop')"
    )
    for _ in range(2):
        await migrations.m031_details(connection)
        row = await connection.fetchone("SELECT * FROM spirekeeper.journal")
        told = (row["detail"], row["detail_code"], row["detail_values"])
        assert told == ("emergency stop", "", "{}")
