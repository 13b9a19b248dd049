"""Asked once, shared, dropped when the era changes."""

import asyncio

import pytest
from spirekeeper.bunker.cached_read import CachedRead
from spirekeeper.bunker.errors import BunkerTimeout


class Source:
    def __init__(self) -> None:
        self.asked = 0
        self.era = 0
        self.open = asyncio.Event()
        self.open.set()
        self.failing = False

    async def ask(self) -> list[int]:
        self.asked += 1
        number = self.asked
        await self.open.wait()
        if self.failing:
            raise BunkerTimeout("no answer")
        return [number]

    def learned(self) -> CachedRead[list[int]]:
        return CachedRead(self.ask, lambda: self.era)


async def test_asked_once_and_shared() -> None:
    source = Source()
    learned = source.learned()
    assert await asyncio.gather(*(learned.get() for _ in range(5))) == [[1]] * 5
    assert await learned.get() == [1]


async def test_asked_again_in_a_new_era() -> None:
    source = Source()
    learned = source.learned()
    await learned.get()
    source.era += 1
    assert await learned.get() == [2]


async def test_a_cancelled_caller_leaves_the_request_to_the_others() -> None:
    source = Source()
    source.open.clear()
    learned = source.learned()
    first, second = asyncio.create_task(learned.get()), asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    first.cancel()
    source.open.set()
    assert await second == [1]
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await learned.get() == [1]


async def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    source = Source()
    source.failing = True
    learned = source.learned()
    failures = await asyncio.gather(learned.get(), learned.get(), return_exceptions=True)
    assert [type(failure) for failure in failures] == [BunkerTimeout] * 2
    assert source.asked == 1
    source.failing = False
    assert await learned.get() == [2]


async def test_what_is_dropped_is_asked_anew_even_beside_a_request() -> None:
    source = Source()
    source.open.clear()
    learned = source.learned()
    older = asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    learned.drop()
    newer = asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    source.open.set()
    assert (await older, await newer) == ([1], [2])
    assert await learned.get() == [2]


async def test_update_changes_what_is_known() -> None:
    source = Source()
    learned = source.learned()
    await learned.get()
    learned.update(lambda known: known.append(100))
    assert await learned.get() == [1, 100]


async def test_update_beside_a_request_changes_what_it_brings() -> None:
    source = Source()
    source.open.clear()
    learned = source.learned()
    under_way = asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    learned.update(lambda known: known.append(100))
    learned.update(lambda known: known.append(200))
    source.open.set()
    assert await under_way == [1, 100, 200]
    assert await learned.get() == [1, 100, 200]
    assert source.asked == 1


async def test_update_of_what_is_not_known_changes_nothing_asked_later() -> None:
    source = Source()
    learned = source.learned()
    learned.update(lambda known: known.append(100))
    assert await learned.get() == [1]


async def test_update_beside_a_request_that_is_dropped_is_dropped_with_it() -> None:
    source = Source()
    source.open.clear()
    learned = source.learned()
    older = asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    learned.update(lambda known: known.append(100))
    learned.drop()
    newer = asyncio.create_task(learned.get())
    await asyncio.sleep(0)
    source.open.set()
    assert await asyncio.gather(older, newer) == [[1], [2]]
    assert await learned.get() == [2]
