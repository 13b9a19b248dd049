"""Operations that a kill interrupts, and what may be true of the machine afterwards.

subject = await world.add()
await operation.prepare(world, subject)     # as it stands before
await operation.strike(world, subject)      # what is interrupted
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from random import Random
from typing import Any

import httpx
from spirekeeper.devkit.bunker.levers import Held
from support.truth import Here
from system.kills.killable import PATIENCE, Subject, World

Preparing = Callable[[World, Subject], Awaitable[None]]
Striking = Callable[[World, Subject], Awaitable[httpx.Response | None]]


@dataclass(frozen=True)
class Operation:
    name: str
    prepare: Preparing
    strike: Striking
    stays: bool
    """Whether the machine that was connected before goes on; False: a cut, it does not."""
    tells: frozenset[tuple[str, str]]
    """What the journal says first when anything was done at all."""


async def nothing(world: World, subject: Subject) -> None:
    """A machine that was never paired."""


async def waiting(world: World, subject: Subject) -> None:
    await world.pair(subject)


async def connected(world: World, subject: Subject) -> None:
    await world.connect(subject)


async def replacing(world: World, subject: Subject) -> None:
    """Connected, and a newer seed waits."""
    await world.connect(subject)
    await world.pair(subject)


async def cut(world: World, subject: Subject) -> None:
    await world.connect(subject)
    await world.told(subject, "POST", "/revoke")


async def confirming(world: World, subject: Subject) -> None:
    """Connected; somebody else has redeemed a newer seed, and waits to be judged."""
    await world.connect(subject)
    await world.pair(subject, require_confirmation=True)
    await world.redeem(subject, subject.newcomer)


async def confirming_rotated(world: World, subject: Subject) -> None:
    """The same with a new key."""
    await world.connect(subject)
    await world.pair(subject, require_confirmation=True, rotate=True)
    await world.redeem(subject, subject.newcomer)


async def confirming_kept(world: World, subject: Subject) -> None:
    """The same with the key of a client that was confirmed."""
    await world.pair(subject, require_confirmation=True)
    await world.redeem(subject, subject.client)
    client = {"client_pubkey": subject.client.public_key().to_hex()}
    await world.told(subject, "POST", "/pairing/confirm", client)
    await world.pair(subject, require_confirmation=True, keep_identity=True)
    await world.redeem(subject, subject.newcomer)


def pairs(**data: bool) -> Striking:
    async def strike(world: World, subject: Subject) -> httpx.Response | None:
        return await world.about(subject, "POST", "/pair", world.pair_request(**data))

    return strike


async def revokes(world: World, subject: Subject) -> httpx.Response | None:
    return await world.about(subject, "POST", "/revoke")


async def deletes(world: World, subject: Subject) -> httpx.Response | None:
    return await world.about(subject, "DELETE")


async def cancels(world: World, subject: Subject) -> httpx.Response | None:
    return await world.about(subject, "DELETE", "/pairing")


def judges(verdict: str) -> Striking:
    async def strike(world: World, subject: Subject) -> httpx.Response | None:
        body = {"client_pubkey": subject.newcomer.public_key().to_hex()}
        return await world.about(subject, "POST", f"/pairing/{verdict}", body)

    return strike


async def stops_all(world: World, subject: Subject) -> httpx.Response | None:
    """The emergency stop of an operator with this one machine."""
    return await world.ask(subject.owner, "POST", "/machines/revoke-all", {"expect": 1})


async def pairs_in_bulk(world: World, subject: Subject) -> httpx.Response | None:
    body = world.pair_request(machine_ids=[subject.machine_id])
    return await world.ask(subject.owner, "POST", "/machines/pair", body)


PAIRED = frozenset({("pair", "seed_issued"), ("pair", "interrupted")})
CUT = frozenset({("revoke", "cut"), ("revoke", "interrupted")})
REJECTED = frozenset({("pairing", "rejected")})
CONFIRMED = frozenset({("confirm", "confirmed"), ("redemption", "interrupted")})

OPERATIONS = (
    Operation("first pair", nothing, pairs(), True, PAIRED),
    Operation("bulk pair", nothing, pairs_in_bulk, True, PAIRED),
    Operation("pair again, unused seed", waiting, pairs(), True, PAIRED),
    Operation("re-pair", replacing, pairs(), True, PAIRED),
    Operation("rotate", replacing, pairs(rotate=True), True, PAIRED),
    Operation("rotate, unused seed", waiting, pairs(rotate=True), True, PAIRED),
    Operation("revoke_now", replacing, pairs(revoke_now=True), False, PAIRED | CUT),
    Operation("pair after a cut", cut, pairs(), False, PAIRED),
    Operation("same key after a cut", cut, pairs(keep_identity=True), False, PAIRED),
    Operation("revoke", replacing, revokes, False, CUT),
    Operation("delete", replacing, deletes, False, CUT),
    Operation("emergency stop", replacing, stops_all, False, CUT),
    Operation("cancel", replacing, cancels, True, frozenset({("pairing", "cancelled")})),
    Operation("confirm", confirming, judges("confirm"), False, CONFIRMED),
    Operation("confirm a new key", confirming_rotated, judges("confirm"), False, CONFIRMED),
    Operation("reject", confirming, judges("reject"), True, REJECTED),
    Operation("reject with a kept key", confirming_kept, judges("reject"), False, REJECTED),
)


class Fate(Enum):
    """What becomes of the call that is held when LNbits is killed."""

    LOST = auto()
    """It never reached the bunker."""
    LATE = auto()
    """The bunker does it after the kill."""
    DONE = auto()
    """It was done, and LNbits never heard of it."""


CHANGES = ("create_new_key", "create_new_token", "create_new_policy", "revoke_user", "unlock_key")


@dataclass
class Strike:
    """An operation on a machine, held at its nth call about that machine (0: not held)."""

    operation: Operation
    nth: int = 0
    by_machine: bool = True
    """Whether only calls about the machine count, or all that the bunker gets."""
    fate: Fate = Fate.LOST
    subject: Subject | None = None
    before: Here | None = None
    """What was stored right before."""
    interrupted: bool = False
    """The process was killed before it had answered."""
    alone: bool = True
    """Nothing else was ever begun on this machine."""

    async def prepare(self, world: World) -> None:
        owner = await world.new_operator() if self.operation.strike is stops_all else None
        self.subject = await world.add(owner)
        await self.operation.prepare(world, self.subject)


async def calls_of(world: World, operation: Operation) -> list[str]:
    """The methods of the admin calls about one machine that an undisturbed operation makes."""
    strike = Strike(operation)
    await strike.prepare(world)
    assert strike.subject is not None
    before = len(world.bunker.calls)
    answer = await operation.strike(world, strike.subject)
    assert answer is not None
    assert answer.is_success, f"{operation.name}: {answer.status_code} {answer.text}"
    return [
        call.method
        for call in world.bunker.calls[before:]
        if world.is_about(strike.subject, call.method, call.params)
    ]


async def every_call(world: World) -> list[Strike]:
    """Each operation held once at each of its calls; at those that change something, three times:
    one for each fate."""
    strikes = []
    for operation in OPERATIONS:
        for number, method in enumerate(await calls_of(world, operation), 1):
            fates = list(Fate) if method in CHANGES else [Fate.LOST]
            strikes += [Strike(operation, number, fate=fate) for fate in fates]
    return strikes


async def strike_and_kill(world: World, strikes: Sequence[Strike]) -> None:
    """All are begun side by side; when each is held, or answered, LNbits is killed and started
    again. Calls that are late are done after that."""
    await asyncio.gather(*(strike.prepare(world) for strike in strikes if strike.subject is None))
    before = await world.here()
    struck = []
    for strike in strikes:
        assert strike.subject is not None
        strike.before = before
        matches = partial(world.is_about, strike.subject) if strike.by_machine else _any_call
        held = world.bunker.levers.hold(matches, strike.nth, done=strike.fate is Fate.DONE)
        asked = asyncio.create_task(strike.operation.strike(world, strike.subject))
        struck.append((strike, held, asked))
    ready = [_held_or_answered(held, asked) for _, held, asked in struck]
    await asyncio.wait_for(asyncio.gather(*ready), PATIENCE)
    await world.kill()
    for strike, held, asked in struck:
        strike.interrupted = await asked is None
        if strike.fate is not Fate.LATE:
            held.lose()
    await world.restart()
    world.bunker.levers.normal()


async def strike_and_kill_at(world: World, strikes: Sequence[Strike], chance: Random) -> None:
    """All are begun side by side; somewhere in them LNbits is killed, and started again."""
    await asyncio.gather(*(strike.prepare(world) for strike in strikes if strike.subject is None))
    before = await world.here()
    held = world.bunker.levers.hold(_any_call, chance.randint(1, 5 * len(strikes)))
    struck = []
    for strike in strikes:
        assert strike.subject is not None
        strike.before = before
        asked = asyncio.create_task(strike.operation.strike(world, strike.subject))
        struck.append((strike, asked))
    all_answered = asyncio.gather(*(asked for _, asked in struck))
    await asyncio.wait_for(_held_or_answered(held, all_answered), PATIENCE)
    held.let_go()
    await asyncio.sleep(chance.random() * 0.05)
    await world.kill()
    for strike, asked in struck:
        strike.interrupted = await asked is None
    await world.restart()


def _any_call(method: str, params: list[Any]) -> bool:
    return True


async def _held_or_answered(held: Held, asked: "asyncio.Future[Any]") -> None:
    arrived = asyncio.create_task(held.arrived.wait())
    await asyncio.wait([arrived, asked], return_when=asyncio.FIRST_COMPLETED)
    arrived.cancel()
