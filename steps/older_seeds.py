"""What a new seed does to the machine's older ones: none of them can be redeemed any more.

A seed that was redeemed meanwhile is a connection, and lives until the newer one is redeemed. A
client that waits to be confirmed is none: asking for another seed is no Yes.
"""

import asyncio
import re
from datetime import datetime

from .. import lifecycle
from ..bunker.answers import Token
from ..clock import Clock
from ..connection.open_bunker import OpenBunker
from ..models import Machine, OwedRevocation, Pairing, PairingState
from ..store import pairing_rows
from . import owed_revocations
from .revoke import cut_spent_key
from .standing import end_pairing, remember_state

BURN_SECONDS = 5.0
_CLIENT_NAME = re.compile("spirekeeper-[0-9a-f]{32}")


async def tokens_elsewhere(
    pairing: Pairing, history: list[Pairing], bunker: OpenBunker
) -> list[Token]:
    """Of the keys that older seeds were for: a rotation must not burn what was just scanned."""
    waiting = {older.key_name for older in history if older.state is PairingState.ISSUED}
    names = waiting - {pairing.key_name}
    read = await asyncio.gather(*(bunker.admin.get_key_tokens(name) for name in names))
    return [token for tokens in read for token in tokens]


async def replace_older(
    machine: Machine, history: list[Pairing], tokens: list[Token], now: datetime
) -> list[OwedRevocation]:
    """Ends them here. Their burn is owed before the new seed is issued.

    `tokens`: all but the new one, of the keys that the machine's seeds are for.
    """
    shown = {token.client_name: token for token in tokens}
    owing = []
    for older in [*history, *await _beyond(history, tokens)]:
        if lifecycle.confirming(older):
            owing += await _end_older(older, machine, now)
            continue
        token = shown.get(older.client_name)
        if token is not None and (token.redeemed_at or _expired(token, now)):
            continue
        if older.state is not PairingState.ISSUED and token is None:
            continue
        if older.state is PairingState.ISSUED:
            owing += await _end_older(older, machine, now)
        else:
            owing.append(await owed_revocations.owe_token(older, machine.operator_user_id, now))
    return owing


async def _end_older(older: Pairing, machine: Machine, now: datetime) -> list[OwedRevocation]:
    burn = await owed_revocations.owe_token(older, machine.operator_user_id, now)
    if await end_pairing(older, PairingState.REPLACED, lifecycle.EndReason.NEWER_SEED, now):
        return [burn]
    await owed_revocations.withdraw(burn)
    return []


async def _beyond(history: list[Pairing], tokens: list[Token]) -> list[Pairing]:
    """Older pairings of ours than the history tells of, whose token somebody may still redeem."""
    named = {token.client_name for token in tokens if token.redeemed_at is None}
    ours = {name for name in named if _CLIENT_NAME.fullmatch(name)}
    return await pairing_rows.get_pairings_named(ours - {older.client_name for older in history})


def _expired(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at < now - owed_revocations.CLOCK_SKEW


async def burn_older(
    machine: Machine,
    history: list[Pairing],
    owing: list[OwedRevocation],
    bunker: OpenBunker,
    actor: str,
    clock: Clock,
) -> bool:
    """Whether the bunker has burned them, as far as it answers in time; the rest stays owed.

    Once the new seed is issued: a client that waited to be confirmed may have spent the key.
    """
    if any(lifecycle.confirming(older) for older in history):
        await cut_spent_key(machine.id, clock)
        await remember_state(machine, clock)
    return (await owed_revocations.settle_all(owing, bunker, clock, actor, BURN_SECONDS)).done
