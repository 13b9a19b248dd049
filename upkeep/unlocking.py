"""Unlocking the machines' keys after the bunker has restarted, which locks them all.

Each locked key that a machine needs is unlocked once. Unlocked twice it would answer everything
twice, so one holds the machine's lease, looks again, and only then unlocks.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from .. import crud
from ..bunker.answers import BunkerKey
from ..bunker.errors import NsecBunkerError, WrongPassphrase
from ..clock import Clock
from ..connection import passphrases
from ..connection.open_bunker import OpenBunker, open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..lifecycle import LockReason
from ..models import KeyInUse, Machine, MachineState, Pairing
from ..steps.standing import remember_state
from ..store import details, journal, key_rows, pairing_rows
from ..store.leases import Lease, machine_lease, our_turn

WORK = "unlock"
LASTING = timedelta(minutes=2)
"""How long a pass of a process that was killed is waited for."""
SIDE_BY_SIDE = 8
BATCH = 50
"""How many machines' leases are held at once: all keys are read twice for each batch."""


@dataclass(frozen=True)
class CheckedKey:
    """A key that was found locked, or wrong in another way, and what became of it."""

    key: KeyInUse
    reason: LockReason | None
    """What is wrong with it; None: it was unlocked and is the machine's."""
    tried: bool = False
    """The bunker was given a passphrase."""


