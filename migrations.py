"""The schema, for SQLite and PostgreSQL.

LNbits commits each statement, so a migration that fails half-way runs again: every step can be
repeated, also over tables that an older version left. Imports no sibling: a hot upgrade loads this
file beside the old modules.
"""

from collections.abc import Callable
from typing import Any
from unicodedata import combining, normalize
from uuid import uuid4

from lnbits.db import SQLITE, Connection
from lnbits.utils.nostr import hex_to_npub, normalize_public_key

MACHINES = "dca_machines"
_BY_CODE_POINT = ' COLLATE "C"'
_AT_ONCE = 500
"""Rows that one statement fills."""
_HEX_DIGITS = 64


async def m001_machines(db: Connection) -> None:
    """The machines. An older version's table is kept and filled up."""
    await _refuse_cockroach(db)
    await _finish_rebuild(db, MACHINES)
    await db.execute(
        f"""
        CREATE TABLE IF NOT EXISTS spirekeeper.{MACHINES} (
            id TEXT PRIMARY KEY,
            operator_user_id TEXT NOT NULL,
            wallet_id TEXT,
            name TEXT NOT NULL,
            location TEXT NOT NULL DEFAULT '',
            fiat_code TEXT NOT NULL DEFAULT 'EUR',
            is_active BOOLEAN NOT NULL DEFAULT true,
            machine_npub TEXT,
            created_at TIMESTAMP NOT NULL DEFAULT {_utc_now(db)},
            updated_at TIMESTAMP NOT NULL DEFAULT {_utc_now(db)}
        )
        """
    )
    await _add_columns(
        db,
        MACHINES,
        {
            "wallet_id": "TEXT",
            "name": "TEXT NOT NULL DEFAULT ''",
            "location": "TEXT NOT NULL DEFAULT ''",
            "fiat_code": "TEXT NOT NULL DEFAULT 'EUR'",
            "is_active": "BOOLEAN NOT NULL DEFAULT true",
            "machine_npub": "TEXT",
            "created_at": "TIMESTAMP",
            "updated_at": "TIMESTAMP",
        },
    )
    for column in ("created_at", "updated_at"):
        await db.execute(
            f"UPDATE spirekeeper.{MACHINES} SET {column} = {_utc_now(db)} WHERE {column} IS NULL"
        )


async def m002_bunker_key(db: Connection) -> None:
    """The name of the machine's key in the bunker, and when a seed was last issued."""
    await _add_columns(db, MACHINES, {"bunker_spire_key_name": "TEXT", "paired_at": "TIMESTAMP"})


async def m003_npub_from_the_bunker(db: Connection) -> None:
    """A machine has no npub until the bunker assigns one."""
    await _drop_not_null(db, MACHINES, "machine_npub")
    await _drop_not_null(db, MACHINES, "wallet_id")
    await db.execute(
        f"UPDATE spirekeeper.{MACHINES} SET machine_npub = NULL WHERE machine_npub = ''"
    )
    await _npubs_to_hex(db)


async def m004_lifecycle(db: Connection) -> None:
    """The cut, the cached state, the lease, and when the machine was last seen."""
    await _add_columns(
        db,
        MACHINES,
        {
            "cut_at": "TIMESTAMP",
            "state": "TEXT NOT NULL DEFAULT 'unpaired'",
            "busy_by": "TEXT",
            "busy_until": "TIMESTAMP",
            "last_seen_at": "TIMESTAMP",
        },
    )


async def m005_pairings(db: Connection) -> None:
    """One row per seed ever issued, without its secret."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.pairings (
            id TEXT PRIMARY KEY,
            machine_id TEXT NOT NULL,
            state TEXT NOT NULL,
            key_name TEXT NOT NULL,
            spire_pubkey TEXT,
            bunker_pubkey TEXT NOT NULL,
            passphrase_id TEXT NOT NULL,
            client_name TEXT NOT NULL,
            token_id TEXT,
            bunker_relay TEXT NOT NULL,
            relays TEXT NOT NULL,
            bunker_listens BOOLEAN,
            created_at TIMESTAMP NOT NULL,
            issued_at TIMESTAMP,
            scan_before TIMESTAMP NOT NULL,
            session_expires_at TIMESTAMP,
            redeemed_at TIMESTAMP,
            client_pubkey TEXT,
            confirm_required BOOLEAN NOT NULL,
            confirmed_at TIMESTAMP,
            ended_at TIMESTAMP,
            end_reason TEXT
        )
        """
    )


async def m006_owed_revocations(db: Connection) -> None:
    """What the bunker still has to do; outlives the machine's row."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.owed_revocations (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            machine_id TEXT NOT NULL,
            operator_user_id TEXT NOT NULL,
            bunker_pubkey TEXT NOT NULL,
            key_name TEXT NOT NULL,
            client_name TEXT,
            passphrase_id TEXT,
            relays TEXT NOT NULL,
            burner_pubkey TEXT,
            tries INT NOT NULL,
            next_at TIMESTAMP NOT NULL,
            created_at TIMESTAMP NOT NULL
        )
        """
    )


async def m007_journal(db: Connection) -> None:
    """What happened, when, by whom. Rows are only ever added."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.journal (
            id TEXT PRIMARY KEY,
            at TIMESTAMP NOT NULL,
            actor TEXT NOT NULL,
            operator_user_id TEXT,
            machine_id TEXT,
            event TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL
        )
        """
    )


