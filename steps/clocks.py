"""The two clocks that end a pairing: the scan window of a seed, and the session of a connection.

A seed that nobody redeemed in time dies by a burn. Where the bunker ends a session by itself
nothing more is owed; elsewhere its client is revoked.
"""

from .. import crud, lifecycle
from ..bunker.errors import NsecBunkerError
from ..clock import Clock
from ..connection.open_bunker import open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..models import Machine, Pairing, PairingState
from ..store import journal, pairing_rows
from . import owed_revocations, redemption
from .revoke import cut_spent_key
from .standing import end_pairing, remember_state

LOOK_SECONDS = 5.0


async def end_by_clock(clock: Clock) -> None:
    """Every seed whose window has closed, and every connection whose session is over."""
    for pairing in await pairing_rows.get_ended_by_clock(clock()):
        with log_failure(f"the end of {pairing.id} by the clock"):
            machine = await crud.get_machine(pairing.machine_id)
            if machine is not None:
                await _end_in_time(machine, pairing, clock)


async def _end_in_time(machine: Machine, pairing: Pairing, clock: Clock) -> None:
    if pairing.state is PairingState.ISSUED:
        await _lapse(machine, pairing, clock)
    else:
        await _end_session(machine, pairing, clock)
        await cut_spent_key(machine.id, clock)
    await remember_state(machine, clock)


async def _lapse(machine: Machine, pairing: Pairing, clock: Clock) -> None:
    """A seed may have been redeemed in time and not been noticed, so the bunker is asked first."""
    look = await redemption.look(machine, clock, LOOK_SECONDS)
    still = next((p for p in look.pairings if p.id == pairing.id), None)
    if look.as_of is None or still is None or still.state is not PairingState.ISSUED:
        return
    owing = await owed_revocations.owe_token(pairing, machine.operator_user_id, clock())
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.EndReason.SEED_LAPSED, clock()):
        await _record_end(machine, lifecycle.EndReason.SEED_LAPSED, clock)
    else:
        await owed_revocations.withdraw(owing)


async def _end_session(machine: Machine, pairing: Pairing, clock: Clock) -> None:
    if not lifecycle.connected(pairing) or not await _bunker_ends_sessions():
        await owed_revocations.owe_token(pairing, machine.operator_user_id, clock())
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.EndReason.SESSION_ENDED, clock()):
        await _record_end(machine, lifecycle.EndReason.SESSION_ENDED, clock)


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
