"""Whether a seed was redeemed, by whom, and what follows when that client is the machine.

Only a redemption within the scan window by one client that is not revoked counts. Everything else
ends the seed, and whoever has redeemed it is owed a revoke.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from .. import crud, lifecycle
from ..bunker.answers import KeyUser, Token
from ..bunker.errors import NsecBunkerError
from ..changes import announce_changed
from ..clock import Clock
from ..connection.open_bunker import OpenBunker, open_bunker
from ..errors import PairingError
from ..keys import npub
from ..lifecycle import Standing
from ..loop import within
from ..models import Machine, OwedRevocation, Pairing, PairingState
from ..store import details, journal, owed_rows, pairing_rows
from . import owed_revocations
from .revoke import cut_spent_key

T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """A machine's pairings after the bunker was asked, newest first."""

    pairings: list[Pairing]
    standing: Standing
    as_of: datetime | None
    """When the bunker answered; None when it did not."""

    @property
    def current(self) -> Pairing | None:
        """The newest pairing that is still open, or else the newest."""
        still_open = (p for p in self.pairings if p.state in lifecycle.OPEN_STATES)
        return next(still_open, self.pairings[0] if self.pairings else None)


async def look(machine: Machine, clock: Clock, seconds: float) -> Look:
    """Asks the bunker, for at most `seconds`, how the machine's pairings stand, and notes it."""
    pairings = await pairing_rows.get_history(machine.id)
    try:
        bunker = await open_bunker()
        asked = await within(seconds, _ask(machine, pairings, bunker))
    except (PairingError, NsecBunkerError, asyncio.TimeoutError):
        return Look(pairings, lifecycle.standing(machine, pairings, clock()), as_of=None)
    noted = []
    for pairing, tokens, users in reversed(asked.waiting):  # the newest has the last word
        noted.append(await _note(machine, pairing, tokens, users, clock()))
    if any(owing is not None for owing in noted):
        owing = [owed for each in noted for owed in each or ()]
        if await cut_spent_key(machine.id, clock):
            owing = await owed_rows.get_owed(machine.id)
        owed_revocations.settle_soon(owing, clock)
        machine = await crud.get_machine(machine.id) or machine
    if asked.waiting:
        pairings = await pairing_rows.get_history(machine.id)
    stands = lifecycle.standing(machine, pairings, clock(), locked=asked.locked)
    if stands.state is not machine.state:
        await crud.set_machine_state(machine.id, stands.state)
    return Look(pairings, stands, as_of=clock())


@dataclass(frozen=True)
class _Asked:
    locked: bool
    waiting: list[tuple[Pairing, list[Token], list[KeyUser]]]


async def _ask(machine: Machine, pairings: list[Pairing], bunker: OpenBunker) -> _Asked:
    """About this machine's keys alone: a list of all keys grows with the fleet."""
    waiting = [
        pairing
        for pairing in pairings
        if pairing.state is PairingState.ISSUED
        and pairing.bunker_pubkey == bunker.config.bunker_pubkey
    ]
    own, used = machine.bunker_spire_key_name, {pairing.key_name for pairing in waiting}
    tokens, users = await asyncio.gather(
        _of_each(bunker.admin.get_key_tokens, used | ({own} if own else set())),
        _of_each(bunker.admin.get_key_users, used),
    )
    if not tokens:
        await bunker.admin.ping()  # there is nothing to ask, but whether it is there
    # A locked key hides its tokens, and one that shows some is not locked.
    locked = own is not None and not tokens[own] and await _is_locked(own, bunker)
    read = [(each, tokens[each.key_name], users[each.key_name]) for each in waiting]
    return _Asked(locked=locked, waiting=read)


async def _of_each(ask: Callable[[str], Awaitable[T]], names: set[str]) -> dict[str, T]:
    return dict(zip(names, await asyncio.gather(*(ask(name) for name in names)), strict=True))


async def _is_locked(key_name: str, bunker: OpenBunker) -> bool:
    key = (await bunker.admin.refresh_keys()).get(key_name)
    return key is not None and key.locked


