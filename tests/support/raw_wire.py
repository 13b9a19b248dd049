"""Nostr and NIP-46 by hand, for tests that look at the wire itself; it shares no code with ours.

A `RawKey` reads and makes events. A `RawClient` is one on a relay that asks, a `RawPeer` one that
answers; a `ScriptedRelay` checks nothing, and says what a test has it say.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
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
    Timestamp,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)
from typing_extensions import Self
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve

PATIENCE_S = 10.0
RPC_KINDS = [24133, 24134]


@dataclass(frozen=True)
class Message:
    """A request or an answer, as the key reads it that it was sent to."""

    author: str
    kind: int
    encryption: str
    content: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.content["id"])

    @property
    def method(self) -> str:
        return str(self.content["method"])

    @property
    def params(self) -> list[Any]:
        params: list[Any] = self.content["params"]
        return params


@dataclass
class RawKey:
    """Reads what is sent to it, and makes events."""

    keys: Keys = field(default_factory=Keys.generate)
    ahead: int = 0
    """Seconds that its clock is ahead."""

    @property
    def pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())

    def opened(self, content: str, other: str) -> tuple[str, Any]:
        """The encryption between the two keys, and what is in it."""
        encryption = "nip04" if "?iv=" in content else "nip44"
        decrypt = nip04_decrypt if encryption == "nip04" else nip44_decrypt
        return encryption, json.loads(
            decrypt(self.keys.secret_key(), PublicKey.parse(other), content)
        )

    def read(self, event: Mapping[str, Any]) -> Message:
        encryption, content = self.opened(event["content"], event["pubkey"])
        return Message(event["pubkey"], event["kind"], encryption, content)

    def event(
        self,
        reader: str,
        text: str,
        *,
        kind: int = 24134,
        encryption: str = "nip44",
        to: Iterable[str] = (),
        ago: int = 0,
    ) -> str:
        """A signed event for `reader`, as JSON; encryption "none" leaves the text as it is.

        `to`: whom it says that it goes to, where that is not the reader; `ago`: how long ago it
        says that it was made.
        """
        secret, receiver = self.keys.secret_key(), PublicKey.parse(reader)
        content = {
            "nip44": lambda: nip44_encrypt(secret, receiver, text, Nip44Version.V2),
            "nip04": lambda: nip04_encrypt(secret, receiver, text),
            "none": lambda: text,
        }[encryption]()
        tags = [Tag.public_key(PublicKey.parse(each)) for each in to or [reader]]
        at = Timestamp.from_secs(Timestamp.now().as_secs() + self.ahead - ago)
        draft = EventBuilder(Kind(kind), content).tags(tags).custom_created_at(at)
        return str(draft.sign_with_keys(self.keys).as_json())

    def reply(self, asked: Message, *, kind: int = 24134, to: str = "", **body: Any) -> str:
        """The event that answers `asked`; `body` overrides the id."""
        text = json.dumps({"id": asked.id, **body})
        return self.event(
            asked.author, text, kind=kind, encryption=asked.encryption, to=[to] if to else ()
        )


class OnRelay(RawKey, ABC):
    """A key that listens on one relay."""

    def __init__(self, url: str, keys: Keys | None = None) -> None:
        super().__init__(keys or Keys.generate())
        self.url = url

    async def __aenter__(self) -> Self:
        self._ready = asyncio.Event()
        self._socket: ClientConnection = await connect(self.url, proxy=None, compression=None)
        wanted = {"kinds": RPC_KINDS, "#p": [self.pubkey]}
        await self._socket.send(json.dumps(["REQ", "inbox", wanted]))
        self._reader = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._ready.wait(), PATIENCE_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    async def publish(self, event: str) -> None:
        await self._socket.send(f'["EVENT",{event}]')

    async def _listen(self) -> None:
        async for frame in self._socket:
            parts = json.loads(frame)
            if parts[0] == "EOSE":
                self._ready.set()
            if parts[0] == "EVENT":
                assert Event.from_json(json.dumps(parts[2])).verify()
                await self._heard(self.read(parts[2]))

    @abstractmethod
    async def _heard(self, message: Message) -> None:
        """What comes for its key."""


class RawClient(OnRelay):
    """Asks. `inbox` holds everything that was sent to it, in order.

    `async with RawClient(url) as client: await client.ask(bunker.pubkey, "ping")`
    """

    def __init__(self, url: str, keys: Keys | None = None) -> None:
        super().__init__(url, keys)
        self.inbox: list[Message] = []
        self._arrived = asyncio.Condition()
        self._numbers = count(1)

    async def _heard(self, message: Message) -> None:
        async with self._arrived:
            self.inbox.append(message)
            self._arrived.notify_all()

    async def send(self, to: str, text: str, **how: Any) -> None:
        await self.publish(self.event(to, text, **how))

    async def request(self, to: str, method: str, params: list[Any], **how: Any) -> str:
        """Sends and does not wait; returns the id."""
        number = f"q{next(self._numbers)}"
        await self.send(to, json.dumps({"id": number, "method": method, "params": params}), **how)
        return number

    async def ask(self, to: str, method: str, *params: Any, **how: Any) -> Message:
        """The first answer."""
        number = await self.request(to, method, list(params), **how)
        return (await self.answers(number))[0]

    async def connect(self, key: str, secret: str) -> dict[str, Any]:
        """Redeems a token, as a machine does; the first answer's content."""
        return (await self.ask(key, "connect", key, secret, kind=24133)).content

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


Answer = Callable[[Message], Iterable[str]]
"""The events that answer a request."""


class RawPeer(OnRelay):
    """Answers as `key`; `asked` holds every request, in order."""

    def __init__(self, url: str, key: RawKey, answer: Answer) -> None:
        super().__init__(url, key.keys)
        self.asked: list[Message] = []
        self.relays = [url]
        self._answer = answer

    async def _heard(self, message: Message) -> None:
        self.asked.append(message)
        for event in self._answer(message):
            await self.publish(event)


Frames = Callable[[dict[str, Any]], Iterable[str]]


class ScriptedRelay:
    """To each event it says exactly the frames of `frames`.

    `{sub}` in a frame becomes the id of the client's subscription.
    """

    def __init__(self, frames: Frames) -> None:
        self.connections = 0
        self.events: list[dict[str, Any]] = []
        self._frames = frames
        self._server: Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}"

    async def __aenter__(self) -> "ScriptedRelay":
        self._server = await serve(self._serve, "127.0.0.1", 0, compression=None, max_size=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        subscription = ""
        async for text in socket:
            message = json.loads(text)
            if message[0] == "REQ":
                subscription = message[1]
                await socket.send(json.dumps(["EOSE", subscription]))
            if message[0] == "EVENT":
                self.events.append(message[1])
                for frame in self._frames(message[1]):
                    await socket.send(frame.replace("{sub}", subscription))
