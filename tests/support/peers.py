"""Peers of the bunker client whose every word a test decides; they share no code with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
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
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve


@dataclass(frozen=True)
class Asked:
    """A request as the peer reads it."""

    id: str
    method: str
    params: list[Any]
    author: str
    kind: int
    encryption: str


@dataclass
class Peer:
    """A key that reads requests and makes replies."""

    keys: Keys = field(default_factory=Keys.generate)
    ahead: int = 0
    """Seconds that its clock is ahead."""

    @property
    def pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())

    def read(self, event: Event) -> Asked:
        content = event.content()
        modern = "?iv=" not in content
        decrypt = nip44_decrypt if modern else nip04_decrypt
        body = json.loads(decrypt(self.keys.secret_key(), event.author(), content))
        return Asked(
            id=body["id"],
            method=body["method"],
            params=body["params"],
            author=event.author().to_hex(),
            kind=event.kind().as_u16(),
            encryption="nip44" if modern else "nip04",
        )

    def reply(self, asked: Asked, *, kind: int = 24134, to: str = "", **body: Any) -> str:
        """The event that answers `asked`; `body` overrides the id."""
        return self.event(
            json.dumps({"id": asked.id, **body}),
            author=asked.author,
            to=to or asked.author,
            kind=kind,
            encryption=asked.encryption,
        )

    def event(self, text: str, *, author: str, to: str, kind: int, encryption: str) -> str:
        """An event for the reader `author`, p-tagged to `to`."""
        reader = PublicKey.parse(author)
        if encryption == "nip44":
            content = nip44_encrypt(self.keys.secret_key(), reader, text, Nip44Version.V2)
        elif encryption == "nip04":
            content = nip04_encrypt(self.keys.secret_key(), reader, text)
        else:
            content = text
        tags = [Tag.public_key(PublicKey.parse(to))]
        made_at = Timestamp.from_secs(Timestamp.now().as_secs() + self.ahead)
        builder = EventBuilder(Kind(kind), content).tags(tags).custom_created_at(made_at)
        return str(builder.sign_with_keys(self.keys).as_json())


Answer = Callable[[Asked], Iterable[str]]


class PeerOnRelay:
    """Answers over a relay, with the events that `answer` makes of each request."""

    def __init__(self, url: str, peer: Peer, answer: Answer) -> None:
        self.asked: list[Asked] = []
        self._url = url
        self._peer = peer
        self._answer = answer
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "PeerOnRelay":
        self._task = asyncio.create_task(self._run())
        await self._ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        wanted = {"kinds": [24133, 24134], "#p": [self._peer.pubkey]}
        async with connect(self._url, proxy=None, compression=None) as socket:
            await socket.send(json.dumps(["REQ", "peer", wanted]))
            async for text in socket:
                message = json.loads(text)
                if message[0] == "EOSE":
                    self._ready.set()
                if message[0] == "EVENT":
                    asked = self._peer.read(Event.from_json(json.dumps(message[2])))
                    self.asked.append(asked)
                    for event in self._answer(asked):
                        await socket.send(f'["EVENT",{event}]')


Frames = Callable[[dict[str, Any]], Iterable[str]]


class HostileRelay:
    """A relay that checks nothing: to each event it says exactly the frames of `frames`.

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

    async def __aenter__(self) -> "HostileRelay":
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


async def until(true: Callable[[], bool], news: Callable[[], Awaitable[Any]]) -> None:
    """Wait for `true`, looking again after each of `news`."""
    while not true():
        await news()
