"""What runs in the background: what the bunker owes, what a crash left behind, who listens where.

LNbits' task manager runs it, restarts it after an error and ends it with the server.
"""

import asyncio
import time
from datetime import datetime, timedelta

from lnbits.task_manager import task_manager

from . import crud, crud_pairings, journal, live, watch
from .ages import remove_old
from .bunker.errors import NsecBunkerError
from .bunker.signer import answers
from .clock import Clock, utc_now
from .connection import close_bunker, open_bunker
from .cutting import give_up_lost, owe_cut
from .ending import end_by_clock, remember_all, remember_state
from .errors import PairingError
from .models import Machine, PairingState
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
NOTICES = "spirekeeper_notices"
NOTICES_SECONDS = 60
LISTEN_SECONDS = 10.0
STILL_AT_IT = timedelta(seconds=15)
"""So long whoever has cut or connected a machine may be at work on what follows from it."""


def start(clock: Clock = utc_now) -> None:
    """Starts the background work; a second start takes the place of the first."""

    async def finish() -> None:
        await finish_interrupted(clock)

    async def settle() -> None:
        await end_by_clock(clock)
        await settle_owed(clock)

    async def remember() -> None:
        await remember_all(clock)

    async def unlock() -> None:
        start = time.monotonic()
        await unlock_locked(clock)
        # With thousands of keys their list takes long to read, also for the bunker.
        await asyncio.sleep(min(9 * (time.monotonic() - start), LONGEST_REST))

    async def reconcile() -> None:
        await in_background(clock)

    async def age() -> None:
        await remove_old(clock)

    async def watch_relays() -> None:
        await watch.run(clock)

    async def tell_operators() -> None:
        await tell(clock)

    task_manager.create_permanent_task(finish, name=FINISH, interval=FINISH_SECONDS)
    task_manager.create_permanent_task(settle, name=SETTLE, interval=EVERY_SECONDS)
    task_manager.create_permanent_task(remember, name=REMEMBER, interval=REMEMBER_SECONDS)
    task_manager.create_permanent_task(watch_relays, name=WATCH)
    task_manager.create_permanent_task(unlock, name=UNLOCK, interval=UNLOCK_SECONDS)
    task_manager.create_permanent_task(reconcile, name=RECONCILE, interval=RECONCILE_SECONDS)
    task_manager.create_permanent_task(age, name=AGES, interval=AGES_SECONDS)
    task_manager.create_permanent_task(tell_operators, name=NOTICES, interval=NOTICES_SECONDS)


async def stop() -> None:
    """Ends the background work and closes the connection to the bunker."""
    for name in (FINISH, SETTLE, REMEMBER, UNLOCK, RECONCILE, AGES, WATCH, NOTICES):
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
    now = clock()
    for pairing in await crud_pairings.get_lost_intents(now):
        machine = await crud.get_machine(pairing.machine_id)
        operator = machine.operator_user_id if machine else ""
        await give_up_lost([pairing], operator, now)
        if machine is not None:
            await remember_state(machine, clock)
    for machine in await crud_pairings.get_unfinished_cuts(now - STILL_AT_IT):
        await owe_cut(machine, now)
        await _record_finished(machine, "revoke", now)
    for pairing in await crud_pairings.get_unfinished_take_overs(now - STILL_AT_IT):
        taken = await crud.get_machine(pairing.machine_id)
        if taken is not None:
            await take_over(taken, pairing, now)
            await remember_state(taken, clock)
            await _record_finished(taken, "redemption", now)


async def _record_finished(machine: Machine, event: str, now: datetime) -> None:
    outcome = journal.INTERRUPTED
    await journal.about(machine, event, outcome, actor=journal.BACKGROUND, at=now)


def check_listening_later(machine: Machine, clock: Clock = utc_now) -> None:
    """Off the critical path: does the bunker answer for the new key over the seed's relay?

    From now on that relay is listened to as well, so that the scan is noticed.
    """
    watch.changed()
    task_manager.create_task(
        check_listening(machine, clock), name=f"spirekeeper_listens_{machine.id}"
    )


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
        resolve=where_allowed(bunker.config),
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