async def m008_bunker_settings(db: Connection) -> None:
    """The admin connection, its secrets sealed."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.bunker_settings (
            id TEXT PRIMARY KEY,
            bunker_pubkey TEXT NOT NULL,
            relays TEXT NOT NULL,
            admin_pubkey TEXT NOT NULL,
            sealed TEXT NOT NULL,
            allow_private_relays BOOLEAN NOT NULL,
            updated_at TIMESTAMP NOT NULL
        )
        """
    )


async def m009_indexes(db: Connection) -> None:
    """One wallet serves one machine, one key is one machine."""
    await _keep_first(db, "wallet_id")
    await _keep_first(db, "machine_npub")
    await _index(db, MACHINES, "wallet_id", unique=True)
    await _index(db, MACHINES, "machine_npub", unique=True)
    await _index(db, MACHINES, "operator_user_id, name")
    await _index(db, MACHINES, "state")
    await _index(db, "pairings", "machine_id, created_at")
    await _index(db, "pairings", "key_name")
    await _index(db, "pairings", "client_name", unique=True)
    await _index(db, "owed_revocations", "next_at")
    await _index(db, "owed_revocations", "machine_id")
    await _index(db, "journal", "operator_user_id, at")
    await _index(db, "journal", "machine_id, at")


async def m010_what_is_wrong(db: Connection) -> None:
    """A locked key, a second client, and after how long a silence the operator wants to know."""
    await _add_columns(
        db,
        MACHINES,
        {
            "locked_at": "TIMESTAMP",
            "lock_reason": "TEXT",
            "flagged_at": "TIMESTAMP",
            "flag": "TEXT",
            "silent_minutes": "INT",
        },
    )


async def m011_leases_and_refusals(db: Connection) -> None:
    """Whose turn the background work is, and which passphrases the bunker has refused for a key."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.leases (
            name TEXT PRIMARY KEY,
            holder TEXT NOT NULL,
            held_until TIMESTAMP NOT NULL
        )
        """
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.refused_passphrases (
            bunker_pubkey TEXT NOT NULL,
            key_name TEXT NOT NULL,
            passphrase_mark TEXT NOT NULL,
            PRIMARY KEY (bunker_pubkey, key_name, passphrase_mark)
        )
        """
    )


async def m014_notices(db: Connection) -> None:
    """Which notices stand, and which of them have been told."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.notices (
            machine_id TEXT NOT NULL,
            code TEXT NOT NULL,
            mark TEXT NOT NULL,
            since TIMESTAMP NOT NULL,
            told_at TIMESTAMP,
            posted_at TIMESTAMP,
            PRIMARY KEY (machine_id, code)
        )
        """
    )


async def m015_owed_client(db: Connection) -> None:
    """Who redeemed a token that is to end, under whatever name the bunker knows them."""
    await _add_columns(db, "owed_revocations", {"client_pubkey": "TEXT"})


async def m016_who_mints(db: Connection) -> None:
    """Who makes the machines' keys: the bunker, or this server."""
    await _add_columns(db, "bunker_settings", {"mint": "TEXT NOT NULL DEFAULT 'bunker'"})


async def m017_listing(db: Connection) -> None:
    """Machines are searched by the beginning of a name or a location, and each page of each order
    comes from an index, but for those by times that change all day."""
    kind = f"TEXT{_BY_CODE_POINT if db.type != SQLITE else ''} NOT NULL DEFAULT ''"
    await _add_columns(db, MACHINES, {"name_sought": kind, "location_sought": kind})
    await _fill_sought(db)
    await _drop_index(db, f"{MACHINES}_operator_user_id_name")
    for order in (
        "created_at",
        "state, created_at",
        "name_sought, created_at",
        "location_sought, name_sought, created_at",
    ):
        name = f"{MACHINES}_by_{order.partition(',')[0]}"
        await _index(db, MACHINES, f"operator_user_id, {order}, id", name=name)


async def m018_background(db: Connection) -> None:
    """What the background asks every few seconds is answered without reading the fleet: most of
    these indexes hold only the few rows that there is something to do about."""
    intent, issued = "state = 'intent'", "state = 'issued'"
    connected = "state IN ('redeemed', 'confirmed')"
    still_open = "state IN ('issued', 'redeemed', 'confirmed')"
    watched = (
        "substr(spire_pubkey, 1, 2), spire_pubkey, machine_id, created_at, redeemed_at, "
        "confirmed_at"
    )
    session = "session_expires_at IS NOT NULL"
    for name, columns, where in (
        ("intents", "machine_id", intent),
        ("waiting", "scan_before", issued),
        ("sessions", "session_expires_at", session),
        ("connected", "machine_id", connected),
        ("watched", watched, still_open),
    ):
        await _index(db, "pairings", columns, name=f"pairings_{name}", where=where)
    for column in ("cut_at", "lock_reason", "flag", "silent_minutes"):
        name, where = f"{MACHINES}_with_{column}", f"{column} IS NOT NULL"
        await _index(db, MACHINES, column, name=name, where=where)
    await _index(db, "pairings", "bunker_pubkey, state")
    await _index(db, "owed_revocations", "bunker_pubkey, key_name")


