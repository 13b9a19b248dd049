"""How much one user may do, so that nobody fills the bunker, whose keys cannot be deleted."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from . import crud
from .environment import FromEnvironment
from .errors import TooMany, TooManyChecks, TooManyMachines, TooManyPairs, TooManyRotations
from .keys import spire_key_name
from .models import Machine, Pairing

RELAY_CHECKS_A_MINUTE = 30

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Quotas(FromEnvironment):
    """`SPIREKEEPER_MAX_MACHINES`, `SPIREKEEPER_ROTATIONS_A_DAY`, `SPIREKEEPER_PAIRS_A_MINUTE`."""

    max_machines: int = Field(1000, ge=0, description="An operator's machines.")
    rotations_a_day: int = Field(5, ge=0, description="New keys for one machine, after its first.")
    pairs_a_minute: int = Field(
        30, ge=0, description="An operator's pair calls; a bulk counts as one."
    )


class LastMinute:
    """What each user did in the last minute, as far as this process knows."""

    def __init__(self) -> None:
        self._times: dict[str, deque[datetime]] = {}

    def count(self, user_id: str, times: int, now: datetime, at_most: int, error: TooMany) -> None:
        """Counts `times` more; raises `error` and counts nothing when that is too many."""
        for user in [user for user, seen in self._times.items() if seen[-1] < now - MINUTE]:
            del self._times[user]
        seen = self._times.get(user_id, deque())
        while seen and seen[0] < now - MINUTE:
            seen.popleft()
        if len(seen) + times > at_most:
            raise error
        seen.extend([now] * times)
        self._times[user_id] = seen


_pairs = LastMinute()
_relay_checks = LastMinute()


def count_pair(operator_user_id: str, now: datetime) -> None:
    """One more pair call of this operator; TooManyPairs when they come too fast."""
    at_most = Quotas().pairs_a_minute
    error = TooManyPairs(
        f"You may pair {at_most} times a minute; wait a minute, or pair many machines in one call."
    )
    _pairs.count(operator_user_id, 1, now, at_most, error)


def count_relay_checks(user_id: str, number: int, now: datetime) -> None:
    """TooManyChecks when this user has had too many relays tried already."""
    error = TooManyChecks("Too many relay checks; wait a minute, then try again.")
    _relay_checks.count(user_id, number, now, RELAY_CHECKS_A_MINUTE, error)


async def guard_machines(operator_user_id: str, adding: int = 1) -> None:
    """TooManyMachines when the operator would have more than allowed."""
    at_most = Quotas().max_machines
    if await crud.count_machines(operator_user_id) + adding > at_most:
        raise TooManyMachines(
            f"You may have {at_most} machines; delete some, or ask the superuser for more."
        )


def guard_rotation(
    key_name: str, machine: Machine, history: Iterable[Pairing], now: datetime
) -> None:
    """TooManyRotations when `key_name` would be one new key too many for this machine today."""
    first_used = _first_used(history)
    if key_name != spire_key_name(machine.id) and key_name not in first_used:
        _guard_another(machine, first_used, now)


def guard_new_key(machine: Machine, history: Iterable[Pairing], now: datetime) -> None:
    """The same for a key that has no name yet."""
    _guard_another(machine, _first_used(history), now)


def _first_used(history: Iterable[Pairing]) -> dict[str, datetime]:
    first_used: dict[str, datetime] = {}
    for pairing in history:
        earlier = first_used.get(pairing.key_name, pairing.created_at)
        first_used[pairing.key_name] = min(earlier, pairing.created_at)
    return first_used


def _guard_another(machine: Machine, first_used: dict[str, datetime], now: datetime) -> None:
    first_key = spire_key_name(machine.id)
    today = [name for name, at in first_used.items() if name != first_key and at > now - DAY]
    if len(today) >= Quotas().rotations_a_day:
        raise TooManyRotations(
            f"The machine got {len(today)} new keys within a day; pair it with the key it has, or "
            "wait until tomorrow."
        )
