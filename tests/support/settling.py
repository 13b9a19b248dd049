"""What runs by itself in time, done now."""

from collections.abc import Callable
from datetime import datetime, timedelta

from spirekeeper.clock import utc_now

HOUR, TWO_MINUTES = timedelta(hours=1), timedelta(minutes=2)


async def settle(clock: Callable[[], datetime] = utc_now, later: timedelta = HOUR) -> None:
    """One pass at what the bunker owes, as long after now as tries may have been put off."""
    from spirekeeper.steps import owed_revocations

    await owed_revocations.settle_owed(lambda: clock() + later)


async def background_work(later: timedelta = TWO_MINUTES) -> None:
    """One pass of everything, what is owed as much later."""
    from spirekeeper.steps import recovery
    from spirekeeper.steps.clocks import end_by_clock
    from spirekeeper.upkeep.notify import notify_new
    from spirekeeper.upkeep.reconcile import in_background
    from spirekeeper.upkeep.unlocking import unlock_locked

    await recovery.finish_interrupted(utc_now)
    await end_by_clock(utc_now)
    await settle(later=later)
    await unlock_locked(utc_now)
    await in_background(utc_now)
    await notify_new(utc_now)
