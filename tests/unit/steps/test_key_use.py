"""Who ever used a key, and what follows: each way in which a seed can have ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from spirekeeper import lifecycle
from spirekeeper.bunker.answers import KeyUser, Token
from spirekeeper.models import Pairing, PairingState
from spirekeeper.steps import key_use
from unit.pure_pairings import NOON, pairing

MINUTE = timedelta(minutes=1)
MACHINE, THIEF, BURNER = "a" * 64, "b" * 64, "c" * 64


def ended(state: PairingState, reason: str, **columns: Any) -> Pairing:
    return pairing(state, end_reason=reason, ended_at=NOON, **columns)


def user(pubkey: str, *, at: datetime | None = NOON + MINUTE, name: str = "another") -> KeyUser:
    return KeyUser(id=pubkey[:4], pubkey=pubkey, client_name=name, created_at=at, revoked_at=None)


def token(name: str = "spirekeeper-p1", at: datetime | None = NOON) -> Token:
    return Token("1", "spire-m1", name, "d" * 64, "secret", "1", at, None, NOON, None)


REDEEMED = {"redeemed_at": NOON, "client_pubkey": THIEF}
YES = {"redeemed_at": NOON, "client_pubkey": MACHINE, "confirmed_at": NOON}
ASKED = {"confirm_required": True}
CANCELLED, LAPSED = PairingState.CANCELLED, PairingState.LAPSED
FAILED, REPLACED, REVOKED = PairingState.FAILED, PairingState.REPLACED, PairingState.REVOKED


@pytest.mark.parametrize(
    ("seed", "badly"),
    [
        (ended(CANCELLED, lifecycle.EndReason.REJECTED, **ASKED, **REDEEMED), True),
        (ended(REPLACED, lifecycle.EndReason.NEWER_SEED, **ASKED, **REDEEMED), True),
        (ended(LAPSED, lifecycle.EndReason.SESSION_ENDED, **ASKED, **REDEEMED), True),
        (ended(REVOKED, "revoked", **ASKED, **REDEEMED), True),
        (ended(FAILED, lifecycle.EndReason.TWO_CLIENTS), True),  # as older versions noted it
        (ended(FAILED, lifecycle.EndReason.TWO_CLIENTS, **REDEEMED), True),
        (ended(LAPSED, lifecycle.EndReason.REDEEMED_TOO_LATE, **REDEEMED), True),
        (ended(FAILED, lifecycle.EndReason.NEEDS_NEW_CLIENT_KEY, **REDEEMED), True),
        (ended(REVOKED, lifecycle.EndReason.REVOKED_OUTSIDE, **REDEEMED), True),
        (ended(CANCELLED, lifecycle.EndReason.CANCELLED, key_clean=False), True),
        (ended(CANCELLED, lifecycle.EndReason.CANCELLED, key_clean=True, **ASKED), False),
        (ended(LAPSED, lifecycle.EndReason.SEED_LAPSED, key_clean=True), False),
        (ended(REPLACED, lifecycle.EndReason.NEWER_CONNECTION, **REDEEMED), False),  # it counted
        (ended(LAPSED, lifecycle.EndReason.SESSION_ENDED, **REDEEMED), False),
        (ended(REPLACED, lifecycle.EndReason.NEWER_CONNECTION, **ASKED, **YES), False),
        (ended(REVOKED, lifecycle.EndReason.REVOKED_OUTSIDE, **ASKED, **YES), False),
        (ended(REVOKED, "revoked", **ASKED, **YES, flagged_at=NOON), True),
        (pairing(PairingState.REDEEMED, **ASKED, **REDEEMED), False),  # not yet
    ],
)
def test_a_seed_ended_badly_when_somebody_used_it_whom_nobody_vouches_for(
    seed: Pairing, badly: bool
) -> None:
    assert key_use.ended_badly(seed) is badly


@pytest.mark.parametrize(
    ("users", "came"),
    [
        ([], set()),
        ([user(BURNER)], set()),
        ([user(MACHINE)], set()),  # confirmed
        ([user(THIEF)], {THIEF}),
        ([user(THIEF, at=NOON - MINUTE)], set()),  # judged when the key was chosen
        ([user(THIEF, at=None)], {THIEF}),  # a bunker that does not tell
        ([user(THIEF, name="spirekeeper-p1")], {THIEF}),
        ([user(THIEF, name="spirekeeper-p3")], set()),  # another seed's to judge
    ],
)
def test_who_came_while_a_seed_could_be_redeemed(users: list[KeyUser], came: set[str]) -> None:
    pairings = [
        ended(CANCELLED, lifecycle.EndReason.CANCELLED, **ASKED),
        pairing(PairingState.CONFIRMED, id="p2", client_name="spirekeeper-p2", **ASKED, **YES),
        pairing(PairingState.ISSUED, id="p3", client_name="spirekeeper-p3", **ASKED),
    ]
    found = key_use.used_since("spirekeeper-p1", token(), users, pairings, {BURNER})
    assert found == came


def test_a_token_that_the_bunker_does_not_show_excuses_nobody() -> None:
    seed = ended(CANCELLED, lifecycle.EndReason.CANCELLED)
    users = [user(THIEF, at=NOON - MINUTE)]
    assert key_use.used_since(seed.client_name, None, users, [seed], set()) == {THIEF}
