"""Pairings of a machine as years may have left them, drawn by hypothesis."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
OPEN = ("intent", "issued", "redeemed", "confirmed")
STATES = (*OPEN, "replaced", "lapsed", "cancelled", "revoked", "failed")
REASONS = (
    *("session_ended", "seed_lapsed", "redeemed_too_late", "rejected", "pubkey_taken"),
    "revoked_outside",
)

histories = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(STATES),
            "minute": st.integers(0, 6),  # often the same for several
            "generation": st.integers(1, 3),
            "bunker": st.sampled_from("ab"),
            "issued": st.booleans(),
            "redeemed": st.booleans(),
            "yes": st.booleans(),
            "confirm": st.booleans(),
            "session": st.sampled_from([None, -1, 1]),
            "window": st.sampled_from([-1, 1]),
            "reason": st.sampled_from(REASONS),
            "clean": st.sampled_from([None, True, False]),
            "flagged": st.sampled_from([False, False, True]),
        }
    ),
    max_size=14,
)


def pubkey_of(machine_id: str, drawn: dict[str, Any]) -> str:
    return f"{machine_id}{drawn['bunker']}{drawn['generation']}"


def of_one_key(drawn: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All connections are through the key that the roster has."""
    connected = [each for each in drawn if each["state"] in ("redeemed", "confirmed")]
    key = {name: connected[0][name] for name in ("bunker", "generation")} if connected else {}
    return [{**each, **key} if each in connected else each for each in drawn]


def pairings_of(machine_id: str, drawn: Sequence[dict[str, Any]]) -> list[Any]:
    from spirekeeper.models import Pairing

    made = []
    for each in drawn:
        at = NOON + timedelta(minutes=each["minute"])
        state, id_ = each["state"], uuid4().hex
        came = state in OPEN[1:] or (each["issued"] and state != "intent")
        redeemed = state in OPEN[2:] or (came and each["redeemed"] and state != "issued")
        yes = state == "confirmed" or (redeemed and each["yes"] and state not in OPEN)
        ended = state not in OPEN
        made.append(
            Pairing(
                id=id_,
                machine_id=machine_id,
                state=state,
                key_name=f"spire-{machine_id}-{each['generation']}",
                spire_pubkey=pubkey_of(machine_id, each) if came else None,
                bunker_pubkey=each["bunker"] * 64,
                passphrase_id=id_,
                client_name=f"spirekeeper-{id_}",
                bunker_relay="wss://relay.example.com",
                relays=[],
                created_at=at,
                issued_at=at if came else None,
                scan_before=NOON + timedelta(hours=each["window"]),
                session_expires_at=NOON + timedelta(hours=each["session"])
                if each["session"]
                else None,
                redeemed_at=at if redeemed else None,
                client_pubkey="c" * 64 if redeemed else None,
                confirm_required=each["confirm"],
                confirmed_at=at if yes else None,
                ended_at=at if ended else None,
                end_reason=each["reason"] if ended else None,
                key_clean=each["clean"] if ended else None,
                flagged_at=at if came and each["flagged"] else None,
            )
        )
    return made


def unconfirmed(pairing: Any) -> bool:
    too_late = pairing.end_reason == "redeemed_too_late"
    return pairing.confirmed_at is None and (pairing.redeemed_at is not None or too_late)
