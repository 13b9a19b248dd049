"""The states of a pairing and of a machine: which moves are allowed, and what follows from what.

Pure: a machine's state is one function of its row, its pairings, the time, and whether the bunker
says that its key is locked. The `state` column is only a cache of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .models import (
    Machine,
    MachineState,
    PairingStanding,
    PairingState,
)

ALLOWED_MOVES: dict[PairingState, frozenset[PairingState]] = {
    PairingState.INTENT: frozenset({PairingState.ISSUED, PairingState.FAILED}),
    PairingState.ISSUED: frozenset(
        {
            PairingState.REDEEMED,
            PairingState.REPLACED,
            PairingState.LAPSED,
            PairingState.CANCELLED,
            PairingState.REVOKED,
            PairingState.FAILED,
        }
    ),
    PairingState.REDEEMED: frozenset(
        {
            PairingState.CONFIRMED,
            PairingState.REPLACED,
            PairingState.LAPSED,
            PairingState.CANCELLED,
            PairingState.REVOKED,
        }
    ),
    PairingState.CONFIRMED: frozenset(
        {PairingState.REPLACED, PairingState.LAPSED, PairingState.REVOKED}
    ),
    PairingState.REPLACED: frozenset(),
    PairingState.LAPSED: frozenset(),
    PairingState.CANCELLED: frozenset(),
    PairingState.REVOKED: frozenset(),
    PairingState.FAILED: frozenset(),
}

OPEN_STATES = frozenset(state for state, moves in ALLOWED_MOVES.items() if moves)

SEED_LAPSED = "seed_lapsed"
SESSION_ENDED = "session_ended"
CANCELLED = "cancelled"
REJECTED = "rejected"
NEWER_SEED = "newer_seed"
NEWER_CONNECTION = "newer_connection"
NEEDS_NEW_CLIENT_KEY = "needs_new_client_key"
REDEEMED_TOO_LATE = "redeemed_too_late"
PUBKEY_TAKEN = "pubkey_taken"
PASSPHRASE_REFUSED = "passphrase_refused"
PASSPHRASE_UNKNOWN = "passphrase_unknown"
KEY_LOCKED = "key_locked"
KEY_MISSING = "key_missing"
WRONG_KEY = "wrong_key"
REVOKED_OUTSIDE = "revoked_outside"
TWO_CLIENTS = "two_clients_redeemed"
UNCONFIRMED_CLIENT = "unconfirmed_client"
UPGRADED = "upgraded"
CUT = "cut"
COMPARE_FINGERPRINT = "compare_fingerprint"
NEWER_SEED_WAITS = "newer_seed_waits"
KEY_IN_DOUBT = "key_in_doubt"
NOT_LOOKED_UP = "not_looked_up"


def may_move(was: PairingState, to: PairingState) -> bool:
    """Whether a pairing in state `was` may become `to`."""
    return to in ALLOWED_MOVES[was]


@dataclass(frozen=True)
class Standing:
    """Where a machine stands, why, and since when."""

    state: MachineState
    reason: str | None
    since: datetime


def connected(pairing: PairingStanding) -> bool:
    """Whether somebody uses this pairing and, where asked for, the operator confirmed who."""
    if pairing.state is PairingState.CONFIRMED:
        return True
    return pairing.state is PairingState.REDEEMED and not pairing.confirm_required


def connected_since(
    machine: Machine, pairings: Iterable[PairingStanding], now: datetime
) -> datetime | None:
    """Since when somebody is connected who counts; None while nobody is."""
    if machine.cut_at is not None:
        return None
    live = [p for p in pairings if connected(p) and not session_over(p, now)]
    return max((_since(pairing) for pairing in live), default=None)


def in_doubt(connection: PairingStanding, pairings: Iterable[PairingStanding]) -> bool:
    """Whether its key is not routed, since somebody unconfirmed may use it: another seed of the
    same key asked for a confirmation and has none, and was not seen to have ended unused."""
    return any(
        p.spire_pubkey == connection.spire_pubkey
        and p.confirm_required
        and p.issued_at is not None
        and p.confirmed_at is None
        and p.key_clean is not True
        for p in pairings
    )


def _since(pairing: PairingStanding) -> datetime:
    return pairing.confirmed_at or pairing.redeemed_at or pairing.created_at


def session_over(pairing: PairingStanding, now: datetime) -> bool:
    return pairing.session_expires_at is not None and pairing.session_expires_at <= now


def waits_for_scan(pairing: PairingStanding, now: datetime) -> bool:
    return pairing.state is PairingState.ISSUED and now <= pairing.scan_before


def standing(
    machine: Machine, pairings: Iterable[PairingStanding], now: datetime, *, locked: bool = False
) -> Standing:
    """The state of a machine. The first that applies wins, in the order of `MachineState`.

    `locked`: the bunker said just now that the key is; else what is noted on the machine counts.
    """
    newest_first = sorted(pairings, key=lambda pairing: pairing.created_at, reverse=True)
    to_judge = next((p for p in newest_first if confirming(p)), None)
    live = next((p for p in newest_first if connected(p) and not session_over(p, now)), None)
    waiting = next((p for p in newest_first if waits_for_scan(p, now)), None)
    over = next((p for p in newest_first if connected(p) and session_over(p, now)), None)
    lost = next((p for p in newest_first if _lost(p, machine, now)), None)

    if machine.cut_at is not None:
        return Standing(MachineState.REVOKED, CUT, machine.cut_at)
    if locked or machine.lock_reason is not None:
        return Standing(
            MachineState.LOCKED, machine.lock_reason or KEY_LOCKED, machine.locked_at or now
        )
    if to_judge is not None:
        since = to_judge.redeemed_at or to_judge.created_at
        return Standing(MachineState.CONFIRMING, COMPARE_FINGERPRINT, since)
    doubt = KEY_IN_DOUBT if live is not None and in_doubt(live, newest_first) else None
    if live is not None and waiting is not None:
        return Standing(MachineState.REPLACING, doubt or NEWER_SEED_WAITS, _issued(waiting))
    if live is not None:
        return Standing(MachineState.PAIRED, doubt, _since(live))
    if waiting is not None:
        return Standing(MachineState.AWAITING_SCAN, None, _issued(waiting))
    if over is not None and over.session_expires_at is not None:
        return Standing(MachineState.EXPIRED, SESSION_ENDED, over.session_expires_at)
    ended = _last_ended(newest_first)
    if ended is not None and ended.end_reason == SESSION_ENDED and ended.ended_at is not None:
        return Standing(MachineState.EXPIRED, SESSION_ENDED, ended.ended_at)
    if lost is not None:
        return Standing(MachineState.UNKNOWN, NOT_LOOKED_UP, lost.created_at)
    return _unpaired(machine, newest_first, now)


def confirming(pairing: PairingStanding) -> bool:
    """Whether a client has redeemed it and waits for the operator's Yes or No."""
    return pairing.state is PairingState.REDEEMED and pairing.confirm_required


def _lost(pairing: PairingStanding, machine: Machine, now: datetime) -> bool:
    """An intent that nobody works on any more: its outcome has not been looked up."""
    held = machine.busy_until is not None and machine.busy_until > now
    return pairing.state is PairingState.INTENT and not held


def _issued(pairing: PairingStanding) -> datetime:
    return pairing.issued_at or pairing.created_at


def _last_ended(newest_first: list[PairingStanding]) -> PairingStanding | None:
    """The newest pairing that got as far as a seed, if it has ended."""
    issued = next((p for p in newest_first if p.issued_at is not None), None)
    return issued if issued is not None and issued.ended_at is not None else None


def _unpaired(machine: Machine, newest_first: list[PairingStanding], now: datetime) -> Standing:
    for pairing in newest_first:
        if pairing.state is PairingState.ISSUED and pairing.scan_before < now:
            return Standing(MachineState.UNPAIRED, SEED_LAPSED, pairing.scan_before)
        if pairing.issued_at is not None and pairing.ended_at is not None:
            return Standing(MachineState.UNPAIRED, pairing.end_reason, pairing.ended_at)
    return Standing(MachineState.UNPAIRED, None, machine.created_at)
