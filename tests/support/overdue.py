"""A test that never ends says where it stands, and ends its worker; xdist names it and goes on.

Nobody sees more of a hanging CI run than the dots before it.
"""

import asyncio
import faulthandler
import gc
import os
import threading
import traceback
from collections.abc import Generator
from types import AsyncGeneratorType, FrameType
from typing import Any

import pytest

LIMIT_S = 600.0
"""With what it has to start first: many times what the longest takes on a slow machine."""
LONG_LIMIT_S = 2400.0
"""`@pytest.mark.long(limit_s=…)` has one of its own."""


class Overdue:
    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(2), "w")
        """Standard error as it is before pytest captures it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        long = item.get_closest_marker("long")
        limit = long.kwargs.get("limit_s", LONG_LIMIT_S) if long else LIMIT_S
        timer = threading.Timer(limit, self._give_up, [item.nodeid])
        timer.daemon = True
        timer.start()
        try:
            return (yield)
        finally:
            timer.cancel()

    def _give_up(self, name: str) -> None:
        print(f"\n{name} does not end; it stands at:", file=self._out)
        gc.unfreeze()  # what is frozen is not told
        for task in [each for each in gc.get_objects() if isinstance(each, asyncio.Task)]:
            if not task.done():
                lines = traceback.format_list(_stack(task))
                print(f"\n{task.get_name()}:\n{''.join(lines)}", file=self._out)
        self._out.flush()
        faulthandler.dump_traceback(self._out)
        os._exit(1)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Overdue())


def _stack(task: "asyncio.Task[Any]") -> traceback.StackSummary:
    """Where a task waits, through all the coroutines that it is in."""
    frames: list[tuple[FrameType, int]] = []
    inner: Any = task.get_coro()
    while inner is not None:
        frame = _first(inner, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            frames.append((frame, frame.f_lineno))
        inner = _first(inner, "cr_await", "gi_yieldfrom", "ag_await") or _generator_of(inner)
    return traceback.StackSummary.extract(iter(frames))


def _first(of: object, *names: str) -> Any:
    return next((found for name in names if (found := getattr(of, name, None)) is not None), None)


def _generator_of(step: object) -> AsyncGeneratorType[Any, Any] | None:
    """The asynchronous generator whose step is awaited, as `async with` does."""
    held = gc.get_referents(step)
    return next((each for each in held if isinstance(each, AsyncGeneratorType)), None)