async def unlock_locked(clock: Clock) -> None:
    """One pass over the keys that machines need, unless another process is at it."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        try:
            await check_and_unlock(await open_bunker(), clock)
        except (PairingError, NsecBunkerError):
            return  # the bunker is away or not set: the next pass looks again


async def check_and_unlock(bunker: OpenBunker, clock: Clock) -> list[CheckedKey]:
    """Looks at every key that a machine needs, with one question when all is well, and unlocks
    those that are locked; what is wrong is noted on the machine.

    Answers with the keys that were not well, but for those that somebody is busy with. Raises
    NsecBunkerError when the bunker does not tell its keys.
    """
    in_use = await key_rows.get_keys_in_use(bunker.config.bunker_pubkey)
    keys = await bunker.admin.refresh_keys() if in_use else {}
    unwell = [key for key in in_use if lock_reason_of(key, keys) is not None]
    if any(lock_reason_of(key, keys) is LockReason.KEY_LOCKED for key in unwell):
        await bunker.admin.settle()  # before any lease is held
    tended = await _tend_each(unwell, keys, bunker, clock)
    await _note(in_use, unwell, tended, clock)
    return tended


def lock_reason_of(key: KeyInUse, keys: Mapping[str, BunkerKey]) -> LockReason | None:
    """What is wrong with a key, as the bunker shows it; None: it can sign as the machine."""
    found = keys.get(key.key_name)
    if found is None:
        return LockReason.KEY_MISSING
    if found.locked:
        return LockReason.KEY_LOCKED
    return None if found.pubkey == key.spire_pubkey else LockReason.WRONG_KEY


@dataclass(frozen=True)
class _Locked:
    """A locked key and the passphrases that its pairings name, best first."""

    key: KeyInUse
    own: list[str]


async def _tend_each(
    unwell: list[KeyInUse], keys: Mapping[str, BunkerKey], bunker: OpenBunker, clock: Clock
) -> list[CheckedKey]:
    """Many at once where the key's own passphrase is known. Guesses go one after the other, so that
    a wrong one is made once."""
    pairings = await pairing_rows.get_histories({key.machine_id for key in unwell})
    tended: list[CheckedKey] = []
    sure: list[tuple[KeyInUse, str]] = []
    guesses: list[_Locked] = []
    for key in unwell:
        reason = lock_reason_of(key, keys)
        locked = _Locked(key, _passphrases_of(key, pairings[key.machine_id]))
        if reason is not LockReason.KEY_LOCKED:
            tended.append(CheckedKey(key, reason))
            continue
        choice = await passphrases.choose(key.key_name, locked.own, bunker)
        if choice is None or choice.guessed:
            guesses.append(locked)
        else:
            sure.append((key, choice.passphrase_id))
    for first in range(0, len(sure), BATCH):
        tended += await _unlock(sure[first : first + BATCH], bunker, clock)
    for locked in guesses:
        tended += await _guess(locked, bunker, clock)
    return tended


def _passphrases_of(key: KeyInUse, pairings: Iterable[Pairing]) -> list[str]:
    """The oldest first: it is the one that made the key."""
    return [p.passphrase_id for p in pairings if p.key_name == key.key_name][::-1]


async def _guess(locked: _Locked, bunker: OpenBunker, clock: Clock) -> list[CheckedKey]:
    key = locked.key
    choice = await passphrases.choose(key.key_name, locked.own, bunker)
    if choice is not None:
        return await _unlock([(key, choice.passphrase_id)], bunker, clock)
    refused = await passphrases.was_refused(key.key_name, bunker)
    reason = LockReason.PASSPHRASE_REFUSED if refused else LockReason.PASSPHRASE_UNKNOWN
    return [CheckedKey(key, reason)]


async def _unlock(
    locked: list[tuple[KeyInUse, str]], bunker: OpenBunker, clock: Clock
) -> list[CheckedKey]:
    """Unlocks keys under their machines' leases, each with the passphrase of that id.

    Those of machines that somebody else is busy with are left out.
    """
    async with AsyncExitStack() as leases:
        held = []
        for key, passphrase_id in locked:
            lease = await leases.enter_async_context(machine_lease(key.machine_id, clock))
            if lease is not None:
                held.append(_Held(key, passphrase_id, lease))
        return await _unlock_all(held, bunker)


@dataclass(frozen=True)
class _Held:
    """A locked key whose machine is ours."""

    key: KeyInUse
    passphrase_id: str
    lease: Lease


async def _unlock_all(held: list[_Held], bunker: OpenBunker) -> list[CheckedKey]:
    bound = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(each: _Held) -> CheckedKey | None:
        tended = None
        async with bound:
            with log_failure(f"unlocking {each.key.key_name}"):
                tended = await _unlock_held(each, bunker)
        return tended

    try:
        keys = await bunker.admin.refresh_keys()
        still = [each for each in held if lock_reason_of(each.key, keys) is LockReason.KEY_LOCKED]
        tried = await asyncio.gather(*map(one, still))
        keys = await bunker.admin.refresh_keys()
    except NsecBunkerError:
        return []  # the bunker went away: the next pass looks what was done
    looked = [
        CheckedKey(each.key, lock_reason_of(each.key, keys)) for each in held if each not in still
    ]
    return looked + [_checked(each, keys) for each in tried if each is not None]


async def _unlock_held(held: _Held, bunker: OpenBunker) -> CheckedKey | None:
    """None: a cut took the lease away; it unlocks the key itself, to see it clean."""
    if not await held.lease.renew():
        return None
    try:
        await passphrases.unlock(held.key.key_name, held.passphrase_id, bunker)
    except WrongPassphrase:
        return CheckedKey(held.key, LockReason.PASSPHRASE_REFUSED, tried=True)
    except NsecBunkerError:
        return CheckedKey(held.key, LockReason.KEY_LOCKED)
    return CheckedKey(held.key, None, tried=True)


def _checked(tended: CheckedKey, keys: Mapping[str, BunkerKey]) -> CheckedKey:
    """What is seen afterwards counts, whatever the bunker answered, or did not."""
    if tended.reason is LockReason.PASSPHRASE_REFUSED:
        return tended
    reason = lock_reason_of(tended.key, keys)
    return replace(tended, reason=reason, tried=tended.tried or reason is None)


async def _note(
    in_use: list[KeyInUse], unwell: list[KeyInUse], tended: list[CheckedKey], clock: Clock
) -> None:
    """What is wrong is noted on the machine and journaled, once; and so is that it is over."""
    busy = {key.machine_id for key in unwell} - {each.key.machine_id for each in tended}
    for machine_id, of_machine in groupby(
        sorted(tended, key=lambda each: each.key.machine_id), lambda each: each.key.machine_id
    ):
        with log_failure(f"noting how the key of {machine_id} is"):
            machine = await crud.get_machine(machine_id)
            if machine is not None:
                await _note_machine(machine, list(of_machine), clock)
    not_well = busy | {each.key.machine_id for each in tended}
    needing = {key.machine_id for key in in_use}
    for machine in await crud.get_locked_machines():
        if machine.id not in not_well:
            with log_failure(f"noting that the key of {machine.id} is well"):
                await _over(machine, clock, needed=machine.id in needing)


async def _note_machine(machine: Machine, tended: list[CheckedKey], clock: Clock) -> None:
    reason = next((each.reason for each in tended if each.reason is not None), None)
    news = await crud.set_machine_lock(machine.id, reason, clock())
    for each in tended:
        if each.tried or (news and each.reason is not None):
            detail = details.told("key", key=each.key.key_name)
            await _record(machine, each.reason, detail, clock)
    if news or machine.state is MachineState.LOCKED:
        await remember_state(machine, clock)


async def _over(machine: Machine, clock: Clock, *, needed: bool) -> None:
    """Somebody else has unlocked the key, or the machine needs it no more."""
    if await crud.set_machine_lock(machine.id, None, clock()) and needed:
        await _record(machine, None, details.told("found_unlocked"), clock)
    await remember_state(machine, clock)


async def _record(
    machine: Machine, reason: LockReason | None, detail: details.Detail, clock: Clock
) -> None:
    await journal.about(
        machine,
        "unlock",
        reason.outcome if reason else "unlocked",
        actor=journal.BACKGROUND,
        at=clock(),
        detail=detail,
    )
