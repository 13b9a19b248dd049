"""How late the event loop is, is measured on a loop that somebody holds up."""

import asyncio
import time

import pytest
from spirekeeper.upkeep import loop_lag

HELD_SECONDS = 0.2


async def test_a_loop_that_is_held_up_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "EVERY_SECONDS", 0.0)
    loop_lag._late.clear()
    assert loop_lag.longest() == 0.0
    measuring = asyncio.create_task(loop_lag.measure())
    await asyncio.sleep(0)
    time.sleep(HELD_SECONDS)  # noqa: ASYNC251 - as what does not let others have a turn
    while not loop_lag._late:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0)
    measuring.cancel()
    assert loop_lag.longest() >= HELD_SECONDS
