"""How much one user may do, so that nobody fills the bunker, whose keys cannot be deleted.

All is counted in the database, in the statement or the transaction that adds, so that requests side
by side and several LNbits processes share one count.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lnbits.db import Connection

from .. import crud
from ..connection import environment, settings
from ..connection.environment import Quotas
from ..errors import TooManyChecks, TooManyKeys, TooManyMachines, TooManyPairs, TooManyRotations
from ..models import JournalEntry, LimitsRow, Machine, MintedKey, MintReason, Pairing
from ..schemas.bunker import LimitsAnswer, LimitsData
from ..store import details, journal, pairing_rows, quota_counts, setting_versions
from ..store.database import db, finished

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def limits(conn: Connection | None = None) -> Quotas:
    """Those in force: what the superuser has set wins over the environment."""
    set_here = await quota_counts.get_limits(conn)
    changed = set_here.dict(exclude={"id", "updated_at"}, exclude_none=True) if set_here else {}
    return environment.current().quotas.copy(update=changed)


async def count_pair(operator_user_id: str, now: datetime) -> None:
    """One more pair call of this operator; TooManyPairs when they come too fast."""
    at_most = environment.current().quotas.pairs_a_minute
    if not await quota_counts.count(operator_user_id, "pairs", 1, at_most, now, MINUTE):
        raise TooManyPairs(
            f"You may pair {at_most} times a minute; wait a minute, or pair many machines in one "
            "call.",
            values={"n": at_most},
        )


async def count_relay_checks(operator_user_id: str, number: int, now: datetime) -> None:
    """So many more relays are tried for this operator; TooManyChecks when that is too many."""
    at_most = environment.current().quotas.relay_checks_a_minute
    if not await quota_counts.count(operator_user_id, "relays", number, at_most, now, MINUTE):
        raise TooManyChecks("Too many relay checks; wait a minute, then try again.")


async def add_machines(machines: Sequence[Machine], lines: Sequence[JournalEntry]) -> list[Machine]:
    """Adds these of one operator, each with its journal's line and a wallet; TooManyMachines beyond
    the quota, and then none is added, unless somebody else takes the room meanwhile."""
    at_most = environment.current().quotas.max_machines
    added = await crud.create_machines(machines, lines, at_most)
    if len(added) < len(machines):
        raise TooManyMachines(
            f"You may have {at_most} machines; delete some, or ask the superuser for more.",
            values={"n": at_most},
        )
    return added


async def room_for_machines(operator_user_id: str) -> int:
    """How many more machines this operator may have."""
    at_most = environment.current().quotas.max_machines
    return max(0, at_most - await crud.count_machines(operator_user_id))


# Keys


@finished
async def write_intent(pairing: Pairing, minted: MintedKey | None) -> None:
    """Writes a pairing that is about to be asked of the bunker, and with it the key that is to be
    minted for it, if any; TooManyKeys or TooManyRotations, with nothing written, when that would be
    one key too many."""
    if minted is None:
        await pairing_rows.create_pairing(pairing)
        return
    async with db.transaction() as tx:
        await quota_counts.hold(minted.bunker_pubkey, "keys", minted.minted_at, tx)
        counted = await _Counted.look(minted, tx)
        if not counted.already:
            counted.guard(minted)
            await quota_counts.create_minted(minted, tx)
        await pairing_rows.create_pairing(pairing, tx)


async def guard_new_key(
    machine: Machine, why: MintReason, bunker_pubkey: str, now: datetime
) -> None:
    """Whether a new key for this machine would be one too many, before anything is done for it.
    It is looked at once more with the intent."""
    key = MintedKey(
        bunker_pubkey=bunker_pubkey,
        key_name="",
        machine_id=machine.id,
        operator_user_id=machine.operator_user_id,
        minted_at=now,
        why=why,
    )
    (await _Counted.look(key)).guard(key)


@dataclass(frozen=True)
class _Counted:
    """The keys that one bunker was ever asked for, as far as they decide about a new one."""

    limits: Quotas
    of_operator: Counter[str]
    of_machine: list[MintedKey]
    """Within a day, the oldest first."""
    already: bool
    """A pair that failed is tried again with the same name, which was counted then."""

    @classmethod
    async def look(cls, key: MintedKey, conn: Connection | None = None) -> "_Counted":
        since = key.minted_at - DAY
        return cls(
            limits=await limits(conn),
            of_operator=Counter(await quota_counts.count_minted(key.bunker_pubkey, conn)),
            of_machine=await quota_counts.get_minted(key.machine_id, since, conn),
            already=await quota_counts.is_counted(key.bunker_pubkey, key.key_name, conn),
        )

    def guard(self, key: MintedKey) -> None:
        """TooManyKeys or TooManyRotations when it is one too many."""
        if self.of_operator.total() >= self.limits.max_keys:
            raise TooManyKeys(
                "The bunker has made as many keys as this LNbits allows, and can delete none; ask "
                "the superuser to allow more (max_keys)."
            )
        if self.of_operator[key.operator_user_id] >= self.limits.keys_an_operator:
            raise TooManyKeys(
                f"The bunker has made {self.of_operator[key.operator_user_id]} keys for you, as "
                "many as allowed, and can delete none; ask the superuser to allow more "
                "(keys_an_operator)."
            )
        if key.why == "asked":
            self._guard_rate(key, self.limits.rotations_a_day, DAY, "a day")
        if key.why == "forced":
            self._guard_rate(key, self.limits.forced_keys_an_hour, HOUR, "an hour")

    def _guard_rate(self, key: MintedKey, at_most: int, within: timedelta, words: str) -> None:
        """The next one may come when the oldest of so many is long enough ago."""
        alike = [
            each.minted_at
            for each in self.of_machine
            if each.why == key.why and each.minted_at > key.minted_at - within
        ]
        if len(alike) < at_most:
            return
        next_at = (alike[-at_most] if at_most else key.minted_at) + within
        raise TooManyRotations(
            f"The machine got {len(alike)} new keys within {words}, as many as allowed; the next "
            f"can be made at {next_at:%Y-%m-%d %H:%M:%S} UTC.",
            values={"n": len(alike), "at": f"{next_at:%Y-%m-%d %H:%M} UTC"},
        )


async def share_of_keys(bunker_pubkey: str) -> float:
    """Of the keys that this bunker may ever be asked for, how many it was asked for."""
    so_far = sum((await quota_counts.count_minted(bunker_pubkey)).values())
    at_most = (await limits()).max_keys
    return so_far / at_most if at_most else 1.0


async def set_limits(data: LimitsData, *, actor: str, now: datetime) -> LimitsAnswer:
    """What the superuser sets counts at once, in every process. Raises EditedMeanwhile when another
    version than this is to be changed."""
    given = data.dict(exclude={"version"})

    async def write(tx: Connection) -> None:
        await quota_counts.set_limits(LimitsRow(**given, updated_at=now), tx)

    await setting_versions.change("limits", data.version, write)
    told = ", ".join(f"{name} {value}" for name, value in given.items() if value is not None)
    detail = details.told("limits", limits=told)
    await journal.record("bunker", "limits", at=now, actor=actor, detail=detail)
    return await tell_limits()


async def tell_limits() -> LimitsAnswer:
    """The limits in force, and how many keys the bunker in force was ever asked for."""
    version = await setting_versions.get_version("limits")
    config = await settings.get_bunker_config()
    so_far = await quota_counts.count_minted(config.bunker_pubkey) if config else {}
    shown = (await limits()).dict(include=LimitsAnswer.__fields__.keys())
    return LimitsAnswer(**shown, keys_so_far=sum(so_far.values()), version=version)
