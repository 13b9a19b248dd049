"""Manners of a relay between a machine and its bunker, beside the habits that relays have."""

from itertools import count
from typing import Any

from spirekeeper.devkit.hostile_relay import Line, Manner


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


async def hanging_up(line: Line, message: list[Any]) -> bool:
    """It takes an event, and is gone before it has said so."""
    if message[0] != "OK":
        return True
    line.client.transport.abort()
    return False
