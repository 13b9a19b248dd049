"""Unlocking the machines' keys after the bunker has restarted, which locks them all.

Each locked key that a machine needs is unlocked once. Unlocked twice it would answer everything
twice, so one holds the machine's lease, looks again, and only then unlocks.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from secrets import token_hex

from . import crud, journal, lifecycle, passphrases
from .bunker.answers import BunkerKey
from .bunker.errors import NsecBunkerError, WrongPassphrase
from .clock import Clock
from .connection import OpenBunker, open_bunker
from .ending import remember_state
from .errors import PairingError
from .leases import our_turn
from .models import KeyInUse, Machine, MachineState, Pairing

WORK = "unlock"
LASTING = timedelta(minutes=2)
"""How long a pass of a process that was killed is waited for."""
LEASE = timedelta(seconds=60)
SIDE_BY_SIDE = 8

OUTCOMES = {
    lifecycle.KEY_LOCKED: "failed",
    lifecycle.PASSPHRASE_REFUSED: "refused",
    lifecycle.PASSPHRASE_UNKNOWN: "passphrase_unknown",
    lifecycle.WRONG_KEY: "wrong_key",
    lifecycle.KEY_MISSING: "key_missing",
}
"""What the journal says, by what is wrong with the key afterwards."""


@dataclass(frozen=True)
class Tended:
    """A key that was found locked, or wrong in another way, and what became of it."""

    key: KeyInUse
    reason: str | None
    """What is wrong with it; None: it was unlocked and is the machine's."""
    tried: bool = False
    """The bunker was given a passphrase."""


async def unlock_locked(clock: Clock) -> None:
    """One pass over the keys that machines need, unless another process is at it."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        try:
            await tend(await open_bunker(), clock)
        except (PairingError, NsecBunkerError):
            return  # the bunker is away or not set: the next pass looks again


async def tend(bunker: OpenBunker, clock: Clock) -> list[Tended]:
    """Looks at every key that a machine needs, with one question when all is well, and unlocks
    those that are locked; what is wrong is noted on the machine.

    Answers with the keys that were not well, but for those that somebody is busy with. Raises
    NsecBunkerError when the bunker does not tell its keys.
    """
    in_use = await crud.get_keys_in_use(bunker.config.bunker_pubkey)
    keys = await bunker.admin.refresh_keys() if in_use else {}
    unwell = [key for key in in_use if wrong_with(key, keys) is not None]
    tended = await _tend_each(unwell, keys, bunker, clock)
    await _note(in_use, unwell, tended, clock)
    return tended


def wrong_with(key: KeyInUse, keys: Mapping[str, BunkerKey]) -> str | None:
    """What is wrong with a key, as the bunker shows it; None: it can sign as the machine."""
    found = keys.get(key.key_name)
    if found is None:
        return lifecycle.KEY_MISSING
    if found.locked:
        return lifecycle.KEY_LOCKED
    return None if found.pubkey == key.spire_pubkey else lifecycle.WRONG_KEY


async def _tend_each(
    unwell: list[KeyInUse], keys: Mapping[str, BunkerKey], bunker: OpenBunker, clock: Clock
) -> list[Tended]:
    """Side by side where the key's own passphrase is known. Guesses go one after the other, so that
    a wrong one is made once."""
    pairings = await crud.get_pairings({key.machine_id for key in unwell})
    bound = asyncio.Semaphore(SIDE_BY_SIDE)
    tended: list[Tended] = []
    sure: list[tuple[KeyInUse, list[str]]] = []
    guesses: list[tuple[KeyInUse, list[str]]] = []
    for key in unwell:
        reason = wrong_with(key, keys)
        if reason != lifecycle.KEY_LOCKED:
            tended.append(Tended(key, reason))
            continue
        own = _passphrases_of(key, pairings)
        choice = await passphrases.choose(key.key_name, own, bunker)
        (guesses if choice is None or choice.guessed else sure).append((key, own))

    async def bounded(key: KeyInUse, own: list[str]) -> Tended | None:
        async with bound:
            return await _unlock(key, own, bunker, clock)

    results = await asyncio.gather(*(bounded(key, own) for key, own in sure))
    results += [await _unlock(key, own, bunker, clock) for key, own in guesses]
    return tended + [each for each in results if each is not None]


def _passphrases_of(key: KeyInUse, pairings: Iterable[Pairing]) -> list[str]:
    """The oldest first: it is the one that made the key."""
    return [p.passphrase_id for p in pairings if p.key_name == key.key_name][::-1]


async def _unlock(key: KeyInUse, own: list[str], bunker: OpenBunker, clock: Clock) -> Tended | None:
    """Unlocks a key under its machine's lease. None: somebody else is busy with the machine."""
    choice = await passphrases.choose(key.key_name, own, bunker)
    if choice is None:
        refused = await passphrases.was_refused(key.key_name, bunker)
        return Tended(
            key, lifecycle.PASSPHRASE_REFUSED if refused else lifecycle.PASSPHRASE_UNKNOWN
        )
    holder = token_hex(8)
    now = clock()
    if not await crud.take_lease(key.machine_id, holder, now, now + LEASE):
        return None
    try:
        reason = wrong_with(key, await bunker.admin.refresh_keys())
        if reason != lifecycle.KEY_LOCKED:
            return Tended(key, reason)
        # A cut takes the lease away, and unlocks the key itself to see it clean.
        if not await crud.renew_lease(key.machine_id, holder, clock() + LEASE):
            return None
        await passphrases.unlock(key.key_name, choice.passphrase_id, bunker)
        reason = wrong_with(key, await bunker.admin.refresh_keys())
        return Tended(key, reason, tried=True)
    except WrongPassphrase:
        return Tended(key, lifecycle.PASSPHRASE_REFUSED, tried=True)
    except NsecBunkerError:
        return Tended(key, lifecycle.KEY_LOCKED)  # the next pass looks whether it was done
    finally:
        await crud.release_lease(key.machine_id, holder)


