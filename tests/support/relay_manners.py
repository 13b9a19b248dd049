"""Manners for a `HostileRelay`, beside the habits of `devkit/relay_habits.py`: what no relay does
all the time."""

import asyncio
from typing import Any

from spirekeeper.devkit.hostile_relay import Line, Manner


def without_eose() -> Manner:
    """It never says that it has no more stored events."""

    async def manner(line: Line, message: list[Any]) -> bool:
        return message[:1] != ["EOSE"]

    return manner


def late_eose() -> Manner:
    """It says only later that it has no more stored events."""
    saying: set[asyncio.Task[None]] = set()

    async def say_later(line: Line, message: list[Any]) -> None:
        await asyncio.sleep(2.5)
        await line.tell(*message)

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] == "EOSE":
            task = asyncio.create_task(say_later(line, message))
            saying.add(task)
            task.add_done_callback(saying.discard)
        return bool(message[0] != "EOSE")

    return manner


def mute_at_first() -> Manner:
    """Nobody listens for the first events of each connection: it refuses them, and says why."""
    left: dict[Line, int] = {}

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or len(message) > 2 or left.setdefault(line, 3) == 0:
            return True
        left[line] -= 1
        await line.tell("OK", message[1]["id"], False, "mute: no one was listening for this")
        return False

    return manner