async def m019_who_can_sign(db: Connection) -> None:
    """Who ever used a machine's key, so that none on which anybody unconfirmed can sign is routed.

    A seed that waits for a confirmation which can no longer be given is cancelled: its key has had
    another seed, and what burned that one was not kept.
    """
    await _add_columns(db, "pairings", {"key_clean": "BOOLEAN", "flagged_at": "TIMESTAMP"})
    unconfirmed = "confirm_required = true AND confirmed_at IS NULL"
    in_doubt = f"{unconfirmed} AND ended_at IS NOT NULL AND COALESCE(key_clean, false) = false"
    columns = "machine_id, spire_pubkey"
    await _index(db, "pairings", columns, name="pairings_unconfirmed", where=unconfirmed)
    await _index(db, "pairings", columns, name="pairings_in_doubt", where=in_doubt)
    await db.execute(
        "UPDATE spirekeeper.pairings SET key_clean = true WHERE ended_at IS NOT NULL "
        "AND key_clean IS NULL AND COALESCE(end_reason, '') <> 'upgraded'"
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.burners (
            pubkey TEXT PRIMARY KEY,
            bunker_pubkey TEXT NOT NULL,
            key_name TEXT NOT NULL
        )
        """
    )
    await _index(db, "burners", "bunker_pubkey, key_name")
    await db.execute(
        "INSERT INTO spirekeeper.burners (pubkey, bunker_pubkey, key_name) "
        "SELECT DISTINCT burner_pubkey, bunker_pubkey, key_name FROM spirekeeper.owed_revocations "
        "WHERE burner_pubkey IS NOT NULL ON CONFLICT DO NOTHING"
    )
    await db.execute(
        f"UPDATE spirekeeper.pairings SET flagged_at = {_utc_now(db)} WHERE flagged_at IS NULL "
        "AND state IN ('redeemed', 'confirmed') AND machine_id IN "
        f"(SELECT id FROM spirekeeper.{MACHINES} WHERE flag IS NOT NULL)"
    )
    await _cancel_unconfirmable(db)


async def _cancel_unconfirmable(db: Connection) -> None:
    """First the burn is owed, then the seed ends: run again after a crash, both are done."""
    unconfirmable = (
        "p.state = 'issued' AND p.confirm_required = true AND EXISTS "
        "(SELECT 1 FROM spirekeeper.pairings other WHERE other.key_name = p.key_name "
        "AND other.bunker_pubkey = p.bunker_pubkey AND other.id <> p.id "
        "AND other.issued_at IS NOT NULL)"
    )
    await db.execute(
        "INSERT INTO spirekeeper.owed_revocations (id, kind, machine_id, operator_user_id, "
        "bunker_pubkey, key_name, client_name, passphrase_id, relays, tries, next_at, created_at) "
        "SELECT 'm019-' || p.id, 'burn_token', p.machine_id, m.operator_user_id, p.bunker_pubkey, "
        f"p.key_name, p.client_name, p.passphrase_id, p.relays, 0, {_utc_now(db)}, {_utc_now(db)} "
        f"FROM spirekeeper.pairings p JOIN spirekeeper.{MACHINES} m ON m.id = p.machine_id "
        f"WHERE {unconfirmable} ON CONFLICT DO NOTHING"
    )
    await db.execute(
        f"UPDATE spirekeeper.pairings SET state = 'cancelled', end_reason = 'upgraded', "
        f"ended_at = {_utc_now(db)} WHERE id IN "
        f"(SELECT p.id FROM spirekeeper.pairings p WHERE {unconfirmable})"
    )


async def m020_quotas(db: Connection) -> None:
    """Keys ever minted, which are never forgotten; what each user did in the last minute; and the
    limits that the superuser has set. The pairings that decide are found by indexes."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.minted_keys (
            bunker_pubkey TEXT NOT NULL,
            key_name TEXT NOT NULL,
            machine_id TEXT NOT NULL,
            operator_user_id TEXT NOT NULL,
            minted_at TIMESTAMP NOT NULL,
            why TEXT NOT NULL,
            PRIMARY KEY (bunker_pubkey, key_name)
        )
        """
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.counts (
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            began TIMESTAMP NOT NULL,
            times INT NOT NULL,
            PRIMARY KEY (who, what)
        )
        """
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.limits (
            id TEXT PRIMARY KEY,
            max_keys INT,
            keys_an_operator INT,
            forced_keys_an_hour INT,
            updated_at TIMESTAMP NOT NULL
        )
        """
    )
    await db.execute(
        f"""
        INSERT INTO spirekeeper.minted_keys
            (bunker_pubkey, key_name, machine_id, operator_user_id, minted_at, why)
        SELECT p.bunker_pubkey, p.key_name, p.machine_id, COALESCE(
                (SELECT m.operator_user_id FROM spirekeeper.{MACHINES} m
                    WHERE m.id = p.machine_id),
                (SELECT MIN(j.operator_user_id) FROM spirekeeper.journal j
                    WHERE j.machine_id = p.machine_id), ''),
            p.minted_at,
            CASE WHEN p.key_name = 'spire-' || p.machine_id THEN 'first' ELSE 'asked' END
        FROM (SELECT bunker_pubkey, key_name, MIN(machine_id) AS machine_id,
                MIN(created_at) AS minted_at
            FROM spirekeeper.pairings GROUP BY bunker_pubkey, key_name) p
        WHERE true ON CONFLICT DO NOTHING
        """
    )
    await _index(db, "minted_keys", "bunker_pubkey, operator_user_id")
    await _index(db, "minted_keys", "machine_id")
    still_open = "state IN ('intent', 'issued', 'redeemed', 'confirmed')"
    ended = "issued_at IS NOT NULL AND ended_at IS NOT NULL"
    of_machine = "machine_id, created_at, id"
    await _index(db, "pairings", of_machine, name="pairings_open", where=still_open)
    await _index(db, "pairings", of_machine, name="pairings_ended", where=ended)
    of_key = "machine_id, bunker_pubkey, key_name, created_at, id"
    redeemed = (
        "(confirmed_at IS NULL AND (redeemed_at IS NOT NULL OR COALESCE(end_reason, '') IN "
        "('redeemed_too_late', 'two_clients_redeemed', 'needs_new_client_key')))"
    )
    badly = (
        "(ended_at IS NOT NULL AND (key_clean = false "
        "OR (flagged_at IS NOT NULL AND confirm_required = true) "
        "OR (confirmed_at IS NULL AND ((redeemed_at IS NOT NULL AND confirm_required = true) "
        "OR COALESCE(end_reason, '') IN ('redeemed_too_late', 'two_clients_redeemed', "
        "'needs_new_client_key', 'revoked_outside')))))"
    )
    unseen = (
        "(issued_at IS NOT NULL AND redeemed_at IS NULL AND ended_at IS NOT NULL "
        "AND key_clean IS NULL)"
    )
    for name, where in (
        ("by_key_badly", badly),
        ("by_key_unseen", unseen),
        ("by_key", ""),
        ("by_key_issued", "issued_at IS NOT NULL"),
        ("by_key_redeemed", redeemed),
        ("by_key_confirmed", "confirmed_at IS NOT NULL"),
    ):
        await _index(db, "pairings", of_key, name=f"pairings_{name}", where=where)
    await _index(db, "journal", "at")


async def m022_cuts(db: Connection) -> None:
    """What still has to follow a cut, whose machine each pairing was for, and since when operators
    have no account any more."""
    await _add_columns(db, MACHINES, {"after_cut": "TEXT"})
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.gone_operators (
            operator_user_id TEXT PRIMARY KEY,
            since TIMESTAMP NOT NULL
        )
        """
    )
    await _add_columns(db, "pairings", {"operator_user_id": "TEXT NOT NULL DEFAULT ''"})
    await _fill_operators(db, "pairings", MACHINES, "id")
    await _fill_operators(db, "pairings", "journal", "machine_id")
    await _fill_operators(db, "owed_revocations", "pairings", "machine_id")
    await db.execute(
        "UPDATE spirekeeper.journal SET operator_user_id = NULL WHERE operator_user_id = ''"
    )


