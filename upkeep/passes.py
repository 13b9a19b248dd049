"""How the background's passes went, counted since the start, for whoever watches this server."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..failures import log_failure


@dataclass
class Passes:
    """Those of one kind of work."""

    well: int = 0
    failed: int = 0
    last_well: float | None = None
    """When the last one went well, by the clock that only runs on."""

    @property
    def seconds_ago(self) -> float | None:
        """How long ago that was; None: none has gone well yet."""
        return None if self.last_well is None else time.monotonic() - self.last_well


_passes: dict[str, Passes] = {}


def counted() -> Mapping[str, Passes]:
    """By the name of the module that has the work."""
    return _passes


@contextmanager
def one_pass(work: Callable[..., Awaitable[Any]]) -> Iterator[None]:
    """A pass of this work inside: it is counted, and what fails is logged and goes no further."""
    of_work = _passes.setdefault(work.__module__.rpartition(".")[2], Passes())
    with log_failure(f"the background's {work.__name__}") as how:
        yield
    if how.failure:
        of_work.failed += 1
    else:
        of_work.well += 1
        of_work.last_well = time.monotonic()
