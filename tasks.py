"""What runs in the background: what the bunker owes, what a crash left behind, who listens where.

LNbits' task manager runs it and ends it with the server. What fails is told in the log once
(`failures.py`) and counted (`upkeep/passes.py`): one row or one kind of work that goes wrong does
not keep the rest from being done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, update_wrapper
from typing import Any

from lnbits.task_manager import task_manager

from . import changes
from .cash import paying
from .cash.post import Post
from .cash.service import Service
from .cash.settle import Settling
from .clock import Clock, utc_now
from .connection.open_bunker import close_bunker
from .fleet.abandoned import cut_abandoned
from .steps.clocks import end_by_clock, seconds_to_next_end
from .steps.owed_revocations import settle_owed
from .steps.recovery import finish_interrupted
from .steps.standing import remember_all
from .upkeep import loop_lag, page_hints, relay_watch
from .upkeep.notify import notify_new
from .upkeep.other_processes import OneOfMany
from .upkeep.passes import one_pass
from .upkeep.reconcile import in_background
from .upkeep.retention import remove_old
from .upkeep.unlocking import unlock_locked

SETTLE = "spirekeeper_settle"
EVERY_SECONDS = 5
CLOCKS = "spirekeeper_clocks"
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
TELL = "spirekeeper_tell"
TELL_SECONDS = 1
CASH = "spirekeeper_cash"
CASH_AGAIN_SECONDS = 5
"""It never ends by itself; when it failed, so long is waited."""
FOLLOW = "spirekeeper_follow"
FOLLOW_SECONDS = 5
BOOKS = "spirekeeper_books"
BOOKS_SECONDS = 3600
PAID = "spirekeeper_paid"
LISTENERS = (page_hints.hint, relay_watch.look_again)
"""Who hears at once of what changed."""

LAG = "spirekeeper_lag"
LAG_AGAIN_SECONDS = 5

Work = Callable[[Clock], Awaitable[None]]
Round = Callable[[], Coroutine[Any, Any, None]]


def start(clock: Clock = utc_now) -> None:
    """Starts the background work; a second start takes the place of the first."""
    for listener in LISTENERS:
        changes.listen(listener)
    post = Post(relay_watch.say)
    service, settling = Service(post, clock), Settling(post, clock)
    watch = update_wrapper(partial(relay_watch.run, hear=service.hear), relay_watch.run)
    task_manager.register_invoice_listener(settling.heard_payment, PAID)
    rounds: tuple[tuple[str, int, Round], ...] = (
        (FINISH, FINISH_SECONDS, each(finish_interrupted, clock=clock)),
        (SETTLE, EVERY_SECONDS, each(settle_owed, clock=clock)),
        (CLOCKS, 0, partial(end_and_rest, clock)),
        (REMEMBER, REMEMBER_SECONDS, each(remember_all, clock=clock)),
        (WATCH, WATCH_AGAIN_SECONDS, each(watch, clock=clock)),
        (CASH, CASH_AGAIN_SECONDS, service.run),
        (FOLLOW, FOLLOW_SECONDS, each(settling.look_again, clock=clock)),
        (BOOKS, BOOKS_SECONDS, each(settling.reconcile, clock=clock)),
        (UNLOCK, UNLOCK_SECONDS, partial(unlock_and_rest, clock)),
        (RECONCILE, RECONCILE_SECONDS, each(in_background, clock=clock)),
        (ABANDONED, ABANDONED_SECONDS, each(cut_abandoned, clock=clock)),
        (AGES, AGES_SECONDS, each(remove_old, clock=clock)),
        (NOTICES, NOTICES_SECONDS, each(notify_new, clock=clock)),
        (TELL, TELL_SECONDS, each(OneOfMany().tell_and_hear, clock=clock)),
        (LAG, LAG_AGAIN_SECONDS, loop_lag.measure),
    )
    for name, seconds, one_round in rounds:
        task_manager.create_permanent_task(one_round, name=name, interval=seconds)


def each(*works: Work, clock: Clock) -> Round:
    """A round of them, one after the other; what fails does not keep the next from its turn."""

    async def one_round() -> None:
        for work in works:
            with one_pass(work):
                await work(clock)

    return one_round


async def end_and_rest(clock: Clock) -> None:
    """A seed dies when its window closes, not at the next look; what the bunker did not answer to
    is looked at again all the same."""
    rest: float = EVERY_SECONDS
    with one_pass(end_by_clock):
        await end_by_clock(clock)
        rest = await seconds_to_next_end(clock, EVERY_SECONDS)
    await asyncio.sleep(rest)


async def unlock_and_rest(clock: Clock) -> None:
    """With thousands of keys their list takes long to read, also for the bunker."""
    start = time.monotonic()
    with one_pass(unlock_locked):
        await unlock_locked(clock)
    await asyncio.sleep(min(9 * (time.monotonic() - start), LONGEST_REST))


async def stop() -> None:
    """Ends the background work and closes the connection to the bunker."""
    names = (FINISH, SETTLE, CLOCKS, REMEMBER, UNLOCK, RECONCILE, ABANDONED, AGES, WATCH, NOTICES)
    for name in (*names, CASH, FOLLOW, BOOKS, f"{PAID}_invoice_listener", TELL, LAG):
        task = task_manager.get_task(name)
        if task is not None:
            task_manager.cancel_task(task)
    for listener in LISTENERS:
        changes.stop_listening(listener)
    page_hints.stop()
    await paying.stop()
    await close_bunker()
