"""A raw echo through a relay: the least that any message between two of its clients takes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

from nostr_sdk import EventBuilder, Keys, Kind
from websockets.asyncio.client import connect

KIND = 20021
"""Ephemeral and nobody's."""


@asynccontextmanager
async def echo(relay: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """`await echo()`: one event, signed beforehand, has come back to another connection."""
    keys = Keys.generate()
    numbers = count()

    def event() -> str:
        signed = EventBuilder(Kind(KIND), str(next(numbers))).sign_with_keys(keys)
        return f'["EVENT",{signed.as_json()}]'

    ready = [event() for _ in range(2000)]
    async with connect(relay, proxy=None) as ear, connect(relay, proxy=None) as mouth:
        await ear.send(json.dumps(["REQ", "echo", {"kinds": [KIND], "limit": 0}]))
        while '"EOSE"' not in str(await ear.recv()):
            pass

        async def once() -> None:
            await mouth.send(ready.pop())
            while '"EVENT"' not in str(await ear.recv()):
                pass

        yield once
