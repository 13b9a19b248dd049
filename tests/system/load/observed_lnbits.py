"""LNbits under observation: `python observed_lnbits.py APP --host … --port …`, as uvicorn takes it.

Every turn of the event loop is timed by the CPU time of its thread, so that other processes on the
machine do not count. A turn of more than a few milliseconds is looked into while it lasts, to
tell whose it is: ours where code of the extension is on the stack or the request is for it. For
this the loop is asyncio's own: uvloop's turns cannot be seen from Python.

A test asks over the Unix socket of `OBSERVER_SOCKET`, one line of JSON a question: `{"phase": …}`
names what comes next and is answered with what there is now, `{}` is answered with all turns.
"""

import asyncio
import gc
import json
import os
import resource
import signal
import socketserver
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

EXTENSION = "spirekeeper"
OURS = (EXTENSION, "websockets.asyncio.client", "websockets.asyncio.connection")
LONG = 0.008
"""Seconds; a shorter turn is only counted."""
LOOK_EVERY = 0.004
KEPT = 40
"""The longest turns that are kept of each phase."""
STEPS = 20_000
"""Of the reference work, by which machines are compared."""
EVERY = 0.2


@dataclass(order=True)
class Turn:
    """One long turn of the loop. Seconds."""

    cpu: float
    wall: float
    collecting: float
    """Of `cpu`, what Python's collection of garbage took; what there is to look through is nearly
    all LNbits'."""
    ours: bool
    where: str = ""
    """The innermost function of ours that was met."""
    stack: list[str] = field(compare=False, default_factory=list)
    """The frames that were met, the running one first."""


class Observer:
    """What the loop's turns took, by phase."""

    def __init__(self) -> None:
        self.phase = "start"
        self.loop: asyncio.AbstractEventLoop | None = None
        self.turns: defaultdict[str, list[Turn]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.reference: defaultdict[str, list[float]] = defaultdict(list)
        self._began: float | None = None
        self._stacks: list[list[FrameInTurn]] = []
        self._collecting = 0.0
        self._collection_began = 0.0
        self._last_reference = 0.0

    def install(self) -> None:
        """In the main thread, before the loop runs."""
        run = asyncio.events.Handle._run

        def observed(handle: asyncio.Handle) -> None:
            self.loop = handle._loop
            self._begin()
            try:
                run(handle)
            finally:
                self._end()

        asyncio.events.Handle._run = observed  # type: ignore[method-assign]
        gc.callbacks.append(self._collects)
        # A signal looks at the main thread between two of its bytecodes, also where a thread would
        # wait for it to let go. The timer counts CPU time and so is quiet when the process is.
        signal.signal(signal.SIGPROF, self._look)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, LOOK_EVERY, LOOK_EVERY)

    def _begin(self) -> None:
        self._stacks = []
        self._collecting = 0.0
        self._wall = time.perf_counter()
        self._began = time.thread_time()

    def _end(self) -> None:
        if self._began is None:
            return
        cpu = time.thread_time() - self._began
        self._began = None
        self.counts[self.phase] += 1
        if cpu >= LONG:
            self._keep(cpu, time.perf_counter() - self._wall)
        elif self._wall > self._last_reference + EVERY:
            self._last_reference = self._wall
            self.reference[self.phase].append(reference_work())

    def _keep(self, cpu: float, wall: float) -> None:
        stacks = self._stacks
        # Whose a turn is, most of the looks say; a look at its very end may be past it.
        owned = [stack for stack in stacks if any(frame.ours for frame in stack)]
        ours = 2 * len(owned) >= len(stacks) > 0
        shown = (owned if ours else stacks or [[]])[len(owned if ours else stacks) // 2]
        where = next((frame.function for frame in shown if frame.ours), "")
        turns = self.turns[self.phase]
        places = [frame.place for frame in shown]
        turns.append(Turn(cpu, wall, self._collecting, ours, where, places))
        if len(turns) > 20 * KEPT:
            turns.sort(reverse=True)
            del turns[10 * KEPT :]

    def _look(self, number: int, frame: FrameType | None) -> None:
        if self._began is not None and time.thread_time() - self._began > LONG / 2:
            self._stacks.append(_frames(frame))

    def _collects(self, when: str, about: dict[str, int]) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if when == "start":
            self._collection_began = time.thread_time()
        else:
            self._collecting += time.thread_time() - self._collection_began

    def report(self) -> dict[str, Any]:
        return {
            phase: {
                "turns": self.counts[phase],
                "reference": sorted(self.reference[phase]),
                "long": [vars(turn) for turn in sorted(self.turns[phase], reverse=True)],
            }
            for phase in self.counts
        }


@dataclass(frozen=True)
class FrameInTurn:
    function: str
    line: int
    ours: bool

    @property
    def place(self) -> str:
        return f"{self.function}:{self.line}"


def _frames(frame: FrameType | None) -> list[FrameInTurn]:
    """From the one that runs outwards to the loop."""
    found = []
    while frame is not None and frame.f_code.co_name != "observed":
        module = str(frame.f_globals.get("__name__", ""))
        function = f"{module}:{frame.f_code.co_name}"
        found.append(FrameInTurn(function, frame.f_lineno, _is_ours(frame, module)))
        frame = frame.f_back
    return found


def _is_ours(frame: FrameType, module: str) -> bool:
    """Code of the extension, of what it alone uses, its database, or a request for it."""
    if EXTENSION in module.split(".") or module.startswith(OURS[1:]):
        return True
    names = frame.f_code.co_varnames
    if "self" in names and EXTENSION in type(frame.f_locals.get("self")).__module__.split("."):
        return True
    scope = frame.f_locals.get("scope") if "scope" in names else None
    return isinstance(scope, dict) and str(scope.get("path", "")).startswith(f"/{EXTENSION}/")


def reference_work() -> float:
    """Seconds of CPU time for a fixed piece of work."""
    start = time.thread_time()
    total = 0
    for number in range(STEPS):
        total += number & 7
    return time.thread_time() - start


def now(loop: asyncio.AbstractEventLoop | None) -> dict[str, Any]:
    """What there is in this process, after a collection of garbage."""
    left_out = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    kinds = Counter(
        type(each).__name__
        for each in gc.get_objects()
        if EXTENSION in str(getattr(type(each), "__module__", "")).split(".")
    )
    if left_out:
        gc.freeze()
    tasks = Counter(_named(task) for task in (asyncio.all_tasks(loop) if loop else ()))
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return {
        "rss": pages * resource.getpagesize(),
        "objects": kinds,
        "tasks": tasks,
        "files": len(os.listdir("/proc/self/fd")),
        "cpu": time.process_time(),
    }


def _named(task: "asyncio.Task[Any]") -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", coroutine))


class Answer(socketserver.StreamRequestHandler):
    """One question a line."""

    observer: Observer

    def handle(self) -> None:
        for line in self.rfile:
            asked = json.loads(line)
            if "phase" in asked:
                said = now(self.observer.loop)
                self.observer.phase = asked["phase"]
            else:
                said = self.observer.report()
            self.wfile.write(json.dumps(said).encode() + b"\n")
            self.wfile.flush()


class _Ear(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def main() -> None:
    import uvicorn.config

    Answer.observer = Observer()
    Answer.observer.install()
    ear = _Ear(os.environ["OBSERVER_SOCKET"], Answer)
    threading.Thread(target=ear.serve_forever, daemon=True).start()
    uvicorn.main([*sys.argv[1:], "--loop", "asyncio"])


if __name__ == "__main__":
    main()
