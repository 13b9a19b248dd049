"""Members of a group share their statements, whatever becomes of any of them."""

import asyncio
from collections.abc import Sequence

import pytest
from spirekeeper import gathering
from spirekeeper.gathering import as_a_group, for_many

asked: list[list[int]] = []


@for_many
async def doubled(numbers: Sequence[int]) -> Sequence[int | Exception]:
    """Twice each; an odd one is an error of its own, 13 one of all."""
    asked.append(sorted(numbers))
    await asyncio.sleep(0)
    if 13 in numbers:
        raise RuntimeError("thirteen")
    return [ValueError(str(n)) if n % 2 else 2 * n for n in numbers]


@pytest.fixture(autouse=True)
def _forget() -> None:
    asked.clear()


async def test_alone_it_is_run_at_once() -> None:
    assert await doubled(4) == 8
    with pytest.raises(ValueError, match="3"):
        await doubled(3)
    assert asked == [[4], [3]]


async def test_a_group_asks_once_and_each_gets_its_own_answer() -> None:
    got: dict[int, list[int | str]] = {}

    async def member(number: int) -> None:
        got[number] = [await doubled(number)]
        try:
            got[number].append(await doubled(number + 101))
        except ValueError as error:
            got[number].append(f"error {error}")

    await as_a_group([member(n) for n in (2, 4)])
    assert asked == [[2, 4], [103, 105]]
    assert got == {2: [4, "error 103"], 4: [8, "error 105"]}


async def test_who_asks_twice_at_once_is_one_who_waits() -> None:
    async def asks_twice() -> None:
        assert await asyncio.gather(doubled(2), doubled(4)) == [4, 8]
        assert await doubled(6) == 12

    async def asks_later() -> None:
        await asyncio.sleep(0.01)
        assert await doubled(8) == 16
        assert await doubled(10) == 20

    await as_a_group([asks_twice(), asks_later()])
    assert asked == [[2, 4, 8], [6, 10]]


async def test_what_fails_as_a_whole_fails_for_each() -> None:
    failed = []

    async def member(number: int) -> None:
        try:
            await doubled(number)
        except RuntimeError:
            failed.append(number)

    await as_a_group([member(n) for n in (2, 13)])
    assert sorted(failed) == [2, 13]


async def test_who_has_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LONGEST_SECONDS", 3600)

    async def ends() -> None:
        raise KeyError("gone")

    async def asks() -> None:
        assert await doubled(2) == 4
        assert await doubled(4) == 8

    with pytest.raises(KeyError):
        await as_a_group([asks(), ends()])
    assert asked == [[2], [4]]


async def test_who_is_busy_elsewhere_holds_nobody_up_for_long() -> None:
    busy, answered = asyncio.Event(), asyncio.Event()

    async def elsewhere() -> None:
        await busy.wait()
        assert await doubled(6) == 12

    async def asks() -> None:
        assert await doubled(2) == 4
        answered.set()
        busy.set()

    await as_a_group([elsewhere(), asks()])
    assert answered.is_set()
    assert asked == [[2], [6]]


async def test_who_is_cancelled_takes_nobody_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LONGEST_SECONDS", 3600)
    tasks: list[asyncio.Task[None]] = []

    async def gives_up() -> None:
        own = asyncio.current_task()
        assert own is not None
        tasks.append(own)
        with pytest.raises(asyncio.CancelledError):
            await doubled(2)

    async def asks() -> None:
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
        assert await doubled(4) == 8

    await as_a_group([gives_up(), asks()])
