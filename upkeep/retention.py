"""Removes old lines of the journal, old pairings on which nothing depends any more, and the relays
that operators paired over last as long ago.

A little at a time, so that no request waits for it.
"""

import asyncio
import time
from datetime import timedelta

from ..clock import Clock
from ..connection import environment
from ..store import last_relays, old_rows, quota_counts
from ..store.leases import our_turn

WORK = "ages"
LASTING = timedelta(hours=1)
AT_ONCE = 500
COUNTS_LAST = timedelta(days=1)


async def remove_old(clock: Clock) -> None:
    """Removes everything that is too old, unless another process is doing so."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        now, ages = clock(), environment.current().ages
        await quota_counts.forget_counts(now - COUNTS_LAST)
        before = now - timedelta(days=ages.journal_days)
        start = time.monotonic()
        while await old_rows.delete_lines(before, AT_ONCE):
            start = await _let_others(start)
        before, last = now - timedelta(days=ages.pairings_days), ""
        await last_relays.forget(before)
        while some := await old_rows.get_pairing_ids(last, AT_ONCE):
            await old_rows.delete_pairings(last, some[-1], before)
            last = some[-1]
            start = await _let_others(start)


async def _let_others(start: float) -> float:
    """Sleeps for four times as long as the work since `start` took. The time when it goes on."""
    await asyncio.sleep(4 * (time.monotonic() - start))
    return time.monotonic()
