"""What Python's full garbage collections leave out, and what they still find."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest
from spirekeeper import heap


class Node:
    """Garbage once nobody else has it: it has itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def nothing_left_out() -> Iterator[None]:
    """An LNbits of another test may have left something out."""
    gc.unfreeze()
    yield
    heap.take_back()


def looked_through() -> int:
    """Objects that a full collection goes through."""
    return len(gc.get_objects())


async def test_what_was_there_is_left_out_and_what_comes_later_collected() -> None:
    there = looked_through()
    heap.leave_out(after=0)
    await asyncio.sleep(0.01)
    assert looked_through() < there / 100
    later = weakref.ref(Node())
    gc.collect()
    assert later() is None


async def test_all_is_collected_as_before_afterwards() -> None:
    before = weakref.ref(Node())
    heap.leave_out(after=0)
    await asyncio.sleep(0.01)
    gc.collect()
    assert before() is not None
    heap.take_back()
    gc.collect()
    assert before() is None


async def test_one_that_ends_before_it_began_leaves_nothing_out() -> None:
    heap.leave_out(after=0)
    heap.take_back()
    await asyncio.sleep(0.01)
    assert gc.get_freeze_count() == 0
