"""What the bunker owes: users to revoke, tokens to burn, until it is re-read and clean.

A token that must not be used any more is redeemed with a throw-away key and that user revoked;
nothing else ends a token on every lineage of nsecbunkerd. The secret is read from the bunker for
that moment and kept nowhere.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from ..bunker.answers import KeyUser, Token
from ..bunker.errors import NsecBunkerError
from ..bunker.key_client import Redemption, redeem
from ..clock import Clock
from ..connection import passphrases
from ..connection.open_bunker import OpenBunker, open_bunker
from ..connection.relay_probe import where_allowed
from ..errors import PairingError
from ..failures import log_failure
from ..loop import within
from ..models import Machine, OwedKind, OwedRevocation, Pairing
from ..nostr.keys import public_of
from ..nostr.throwaway_keys import new_throwaway
from ..store import details, journal, key_rows, owed_rows, pairing_rows
from . import key_use

ROUNDS = 5
CLOCK_SKEW = timedelta(minutes=10)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=1)
LOOKS_FOR_LOST_TOKEN = 3
"""A request may reach the bunker after we looked, so a token not found is looked for again."""
SOON_SIDE_BY_SIDE = 8

_soon: set[asyncio.Task[None]] = set()
"""They outlive whoever noticed."""
_soon_room = asyncio.Semaphore(SOON_SIDE_BY_SIDE)


@dataclass(frozen=True)
class Settled:
    """What one attempt did, and whether the bunker was then found clean."""

    done: bool
    users: frozenset[str] = frozenset()
    """The ids of those revoked: two attempts side by side may meet the same one."""
    burned: int = 0

    @property
    def revoked(self) -> int:
        return len(self.users)


async def owe_key(machine: Machine, pairing: Pairing, now: datetime) -> OwedRevocation:
    """The bunker owes that nobody can use this pairing's key any more."""
    return await _owe(OwedKind.REVOKE_KEY, machine.id, machine.operator_user_id, pairing, now)


async def owe_deleted_key(pairing: Pairing, now: datetime) -> OwedRevocation:
    """The same for a machine that was deleted; its pairing still knows whose it was."""
    return await _owe(
        OwedKind.REVOKE_KEY, pairing.machine_id, pairing.operator_user_id, pairing, now
    )


async def owe_others(machine: Machine, pairing: Pairing, now: datetime) -> OwedRevocation:
    """The bunker owes that only the open pairings of this key have users."""
    return await _owe(OwedKind.REVOKE_OTHERS, machine.id, machine.operator_user_id, pairing, now)


async def owe_token(pairing: Pairing, operator_user_id: str, now: datetime) -> OwedRevocation:
    """The bunker owes the end of this pairing's token and of whoever redeemed it."""
    return await _owe(OwedKind.BURN_TOKEN, pairing.machine_id, operator_user_id, pairing, now)


async def _owe(
    kind: OwedKind, machine_id: str, operator_user_id: str, pairing: Pairing, now: datetime
) -> OwedRevocation:
    owed = OwedRevocation(
        id=uuid4().hex,
        kind=kind,
        machine_id=machine_id,
        operator_user_id=operator_user_id,
        bunker_pubkey=pairing.bunker_pubkey,
        key_name=pairing.key_name,
        client_name=pairing.client_name if kind is OwedKind.BURN_TOKEN else None,
        client_pubkey=pairing.client_pubkey if kind is OwedKind.BURN_TOKEN else None,
        passphrase_id=pairing.passphrase_id,
        relays=list(dict.fromkeys([pairing.bunker_relay, *pairing.relays])),
        next_at=now + FIRST_RETRY,  # whoever writes it down tries at once, without competition
        created_at=now,
    )
    await owed_rows.create_owed(owed)
    return owed


async def withdraw(owed: OwedRevocation) -> None:
    """It was written down before a pairing was ended, and somebody else moved the pairing first:
    the client that they let in is not to be revoked for it."""
    await owed_rows.delete_untried(owed.id)


async def settle(owed: OwedRevocation, bunker: OpenBunker, clock: Clock, actor: str) -> Settled:
    """One attempt at what is owed. Never raises: whatever fails stays owed, with the next try put
    off. What another bunker owes is not touched, so that its first try is still its first."""
    settled = Settled(done=False)
    if bunker.config.bunker_pubkey == owed.bunker_pubkey:
        with log_failure(f"settling {owed.id}, {owed.kind.value} of {owed.key_name}") as trying:
            if await owed_rows.claim_owed(owed, clock() + _put_off(owed.tries)):
                settled = await _attempt(owed, bunker, clock, actor)
        if trying.failure and owed.tries == 0:
            with log_failure(f"the journal's line of {owed.id}"):
                await _record(owed, trying.failure.split()[0], clock(), actor)
    return settled


