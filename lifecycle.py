"""The states of a pairing and of a machine, the allowed moves, and the reasons with their words.

Pure. The state of a machine is one function of its row, its pairings, the time, and whether the
bunker says that its key is locked. The `state` column only caches it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from .models import Machine, MachineState, PairingStanding, PairingState

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
"""Those that can still move."""
SHOWN_STATES = OPEN_STATES - {PairingState.INTENT}
"""Those that are open and whose seed was shown."""
REDEEMED_STATES = SHOWN_STATES - {PairingState.ISSUED}
"""Those that are open and whose seed a client has redeemed."""
CONNECTED_STATES = frozenset({PairingState.CONFIRMED})
"""Those in which a client is connected, whatever was asked for."""
CONNECTED_UNLESS_ASKED = REDEEMED_STATES - CONNECTED_STATES
"""Those in which a client is connected if no confirmation was asked for, and waits for it if so."""


class Reason(str, Enum):
    """A word that the database, the API and the page know, and what it says to people."""

    happened: str
    """What happened, in a sentence or two."""
    advice: str
    """What to do now."""

    def __new__(cls, word: str, happened: str, advice: str) -> "Reason":
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.happened = happened
        reason.advice = advice
        return reason

    def __str__(self) -> str:
        return str(self.value)

    @property
    def words(self) -> str:
        """What happened and what to do."""
        return f"{self.happened} {self.advice}"


class LockReason(Reason):
    """Why a machine's key cannot sign (`Machine.lock_reason`)."""

    KEY_LOCKED = (
        "key_locked",
        "Its key is locked in the bunker, which locks all keys when it restarts.",
        "It is unlocked in the background. If it stays locked, look whether the bunker answers.",
    )
    PASSPHRASE_REFUSED = (
        "passphrase_refused",
        "The bunker refused the stored passphrase for its key. It is not tried again.",
        "The superuser enters the right passphrase under Bunker.",
    )
    PASSPHRASE_UNKNOWN = (
        "passphrase_unknown",
        "No passphrase that is stored is known to be its key's.",
        "The superuser enters the one that the key was made with.",
    )
    KEY_MISSING = (
        "key_missing",
        "The bunker no longer has its key.",
        "Restore the bunker's data; or revoke the machine and pair it, which makes a new key.",
    )
    WRONG_KEY = (
        "wrong_key",
        "Under its key's name the bunker has another key than the one that was paired.",
        "Find out who changed it; revoke the machine and pair it again.",
    )

    @property
    def outcome(self) -> str:
        """The journal's word when this was found, or an unlock came to it."""
        words = {LockReason.KEY_LOCKED: "failed", LockReason.PASSPHRASE_REFUSED: "refused"}
        return words.get(self, str(self))

    @classmethod
    def known(cls, word: str) -> "LockReason | None":
        """The reason of a stored word; None for one that a newer version has written."""
        return next((reason for reason in cls if reason == word), None)


class StandingReason(Reason):
    """Why a machine stands where it does, when neither a lock nor an end says so."""

    CUT = (
        "cut",
        "You revoked the machine, or stopped all of them.",
        "Pair it again when it is safe.",
    )
    COMPARE_FINGERPRINT = (
        "compare_fingerprint",
        "A client used the pairing code and waits for you.",
        "Confirm it, or reject it.",
    )
    NEWER_SEED_WAITS = (
        "newer_seed_waits",
        "You paired a connected machine again.",
        "Let it scan the newer pairing code, or cancel that one.",
    )
    KEY_IN_DOUBT = (
        "key_in_doubt",
        "You paired it again with the same key and confirmation. Nothing is routed until you "
        "confirm, or until the code has ended and the bunker has shown that nobody used it.",
        "Let it scan the newer pairing code and confirm, or cancel that one.",
    )
    NOT_LOOKED_UP = (
        "not_looked_up",
        "The answer to a pair call was lost.",
        "Wait a minute, or pair again.",
    )


