"""What the relays do that people have, as manners of a relay between a machine and a real one."""

from itertools import count
from typing import Any

from spirekeeper.devkit.hostile_relay import Line, Manner


def without(*words: str) -> Manner:
    """It never says these."""

    async def manner(line: Line, message: list[Any]) -> bool:
        return message[0] not in words

    return manner


def refusing_requests(reason: str, *, times: int | None = None, delivers: bool = False) -> Manner:
    """It says `OK false` to each event, or to the first few; `delivers`: and passes it on."""
    numbers = count()

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or (times is not None and next(numbers) >= times):
            return True
        await line.tell("OK", message[1]["id"], False, reason)
        return delivers

    return manner


def ending_first_subscriptions(reason: str, times: int) -> Manner:
    numbers = count()

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "REQ" or next(numbers) >= times:
            return True
        await line.tell("CLOSED", message[1], reason)
        return False

    return manner


async def of_another_event(line: Line, message: list[Any]) -> bool:
    """Its OK names another id than the event's."""
    if message[0] != "OK":
        return True
    await line.tell("OK", "0" * 64, *message[2:])
    return False


async def hanging_up(line: Line, message: list[Any]) -> bool:
    """It takes an event, and is gone before it has said so."""
    if message[0] != "OK":
        return True
    line.client.transport.abort()
    return False
