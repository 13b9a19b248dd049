"""Whether a seed was redeemed: the bunker says so, and the machine's key says by whom.

Only a redemption within the scan window by one client that is not revoked counts. Everything else
ends the seed, and whoever has redeemed it is owed a revoke.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from . import crud, journal, lifecycle, owed
from .bunker.answers import KeyUser, Token
from .bunker.errors import NsecBunkerError
from .clock import Clock
from .connection import OpenBunker, open_bunker
from .errors import PairingError
from .lifecycle import Standing
from .models import Machine, Pairing, PairingState


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
    pairings = await crud.get_pairings([machine.id])
    try:
        bunker = await open_bunker()
        asked = await asyncio.wait_for(_ask(machine, pairings, bunker), seconds)
    except (PairingError, NsecBunkerError, asyncio.TimeoutError):
        return Look(pairings, lifecycle.standing(machine, pairings, clock()), as_of=None)
    for pairing, tokens, users in asked.waiting:
        await _note(machine, pairing, tokens, users, clock())
    if asked.waiting:
        pairings = await crud.get_pairings([machine.id])
    stands = lifecycle.standing(machine, pairings, clock(), locked=asked.locked)
    if stands.state is not machine.state:
        await crud.set_machine_state(machine.id, stands.state)
    return Look(pairings, stands, as_of=clock())


@dataclass(frozen=True)
class _Asked:
    locked: bool
    waiting: list[tuple[Pairing, list[Token], list[KeyUser]]]


async def _ask(machine: Machine, pairings: list[Pairing], bunker: OpenBunker) -> _Asked:
    waiting = [
        pairing
        for pairing in pairings
        if pairing.state is PairingState.ISSUED
        and pairing.bunker_pubkey == bunker.config.bunker_pubkey
    ]
    keys, read = await asyncio.gather(
        bunker.admin.refresh_keys(),
        asyncio.gather(*(_read(pairing, bunker) for pairing in waiting)),
    )
    key = keys.get(machine.bunker_spire_key_name or "")
    return _Asked(locked=key is not None and key.locked, waiting=read)


async def _read(pairing: Pairing, bunker: OpenBunker) -> tuple[Pairing, list[Token], list[KeyUser]]:
    tokens, users = await asyncio.gather(
        bunker.admin.get_key_tokens(pairing.key_name), bunker.admin.get_key_users(pairing.key_name)
    )
    return pairing, tokens, users


async def _note(
    machine: Machine, pairing: Pairing, tokens: list[Token], users: list[KeyUser], now: datetime
) -> None:
    token = next((each for each in tokens if each.client_name == pairing.client_name), None)
    if token is None or token.redeemed_at is None:
        return
    moved = _judge(pairing, token, token.redeemed_at, users, now)
    if moved is None:
        return
    if moved.state is not PairingState.REDEEMED:
        await owed.owe_token(pairing, machine.operator_user_id, now)
    if not await crud.move_pairing(moved, pairing.state):
        return
    await journal.record(
        "redemption",
        moved.end_reason or "redeemed",
        at=now,
        actor=journal.BACKGROUND,
        operator_user_id=machine.operator_user_id,
        machine_id=machine.id,
        detail=f"client {moved.client_pubkey}" if moved.client_pubkey else "",
    )
    if lifecycle.connected(moved):
        await _replace_connected(machine, moved, now)


def _judge(
    pairing: Pairing, token: Token, redeemed_at: datetime, users: list[KeyUser], now: datetime
) -> Pairing | None:
    """What the pairing becomes; None when it cannot be told yet."""
    redeemers = _redeemers(pairing, token, users)
    live = [user for user in redeemers if user.revoked_at is None]
    if redeemed_at > pairing.scan_before:
        return _ended(pairing, PairingState.LAPSED, lifecycle.REDEEMED_TOO_LATE, now)
    if len(live) > 1:
        return _ended(pairing, PairingState.FAILED, lifecycle.TWO_CLIENTS, now)
    if redeemers and not live:
        return _ended(pairing, PairingState.FAILED, lifecycle.NEEDS_NEW_CLIENT_KEY, now)
    if not live:
        return None
    return pairing.copy(
        update={
            "state": PairingState.REDEEMED,
            "redeemed_at": redeemed_at,
            "client_pubkey": live[0].pubkey,
        }
    )


def _redeemers(pairing: Pairing, token: Token, users: list[KeyUser]) -> list[KeyUser]:
    """The users who redeemed this token.

    A new client is named after the token. A client that the key knew already keeps its older name,
    which is then what the bunker says the token was redeemed by.
    """
    named = [user for user in users if user.client_name == pairing.client_name]
    return named or [user for user in users if user.client_name == token.redeemed_by]


def _ended(pairing: Pairing, state: PairingState, reason: str, now: datetime) -> Pairing:
    return pairing.copy(update={"state": state, "ended_at": now, "end_reason": reason})


async def _replace_connected(machine: Machine, newer: Pairing, now: datetime) -> None:
    """The connection that the redeemed seed takes the place of."""
    for older in await crud.get_pairings([machine.id]):
        if older.id != newer.id and lifecycle.connected(older):
            await crud.move_pairing(
                _ended(older, PairingState.REPLACED, "newer_connection", now), older.state
            )