async def _attempt(owed: OwedRevocation, bunker: OpenBunker, clock: Clock, actor: str) -> Settled:
    try:
        settled = await _Cleaning(owed, bunker, clock).run()
    except NsecBunkerError as error:
        if owed.tries == 0:  # once: it is retried for as long as it takes
            await _record(owed, type(error).__name__, clock(), actor)
        return Settled(done=False)
    if settled.done:
        await owed_rows.delete_owed(owed.id)
        await _record(owed, "done", clock(), actor, settled)
    return settled


async def settle_all(
    owing: list[OwedRevocation], bunker: OpenBunker, clock: Clock, actor: str, seconds: float
) -> Settled:
    """Attempts all of them side by side; what is not done in time stays owed."""
    attempts = asyncio.gather(*(settle(owed, bunker, clock, actor) for owed in owing))
    try:
        settled = await within(seconds, attempts)
    except asyncio.TimeoutError:
        return Settled(done=False)
    return Settled(
        done=all(each.done for each in settled),
        users=frozenset().union(*(each.users for each in settled)),
        burned=sum(each.burned for each in settled),
    )


def settle_soon(owing: Iterable[OwedRevocation], clock: Clock) -> None:
    """Attempts at once what nobody has attempted yet, off the path of whoever noticed that it is
    owed. What is not done then stays owed."""
    for owed in owing:
        if owed.tries:
            continue
        attempt = asyncio.create_task(_settle_soon(owed, clock))
        _soon.add(attempt)
        attempt.add_done_callback(_soon.discard)


async def _settle_soon(owed: OwedRevocation, clock: Clock) -> None:
    async with _soon_room:
        with log_failure(f"settling {owed.id} at once"), suppress(PairingError):
            await settle(owed, await open_bunker(), clock, journal.BACKGROUND)


def usable(token: Token, now: datetime) -> bool:
    """Whether somebody may still redeem it, by whatever clock the bunker goes."""
    expired = token.expires_at is not None and token.expires_at < now - CLOCK_SKEW
    return token.redeemed_at is None and not expired


def _put_off(tries: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(tries, 10)), LONGEST_RETRY)


async def _record(
    owed: OwedRevocation, outcome: str, at: datetime, actor: str, settled: Settled | None = None
) -> None:
    detail = details.told("key", key=owed.key_name)
    if settled:
        counted = {"revoked": settled.revoked, "burned": settled.burned}
        detail = details.told("settled", key=owed.key_name, **counted)
    await journal.record(
        owed.kind.value,
        outcome,
        at=at,
        actor=actor,
        operator_user_id=owed.operator_user_id or None,
        machine_id=owed.machine_id,
        detail=detail,
    )


