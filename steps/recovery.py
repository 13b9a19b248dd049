"""What a process that ended in the middle has left, done to its end: by the background, or by the
next pair of the machine.

What was meant is in the rows: an intent without a seed, a cut with its note, a key that is spent, a
connection beside an older one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .. import crud, lifecycle
from ..clock import Clock
from ..failures import log_failure
from ..models import AfterCut, Machine, Pairing, PairingState
from ..store import details, journal, pairing_rows
from ..store.leases import machine_lease
from . import owed_revocations
from .redemption import take_over
from .revoke import cut_spent_key, owe_cut, remove_cut
from .standing import end_pairing, remember_state

STILL_AT_IT = timedelta(seconds=15)
"""So long whoever has cut or connected a machine may be at work on what follows from it."""


async def finish_interrupted(clock: Clock) -> None:
    """What a process that ended in the middle has left: seeds nobody got, cuts not passed on."""
    for finish in (_finish_intents, _finish_cuts, _finish_spent_keys, _finish_take_overs):
        with log_failure(finish.__name__):
            await finish(clock)


async def _finish_intents(clock: Clock) -> None:
    for pairing in await pairing_rows.get_lost_intents(clock()):
        with log_failure(f"the lost intent {pairing.id}"):
            machine = await crud.get_machine(pairing.machine_id)
            operator = machine.operator_user_id if machine else pairing.operator_user_id
            await give_up_lost([pairing], operator, clock())
            if machine is not None:
                await remember_state(machine, clock)


async def _finish_cuts(clock: Clock) -> None:
    for machine in await pairing_rows.get_unfinished_cuts(clock() - STILL_AT_IT):
        with log_failure(f"the unfinished cut of {machine.id}"):
            await _finish_cut(machine, clock)


async def _finish_cut(found: Machine, clock: Clock) -> None:
    """Unless somebody is pairing the machine, or has: that pair has finished the cut."""
    async with machine_lease(found.id, clock) as lease:
        if lease is None:
            return
        machine = await crud.get_machine(found.id)
        if machine is None or machine.cut_at != found.cut_at:
            return
        if machine.after_cut is AfterCut.REMOVE:
            await remove_cut(machine, actor=journal.BACKGROUND, clock=clock)
        else:
            await owe_cut(machine, clock())
        await _record_finished(machine, "revoke", clock())


async def _finish_spent_keys(clock: Clock) -> None:
    for machine in await pairing_rows.get_spent_keys():
        with log_failure(f"cutting {machine.id} for its key's sake"):
            await cut_spent_key(machine.id, clock)
            await remember_state(machine, clock)


async def _finish_take_overs(clock: Clock) -> None:
    for pairing in await pairing_rows.get_unfinished_take_overs(clock() - STILL_AT_IT):
        with log_failure(f"the unfinished redemption of {pairing.id}"):
            taken = await crud.get_machine(pairing.machine_id)
            if taken is not None:
                owed_revocations.settle_soon(await take_over(taken, pairing, clock()), clock)
                await remember_state(taken, clock)
                await _record_finished(taken, "redemption", clock())


async def _record_finished(machine: Machine, event: str, now: datetime) -> None:
    outcome = journal.INTERRUPTED
    await journal.about(machine, event, outcome, actor=journal.BACKGROUND, at=now)


async def finish_past(machine: Machine, clock: Clock) -> list[Pairing]:
    """The pairings of a machine that is about to be paired, with nothing left undone in them.

    A cut that broke off comes first: the new seed takes `cut_at` back, and would let in again
    whoever was cut.
    """
    history = await pairing_rows.get_history(machine.id)
    await give_up_lost(history, machine.operator_user_id, clock())
    unfinished = machine.after_cut is not None or any(
        pairing.state in lifecycle.SHOWN_STATES for pairing in history
    )
    if machine.cut_at is None or not unfinished:
        return history
    await owe_cut(machine, clock())
    return await pairing_rows.get_history(machine.id)


async def give_up_lost(pairings: Iterable[Pairing], operator_user_id: str, now: datetime) -> None:
    """Intents that a crash left behind: their tokens, should there be any, are burned."""
    for pairing in pairings:
        if pairing.state is PairingState.INTENT:
            burn = await owed_revocations.owe_token(pairing, operator_user_id, now)
            if await end_pairing(
                pairing, PairingState.FAILED, lifecycle.EndReason.INTERRUPTED, now
            ):
                await journal.record(
                    "pair",
                    journal.INTERRUPTED,
                    at=now,
                    actor=journal.BACKGROUND,
                    operator_user_id=operator_user_id or None,
                    machine_id=pairing.machine_id,
                    detail=details.told("key", key=pairing.key_name),
                )
            else:
                await owed_revocations.withdraw(burn)