async def m023_every_listing(db: Connection) -> None:
    """Each order of the list has an index, also those by times that change all day, and each has
    what is searched and filtered by: a page is read from it in order, and from it alone."""
    filters = ("state", "name_sought", "location_sought")
    for order in (
        "created_at, id",
        "state, created_at, id",
        "name_sought, created_at, id",
        "location_sought, name_sought, created_at, id",
        "paired_at, id",
        "last_seen_at, id",
    ):
        sorted_by = order.split(", ")
        more = [column for column in filters if column not in sorted_by]
        columns = ", ".join(["operator_user_id", *sorted_by, *more])
        await _index(db, MACHINES, columns, name=f"{MACHINES}_listed_by_{sorted_by[0]}")
    if db.type != SQLITE:  # PostgreSQL has what is NULL first when it reads an index backwards
        for time in ("paired_at", "last_seen_at"):
            columns = ", ".join(
                ["operator_user_id", f"{time} DESC NULLS LAST", "id DESC", *filters]
            )
            await _index(db, MACHINES, columns, name=f"{MACHINES}_listed_by_{time}_desc")
    for order in ("created_at", "state", "name_sought", "location_sought"):
        await _drop_index(db, f"{MACHINES}_by_{order}")


async def m024_relays_for_machines(db: Connection) -> None:
    """The relays that the superuser names for machines, and those that each operator paired over
    last."""
    await _add_columns(
        db,
        "bunker_settings",
        {
            "machine_relays": "TEXT NOT NULL DEFAULT '[]'",
            "bunker_relays_for_machines": "BOOLEAN NOT NULL DEFAULT false",
        },
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.last_relays (
            operator_user_id TEXT PRIMARY KEY,
            relays TEXT NOT NULL,
            allow_private_relays BOOLEAN NOT NULL,
            used_at TIMESTAMP NOT NULL
        )
        """
    )


async def m025_any_part(db: Connection) -> None:
    """Machines are found by any part of their name, location, tags or key, with or without accents,
    and each edit of one has a number. Of what is searched the indexes hold nothing any more."""
    await _add_columns(
        db,
        MACHINES,
        {
            "npub": "TEXT NOT NULL DEFAULT ''",
            "tags": "TEXT NOT NULL DEFAULT '[]'",
            "tags_sought": "TEXT NOT NULL DEFAULT ''",
            "version": "INT NOT NULL DEFAULT 0",
        },
    )
    await _make_sought_anew(db)
    filters = ("state", "is_active")
    for order in (
        "created_at, id",
        "state, created_at, id",
        "name_sought, created_at, id",
        "location_sought, name_sought, created_at, id",
        "paired_at, id",
        "last_seen_at, id",
    ):
        sorted_by = order.split(", ")
        more = [column for column in filters if column not in sorted_by]
        await _index_anew(db, sorted_by[0], ", ".join(["operator_user_id", *sorted_by, *more]))
    if db.type != SQLITE:
        for time in ("paired_at", "last_seen_at"):
            columns = ["operator_user_id", f"{time} DESC NULLS LAST", "id DESC", *filters]
            await _index_anew(db, f"{time}_desc", ", ".join(columns))


async def _index_anew(db: Connection, order: str, columns: str) -> None:
    """An order of the list's, with other columns than a step before this one gave it."""
    name = f"{MACHINES}_listed_by_{order}"
    await _drop_index(db, name)
    await _index(db, MACHINES, columns, name=name)


async def m026_stops(db: Connection) -> None:
    """When an emergency stop cut a machine, so that those can be paired again in one go."""
    await _add_columns(db, MACHINES, {"stopped_at": "TIMESTAMP"})
    await _index(
        db,
        MACHINES,
        "operator_user_id, stopped_at",
        name=f"{MACHINES}_stopped",
        where="stopped_at IS NOT NULL",
    )


async def m027_webhook_and_versions(db: Connection) -> None:
    """The webhook that the superuser enters, sealed; and how often each of the superuser's settings
    was changed, so that two windows do not overwrite each other's."""
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.webhook (
            id TEXT PRIMARY KEY,
            sealed TEXT NOT NULL
        )
        """
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.setting_versions (
            name TEXT PRIMARY KEY,
            version INT NOT NULL
        )
        """
    )
    await db.execute(
        "INSERT INTO spirekeeper.setting_versions (name, version) "
        "VALUES ('bunker', 0), ('limits', 0), ('webhook', 0) ON CONFLICT DO NOTHING"
    )