class _Cleaning:
    """Reads users and tokens of one key, ends those that are owed, and reads again."""

    def __init__(self, owed: OwedRevocation, bunker: OpenBunker, clock: Clock) -> None:
        self._owed = owed
        self._admin = bunker.admin
        self._bunker = bunker
        self._relays = list(dict.fromkeys([*owed.relays, *bunker.config.relays]))
        self._whose = owed.operator_user_id or owed.machine_id
        self._clock = clock
        self._burners: set[str] = set()
        self._kept: set[str | None] = set()
        self._revoked: set[str] = set()
        self._burned = 0

    async def run(self) -> Settled:
        for _ in range(ROUNDS):
            users, tokens = await asyncio.gather(
                self._admin.get_key_users(self._owed.key_name),
                self._admin.get_key_tokens(self._owed.key_name),
            )
            await self._learn_whom_to_keep()
            self._burners = await self._our_burners()
            live = [user for user in users if self._is_owed(user)]
            usable = [token for token in tokens if self._is_usable(token)]
            if not live and not usable:
                if tokens or not await self._is_locked():
                    if self._may_come_late(tokens):
                        return self._settled(done=False)
                    await self._note_who_came(users, tokens)
                    return self._settled(done=True)
                if self._owed.kind is OwedKind.REVOKE_OTHERS:
                    return self._settled(done=True)
                # A locked key hides its tokens, so it cannot be found clean.
                if not await self._unlock():
                    return self._settled(done=False)
            await self._revoke(live)
            await asyncio.gather(*(self._burn(token) for token in usable))
        return self._settled(done=False)

    async def _is_locked(self) -> bool:
        """The list of all keys, which grows with the fleet, is read only for a key that shows no
        token. One that shows some is not locked."""
        key = (await self._admin.refresh_keys()).get(self._owed.key_name)
        return key is not None and key.locked

    async def _unlock(self) -> bool:
        """Unlocks a key that is to be revoked, once. One that is still in use is not ours to unlock
        here: a second unlock by somebody else would make the bunker answer everything twice. Nor
        does whoever has cut a machine wait for the bunker to settle."""
        if self._owed.kind is not OwedKind.REVOKE_KEY or not await self._admin.settled():
            return False
        own = [self._owed.passphrase_id] if self._owed.passphrase_id else []
        choice = await passphrases.choose(self._owed.key_name, own, self._bunker)
        if choice is None:
            return False
        await passphrases.unlock(self._owed.key_name, choice.passphrase_id, self._bunker)
        return True

    async def _our_burners(self) -> set[str]:
        return await key_rows.get_burners(self._owed.bunker_pubkey, self._owed.key_name)

    async def _note_who_came(self, users: list[KeyUser], tokens: list[Token]) -> None:
        """Whether anybody used the key while a seed whose token is dead now could be redeemed:
        whoever did may have had events signed ahead of time."""
        if self._owed.kind is OwedKind.REVOKE_OTHERS:
            return
        pairings = await pairing_rows.get_pairings_of_key(
            self._owed.bunker_pubkey, self._owed.key_name
        )
        for pairing in pairings:
            name = pairing.client_name
            of_key = self._owed.kind is OwedKind.REVOKE_KEY and pairing.ended_at is not None
            if name == self._owed.client_name or (of_key and key_use.not_looked_up(pairing)):
                token = next((token for token in tokens if token.client_name == name), None)
                came = key_use.used_since(name, token, users, pairings, self._burners)
                await pairing_rows.set_key_clean(name, clean=not came)

    def _settled(self, *, done: bool) -> Settled:
        return Settled(done, frozenset(self._revoked), self._burned)

    def _is_owed(self, user: KeyUser) -> bool:
        if user.revoked_at is not None:
            return False
        if self._owed.kind is OwedKind.REVOKE_KEY:
            return True
        if self._owed.kind is OwedKind.REVOKE_OTHERS:
            return user.pubkey not in self._kept and user.client_name not in self._kept
        ours = {self._owed.client_pubkey, *self._burners}
        return user.client_name == self._owed.client_name or user.pubkey in ours

    async def _learn_whom_to_keep(self) -> None:
        """The clients of the key's open pairings, by pubkey, and by name where one may have
        redeemed and not been noticed yet."""
        if self._owed.kind is OwedKind.REVOKE_OTHERS:
            still_open = await pairing_rows.get_open_of_key(
                self._owed.bunker_pubkey, self._owed.key_name
            )
            self._kept = {p.client_pubkey for p in still_open if p.client_pubkey}
            self._kept |= {p.client_name for p in still_open}

    def _is_usable(self, token: Token) -> bool:
        if not usable(token, self._clock()):
            return False
        if self._owed.kind is OwedKind.REVOKE_OTHERS:
            return False
        return self._owed.kind is OwedKind.REVOKE_KEY or token.client_name == self._owed.client_name

    def _may_come_late(self, tokens: list[Token]) -> bool:
        if self._owed.kind is not OwedKind.BURN_TOKEN or self._owed.client_pubkey:
            return False
        found = any(token.client_name == self._owed.client_name for token in tokens)
        return not found and self._owed.tries + 1 < LOOKS_FOR_LOST_TOKEN

    async def _revoke(self, live: list[KeyUser]) -> None:
        if self._owed.kind is OwedKind.REVOKE_KEY:
            await self._admin.revoke_key(self._owed.key_name, live)
        else:
            await asyncio.gather(*(self._admin.revoke_user(user.id) for user in live))
        self._revoked |= {user.id for user in live if user.pubkey not in self._burners}

    async def _burn(self, token: Token) -> None:
        burner = new_throwaway()
        self._burners.add(public_of(burner))
        await key_rows.create_burner(
            self._owed.bunker_pubkey, self._owed.key_name, public_of(burner)
        )
        dialect = await self._admin.dialect()
        for _ in range(2):  # on silence the same key and secret are sent once more
            outcome = await redeem(
                burner,
                token.pubkey,
                token.secret,
                self._relays,
                dialect.encryption,
                resolve=where_allowed(self._bunker.config, [self._whose]),
            )
            if outcome is not Redemption.UNKNOWN:
                break
        self._burned += outcome is Redemption.REDEEMED


async def settle_owed(clock: Clock) -> None:
    """One attempt at everything whose time has come; none while the bunker is away."""
    done = False
    try:
        bunker = await open_bunker()
        for owed in await owed_rows.get_due(clock(), bunker.config.bunker_pubkey):
            if not done:  # at first, and after each that failed: it may have gone
                await bunker.admin.ping()
            done = (await settle(owed, bunker, clock, journal.BACKGROUND)).done
    except (PairingError, NsecBunkerError):
        return  # no bunker to ask: it stays owed, and every revoke and the page say so
