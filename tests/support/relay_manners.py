"""Manners of relays that people have, for a `HostileRelay` to play: what each says, or does not."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spirekeeper.devkit.hostile_relay import Line, Manner, honest

RPC_KINDS = (24133, 24134)


@dataclass
class Manners:
    """How a relay treats what clients say, and what it says itself."""

    up: Manner = honest
    down: Manner = honest


async def keep_last_filter(line: Line, message: list[Any]) -> bool:
    """As LNbits' nostrrelay, which ends each of the filters and keeps the last."""
    if message[0] != "REQ" or len(message) == 3:
        return True
    for _ in message[3:]:
        await line.tell("EOSE", message[1])
    await line.upstream.send(json.dumps([*message[:2], message[-1]]))
    return False


def keeping_the_last_filter() -> Manners:
    return Manners(up=keep_last_filter)


def without(word: str) -> Callable[[], Manners]:
    """It never says this word."""

    async def manner(line: Line, message: list[Any]) -> bool:
        return bool(message[0] != word)

    return lambda: Manners(down=manner)


def late_eose() -> Manners:
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

    return Manners(down=manner)


def mute_at_first() -> Manners:
    """Nobody listens for the first events of each connection: it refuses them, and says why."""
    left: dict[Line, int] = {}

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or left.setdefault(line, 3) == 0:
            return True
        left[line] -= 1
        await line.tell("OK", message[1]["id"], False, "mute: no one was listening for this")
        return False

    return Manners(up=manner)


def refusing_what_it_brings() -> Manners:
    """It passes events on, and says that it does not take them."""

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] == "OK":
            await line.tell("OK", message[1], False, "error: failed to add event")
        return bool(message[0] != "OK")

    return Manners(down=manner)


class Storing:
    """It stores what should not be, and brings it to whoever asks for stored events."""

    def __init__(self) -> None:
        self.brought = 0
        self._stored: dict[str, dict[str, Any]] = {}

    async def up(self, line: Line, message: list[Any]) -> bool:
        if message[0] == "EVENT":
            self._store(message[1])
        if message[0] == "REQ":
            for wanted in message[2:]:
                found = [each for each in self._stored.values() if _asked_for(each, wanted)]
                for event in found[::-1][: wanted.get("limit", len(found))]:
                    self.brought += 1
                    await line.tell("EVENT", message[1], event)
        return True

    async def down(self, line: Line, message: list[Any]) -> bool:
        if message[0] == "EVENT":
            self._store(message[2])
        return True

    def _store(self, event: dict[str, Any]) -> None:
        if event["kind"] in RPC_KINDS:
            self._stored[event["id"]] = event


def storing() -> Manners:
    relay = Storing()
    return Manners(up=relay.up, down=relay.down)


def _asked_for(event: dict[str, Any], wanted: dict[str, Any]) -> bool:
    addressees = {tag[1] for tag in event["tags"] if tag[0] == "p"}
    return (
        event["kind"] in wanted["kinds"]
        and event["pubkey"] in wanted.get("authors", [event["pubkey"]])
        and not addressees.isdisjoint(wanted.get("#p", addressees))
    )