async def m028_names_in_the_journal(db: Connection) -> None:
    """A line of the journal keeps what its machine was called, which outlives the machine. Of lines
    that are older it is what the machine is called, or was when it was deleted."""
    await _add_columns(db, "journal", {"machine_name": "TEXT NOT NULL DEFAULT ''"})
    await db.execute(
        "UPDATE spirekeeper.journal SET machine_name = COALESCE("
        f"(SELECT m.name FROM spirekeeper.{MACHINES} m WHERE m.id = journal.machine_id "
        "AND m.operator_user_id = journal.operator_user_id), "
        "(SELECT MAX(d.detail) FROM spirekeeper.journal d "
        "WHERE d.machine_id = journal.machine_id AND d.event = 'machine' "
        "AND d.outcome = 'deleted' AND d.operator_user_id = journal.operator_user_id), '') "
        "WHERE machine_name = '' AND machine_id IS NOT NULL AND operator_user_id IS NOT NULL"
    )


async def m029_clients(db: Connection) -> None:
    """Machines are found by the key that stands on their screen too: their client's, as an npub."""
    await _add_columns(db, "pairings", {"client_npub": "TEXT NOT NULL DEFAULT ''"})
    unfilled = (
        "SELECT id, client_pubkey FROM spirekeeper.pairings "
        "WHERE client_pubkey IS NOT NULL AND client_npub = '' AND id > :after "
        f"ORDER BY id LIMIT {_AT_ONCE}"
    )
    rows: list[Any]
    after = ""
    while rows := await db.fetchall(unfilled, {"after": after}):
        await _write_sought(db, rows, "client_pubkey", table="pairings")
        after = rows[-1]["id"]
    columns = "operator_user_id, client_npub, machine_id"
    await _index(db, "pairings", columns, name="pairings_clients", where="client_npub <> ''")


async def m031_details(db: Connection) -> None:
    """What the detail of a line of the journal is made of, to say it in another language."""
    await _add_columns(
        db,
        "journal",
        {"detail_code": "TEXT NOT NULL DEFAULT ''", "detail_values": "TEXT NOT NULL DEFAULT '{}'"},
    )


async def m032_changed(db: Connection) -> None:
    """What processes over one database tell each other."""
    await _refuse_cockroach(db)
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.changed (
            process TEXT NOT NULL,
            number INT NOT NULL,
            operator_user_id TEXT NOT NULL,
            at TIMESTAMP NOT NULL
        )
        """
    )
    await _index(db, "changed", "at")


async def m033_cash(db: Connection) -> None:
    """What machines may do with cash, the keys that answer them, and their orders."""
    await _add_columns(db, "pairings", {"service_pubkey": "TEXT", "ready_at": "TIMESTAMP"})
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_settings (
            machine_id TEXT PRIMARY KEY,
            operator_user_id TEXT NOT NULL,
            out_on BOOLEAN NOT NULL DEFAULT false,
            smallest BIGINT NOT NULL,
            largest BIGINT NOT NULL,
            fee_ppm INT NOT NULL DEFAULT 0,
            fee_fixed BIGINT NOT NULL DEFAULT 0,
            stopped_at TIMESTAMP,
            version INT NOT NULL DEFAULT 0,
            updated_at TIMESTAMP NOT NULL
        )
        """
    )
    await _index(db, "cash_settings", "operator_user_id")
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.service_keys (
            pubkey TEXT PRIMARY KEY,
            operator_user_id TEXT NOT NULL,
            sealed TEXT NOT NULL,
            made_at TIMESTAMP NOT NULL,
            replaced_at TIMESTAMP
        )
        """
    )
    await _index(
        db,
        "service_keys",
        "operator_user_id",
        unique=True,
        name="service_keys_in_use",
        where="replaced_at IS NULL",
    )
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_heard (
            event_id TEXT PRIMARY KEY,
            machine_id TEXT NOT NULL,
            at TIMESTAMP NOT NULL,
            forget_at TIMESTAMP NOT NULL
        )
        """
    )
    await _index(db, "cash_heard", "machine_id, at")
    await _index(db, "cash_heard", "forget_at")
    await _cash_orders(db)


