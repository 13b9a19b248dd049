"""What fails is told once, by type and place, and goes no further."""

import asyncio
from collections.abc import Iterator

import pytest
from spirekeeper import failures
from spirekeeper.failures import log_failure
from support.failing import SECRET, logged


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr(failures, "_logged", {})
    with logged() as said:
        yield said


def fail(part: str = "a part") -> str:
    with log_failure(part) as how:
        raise ValueError(SECRET)
    return how.failure


def test_it_is_told_by_type_and_place_without_its_words(lines: list[str]) -> None:
    failure = fail()
    assert failure.startswith("ValueError at test_failures.py:")
    assert lines == [f"spirekeeper: a part: {failure}\n\n"]


def test_it_is_told_once_until_it_has_gone_well(lines: list[str]) -> None:
    for _ in range(3):
        fail()
    assert len(lines) == 1
    fail("another part")
    assert len(lines) == 2
    with log_failure("a part") as how:
        pass
    assert how.failure == ""
    fail()
    assert len(lines) == 3


def test_it_is_told_again_after_a_while(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fail()
    monkeypatch.setattr(failures, "LOG_AGAIN_SECONDS", 0.0)
    fail()
    assert len(lines) == 2


async def test_a_cancellation_goes_through(lines: list[str]) -> None:
    with pytest.raises(asyncio.CancelledError), log_failure("a part"):
        raise asyncio.CancelledError
    assert lines == []