async def _note(
    in_use: list[KeyInUse], unwell: list[KeyInUse], tended: list[Tended], clock: Clock
) -> None:
    """What is wrong is noted on the machine and journaled, once; and so is that it is over."""
    busy = {key.machine_id for key in unwell} - {each.key.machine_id for each in tended}
    for machine_id, of_machine in groupby(
        sorted(tended, key=lambda each: each.key.machine_id), lambda each: each.key.machine_id
    ):
        machine = await crud.get_machine(machine_id)
        if machine is not None:
            await _note_machine(machine, list(of_machine), clock)
    not_well = busy | {each.key.machine_id for each in tended}
    needing = {key.machine_id for key in in_use}
    for machine in await crud.get_locked_machines():
        if machine.id not in not_well:
            await _over(machine, clock, needed=machine.id in needing)


async def _note_machine(machine: Machine, tended: list[Tended], clock: Clock) -> None:
    reason = next((each.reason for each in tended if each.reason is not None), None)
    news = await crud.set_machine_lock(machine.id, reason, clock())
    for each in tended:
        if each.tried or (news and each.reason is not None):
            await _record(machine, each.reason, f"key {each.key.key_name}", clock)
    if news or machine.state is MachineState.LOCKED:
        await remember_state(machine, clock)


async def _over(machine: Machine, clock: Clock, *, needed: bool) -> None:
    """Somebody else has unlocked the key, or the machine needs it no more."""
    if await crud.set_machine_lock(machine.id, None, clock()) and needed:
        await _record(machine, None, "found unlocked", clock)
    await remember_state(machine, clock)


async def _record(machine: Machine, reason: str | None, detail: str, clock: Clock) -> None:
    await journal.about(
        machine,
        "unlock",
        OUTCOMES[reason] if reason else "unlocked",
        actor=journal.BACKGROUND,
        at=clock(),
        detail=detail,
    )
