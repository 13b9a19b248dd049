"""Which notices stand: pure, at the edges of time."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from spirekeeper import lifecycle
from spirekeeper.models import Machine, Pairing, PairingState
from spirekeeper.upkeep import notices

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def machine(**columns: Any) -> Machine:
    return Machine(
        **{
            "id": "m1",
            "operator_user_id": "u1",
            "name": "North",
            "created_at": NOON - 9 * DAY,
            "updated_at": NOON,
            **columns,
        }
    )


def connection(**columns: Any) -> Pairing:
    return Pairing(
        **{
            "id": "p1",
            "machine_id": "m1",
            "state": PairingState.REDEEMED,
            "key_name": "spire-m1",
            "bunker_pubkey": "b" * 64,
            "passphrase_id": "p",
            "client_name": "c",
            "bunker_relay": "wss://r",
            "relays": ["wss://r"],
            "created_at": NOON - DAY,
            "scan_before": NOON,
            "redeemed_at": NOON - DAY,
            **columns,
        }
    )


def codes(of: Machine, *pairings: Pairing, now: datetime = NOON) -> list[str]:
    return [each.code for each in notices.of_machine(of, pairings, now)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"last_seen_at": NOON - 10 * MINUTE}, ["silent"]),
        ({"last_seen_at": NOON - 10 * MINUTE + SECOND}, []),
        ({}, ["silent"]),  # never seen: since it connected
        ({"last_seen_at": NOON - 9 * DAY}, ["silent"]),
        ({"is_active": False}, []),
        ({"cut_at": NOON}, []),
        ({"silent_minutes": None}, []),
    ],
)
def test_silence(columns: dict[str, Any], expected: list[str]) -> None:
    assert codes(machine(**{"silent_minutes": 10, **columns}), connection()) == expected


def test_another_silence_is_another_notice() -> None:
    marks = set()
    for seen in (20, 40):
        quiet = machine(silent_minutes=10, last_seen_at=NOON - seen * MINUTE)
        [notice] = notices.of_machine(quiet, [connection()], NOON)
        marks.add(notice.mark)
    assert len(marks) == 2


def test_a_machine_that_connected_just_now_is_not_silent() -> None:
    quiet = machine(silent_minutes=10, last_seen_at=NOON - 9 * DAY)
    assert codes(quiet, connection(redeemed_at=NOON - MINUTE)) == []


@pytest.mark.parametrize(
    "pairings",
    [
        (),
        (connection(state=PairingState.ISSUED),),
        (connection(confirm_required=True),),
        (connection(session_expires_at=NOON),),
    ],
)
def test_only_a_connected_machine_is_silent(pairings: tuple[Pairing, ...]) -> None:
    assert codes(machine(silent_minutes=10), *pairings) == []


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [
        (3 * DAY + SECOND, []),
        (3 * DAY, ["session_ending"]),
        (SECOND, ["session_ending"]),
        (timedelta(0), []),
    ],
)
def test_the_end_of_a_session(ends_in: timedelta, expected: list[str]) -> None:
    assert codes(machine(), connection(session_expires_at=NOON + ends_in)) == expected


def test_the_newest_connection_says_when_the_session_ends() -> None:
    older = connection(session_expires_at=NOON + DAY)
    newer = connection(id="p2", redeemed_at=NOON - MINUTE)
    assert codes(machine(), older, newer) == []


def test_the_end_of_another_session_is_another_notice() -> None:
    first, second = (
        notices.session_ending(machine(), [connection(session_expires_at=NOON + at)], NOON)
        for at in (DAY, 2 * DAY)
    )
    assert first is not None
    assert second is not None
    assert first.mark != second.mark


def test_a_key_that_is_merely_locked_is_given_two_minutes() -> None:
    locked = machine(lock_reason=lifecycle.LockReason.KEY_LOCKED, locked_at=NOON - 2 * MINUTE)
    assert codes(locked) == ["locked"]
    assert codes(locked, now=NOON - SECOND) == []


@pytest.mark.parametrize(
    "reason",
    [
        lifecycle.LockReason.PASSPHRASE_REFUSED,
        lifecycle.LockReason.KEY_MISSING,
        "a reason of tomorrow",
    ],
)
def test_a_key_that_stays_locked_is_told_of_at_once(reason: str) -> None:
    assert codes(machine(lock_reason=reason, locked_at=NOON)) == ["locked"]


def test_the_bunker_is_given_two_minutes() -> None:
    away = NOON - 2 * MINUTE
    told = notices.bunker_away(away, NOON)
    assert told
    assert told.code == "bunker_away"
    assert notices.bunker_away(away, NOON - SECOND) is None
    assert notices.bunker_away(None, NOON) is None
