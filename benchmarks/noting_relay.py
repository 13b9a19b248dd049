"""A relay that notes what it is asked for, and sends what it is told to, asked for or not."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from spirekeeper.devkit.relay import HOST
from websockets.asyncio.server import ServerConnection, serve

Filters = list[dict[str, Any]]


@dataclass
class NotingRelay:
    url: str = ""
    connections: dict[ServerConnection, dict[str, Filters]] = field(default_factory=dict)
    """The filters of each subscription, by connection."""
    longest: int = 0
    """Bytes of the longest message that came."""
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def filters(self) -> Filters:
        return [each for of in self.connections.values() for some in of.values() for each in some]

    async def asked_for(self, keys: int) -> None:
        """Returns once so many keys are asked for in all."""
        while len({key for each in self.filters for key in each.get("#p", ())}) < keys:
            self._asked.clear()
            await self._asked.wait()

    async def send(self, events: Iterable[str]) -> None:
        """To each connection, as events of one of its subscriptions; returns when they were read,
        but for what the other end has queued."""
        for socket, subscriptions in self.connections.items():
            for event in events:
                await socket.send(f'["EVENT","{next(iter(subscriptions))}",{event}]')
            await (await socket.ping())

    async def serve(self, socket: ServerConnection) -> None:
        subscriptions = self.connections[socket] = {}
        try:
            async for text in socket:
                self.longest = max(self.longest, len(text))
                match json.loads(text):
                    case ["REQ", str(name), *filters]:
                        subscriptions[name] = filters
                        await socket.send(json.dumps(["EOSE", name]))
                    case ["CLOSE", str(name)]:
                        subscriptions.pop(name, None)
                self._asked.set()
        finally:
            del self.connections[socket]


@asynccontextmanager
async def noting_relay() -> AsyncIterator[NotingRelay]:
    relay = NotingRelay()
    async with serve(relay.serve, HOST, 0, compression=None, max_size=None) as server:
        relay.url = f"ws://{HOST}:{next(iter(server.sockets)).getsockname()[1]}"
        yield relay