async def m034_cash_by_state(db: Connection) -> None:
    """Orders in one state, and those that a person may have to look at, without all the others."""
    stuck = "state IN ('paid', 'dispensing', 'paid_late', 'short')"
    for name, columns, where in (
        ("in_state", "operator_user_id, state, asked_at, id", ""),
        ("stuck", "operator_user_id, asked_at, id", stuck),
        ("stuck_of_machine", "machine_id, asked_at", stuck),
    ):
        await _index(db, "cash_orders", columns, name=f"cash_orders_{name}", where=where)


async def m035_cash_in(db: Connection) -> None:
    """What machines may pay out for notes, the payments, and the links that fetch them."""
    await _add_columns(
        db,
        "cash_settings",
        {
            "in_on": "BOOLEAN NOT NULL DEFAULT false",
            "in_fee_ppm": "INT NOT NULL DEFAULT 0",
            "in_fee_fixed": "BIGINT NOT NULL DEFAULT 0",
            "cap_order": "BIGINT",
            "cap_hour": "BIGINT",
            "cap_day": "BIGINT",
            "cap_open": "BIGINT",
            "seq": "BIGINT NOT NULL DEFAULT 0",
            "refused_why": "TEXT NOT NULL DEFAULT ''",
            "refused_at": "TIMESTAMP",
        },
    )
    await _add_columns(
        db,
        "cash_orders",
        {
            "direction": "TEXT NOT NULL DEFAULT 'cash_out'",
            "fee_ppm": "INT NOT NULL DEFAULT 0",
            "fee_fixed": "BIGINT NOT NULL DEFAULT 0",
            "reserve_sats": "BIGINT NOT NULL DEFAULT 0",
            "held_until": "TIMESTAMP",
            "said_at": "TIMESTAMP",
            "tried_at": "TIMESTAMP",
            "broken": "BOOLEAN NOT NULL DEFAULT false",
        },
    )
    await _attempts_and_links(db)
    stuck = (
        "state IN ('paid', 'dispensing', 'paid_late', 'short', 'held', 'failed', "
        "'unknown', 'unclaimed')"
    )
    for name, columns in (
        ("state", "state"),
        ("stuck", "operator_user_id, asked_at, id"),
        ("stuck_of_machine", "machine_id, asked_at"),
    ):
        await _drop_index(db, f"cash_orders_{name}")
        await _index(db, "cash_orders", columns, name=f"cash_orders_{name}", where=stuck)
    for name, columns in (
        ("in_machine", "machine_id, state"),
        ("in_wallet", "wallet_id, state"),
        ("in_ended", "machine_id, ended_at"),
    ):
        where = "direction = 'cash_in'"
        await _index(db, "cash_orders", columns, name=f"cash_orders_{name}", where=where)
    await _index(db, "cash_orders", "said_at", where="state IN ('reserved', 'failed')")


async def m036_cash_by_direction(db: Connection) -> None:
    """Orders of one direction, in the order of their list."""
    columns = "operator_user_id, direction, asked_at, id"
    await _index(db, "cash_orders", columns, name="cash_orders_directed")


async def _attempts_and_links(db: Connection) -> None:
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_attempts (
            id TEXT PRIMARY KEY,
            order_id TEXT NOT NULL,
            wallet_id TEXT NOT NULL,
            payment_hash TEXT NOT NULL,
            bolt11 TEXT NOT NULL,
            state TEXT NOT NULL,
            node TEXT NOT NULL DEFAULT '',
            preimage TEXT,
            made_at TIMESTAMP NOT NULL,
            called_at TIMESTAMP,
            look_at TIMESTAMP
        )
        """
    )
    await _index(db, "cash_attempts", "order_id")
    await _index(db, "cash_attempts", "payment_hash", unique=True, where="state <> 'never'")
    await _index(db, "cash_attempts", "look_at", where="look_at IS NOT NULL")
    await _index(db, "cash_attempts", "wallet_id", where="state = 'called'")
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_links (
            id TEXT PRIMARY KEY,
            order_id TEXT NOT NULL,
            k1 TEXT NOT NULL,
            made_at TIMESTAMP NOT NULL,
            expires_at TIMESTAMP NOT NULL,
            replaced_at TIMESTAMP
        )
        """
    )
    await _index(db, "cash_links", "order_id", unique=True, where="replaced_at IS NULL")
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_wallets (
            wallet_id TEXT PRIMARY KEY,
            seq BIGINT NOT NULL DEFAULT 0
        )
        """
    )


async def _cash_orders(db: Connection) -> None:
    await db.execute(
        """
        CREATE TABLE IF NOT EXISTS spirekeeper.cash_orders (
            id TEXT PRIMARY KEY,
            machine_id TEXT NOT NULL,
            order_key TEXT NOT NULL,
            operator_user_id TEXT NOT NULL,
            machine_name TEXT NOT NULL DEFAULT '',
            wallet_id TEXT NOT NULL,
            state TEXT NOT NULL,
            sats BIGINT NOT NULL,
            fee_sats BIGINT NOT NULL DEFAULT 0,
            fiat_amount TEXT NOT NULL DEFAULT '',
            fiat_code TEXT NOT NULL DEFAULT '',
            description TEXT NOT NULL DEFAULT '',
            content TEXT NOT NULL,
            short_code TEXT NOT NULL,
            asked_by TEXT NOT NULL,
            asked_event TEXT NOT NULL,
            bolt11 TEXT,
            payment_hash TEXT,
            expires_at TIMESTAMP,
            look_at TIMESTAMP,
            dispense_attempt TEXT,
            dispensed_sats BIGINT,
            settled_how TEXT NOT NULL DEFAULT '',
            settled_by TEXT NOT NULL DEFAULT '',
            settled_ref TEXT NOT NULL DEFAULT '',
            made_by TEXT,
            made_until TIMESTAMP,
            asked_at TIMESTAMP NOT NULL,
            paid_at TIMESTAMP,
            dispensing_at TIMESTAMP,
            ended_at TIMESTAMP
        )
        """
    )
    await _index(db, "cash_orders", "machine_id, order_key", unique=True)
    await _index(db, "cash_orders", "payment_hash", unique=True, where="payment_hash IS NOT NULL")
    await _index(db, "cash_orders", "look_at", where="look_at IS NOT NULL")
    await _index(db, "cash_orders", "asked_at", where="state = 'asked'")
    await _index(
        db,
        "cash_orders",
        "state",
        where="state IN ('paid', 'dispensing', 'paid_late', 'short')",
    )
    await _index(db, "cash_orders", "operator_user_id, asked_at, id", name="cash_orders_listed")
    await _index(db, "cash_orders", "machine_id, asked_at, id", name="cash_orders_of_machine")


async def _refuse_cockroach(db: Connection) -> None:
    """It speaks PostgreSQL's language, and would fail later, in the middle of a pairing."""
    if db.type == SQLITE:
        return
    row: Any = await db.fetchone("SELECT version() AS version")
    if "CockroachDB" in row["version"]:
        raise RuntimeError(
            "spirekeeper does not run on CockroachDB, on which it has never been tried: give "
            "LNbits PostgreSQL or SQLite."
        )


