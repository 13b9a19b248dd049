"""A large fleet written straight into the database, as years of use would have left it."""

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import cycle
from secrets import token_hex
from typing import Any

from nostr_sdk import Keys
from spirekeeper.store.search_key import search_key
from support.host import Caller
from system.load.observed_site import PATIENCE_S, Site

OLDER_BUNKER = Keys.generate().public_key().to_hex()
"""The fleet was paired through another bunker: this one is not asked to unlock its keys."""


def seed_fleet(site: Site, operator: Caller, size: int, *, over: Sequence[str] = ()) -> list[str]:
    """Ids of new machines, each with a wallet; connected, where relays are given: each over one."""
    now = time.time()
    machines, wallets, pairings = [], [], []
    relays = cycle(over)
    for number in range(size):
        machine_id, wallet_id, pubkey = token_hex(11), token_hex(16), token_hex(32)
        wallets.append((wallet_id, f"Station {number}", operator.user_id, token_hex(16)))
        key = {"machine_npub": pubkey, "bunker_spire_key_name": f"spire-{machine_id}"}
        name, location = f"{'Paired' if over else 'Fresh'} {number:05}", f"Hall {number % 97}"
        machines.append(
            {
                "id": machine_id,
                "operator_user_id": operator.user_id,
                "wallet_id": wallet_id,
                "name": name,
                "name_sought": search_key(name),
                "location": location,
                "location_sought": search_key(location),
                "created_at": now - size + number,
                "updated_at": now,
                "state": "paired" if over else "unpaired",
                **(key if over else {}),
            }
        )
        if over:
            pairings.append(_pairing(machine_id, pubkey, next(relays), now))
    with closing(sqlite3.connect(site.data / "database.sqlite3", timeout=PATIENCE_S)) as core, core:
        core.executemany(
            'INSERT INTO wallets (id, name, "user", adminkey, inkey) VALUES (?, ?, ?, ?, ?)',
            [(*wallet, token_hex(16)) for wallet in wallets],
        )
    file = site.data / "ext_spirekeeper.sqlite3"
    with closing(sqlite3.connect(file, timeout=PATIENCE_S)) as ours, ours:
        _insert(ours, "dca_machines", machines)
        _insert(ours, "pairings", pairings)
    return [str(machine["id"]) for machine in machines]


def _pairing(machine_id: str, pubkey: str, relay: str, now: float) -> dict[str, Any]:
    return {
        "id": token_hex(16),
        "machine_id": machine_id,
        "state": "redeemed",
        "key_name": f"spire-{machine_id}",
        "spire_pubkey": pubkey,
        "bunker_pubkey": OLDER_BUNKER,
        "passphrase_id": "older",
        "client_name": f"spirekeeper-{token_hex(16)}",
        "token_id": "1",
        "bunker_relay": relay,
        "relays": json.dumps([relay]),
        "created_at": now - 86_400,
        "issued_at": now - 86_400,
        "scan_before": now - 80_000,
        "redeemed_at": now - 86_000,
        "client_pubkey": token_hex(32),
        "confirm_required": 0,
    }


def _insert(database: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = ", ".join(rows[0])
        places = ", ".join(f":{name}" for name in rows[0])
        database.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
