"""How many requests a machine sends to its key, as anybody sees them on the relay."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nostr_sdk import EventBuilder, Keys, Kind, PublicKey, Tag
from websockets.asyncio.client import ClientConnection, connect

NOSTR_CONNECT = 24133
LAST = 20022
"""Ephemeral and nobody's: an unreadable request to the key would end the bunker."""


class RequestsHeard:
    def __init__(self, ear: ClientConnection, pubkey: str) -> None:
        self._ear = ear
        self._pubkey = pubkey

    async def so_far(self) -> int:
        """Since the last call. Said by an event of our own that comes after all of them."""
        last = (
            EventBuilder(Kind(LAST), "")
            .tags([Tag.public_key(PublicKey.parse(self._pubkey))])
            .sign_with_keys(Keys.generate())
        )
        await self._ear.send(f'["EVENT",{last.as_json()}]')
        heard = 0
        while True:
            message = json.loads(await self._ear.recv())
            if message[0] == "EVENT" and message[2]["id"] == last.id().to_hex():
                return heard
            heard += message[0] == "EVENT"


@asynccontextmanager
async def requests_heard(relay: str, pubkey: str) -> AsyncIterator[RequestsHeard]:
    async with connect(relay, proxy=None) as ear:
        wanted = {"kinds": [NOSTR_CONNECT, LAST], "#p": [pubkey], "limit": 0}
        await ear.send(json.dumps(["REQ", "count", wanted]))
        while '"EOSE"' not in str(await ear.recv()):
            pass
        yield RequestsHeard(ear, pubkey)
