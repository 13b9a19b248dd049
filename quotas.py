"""How much one user may do, so that nobody fills the bunker, whose keys cannot be deleted.

All is counted in the database, in the statement or the transaction that adds, so that requests side
by side and several LNbits processes share one count.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import crud, crud_pairings, crud_quotas, environment, journal, settings
from .bunker_models import LimitsAnswer, LimitsData
from .database import db
from .environment import Quotas
from .errors import (
    TooMany,
    TooManyChecks,
    TooManyKeys,
    TooManyMachines,
    TooManyPairs,
    TooManyRotations,
)
from .gathering import for_many
from .models import LimitsRow, Machine, MintedKey, Pairing, Why

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def limits() -> Quotas:
    """Those in force: what the superuser has set wins over the environment."""
    set_here = await crud_quotas.get_limits()
    changed = set_here.dict(exclude={"id", "updated_at"}, exclude_none=True) if set_here else {}
    return environment.current().quotas.copy(update=changed)


async def count_pair(operator_user_id: str, now: datetime) -> None:
    """One more pair call of this operator; TooManyPairs when they come too fast."""
    at_most = environment.current().quotas.pairs_a_minute
    if not await crud_quotas.count(operator_user_id, "pairs", 1, at_most, now, MINUTE):
        raise TooManyPairs(
            f"You may pair {at_most} times a minute; wait a minute, or pair many machines in one "
            "call."
        )


async def count_relay_checks(operator_user_id: str, number: int, now: datetime) -> None:
    """So many more relays are tried for this operator; TooManyChecks when that is too many."""
    at_most = environment.current().quotas.relay_checks_a_minute
    if not await crud_quotas.count(operator_user_id, "relays", number, at_most, now, MINUTE):
        raise TooManyChecks("Too many relay checks; wait a minute, then try again.")


async def add_machines(machines: Sequence[Machine]) -> None:
    """Adds all of them, of one operator, or none: TooManyMachines beyond the quota."""
    at_most = environment.current().quotas.max_machines
    if not await crud.create_machines(machines, at_most):
        raise TooManyMachines(
            f"You may have {at_most} machines; delete some, or ask the superuser for more."
        )


# Keys


@dataclass(frozen=True)
class Intent:
    """A pairing that is about to be asked of the bunker, and the key that it has it make."""

    pairing: Pairing
    minted: MintedKey | None
    """None: a key that exists is kept."""


@for_many
async def write_intents(intents: Sequence[Intent]) -> Sequence[TooMany | None]:
    """Writes them, and with them the keys that are to be minted; TooManyKeys or TooManyRotations
    for each that would be one key too many, of which nothing is written."""
    if all(each.minted is None for each in intents):
        await crud_pairings.create_pairings([each.pairing for each in intents])
        return [None] * len(intents)

    async def write() -> Sequence[TooMany | None]:
        keys = [each.minted for each in intents if each.minted is not None]
        counts = {
            bunker: await _Counted.read(bunker, [k for k in keys if k.bunker_pubkey == bunker])
            for bunker in sorted({key.bunker_pubkey for key in keys})
        }
        answers = [
            counts[each.minted.bunker_pubkey].take(each.minted) if each.minted else None
            for each in intents
        ]
        new = [key for counted in counts.values() for key in counted.new]
        if new:
            await crud_quotas.create_minted(new)
        written = [i.pairing for i, no in zip(intents, answers, strict=True) if no is None]
        if written:
            await crud_pairings.create_pairings(written)
        return answers

    return await db.together(write)


async def guard_new_key(machine: Machine, why: Why, bunker_pubkey: str, now: datetime) -> None:
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
    counted = await _Counted.look(bunker_pubkey, [key])
    refused = counted.take(key)
    if refused is not None:
        raise refused


@dataclass(frozen=True)
class _Counted:
    """The keys that one bunker was ever asked for, as far as they decide about these new ones."""

    limits: Quotas
    of_operator: Counter[str]
    of_machine: dict[str, list[MintedKey]]
    """Within a day, the oldest first."""
    names: set[str]
    new: list[MintedKey] = field(default_factory=list)

    @classmethod
    async def read(cls, bunker_pubkey: str, keys: Sequence[MintedKey]) -> "_Counted":
        """Nobody else has keys counted until the end of the transaction."""
        await crud_quotas.hold(bunker_pubkey, "keys", keys[0].minted_at)
        return await cls.look(bunker_pubkey, keys)

    @classmethod
    async def look(cls, bunker_pubkey: str, keys: Sequence[MintedKey]) -> "_Counted":
        since = min(key.minted_at for key in keys) - DAY
        of_machine = defaultdict(list)
        for key in await crud_quotas.get_minted({key.machine_id for key in keys}, since):
            of_machine[key.machine_id].append(key)
        return cls(
            limits=await limits(),
            of_operator=Counter(await crud_quotas.count_minted(bunker_pubkey)),
            of_machine=of_machine,
            names=await crud_quotas.get_counted(bunker_pubkey, {key.key_name for key in keys}),
        )

    def take(self, key: MintedKey) -> TooMany | None:
        """Counts it, unless it is one too many. A pair that failed is tried again with the same
        name, which was counted then."""
        if key.key_name in self.names:
            return None
        refused = self._refused(key)
        if refused is None:
            self.names.add(key.key_name)
            self.of_operator[key.operator_user_id] += 1
            self.of_machine[key.machine_id].append(key)
            self.new.append(key)
        return refused

    def _refused(self, key: MintedKey) -> TooMany | None:
        if self.of_operator.total() >= self.limits.max_keys:
            return TooManyKeys(
                "The bunker has made as many keys as this LNbits allows, and can delete none; ask "
                "the superuser to allow more (max_keys)."
            )
        if self.of_operator[key.operator_user_id] >= self.limits.keys_an_operator:
            return TooManyKeys(
                f"The bunker has made {self.of_operator[key.operator_user_id]} keys for you, as "
                "many as allowed, and can delete none; ask the superuser to allow more "
                "(keys_an_operator)."
            )
        if key.why == "asked":
            return self._too_often(key, self.limits.rotations_a_day, DAY, "a day")
        if key.why == "forced":
            return self._too_often(key, self.limits.forced_keys_an_hour, HOUR, "an hour")
        return None

    def _too_often(
        self, key: MintedKey, at_most: int, within: timedelta, words: str
    ) -> TooMany | None:
        """The next one may come when the oldest of so many is long enough ago."""
        alike = [
            each.minted_at
            for each in self.of_machine[key.machine_id]
            if each.why == key.why and each.minted_at > key.minted_at - within
        ]
        if len(alike) < at_most:
            return None
        next_at = (alike[-at_most] if at_most else key.minted_at) + within
        return TooManyRotations(
            f"The machine got {len(alike)} new keys within {words}, as many as allowed; the next "
            f"can be made at {next_at:%Y-%m-%d %H:%M:%S} UTC."
        )


async def share_of_keys(bunker_pubkey: str) -> float:
    """Of the keys that this bunker may ever be asked for, how many it was asked for."""
    so_far = sum((await crud_quotas.count_minted(bunker_pubkey)).values())
    at_most = (await limits()).max_keys
    return so_far / at_most if at_most else 1.0


async def set_limits(data: LimitsData, *, actor: str, now: datetime) -> LimitsAnswer:
    """What the superuser sets counts at once, in every process."""
    await crud_quotas.set_limits(LimitsRow(**data.dict(), updated_at=now))
    told = ", ".join(f"{name} {value}" for name, value in data.dict(exclude_none=True).items())
    await journal.record("bunker", "limits", at=now, actor=actor, detail=told)
    return await tell_limits()


async def tell_limits() -> LimitsAnswer:
    """The limits in force, and how many keys the bunker in force was ever asked for."""
    config = await settings.get_bunker_config()
    so_far = await crud_quotas.count_minted(config.bunker_pubkey) if config else {}
    now = (await limits()).dict()
    shown = {name: now[name] for name in LimitsData.__fields__}
    return LimitsAnswer(**shown, keys_so_far=sum(so_far.values()))