async def _fill_operators(db: Connection, table: str, known: str, machine_id: str) -> None:
    """Whose the machine of each row is, as another table knows it, where it is not known yet."""
    other = (
        f"SELECT MAX(k.operator_user_id) FROM spirekeeper.{known} k "
        f"WHERE k.{machine_id} = {table}.machine_id"
    )
    await db.execute(
        f"UPDATE spirekeeper.{table} SET operator_user_id = COALESCE(({other}), '') "
        "WHERE operator_user_id = ''"
    )


async def _columns(db: Connection, table: str) -> dict[str, Any]:
    """The columns of a table, by name: SQLite's table_info rows, or `is_nullable` rows."""
    if db.type == SQLITE:
        rows: list[Any] = await db.fetchall(f"PRAGMA spirekeeper.table_info({table})")
        return {row["name"]: row for row in rows}
    rows = await db.fetchall(
        "SELECT column_name, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'spirekeeper' AND table_name = :table",
        {"table": table},
    )
    return {row["column_name"]: row for row in rows}


async def _add_columns(db: Connection, table: str, wanted: dict[str, str]) -> None:
    present = await _columns(db, table)
    for name, kind in wanted.items():
        if name not in present:
            await db.execute(f"ALTER TABLE spirekeeper.{table} ADD COLUMN {name} {kind}")


async def _drop_not_null(db: Connection, table: str, column: str) -> None:
    present = await _columns(db, table)
    if db.type != SQLITE:
        await db.execute(f"ALTER TABLE spirekeeper.{table} ALTER COLUMN {column} DROP NOT NULL")
    elif present[column]["notnull"]:
        await _rebuild(db, table, present, nullable=column)


async def _rebuild(db: Connection, table: str, columns: dict[str, Any], nullable: str) -> None:
    """SQLite cannot relax a column, so the table is copied; `_finish_rebuild` heals a crash."""
    kinds = ", ".join(_column_kind(row, nullable) for row in columns.values())
    names = ", ".join(f'"{name}"' for name in columns)
    await db.execute(f"DROP TABLE IF EXISTS spirekeeper.{table}_new")
    await db.execute(f"CREATE TABLE spirekeeper.{table}_new ({kinds})")
    await db.execute(
        f"INSERT INTO spirekeeper.{table}_new ({names}) SELECT {names} FROM spirekeeper.{table}"
    )
    await db.execute(f"DROP TABLE spirekeeper.{table}")
    await db.execute(f"ALTER TABLE spirekeeper.{table}_new RENAME TO {table}")


def _column_kind(row: Any, nullable: str) -> str:
    kind = f'"{row["name"]}" {row["type"]}'
    if row["pk"]:
        kind += " PRIMARY KEY"
    if row["notnull"] and row["name"] != nullable:
        kind += " NOT NULL"
    if row["dflt_value"] is not None:
        kind += f" DEFAULT ({row['dflt_value']})"
    return kind


async def _npubs_to_hex(db: Connection) -> None:
    """An npub typed by hand becomes lowercase hex, so that the collision guard finds it."""
    rows: list[Any] = await db.fetchall(
        f"SELECT id, machine_npub FROM spirekeeper.{MACHINES} WHERE machine_npub IS NOT NULL"
    )
    for row in rows:
        try:
            pubkey = normalize_public_key(row["machine_npub"].strip()).lower()
        except (ValueError, AssertionError):
            continue  # no key at all: it stays as it was typed, for its operator to see
        await db.execute(
            f"UPDATE spirekeeper.{MACHINES} SET machine_npub = :pubkey WHERE id = :id",
            {"id": row["id"], "pubkey": pubkey},
        )