class EndReason(Reason):
    """Why a pairing ended (`Pairing.end_reason`).

    A pair call that failed leaves its error's `code` there, or PASSPHRASE_REFUSED of LockReason.
    """

    SEED_LAPSED = (
        "seed_lapsed",
        "Nobody used the pairing code in its scan window.",
        "Pair again, with a longer window if the way is long.",
    )
    REDEEMED_TOO_LATE = (
        "redeemed_too_late",
        "The pairing code was used after its scan window; that client is revoked.",
        "Pair again. If it was not your machine, somebody has seen the pairing code.",
    )
    TWO_CLIENTS = (
        "two_clients_redeemed",
        "More than one client used the same pairing code, and nobody can tell which is yours; all "
        "are revoked.",
        "Somebody else has seen the pairing code: pair again where nobody looks on.",
    )
    NEEDS_NEW_CLIENT_KEY = (
        "needs_new_client_key",
        "The client that used the code was revoked before, and the bunker's revoke is for ever.",
        "Make the machine forget its client key (`spire forget` on the reference machine), then "
        "pair again.",
    )
    REVOKED_OUTSIDE = (
        "revoked_outside",
        "Somebody revoked the machine's client at the bunker itself, not from here.",
        "Find out who and why; then pair again, with a new client key.",
    )
    SESSION_ENDED = (
        "session_ended",
        "The session that was asked for is over.",
        "Pair again.",
    )
    CANCELLED = (
        "cancelled",
        "You cancelled the unused pairing code.",
        "Pair again when you are ready.",
    )
    REJECTED = (
        "rejected",
        "You rejected the client, whose fingerprint was not the machine's; it is revoked.",
        "Somebody else has seen the pairing code: pair again where nobody looks on.",
    )
    NEWER_SEED = (
        "newer_seed",
        "A newer pairing code took the place of this unused one.",
        "Use the newer one.",
    )
    NEWER_CONNECTION = (
        "newer_connection",
        "The machine connected with a newer pairing code.",
        "Nothing.",
    )
    UNCONFIRMED_CLIENT = (
        "unconfirmed_client",
        "Somebody used a pairing code for the key in use, and was not confirmed. The key is never "
        "routed again, so the machine was cut.",
        "Pair again: it gets a new key.",
    )
    REVOKED = (
        "revoked",
        "The machine was cut off.",
        "Pair it again when it is safe.",
    )
    UPGRADED = (
        "upgraded",
        "spirekeeper was upgraded while this pairing code waited; it could no longer be confirmed.",
        "Pair again.",
    )
    PUBKEY_TAKEN = (
        "pubkey_taken",
        "The new key belongs to another machine or account already.",
        "Pair again: the next key has another name.",
    )
    INTERRUPTED = (
        "interrupted",
        "A crash ended the pair call.",
        "Pair again: what was begun is burned.",
    )


REDEEMED_ENDS = frozenset(
    {EndReason.REDEEMED_TOO_LATE, EndReason.TWO_CLIENTS, EndReason.NEEDS_NEW_CLIENT_KEY}
)
"""Ends of a seed that somebody redeemed, even where `redeemed_at` is not noted."""
BAD_ENDS = REDEEMED_ENDS | {EndReason.REVOKED_OUTSIDE}
"""Ends in which somebody had redeemed the seed whom nobody can vouch for."""


def may_move(was: PairingState, to: PairingState) -> bool:
    """Whether a pairing in state `was` may become `to`."""
    return to in ALLOWED_MOVES[was]


@dataclass(frozen=True)
class Standing:
    """Where a machine stands, why, and since when."""

    state: MachineState
    reason: str | None
    """One of the `Reason`s, or the `code` of the error that the last pair call failed with."""
    since: datetime


class MayBeConnected(Protocol):
    """What of a pairing says whether it is connected."""

    @property
    def state(self) -> PairingState: ...

    @property
    def confirm_required(self) -> bool: ...


def connected(pairing: MayBeConnected) -> bool:
    """Whether somebody uses this pairing and, where asked for, the operator confirmed who."""
    if pairing.state in CONNECTED_STATES:
        return True
    return pairing.state in CONNECTED_UNLESS_ASKED and not pairing.confirm_required


def connected_since(
    machine: Machine, pairings: Iterable[PairingStanding], now: datetime
) -> datetime | None:
    """When the machine was connected, by a client that counts; None while none is."""
    if machine.cut_at is not None:
        return None
    live = [p for p in pairings if connected(p) and not session_over(p, now)]
    return max((_since(pairing) for pairing in live), default=None)


