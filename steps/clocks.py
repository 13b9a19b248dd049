"""The two clocks that end a pairing: the scan window of a seed, and the session of a connection.

A seed that nobody redeemed in time dies by a burn. Where the bunker ends a session by itself
nothing more is owed; elsewhere its client is revoked.
"""

import asyncio

from .. import crud, lifecycle
from ..bunker.errors import NsecBunkerError
from ..clock import Clock
from ..connection.open_bunker import open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..loop import within
from ..models import Machine, OwedRevocation, Pairing, PairingState
from ..store import clock_rows, journal, owed_rows
from . import owed_revocations, redemption
from .revoke import cut_spent_key
from .standing import end_pairing, remember_state

LOOK_SECONDS = 5.0


async def end_by_clock(clock: Clock) -> None:
    """Every connection whose session is over, and every seed whose window has closed.

    While the bunker is away seeds are left to a later look: each would wait for it.
    """
    for pairing in await clock_rows.get_ended_by_clock(clock()):
        if pairing.state is PairingState.ISSUED and not await _bunker_answers():
            return
        with log_failure(f"the end of {pairing.id} by the clock"):
            machine = await crud.get_machine(pairing.machine_id)
            if machine is not None:
                await _end_in_time(machine, pairing, clock)


async def _bunker_answers() -> bool:
    try:
        bunker = await open_bunker()
        await within(LOOK_SECONDS, bunker.admin.ping())
    except (PairingError, NsecBunkerError, asyncio.TimeoutError):
        return False
    return True


async def seconds_to_next_end(clock: Clock, most: float) -> float:
    """How long until another seed's window closes, or another session is over; at most `most`."""
    now = clock()
    ends_at = await clock_rows.get_next_end(now)
    return most if ends_at is None else min(most, max(0.0, ends_at - now.timestamp()))


async def _end_in_time(machine: Machine, pairing: Pairing, clock: Clock) -> None:
    """The bunker's part follows at once: until it is done the seed can be redeemed, and a client
    whose session is over can sign."""
    if pairing.state is PairingState.ISSUED:
        owing = await _lapse(machine, pairing, clock)
    else:
        owing = await _end_session(machine, pairing, clock)
        if await cut_spent_key(machine.id, clock):
            owing = await owed_rows.get_owed(machine.id)
    owed_revocations.settle_soon(owing, clock)
    await remember_state(machine, clock)


async def _lapse(machine: Machine, pairing: Pairing, clock: Clock) -> list[OwedRevocation]:
    """A seed may have been redeemed in time and not been noticed, so the bunker is asked first."""
    look = await redemption.look(machine, clock, LOOK_SECONDS)
    still = next((p for p in look.pairings if p.id == pairing.id), None)
    if look.as_of is None or still is None or still.state is not PairingState.ISSUED:
        return []
    owing = await owed_revocations.owe_token(pairing, machine.operator_user_id, clock())
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.EndReason.SEED_LAPSED, clock()):
        await _record_end(machine, lifecycle.EndReason.SEED_LAPSED, clock)
        return [owing]
    await owed_revocations.withdraw(owing)
    return []


async def _end_session(machine: Machine, pairing: Pairing, clock: Clock) -> list[OwedRevocation]:
    owing = []
    if not lifecycle.connected(pairing) or not await _bunker_ends_sessions():
        owing.append(await owed_revocations.owe_token(pairing, machine.operator_user_id, clock()))
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.EndReason.SESSION_ENDED, clock()):
        await _record_end(machine, lifecycle.EndReason.SESSION_ENDED, clock)
    return owing


async def _bunker_ends_sessions() -> bool:
    """Only a bunker that says so is relied on; in doubt the client is revoked."""
    try:
        bunker = await open_bunker()
        dialect = await bunker.admin.dialect()
    except (PairingError, NsecBunkerError):
        return False
    return dialect.token_hours_bound == "session"


async def _record_end(machine: Machine, reason: str, clock: Clock) -> None:
    await journal.about(machine, "pairing", reason, actor=journal.BACKGROUND, at=clock())
