"""The states of pairings and machines: every allowed move, every forbidden one, every standing."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from spirekeeper.lifecycle import ALLOWED_MOVES, OPEN_STATES, may_move, standing
from spirekeeper.models import MachineState, Pairing, PairingState
from unit.pure_pairings import HOUR, NOON, machine, pairing

ENDED = {
    PairingState.REPLACED,
    PairingState.LAPSED,
    PairingState.CANCELLED,
    PairingState.REVOKED,
    PairingState.FAILED,
}


def test_every_state_has_its_moves() -> None:
    assert set(ALLOWED_MOVES) == set(PairingState)
    assert set(PairingState) - OPEN_STATES == ENDED


@pytest.mark.parametrize(("was", "to"), product(PairingState, PairingState))
def test_moves(was: PairingState, to: PairingState) -> None:
    """An ended pairing stays ended, nothing becomes an intent again, nothing skips a step."""
    allowed = may_move(was, to)
    if was in ENDED or to is PairingState.INTENT or was is to:
        assert not allowed
    if to is PairingState.REDEEMED:
        assert allowed == (was is PairingState.ISSUED)
    if to is PairingState.CONFIRMED:
        assert allowed == (was is PairingState.REDEEMED)
    if to is PairingState.ISSUED:
        assert allowed == (was is PairingState.INTENT)


ASKED: dict[str, Any] = {"confirm_required": True, "spire_pubkey": "a" * 64}
REDEEMED = {"redeemed_at": NOON, "client_pubkey": "c" * 64}

STANDINGS = {
    "nothing yet": ([], {}, MachineState.UNPAIRED, None),
    "a seed waits": ([pairing(PairingState.ISSUED)], {}, MachineState.AWAITING_SCAN, None),
    "the seed lapsed": (
        [pairing(PairingState.ISSUED, scan_before=NOON - HOUR)],
        {},
        MachineState.UNPAIRED,
        "seed_lapsed",
    ),
    "redeemed": ([pairing(PairingState.REDEEMED, **REDEEMED)], {}, MachineState.PAIRED, None),
    "redeemed, to be confirmed": (
        [pairing(PairingState.REDEEMED, confirm_required=True, **REDEEMED)],
        {},
        MachineState.CONFIRMING,
        "compare_fingerprint",
    ),
    "confirmed": (
        [pairing(PairingState.CONFIRMED, confirm_required=True, confirmed_at=NOON, **REDEEMED)],
        {},
        MachineState.PAIRED,
        None,
    ),
    "confirmed, and a newer seed of the same key to be confirmed": (
        [
            pairing(PairingState.CONFIRMED, **ASKED, confirmed_at=NOON, **REDEEMED),
            pairing(PairingState.ISSUED, id="p2", created_at=NOON + HOUR / 2, **ASKED),
        ],
        {},
        MachineState.REPLACING,
        "key_in_doubt",
    ),
    "confirmed, and nobody knows yet whether its newer seed was used": (
        [
            pairing(PairingState.CONFIRMED, **ASKED, confirmed_at=NOON, **REDEEMED),
            pairing(PairingState.CANCELLED, id="p2", **ASKED),
        ],
        {},
        MachineState.PAIRED,
        "key_in_doubt",
    ),
    "confirmed, and nobody used its newer seed": (
        [
            pairing(PairingState.CONFIRMED, **ASKED, confirmed_at=NOON, **REDEEMED),
            pairing(PairingState.CANCELLED, id="p2", key_clean=True, **ASKED),
        ],
        {},
        MachineState.PAIRED,
        None,
    ),
    "connected, and a newer seed": (
        [
            pairing(PairingState.REDEEMED, **REDEEMED),
            pairing(PairingState.ISSUED, id="p2", created_at=NOON + HOUR / 2),
        ],
        {},
        MachineState.REPLACING,
        "newer_seed_waits",
    ),
    "the session is over": (
        [pairing(PairingState.REDEEMED, session_expires_at=NOON - HOUR, **REDEEMED)],
        {},
        MachineState.EXPIRED,
        "session_ended",
    ),
    "an intent nobody works on": (
        [pairing(PairingState.INTENT, issued_at=None)],
        {},
        MachineState.UNKNOWN,
        "not_looked_up",
    ),
    "an intent under way": (
        [pairing(PairingState.INTENT, issued_at=None)],
        {"busy_by": "somebody", "busy_until": NOON + HOUR},
        MachineState.UNPAIRED,
        None,
    ),
    "a pair that failed changes nothing": (
        [
            pairing(PairingState.REDEEMED, **REDEEMED),
            pairing(
                PairingState.FAILED,
                id="p2",
                issued_at=None,
                ended_at=NOON,
                end_reason="bunker_silent",
                created_at=NOON + HOUR / 2,
            ),
        ],
        {},
        MachineState.PAIRED,
        None,
    ),
    "cancelled": (
        [pairing(PairingState.CANCELLED, ended_at=NOON, end_reason="cancelled")],
        {},
        MachineState.UNPAIRED,
        "cancelled",
    ),
    "cut, whatever else": (
        [pairing(PairingState.REDEEMED, **REDEEMED)],
        {"cut_at": NOON},
        MachineState.REVOKED,
        "cut",
    ),
}


@pytest.mark.parametrize("case", STANDINGS.values(), ids=STANDINGS.keys())
def test_standing(case: tuple[list[Pairing], dict[str, Any], MachineState, str | None]) -> None:
    pairings, columns, state, reason = case
    stands = standing(machine(**columns), pairings, NOON + timedelta(minutes=31))
    assert (stands.state, stands.reason) == (state, reason)
    assert stands.since.tzinfo is not None


def test_a_locked_key_stands_before_everything_but_the_cut() -> None:
    connected = [pairing(PairingState.REDEEMED, **REDEEMED)]
    locked = standing(machine(), connected, NOON, locked=True)
    assert locked.state is MachineState.LOCKED
    cut = standing(machine(cut_at=NOON), connected, NOON, locked=True)
    assert cut.state is MachineState.REVOKED
