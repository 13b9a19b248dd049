"""Manners for a `HostileRelay`, beside the habits of `devkit/relay_habits.py`: what no relay does
all the time."""

import asyncio
from collections.abc import Collection
from random import Random
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


def losing_some(kinds: Collection[int], chance: Random, share: float) -> Manner:
    """It takes every event of these kinds, and passes so many of them on to nobody."""

    async def manner(line: Line, message: list[Any]) -> bool:
        if not _is_event(message, kinds) or chance.random() >= share:
            return True
        if _of_client(message):
            await line.tell("OK", message[1]["id"], True, "")
        return False

    return manner


def repeating(kinds: Collection[int]) -> Manner:
    """It brings every event of these kinds twice."""

    async def manner(line: Line, message: list[Any]) -> bool:
        if _is_event(message, kinds):
            await _carry_on(line, message)
        return True

    return manner


def reordering(kinds: Collection[int]) -> Manner:
    """It holds an event of these kinds until the next one has overtaken it, or half a second."""
    held: dict[tuple[Line, bool], list[Any]] = {}
    releasing: set[asyncio.Task[None]] = set()

    async def release(line: Line, message: list[Any]) -> None:
        await asyncio.sleep(0.5)
        if held.get((line, _of_client(message))) is message:
            await _carry_on(line, held.pop((line, _of_client(message))))

    async def manner(line: Line, message: list[Any]) -> bool:
        if not _is_event(message, kinds):
            return True
        overtaken = held.pop((line, _of_client(message)), None)
        if overtaken is not None:
            await _carry_on(line, message)
            await _carry_on(line, overtaken)
            return False
        held[line, _of_client(message)] = message
        task = asyncio.create_task(release(line, message))
        releasing.add(task)
        task.add_done_callback(releasing.discard)
        return False

    return manner


def _is_event(message: list[Any], kinds: Collection[int]) -> bool:
    return message[0] == "EVENT" and message[-1]["kind"] in kinds


def _of_client(message: list[Any]) -> bool:
    """What a relay says of an event names a subscription, too."""
    return len(message) == 2


async def _carry_on(line: Line, message: list[Any]) -> None:
    await (line.ask if _of_client(message) else line.tell)(*message)
