"""Relays talked to by hand, message by message, and those of a kind (`devkit/relay_kinds.py`)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nostr_sdk import EventBuilder, Keys, Kind, PublicKey, Tag, Timestamp
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.relay_kinds import RelayKind, play
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 10.0
SPIRE_KIND = 21000


@asynccontextmanager
async def of_kind(kind: RelayKind, upstream: str) -> AsyncIterator[HostileRelay]:
    """A relay of this kind, in front of that one."""
    async with HostileRelay(upstream) as front:
        play(front, kind)
        yield front


def an_event(
    keys: Keys | None = None,
    *,
    kind: int = SPIRE_KIND,
    content: str = "hello",
    to: str | None = None,
    ago: int = 0,
) -> dict[str, Any]:
    """A signed event, made `ago` seconds ago as it says."""
    tags = [Tag.public_key(PublicKey.parse(to))] if to else []
    at = Timestamp.from_secs(Timestamp.now().as_secs() - ago)
    draft = EventBuilder(Kind(kind), content).tags(tags).custom_created_at(at)
    event: dict[str, Any] = json.loads(draft.sign_with_keys(keys or Keys.generate()).as_json())
    return event


class Talk:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def say(self, *message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def hear(self, patience: float = PATIENCE_S) -> list[Any]:
        message: list[Any] = json.loads(await asyncio.wait_for(self._socket.recv(), patience))
        return message

    async def hears(self, event_id: str, patience: float = PATIENCE_S) -> bool:
        """Whether that event is brought before patience ends."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        while (left := end - loop.time()) > 0:
            try:
                message = await self.hear(left)
            except asyncio.TimeoutError:
                return False
            if message[0] == "EVENT" and message[2]["id"] == event_id:
                return True
        return False

    async def subscribe(self, subscription: str, *filters: dict[str, Any]) -> list[list[Any]]:
        """What is stored, until its end."""
        await self.say("REQ", subscription, *filters)
        stored = []
        while (message := await self.hear()) != ["EOSE", subscription]:
            stored.append(message)
        return stored

    async def publish(self, event: dict[str, Any]) -> list[Any]:
        """What is said of it: taken or not, and why."""
        await self.say("EVENT", event)
        while (message := await self.hear())[:2] != ["OK", event["id"]]:
            pass
        return message[2:]


@asynccontextmanager
async def talking(url: str) -> AsyncIterator[Talk]:
    async with connect(url, proxy=None, compression=None, max_size=None) as socket:
        yield Talk(socket)
