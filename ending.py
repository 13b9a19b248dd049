"""Ending a pairing: the operator cancels or rejects it, or one of its two clocks runs out.

The scan window: a seed that nobody redeemed in time dies by a burn. The session: where the bunker
ends it by itself nothing more is owed, elsewhere its client is revoked.
"""

import asyncio
import time
from datetime import datetime

from . import crud, crud_pairings, crud_work, journal, lifecycle, owed, redemption
from .api_models import CancelResult
from .bunker.errors import NsecBunkerError
from .clock import Clock
from .connection import open_bunker
from .cutting import cut_spent_key, end_pairing
from .errors import AnotherClient, NothingWaits, PairingError
from .mishaps import told
from .models import Machine, OwedRevocation, Pairing, PairingState

BUNKER_SECONDS = 5.0
LOOK_SECONDS = 5.0
AT_ONCE = 500
"""Machines that are read with their pairings, one after the other for all of a large fleet."""


async def cancel(machine: Machine, *, actor: str, clock: Clock) -> CancelResult:
    """Ends the seed that waits to be scanned. Raises NothingWaits when there is none."""
    pairings = await crud_pairings.get_history(machine.id)
    waiting = next((p for p in pairings if p.state is PairingState.ISSUED), None)
    if waiting is None:
        raise NothingWaits("No seed waits to be scanned; it may have been scanned just now.")
    return await _end(machine, waiting, lifecycle.CANCELLED, actor, clock)


async def reject(machine: Machine, client_pubkey: str, *, actor: str, clock: Clock) -> CancelResult:
    """The fingerprint was not the machine's: cuts this client and whoever else redeemed the seed.

    Raises NothingWaits or AnotherClient.
    """
    waiting = redemption.find_confirming(await crud_pairings.get_history(machine.id))
    if waiting.client_pubkey != client_pubkey:
        raise AnotherClient("Another client redeemed the seed; reload, and compare once more.")
    return await _end(machine, waiting, lifecycle.REJECTED, actor, clock)


async def _end(
    machine: Machine, pairing: Pairing, reason: str, actor: str, clock: Clock
) -> CancelResult:
    owing = await owed.owe_token(pairing, machine.operator_user_id, clock())
    if not await end_pairing(pairing, PairingState.CANCELLED, reason, clock()):
        await owed.withdraw(owing)
        raise NothingWaits("The pairing has changed meanwhile; reload the page.")
    with told(f"the journal's line of the end of {pairing.id}"):
        await journal.about(machine, "pairing", reason, actor=actor, at=clock())
    owing_now = [owing]
    with told(f"cutting {machine.id} for its key's sake"):
        if await cut_spent_key(machine.id, clock):
            owing_now = await crud_work.get_owed(machine.id)
    with told(f"remembering the state of {machine.id}"):
        await remember_state(machine, clock)
    return await settle_now(owing_now, actor=actor, clock=clock)


async def settle_now(owing: list[OwedRevocation], *, actor: str, clock: Clock) -> CancelResult:
    """Has the bunker do it at once as far as it answers; the rest stays owed. Never raises: what is
    ended here has ended."""
    settled = owed.Settled(done=False)
    with told("the bunker's part of an ending"):
        try:
            bunker = await open_bunker()
        except PairingError:
            return CancelResult(bunker="pending")
        settled = await owed.settle_all(owing, bunker, clock, actor, BUNKER_SECONDS)
    return CancelResult(
        bunker="done" if settled.done else "pending",
        revoked_count=settled.revoked,
        burned_count=settled.burned,
    )


async def remember_state(machine: Machine, clock: Clock) -> None:
    """Keeps the cached state of a machine in step with its pairings."""
    pairings = await crud_pairings.get_history(machine.id)
    now = await crud.get_machine(machine.id)
    if now is not None:
        stands = lifecycle.standing(now, pairings, clock())
        if stands.state is not now.state:
            await crud.set_machine_state(machine.id, stands.state)


async def remember_all(clock: Clock) -> None:
    """The same for all machines: a process that ended has left some behind their pairings."""
    last, start = "", time.monotonic()
    while machines := await crud_work.get_some_machines(last, AT_ONCE):
        for machine in await _behind(machines, clock()):
            with told(f"remembering the state of {machine.id}"):
                await remember_state(machine, clock)
        last = machines[-1].id
        # Whoever asks meanwhile hardly notices: a fifth of the time goes into this.
        await asyncio.sleep(4 * (time.monotonic() - start))
        start = time.monotonic()


async def _behind(machines: list[Machine], now: datetime) -> list[Machine]:
    pairings = await crud_pairings.get_standings([machine.id for machine in machines])
    return [
        machine
        for machine in machines
        if lifecycle.standing(machine, pairings[machine.id], now).state is not machine.state
    ]


async def end_by_clock(clock: Clock) -> None:
    """Every seed whose window has closed, and every connection whose session is over."""
    for pairing in await crud_pairings.get_ended_by_clock(clock()):
        with told(f"the end of {pairing.id} by the clock"):
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
    owing = await owed.owe_token(pairing, machine.operator_user_id, clock())
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.SEED_LAPSED, clock()):
        await _record_end(machine, lifecycle.SEED_LAPSED, clock)
    else:
        await owed.withdraw(owing)


async def _end_session(machine: Machine, pairing: Pairing, clock: Clock) -> None:
    if not lifecycle.connected(pairing) or not await _bunker_ends_sessions():
        await owed.owe_token(pairing, machine.operator_user_id, clock())
    if await end_pairing(pairing, PairingState.LAPSED, lifecycle.SESSION_ENDED, clock()):
        await _record_end(machine, lifecycle.SESSION_ENDED, clock)


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