async def _note(
    machine: Machine, pairing: Pairing, tokens: list[Token], users: list[KeyUser], now: datetime
) -> list[OwedRevocation] | None:
    """What the bunker owes now that the pairing has moved on; None: it has not."""
    token = token_of(pairing, tokens)
    if token is None or token.redeemed_at is None:
        return None
    moved = _judge(pairing, token, _by_our_clock(pairing, token, token.redeemed_at), users, now)
    if moved is None:
        return None
    owing = []
    if moved.state is not PairingState.REDEEMED:
        owing.append(await owed_revocations.owe_token(pairing, machine.operator_user_id, now))
    if not await pairing_rows.move_pairing(moved, pairing.state):
        for owed in owing:
            await owed_revocations.withdraw(owed)
        return None
    client = moved.client_pubkey
    detail = details.told("client", client=client) if client else details.NOTHING
    outcome = moved.end_reason or "redeemed"
    await journal.about(
        machine, "redemption", outcome, actor=journal.BACKGROUND, at=now, detail=detail
    )
    if lifecycle.connected(moved):
        owing += await take_over(machine, moved, now)
    return owing


def token_of(pairing: Pairing, tokens: list[Token]) -> Token | None:
    return next((each for each in tokens if each.client_name == pairing.client_name), None)


def _by_our_clock(pairing: Pairing, token: Token, redeemed_at: datetime) -> datetime:
    """When the seed was redeemed. The bunker's clock may be another than ours, so only what passed
    on it since it made the token counts."""
    if token.created_at is None:
        return redeemed_at
    return pairing.created_at + (redeemed_at - token.created_at)


def _judge(
    pairing: Pairing, token: Token, redeemed_at: datetime, users: list[KeyUser], now: datetime
) -> Pairing | None:
    """What the pairing becomes; None when it cannot be told yet."""
    redeemers = _redeemers(pairing, token, users)
    live = [user for user in redeemers if user.revoked_at is None]
    redeemed = pairing.copy(update={"redeemed_at": redeemed_at})
    if redeemed_at > pairing.scan_before:
        return _ended(redeemed, PairingState.LAPSED, lifecycle.EndReason.REDEEMED_TOO_LATE, now)
    if len(live) > 1:
        return _ended(redeemed, PairingState.FAILED, lifecycle.EndReason.TWO_CLIENTS, now)
    if redeemers and not live:
        return _ended(redeemed, PairingState.FAILED, lifecycle.EndReason.NEEDS_NEW_CLIENT_KEY, now)
    if not live:
        return None
    client = {"client_pubkey": live[0].pubkey, "client_npub": npub(live[0].pubkey)}
    return redeemed.copy(update={"state": PairingState.REDEEMED, **client})


def _redeemers(pairing: Pairing, token: Token, users: list[KeyUser]) -> list[KeyUser]:
    """The users who redeemed this token.

    A new client is named after the token. A client that the key knew already keeps its older name,
    which is then what the bunker says the token was redeemed by.
    """
    named = [user for user in users if user.client_name == pairing.client_name]
    return named or [user for user in users if user.client_name == token.redeemed_by]


def _ended(pairing: Pairing, state: PairingState, reason: str, now: datetime) -> Pairing:
    return pairing.copy(update={"state": state, "ended_at": now, "end_reason": reason})


async def take_over(machine: Machine, noticed: Pairing, now: datetime) -> list[OwedRevocation]:
    """The newest connection counts from now on: the roster moves to its key, older ones end, and
    the machine was seen when it came.

    Whichever of them was noticed last. Every other user of its key is owed a revoke, never its own
    client; a key that a rotation left behind is owed one whole.
    """
    pairings = await pairing_rows.get_history(machine.id)
    connections = [pairing for pairing in pairings if lifecycle.connected(pairing)]
    if not connections:
        return []  # a cut came first
    newest = max(connections, key=lambda p: (p.created_at, p.id == noticed.id))
    older = [pairing for pairing in connections if pairing.id != newest.id]
    owing = []
    if newest.spire_pubkey is not None:
        await crud.set_machine_key(machine.id, newest.spire_pubkey, newest.key_name)
    if newest.redeemed_at is not None:
        await crud.set_last_seen({machine.id: newest.redeemed_at})
    left_behind = {pairing.key_name: pairing for pairing in older}
    if left_behind.pop(newest.key_name, None) is not None:
        owing.append(await owed_revocations.owe_others(machine, newest, now))
    owing += [
        await owed_revocations.owe_key(machine, pairing, now) for pairing in left_behind.values()
    ]
    for pairing in older:
        ended = _ended(pairing, PairingState.REPLACED, lifecycle.EndReason.NEWER_CONNECTION, now)
        await pairing_rows.move_pairing(ended, pairing.state)
    announce_changed(machine.operator_user_id)
    return owing
