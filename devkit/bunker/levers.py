"""How a test makes the bunker's admin interface misbehave."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

RECORDED_SECONDS = {
    "ping": 0.021,
    "get_keys": 0.015,
    "get_policies": 0.024,
    "create_new_key": 0.024,
    "create_new_token": 0.026,
    "get_key_tokens": 0.041,
    "revoke_user": 0.023,
}
"""What nsecbunkerd 0.10.5 took for a call (medians of 2026). Ten get_keys at once took 205 ms: it
serves one after another."""

GARBAGE = '<html><h1>502 Bad Gateway</h1></html>{"npub":'


class Effect(Enum):
    SILENT = auto()
    DROP_ANSWER = auto()
    REFUSE = auto()
    LATE = auto()
    BUSY = auto()
    TWICE = auto()
    GARBAGE = auto()


@dataclass
class Fault:
    """One lever that is pulled: for one method or every one, for so many calls or until normal."""

    effect: Effect
    method: str | None
    times: int | None
    seconds: float = 0.0
    text: str = ""


@dataclass
class Held:
    """One call that stands still: before it is done, or `done` and not answered yet."""

    matches: Callable[[str, list[Any]], bool]
    nth: int
    done: bool
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the call is here and, where that was asked for, done."""
    lost: bool = False
    _go: asyncio.Event = field(default_factory=asyncio.Event)

    def let_go(self) -> None:
        """It goes on as if nothing had been."""
        self._go.set()

    def lose(self) -> None:
        """It ends where it stands: not done, or not answered."""
        self.lost = True
        self._go.set()

    async def stand(self) -> bool:
        """Whether it goes on, once that is known."""
        self.arrived.set()
        await self._go.wait()
        return not self.lost

    def is_next(self, method: str, params: list[Any]) -> bool:
        """Whether this is the call to be held; counts those that match."""
        if self.nth <= 0 or not self.matches(method, params):
            return False
        self.nth -= 1
        return self.nth == 0


@dataclass
class Levers:
    """Each lever holds for `method` (None: every admin call) and for `times` calls (None: until
    `normal()`). Levers add up; the one pulled last wins where two of a kind meet."""

    faults: list[Fault] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def silent(self, method: str | None = None, *, times: int | None = None) -> None:
        """The request is lost: nothing is done, nothing is answered."""
        self.faults.append(Fault(Effect.SILENT, method, times))

    def drop_answer(self, method: str | None = None, *, times: int | None = None) -> None:
        """It is done, but the answer is lost."""
        self.faults.append(Fault(Effect.DROP_ANSWER, method, times))

    def late(self, seconds: float, method: str | None = None, *, times: int | None = None) -> None:
        """It is done at once and answered after `seconds`."""
        self.faults.append(Fault(Effect.LATE, method, times, seconds=seconds))

    def busy(self, seconds: float, method: str | None = None, *, times: int | None = None) -> None:
        """It keeps the daemon's one thread for so long; other calls that are busy wait."""
        self.faults.append(Fault(Effect.BUSY, method, times, seconds=seconds))

    def as_recorded(self) -> None:
        """Each call takes what it took the real daemon."""
        for method, seconds in RECORDED_SECONDS.items():
            self.busy(seconds, method)

    def refuse(self, text: str, method: str | None = None, *, times: int | None = None) -> None:
        """Nothing is done; the answer is the error `text`."""
        self.faults.append(Fault(Effect.REFUSE, method, times, text=text))

    def twice(self, method: str | None = None, *, times: int | None = None) -> None:
        """It is done once and answered twice."""
        self.faults.append(Fault(Effect.TWICE, method, times))

    def garbage(self, method: str | None = None, *, times: int | None = None) -> None:
        """It is done, and the answer's result is nothing that can be read."""
        self.faults.append(Fault(Effect.GARBAGE, method, times))

    def hold(
        self, matches: Callable[[str, list[Any]], bool], nth: int = 1, *, done: bool = False
    ) -> Held:
        """The nth call from now on for which `matches(method, params)` stands still until it is let
        go: what whoever asked is doing at that moment, it is in the middle of."""
        held = Held(matches, nth, done)
        self.held.append(held)
        return held

    def normal(self) -> None:
        """Lets go of every lever."""
        self.faults.clear()
        for held in self.held:
            held.let_go()
        self.held.clear()

    def holding(self, method: str, params: list[Any]) -> Held | None:
        """What holds this one call; each lever that it matches counts it."""
        holding = [held for held in self.held if held.is_next(method, params)]
        return holding[-1] if holding else None

    def take(self, method: str) -> dict[Effect, Fault]:
        """What holds for this one call; counts it."""
        return {fault.effect: fault for fault in list(self._holding(method))}

    def _holding(self, method: str) -> Iterator[Fault]:
        for fault in list(self.faults):
            if fault.method not in (None, method):
                continue
            yield fault
            if fault.times is None:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
