"""A time limit: what comes of the work, of its errors, and of whoever is cancelled meanwhile."""

import asyncio

import pytest
from spirekeeper.loop import within


async def result(after: int, outcome: str = "done") -> str:
    for _ in range(after):
        await asyncio.sleep(0)
    if outcome == "fails":
        raise LookupError
    return outcome


async def test_what_is_in_time_gives_its_result_or_its_error() -> None:
    for seconds in (30, None):
        assert await within(seconds, result(3)) == "done"
        with pytest.raises(LookupError):
            await within(seconds, result(3, "fails"))


async def test_what_takes_longer_is_cancelled() -> None:
    ended = asyncio.Event()

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, long())
    assert ended.is_set()


@pytest.mark.parametrize("outcome", ["done", "fails"])
@pytest.mark.parametrize("steps", range(8))
async def test_a_cancellation_is_never_lost(steps: int, outcome: str) -> None:
    """Whichever step it meets, the last ones of the work too."""
    task = asyncio.create_task(within(30, result(2, outcome)))
    for _ in range(steps):
        await asyncio.sleep(0)
    was_done = task.done()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled() is not was_done
