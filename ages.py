"""What is old goes, a little at a time: lines of the journal, and pairings that decide nothing any
more. Nobody who asks for something meanwhile notices."""

import asyncio
import time
from datetime import timedelta

from . import crud_ages, crud_quotas, environment
from .clock import Clock
from .leases import our_turn

WORK = "ages"
LASTING = timedelta(hours=1)
AT_ONCE = 500
COUNTS_LAST = timedelta(days=1)


async def remove_old(clock: Clock) -> None:
    """One pass over all there is, unless another process is at it."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        now, ages = clock(), environment.current().ages
        await crud_quotas.forget_counts(now - COUNTS_LAST)
        before = now - timedelta(days=ages.journal_days)
        start = time.monotonic()
        while await crud_ages.delete_lines(before, AT_ONCE):
            start = await _let_others(start)
        before, last = now - timedelta(days=ages.pairings_days), ""
        while some := await crud_ages.get_pairing_ids(last, AT_ONCE):
            await crud_ages.delete_pairings(last, some[-1], before)
            last = some[-1]
            start = await _let_others(start)


async def _let_others(start: float) -> float:
    """A fifth of the time goes into this. When it went on."""
    await asyncio.sleep(4 * (time.monotonic() - start))
    return time.monotonic()
