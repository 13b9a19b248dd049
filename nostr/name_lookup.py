"""Looks up the names of relays for operators.

A name server that somebody chose may hang, and a look-up that has begun keeps its thread until it
ends. So each operator gets a few threads, and may have one even while all others are busy: whoever
names servers that hang holds up only their own look-ups.
"""

import asyncio
import ipaddress
import socket
import threading
from collections import Counter
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from ..loop import within
from .ip_addresses import Address

THREADS = 1024
MOST, BUSY = 4, 32
"""Threads of one operator; while so many are busy he may have one, which nobody else can take."""

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="spirekeeper-relay-names")
busy_threads: Counter[str] = Counter()
"""By operator, the threads that are looking up."""
_lock = threading.Lock()
"""A look-up ends in its thread."""
_waiting: set[asyncio.Future[None]] = set()


async def look_up(
    host: str, port: int, operators: Collection[str], seconds: float
) -> list[Address]:
    """Every address of the name; none when it has none, or not in time.

    Uses a thread of one of these operators who has one left.
    """
    try:
        found = await within(seconds, _look_up(host, port, operators))
    except (OSError, UnicodeError, asyncio.TimeoutError):
        return []
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


async def _look_up(host: str, port: int, operators: Collection[str]) -> list[Any]:
    while (operator := _take(operators)) is None:
        await _a_thread_ends()
    kind = socket.SOCK_STREAM
    looking = _threads.submit(lambda: socket.getaddrinfo(host, port, type=kind))
    looking.add_done_callback(partial(_give_back, operator, asyncio.get_running_loop()))
    return await asyncio.wrap_future(looking)


def _take(operators: Collection[str]) -> str | None:
    with _lock:
        busy = busy_threads.total()
        most = MOST if busy < BUSY else 1 if busy < THREADS else 0
        free = next((operator for operator in operators if busy_threads[operator] < most), None)
        if free is not None:
            busy_threads[free] += 1
        return free


def _give_back(operator: str, loop: asyncio.AbstractEventLoop, _ended: "Future[Any]") -> None:
    with _lock:
        busy_threads[operator] -= 1
        if not busy_threads[operator]:
            del busy_threads[operator]
    if not loop.is_closed():
        loop.call_soon_threadsafe(_wake)


async def _a_thread_ends() -> None:
    waiting = asyncio.get_running_loop().create_future()
    _waiting.add(waiting)
    try:
        await waiting
    finally:
        _waiting.discard(waiting)


def _wake() -> None:
    for waiting in _waiting:
        if not waiting.done():
            waiting.set_result(None)
