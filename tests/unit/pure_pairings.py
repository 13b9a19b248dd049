"""Machines and pairings that no database has, for what is a pure function of them."""

from datetime import datetime, timedelta, timezone
from typing import Any

from spirekeeper.models import Machine, Pairing, PairingState

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def machine(**columns: Any) -> Machine:
    defaults: dict[str, Any] = {
        "id": "m1",
        "operator_user_id": "u1",
        "name": "North",
        "created_at": NOON - 24 * HOUR,
        "updated_at": NOON,
    }
    return Machine(**{**defaults, **columns})


def pairing(state: PairingState, **columns: Any) -> Pairing:
    """Issued at noon, to be scanned within the hour."""
    defaults: dict[str, Any] = {
        "id": "p1",
        "machine_id": "m1",
        "state": state,
        "key_name": "spire-m1",
        "bunker_pubkey": "e" * 64,
        "passphrase_id": "one",
        "client_name": "spirekeeper-p1",
        "bunker_relay": "wss://relay.example.com",
        "relays": ["wss://relay.example.com"],
        "created_at": NOON,
        "issued_at": NOON,
        "scan_before": NOON + HOUR,
    }
    return Pairing(**{**defaults, **columns})
