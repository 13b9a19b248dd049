"""A client that speaks events and nothing more: for tests that look at the wire itself."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    PublicKey,
    Tag,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Message:
    """What arrived: an event's content, decrypted."""

    author: str
    kind: int
    encryption: str
    content: dict[str, Any]


@dataclass
class RawClient:
    """One key on one relay. `inbox` holds everything that was sent to it, in order.

    `async with RawClient(url) as client: await client.ask(bunker.pubkey, "ping")`
    """

    url: str
    keys: Keys = field(default_factory=Keys.generate)
    inbox: list[Message] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())

    async def __aenter__(self) -> "RawClient":
        self._socket: ClientConnection = await connect(self.url, proxy=None)
        query = {"kinds": [24133, 24134], "#p": [self.pubkey]}
        await self._socket.send(json.dumps(["REQ", "inbox", query]))
        assert json.loads(await self._socket.recv()) == ["EOSE", "inbox"]
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            parts = json.loads(frame)
            if parts[0] == "EVENT":
                event = Event.from_json(json.dumps(parts[2]))
                assert event.verify()
                async with self._arrived:
                    self.inbox.append(self._open(event))
                    self._arrived.notify_all()

    def _open(self, event: Event) -> Message:
        nip04 = "?iv=" in event.content()
        decrypt = nip04_decrypt if nip04 else nip44_decrypt
        return Message(
            author=event.author().to_hex(),
            kind=event.kind().as_u16(),
            encryption="nip04" if nip04 else "nip44",
            content=json.loads(decrypt(self.keys.secret_key(), event.author(), event.content())),
        )

    async def send(
        self, to: str, text: str, *, kind: int = 24134, encryption: str = "nip44"
    ) -> None:
        """`encryption` "none" sends the text as it is."""
        await self.publish(self.sealed(to, text, kind=kind, encryption=encryption))

    async def publish(self, event: str) -> None:
        await self._socket.send(f'["EVENT",{event}]')

    def sealed(self, to: str, text: str, *, kind: int = 24134, encryption: str = "nip44") -> str:
        """The signed event, as JSON."""
        receiver = PublicKey.parse(to)
        secret = self.keys.secret_key()
        content = {
            "nip44": lambda: nip44_encrypt(secret, receiver, text, Nip44Version.V2),
            "nip04": lambda: nip04_encrypt(secret, receiver, text),
            "none": lambda: text,
        }[encryption]()
        builder = EventBuilder(Kind(kind), content).tags([Tag.public_key(receiver)])
        return str(builder.sign_with_keys(self.keys).as_json())

    async def request(self, to: str, method: str, params: list[Any], **how: Any) -> str:
        """Sends and does not wait; returns the id."""
        number = f"q{next(self._numbers)}"
        await self.send(to, json.dumps({"id": number, "method": method, "params": params}), **how)
        return number

    async def ask(self, to: str, method: str, *params: Any, **how: Any) -> Message:
        """The first answer."""
        number = await self.request(to, method, list(params), **how)
        return (await self.answers(number))[0]

    async def answers(self, number: str, least: int = 1) -> list[Message]:
        """All answers to a request, once there are as many as `least`."""
        await self.until(lambda: len(self.received(number)) >= least)
        return self.received(number)

    def received(self, number: str) -> list[Message]:
        return [
            message
            for message in self.inbox
            if message.content.get("id") == number and "method" not in message.content
        ]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(holds), PATIENCE_S)
