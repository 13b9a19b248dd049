"""An admin client of the bunker as anybody would write it: connect, subscribe, ask.

It learns nothing and checks nothing but signatures. It is what our own client is measured by.
"""

import asyncio
import json
from itertools import count
from typing import Any

from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    NostrSdkError,
    PublicKey,
    Tag,
    nip44_decrypt,
    nip44_encrypt,
)
from websockets.asyncio.client import ClientConnection, connect

ADMIN_KIND, ERROR_KIND = 24134, 24133
PATIENCE_S = 60


class PlainAdmin:
    """One connection; `await admin.ask("ping")`, any number side by side."""

    def __init__(self, relay: str, bunker: str, keys: Keys) -> None:
        self._relay = relay
        self._bunker = PublicKey.parse(bunker)
        self._keys = keys
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[str]] = {}

    async def __aenter__(self) -> "PlainAdmin":
        self._socket: ClientConnection = await connect(self._relay, proxy=None, compression=None)
        us = self._keys.public_key().to_hex()
        wanted = {
            "kinds": [ADMIN_KIND, ERROR_KIND],
            "authors": [self._bunker.to_hex()],
            "#p": [us],
            "limit": 0,
        }
        await self._socket.send(json.dumps(["REQ", "answers", wanted]))
        while '"EOSE"' not in str(await self._socket.recv()):
            pass
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        """At once: nobody waits for a farewell, so it costs no round trip."""
        self._listening.cancel()
        self._socket.transport.abort()

    async def ask(self, method: str, *params: Any) -> Any:
        """The result, read as JSON."""
        number = str(next(self._numbers))
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(f'["EVENT",{self._sealed(number, method, params)}]')
        try:
            return json.loads(await asyncio.wait_for(answer, PATIENCE_S))
        finally:
            del self._waiting[number]

    def _sealed(self, number: str, method: str, params: tuple[Any, ...]) -> str:
        text = json.dumps({"id": number, "method": method, "params": params})
        content = nip44_encrypt(self._keys.secret_key(), self._bunker, text, Nip44Version.V2)
        builder = EventBuilder(Kind(ADMIN_KIND), content).tags([Tag.public_key(self._bunker)])
        return str(builder.sign_with_keys(self._keys).as_json())

    async def _listen(self) -> None:
        async for frame in self._socket:
            said = json.loads(frame)
            if said[0] != "EVENT":
                continue
            event = Event.from_json(json.dumps(said[2]))
            assert event.verify()
            try:
                text = nip44_decrypt(self._keys.secret_key(), event.author(), event.content())
            except NostrSdkError:  # for another client of this key
                continue
            body = json.loads(text)
            answer = self._waiting.get(body["id"])
            if answer is None or answer.done():  # a relay may bring an event twice
                continue
            if "error" in body:
                answer.set_exception(RuntimeError(f"the bunker says {body['error'][:200]}"))
            else:
                answer.set_result(body["result"])
