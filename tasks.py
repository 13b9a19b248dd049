"""What runs in the background: what the bunker owes, what a crash left behind, who listens where.

LNbits' task manager runs it and ends it with the server. What fails is told in the log once
(`mishaps.py`): one row or one kind of work that goes wrong does not keep the rest from being done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from lnbits.task_manager import task_manager

from . import crud, crud_pairings, journal, live, watch
from .abandoned import cut_abandoned
from .ages import remove_old
from .bunker.errors import NsecBunkerError
from .bunker.signer import answers
from .clock import Clock, utc_now
from .connection import close_bunker, open_bunker
from .cutting import cut_spent_key, give_up_lost, owe_cut, remove_cut
from .ending import end_by_clock, remember_all, remember_state
from .errors import PairingError
from .mishaps import told
from .models import AfterCut, Machine, PairingState
from .owed import settle_due
from .reconcile import in_background
from .redemption import take_over
from .relays import where_allowed
from .telling import tell
from .throwaway import new_throwaway
from .unlocking import unlock_locked

SETTLE = "spirekeeper_settle"
EVERY_SECONDS = 5
FINISH = "spirekeeper_finish"
FINISH_SECONDS = 30
"""At the start, which is when there is most to finish; then for what another process left."""
REMEMBER = "spirekeeper_remember"
REMEMBER_SECONDS = 86_400
"""At the start, and then once a day; nothing else waits for it, since a large fleet takes long."""
UNLOCK = "spirekeeper_unlock"
UNLOCK_SECONDS = 10
LONGEST_REST = 60
RECONCILE = "spirekeeper_reconcile"
RECONCILE_SECONDS = 3600
AGES = "spirekeeper_ages"
AGES_SECONDS = 86_400
WATCH = "spirekeeper_watch"
WATCH_AGAIN_SECONDS = 5
"""It never ends by itself; when it failed, so long is waited."""
ABANDONED = "spirekeeper_abandoned"
ABANDONED_SECONDS = 300
NOTICES = "spirekeeper_notices"
NOTICES_SECONDS = 60
LISTEN_SECONDS = 10.0
LEASE = timedelta(seconds=60)
STILL_AT_IT = timedelta(seconds=15)
"""So long whoever has cut or connected a machine may be at work on what follows from it."""


Work = Callable[[Clock], Awaitable[None]]


def start(clock: Clock = utc_now) -> None:
    """Starts the background work; a second start takes the place of the first."""

    for name, seconds, works in (
        (FINISH, FINISH_SECONDS, [finish_interrupted]),
        (SETTLE, EVERY_SECONDS, [end_by_clock, settle_owed]),
        (REMEMBER, REMEMBER_SECONDS, [remember_all]),
        (WATCH, WATCH_AGAIN_SECONDS, [watch.run]),
        (UNLOCK, UNLOCK_SECONDS, [unlock_and_rest]),
        (RECONCILE, RECONCILE_SECONDS, [in_background]),
        (ABANDONED, ABANDONED_SECONDS, [cut_abandoned]),
        (AGES, AGES_SECONDS, [remove_old]),
        (NOTICES, NOTICES_SECONDS, [tell]),
    ):
        task_manager.create_permanent_task(each(*works, clock=clock), name=name, interval=seconds)


def each(*works: Work, clock: Clock) -> Callable[[], Coroutine[Any, Any, None]]:
    """A round of them, one after the other; what fails does not keep the next from its turn."""

    async def one_round() -> None:
        for work in works:
            with told(f"the background's {work.__name__}"):
                await work(clock)

    return one_round


async def unlock_and_rest(clock: Clock) -> None:
    """With thousands of keys their list takes long to read, also for the bunker."""
    start = time.monotonic()
    await unlock_locked(clock)
    await asyncio.sleep(min(9 * (time.monotonic() - start), LONGEST_REST))


async def stop() -> None:
    """Ends the background work and closes the connection to the bunker."""
    for name in (FINISH, SETTLE, REMEMBER, UNLOCK, RECONCILE, ABANDONED, AGES, WATCH, NOTICES):
        task = task_manager.get_task(name)
        if task is not None:
            task_manager.cancel_task(task)
    live.stop()
    await close_bunker()


async def settle_owed(clock: Clock) -> None:
    """Has the bunker do what is due; asks nothing of it when nothing is."""
    try:
        bunker = await open_bunker()
    except PairingError:
        return  # no bunker to ask: it stays owed, and every revoke and the page say so
    await settle_due(bunker, clock)


async def finish_interrupted(clock: Clock) -> None:
    """What a process that ended in the middle has left: seeds nobody got, cuts not passed on."""
    for finish in (_finish_intents, _finish_cuts, _finish_spent_keys, _finish_take_overs):
        with told(finish.__name__):
            await finish(clock)


async def _finish_intents(clock: Clock) -> None:
    for pairing in await crud_pairings.get_lost_intents(clock()):
        with told(f"the lost intent {pairing.id}"):
            machine = await crud.get_machine(pairing.machine_id)
            operator = machine.operator_user_id if machine else pairing.operator_user_id
            await give_up_lost([pairing], operator, clock())
            if machine is not None:
                await remember_state(machine, clock)


async def _finish_cuts(clock: Clock) -> None:
    for machine in await crud_pairings.get_unfinished_cuts(clock() - STILL_AT_IT):
        with told(f"the unfinished cut of {machine.id}"):
            await _finish_cut(machine, clock)


async def _finish_cut(found: Machine, clock: Clock) -> None:
    """Unless somebody is pairing the machine, or has: that pair has finished the cut."""
    holder, now = token_hex(8), clock()
    if not await crud.take_lease(found.id, holder, now, now + LEASE):
        return
    try:
        machine = await crud.get_machine(found.id)
        if machine is None or machine.cut_at != found.cut_at:
            return
        if machine.after_cut is AfterCut.REMOVE:
            await remove_cut(machine, actor=journal.BACKGROUND, clock=clock)
        else:
            await owe_cut(machine, clock())
        await _record_finished(machine, "revoke", clock())
    finally:
        await crud.release_lease(found.id, holder)


async def _finish_spent_keys(clock: Clock) -> None:
    for machine in await crud_pairings.get_spent_keys():
        with told(f"cutting {machine.id} for its key's sake"):
            await cut_spent_key(machine.id, clock)
            await remember_state(machine, clock)


async def _finish_take_overs(clock: Clock) -> None:
    for pairing in await crud_pairings.get_unfinished_take_overs(clock() - STILL_AT_IT):
        with told(f"the unfinished redemption of {pairing.id}"):
            taken = await crud.get_machine(pairing.machine_id)
            if taken is not None:
                await take_over(taken, pairing, clock())
                await remember_state(taken, clock)
                await _record_finished(taken, "redemption", clock())


async def _record_finished(machine: Machine, event: str, now: datetime) -> None:
    outcome = journal.INTERRUPTED
    await journal.about(machine, event, outcome, actor=journal.BACKGROUND, at=now)


def check_listening_later(machine: Machine, clock: Clock = utc_now) -> None:
    """Off the critical path: does the bunker answer for the new key over the seed's relay?

    From now on that relay is listened to as well, so that the scan is noticed.
    """
    watch.changed()

    async def check() -> None:
        with told(f"asking whether the bunker listens for {machine.id}"):
            await check_listening(machine, clock)

    task_manager.create_task(check(), name=f"spirekeeper_listens_{machine.id}")


async def check_listening(machine: Machine, clock: Clock) -> None:
    """Notes on the newest seed whether the bunker was heard, so the page can warn in time."""
    pairings = await crud_pairings.get_history(machine.id)
    pairing = next((p for p in pairings if p.state is PairingState.ISSUED), None)
    if pairing is None or pairing.spire_pubkey is None:
        return
    try:
        bunker = await open_bunker()
        dialect = await bunker.admin.dialect()
    except (PairingError, NsecBunkerError):
        return  # not known: the warning is for silence on the seed's relay alone
    heard = await answers(
        pairing.spire_pubkey,
        pairing.bunker_relay,
        dialect.encryption,
        LISTEN_SECONDS,
        client_secret=new_throwaway(),
        resolve=where_allowed(bunker.config, [machine.operator_user_id]),
    )
    await crud_pairings.set_bunker_listens(pairing.id, heard)
    if not heard:
        await journal.record(
            "listening",
            "silent",
            at=clock(),
            actor=journal.BACKGROUND,
            operator_user_id=machine.operator_user_id,
            machine_id=machine.id,
            detail=f"the bunker does not answer on {pairing.bunker_relay}",
        )