def in_doubt(connection: PairingStanding, pairings: Iterable[PairingStanding]) -> bool:
    """Whether the key of this connection must not be routed, because somebody unconfirmed may use
    it.

    That is so while another seed of the same key asked for a confirmation, has none, and the bunker
    has not shown that it ended unused.
    """
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

    `locked`: the bunker has just said that the key is locked. Otherwise what the machine's row says
    counts.
    """
    newest_first = sorted(pairings, key=lambda pairing: pairing.created_at, reverse=True)
    to_judge = next((p for p in newest_first if confirming(p)), None)
    live = next((p for p in newest_first if connected(p) and not session_over(p, now)), None)
    waiting = next((p for p in newest_first if waits_for_scan(p, now)), None)
    over = next((p for p in newest_first if connected(p) and session_over(p, now)), None)
    lost = next((p for p in newest_first if _lost(p, machine, now)), None)

    if machine.cut_at is not None:
        return Standing(MachineState.REVOKED, StandingReason.CUT, machine.cut_at)
    if locked or machine.lock_reason is not None:
        return Standing(
            MachineState.LOCKED,
            machine.lock_reason or LockReason.KEY_LOCKED,
            machine.locked_at or now,
        )
    if to_judge is not None:
        since = to_judge.redeemed_at or to_judge.created_at
        return Standing(MachineState.CONFIRMING, StandingReason.COMPARE_FINGERPRINT, since)
    doubt = (
        StandingReason.KEY_IN_DOUBT if live is not None and in_doubt(live, newest_first) else None
    )
    if live is not None and waiting is not None:
        return Standing(
            MachineState.REPLACING, doubt or StandingReason.NEWER_SEED_WAITS, _issued(waiting)
        )
    if live is not None:
        return Standing(MachineState.PAIRED, doubt, _since(live))
    if waiting is not None:
        return Standing(MachineState.AWAITING_SCAN, None, _issued(waiting))
    if over is not None and over.session_expires_at is not None:
        return Standing(MachineState.EXPIRED, EndReason.SESSION_ENDED, over.session_expires_at)
    ended = _last_ended(newest_first)
    if (
        ended is not None
        and ended.end_reason == EndReason.SESSION_ENDED
        and ended.ended_at is not None
    ):
        return Standing(MachineState.EXPIRED, EndReason.SESSION_ENDED, ended.ended_at)
    if lost is not None:
        return Standing(MachineState.UNKNOWN, StandingReason.NOT_LOOKED_UP, lost.created_at)
    return _unpaired(machine, newest_first, now)


def confirming(pairing: PairingStanding) -> bool:
    """Whether a client has redeemed it and waits for the operator's Yes or No."""
    return pairing.state in CONNECTED_UNLESS_ASKED and pairing.confirm_required


def _lost(pairing: PairingStanding, machine: Machine, now: datetime) -> bool:
    """Whether it is an intent that nobody works on any more, so that nobody knows its outcome."""
    held = machine.busy_until is not None and machine.busy_until > now
    return pairing.state is PairingState.INTENT and not held


def _issued(pairing: PairingStanding) -> datetime:
    return pairing.issued_at or pairing.created_at


def _last_ended(newest_first: list[PairingStanding]) -> PairingStanding | None:
    """The newest pairing that had a seed, if it has ended."""
    issued = next((p for p in newest_first if p.issued_at is not None), None)
    return issued if issued is not None and issued.ended_at is not None else None


def _unpaired(machine: Machine, newest_first: list[PairingStanding], now: datetime) -> Standing:
    for pairing in newest_first:
        if pairing.state is PairingState.ISSUED and pairing.scan_before < now:
            return Standing(MachineState.UNPAIRED, EndReason.SEED_LAPSED, pairing.scan_before)
        if pairing.issued_at is not None and pairing.ended_at is not None:
            return Standing(MachineState.UNPAIRED, pairing.end_reason, pairing.ended_at)
    return Standing(MachineState.UNPAIRED, None, machine.created_at)