async def _fill_sought(db: Connection) -> None:
    """Of the machines that were stored without, many at a time: each statement is committed."""
    unfilled = (
        f"SELECT id, name, location FROM spirekeeper.{MACHINES} "
        "WHERE (name_sought = '' AND name <> '') OR (location_sought = '' AND location <> '') "
        f"LIMIT {_AT_ONCE}"
    )
    rows: list[Any]
    while rows := await db.fetchall(unfilled):
        await _write_sought(db, rows, "name", "location")


async def _make_sought_anew(db: Connection) -> None:
    """Of all machines, also how their keys are written as npubs."""
    some = (
        f"SELECT id, name, location, machine_npub FROM spirekeeper.{MACHINES} "
        f"WHERE id > :after ORDER BY id LIMIT {_AT_ONCE}"
    )
    rows: list[Any]
    after = ""
    while rows := await db.fetchall(some, {"after": after}):
        await _write_sought(db, rows, "name", "location", "machine_npub")
        after = rows[-1]["id"]


async def _write_sought(db: Connection, rows: list[Any], *read: str, table: str = MACHINES) -> None:
    """What is made of these columns, of all these rows with one statement."""
    values = {f"i{n}": row["id"] for n, row in enumerate(rows)}
    written = []
    for column in read:
        target, made = _MADE_OF[column]
        values |= {f"{column}{n}": made(row[column] or "") for n, row in enumerate(rows)}
        cases = " ".join(f"WHEN :i{n} THEN :{column}{n}" for n in range(len(rows)))
        written.append(f"{target} = CASE id {cases} END")
    ids = ", ".join(f":i{n}" for n in range(len(rows)))
    await db.execute(
        f"UPDATE spirekeeper.{table} SET {', '.join(written)} WHERE id IN ({ids})", values
    )


def _sought(text: str) -> str:
    """As in `store/search_key.py`."""
    apart = normalize("NFD", text.casefold())
    bare = "".join(letter for letter in apart if not combining(letter))
    return normalize("NFC", bare or apart).translate(str.maketrans("<&", "(+"))


def _npub(pubkey: str) -> str:
    """Empty for a machine without a key, and for what was typed by hand into an older version."""
    try:
        return str(hex_to_npub(pubkey)) if len(pubkey) == _HEX_DIGITS else ""
    except (ValueError, AssertionError):
        return ""


_MADE_OF: dict[str, tuple[str, Callable[[str], str]]] = {
    "name": ("name_sought", _sought),
    "location": ("location_sought", _sought),
    "machine_npub": ("npub", _npub),
    "client_pubkey": ("client_npub", _npub),
}
"""Which column is made of another one, and how."""


async def _finish_rebuild(db: Connection, table: str) -> None:
    if db.type != SQLITE:
        return
    if await _columns(db, f"{table}_new") and not await _columns(db, table):
        await db.execute(f"ALTER TABLE spirekeeper.{table}_new RENAME TO {table}")


async def _keep_first(db: Connection, column: str) -> None:
    """Where an older version let machines share a wallet or an npub, the oldest keeps it.

    Which of them it belongs to is in doubt, and the roster must not guess: the others get none, and
    the journal says so.
    """
    shared: list[Any] = await db.fetchall(
        f"""
        SELECT id, operator_user_id, {column} AS value FROM spirekeeper.{MACHINES} AS later
        WHERE EXISTS (
            SELECT 1 FROM spirekeeper.{MACHINES} AS earlier
            WHERE earlier.{column} = later.{column}
            AND (earlier.created_at < later.created_at
                OR (earlier.created_at = later.created_at AND earlier.id < later.id))
        )
        """
    )
    for row in shared:
        await db.execute(
            f"""
            INSERT INTO spirekeeper.journal
                (id, at, actor, operator_user_id, machine_id, event, outcome, detail)
            VALUES (:id, {_utc_now(db)}, 'spirekeeper', :operator, :machine,
                'migrated', :outcome, :detail)
            """,
            {
                "id": uuid4().hex,
                "operator": row["operator_user_id"],
                "machine": row["id"],
                "outcome": f"{column} cleared",
                "detail": f"{row['value']} belongs to an older machine",
            },
        )
        await db.execute(
            f"UPDATE spirekeeper.{MACHINES} SET {column} = NULL WHERE id = :id",
            {"id": row["id"]},
        )


def _utc_now(db: Connection) -> str:
    """LNbits' `timestamp_now` would be in PostgreSQL's own time zone."""
    return db.timestamp_now if db.type == SQLITE else "(now() AT TIME ZONE 'UTC')"


async def _index(
    db: Connection,
    table: str,
    columns: str,
    *,
    unique: bool = False,
    name: str = "",
    where: str = "",
) -> None:
    name = name or f"{table}_{columns.replace(', ', '_')}"
    kind = "UNIQUE INDEX" if unique else "INDEX"
    # SQLite wants the schema before the index, PostgreSQL before the table.
    place = (
        f"spirekeeper.{name} ON {table}" if db.type == SQLITE else f"{name} ON spirekeeper.{table}"
    )
    only = f" WHERE {where}" if where else ""
    await db.execute(f"CREATE {kind} IF NOT EXISTS {place} ({columns}){only}")


async def _drop_index(db: Connection, name: str) -> None:
    await db.execute(f"DROP INDEX IF EXISTS spirekeeper.{name}")
