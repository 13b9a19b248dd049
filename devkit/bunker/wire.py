"""The bunker's end of the relays: connections, subscriptions, sealed messages."""

import asyncio
import ipaddress
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    NostrSdkError,
    PublicKey,
    Tag,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

logger = logging.getLogger(__name__)

Handler = Callable[[Event], Awaitable[None]]

NOSTR_CONNECT = 24133
"""NIP-46."""
ADMIN = 24134
"""nsecbunkerd's own, for its admins."""

NIP44_LONGEST = 65_408
"""Bytes of plaintext that nostr-sdk takes."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_REMEMBERED_IDS = 2048


class UnreadableError(Exception):
    """The content opens in no encryption that the lineage speaks, or is no JSON object."""


@dataclass(frozen=True)
class Opened:
    """The content of an event, decrypted: a request where `method` is given."""

    id: str
    method: str | None
    params: list[Any] = field(repr=False)
    author: str
    kind: int
    nip44: bool


def open_event(event: Event, keys: Keys, *, nip44: bool) -> Opened:
    content = event.content()
    modern = "?iv=" not in content
    if modern and not nip44:
        raise UnreadableError("NIP-44")
    decrypt = nip44_decrypt if modern else nip04_decrypt
    try:
        message = json.loads(decrypt(keys.secret_key(), event.author(), content))
    except (NostrSdkError, ValueError) as error:
        raise UnreadableError("garbage") from error
    if not isinstance(message, dict):
        raise UnreadableError("no object")
    params = message.get("params")
    return Opened(
        id=str(message.get("id")),
        method=message.get("method"),
        params=params if isinstance(params, list) else [],
        author=event.author().to_hex(),
        kind=event.kind().as_u16(),
        nip44=modern,
    )


def seal(message: dict[str, Any], keys: Keys, to: str, kind: int, *, nip44: bool) -> str:
    """The signed event with `message`, as JSON."""
    receiver = PublicKey.parse(to)
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    if nip44:
        content = nip44_encrypt(keys.secret_key(), receiver, text, Nip44Version.V2)
    else:
        content = nip04_encrypt(keys.secret_key(), receiver, text)
    builder = EventBuilder(Kind(kind), content).tags([Tag.public_key(receiver)])
    return str(builder.allow_self_tagging().sign_with_keys(keys).as_json())


@dataclass
class Subscription:
    """One REQ, kept up on every relay."""

    id: str
    filter: dict[str, Any]
    handler: Handler
    seen: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def asked_for(self, event: Event) -> bool:
        """False for what a relay brings that minds no filter. The real daemon looks too, before it
        opens anything."""
        wanted = self.filter["#p"]
        tags = [tag.as_vec() for tag in event.tags().to_vec()]
        addressed = any(tag[0] == "p" and tag[1] in wanted for tag in tags if len(tag) > 1)
        return addressed and event.kind().as_u16() in self.filter["kinds"]

    def is_new(self, event_id: str) -> bool:
        """False when another relay, or the same one twice, has brought the event before."""
        if event_id in self.seen:
            return False
        self.seen[event_id] = None
        if len(self.seen) > _REMEMBERED_IDS:
            self.seen.popitem(last=False)
        return True


@dataclass
class Link:
    """One relay. `tried` is set after the first attempt, `listening` while it has confirmed every
    subscription."""

    url: str
    socket: ClientConnection | None = None
    unconfirmed: set[str] = field(default_factory=set)
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Event = field(default_factory=asyncio.Event)


class Wire:
    """Connections to relays on loopback, each made again with growing pauses when it breaks.

    `anywhere`: the relays were named by hand, and may be elsewhere.
    """

    def __init__(self, relays: Sequence[str], *, anywhere: bool = False) -> None:
        for url in relays if not anywhere else ():
            _require_loopback(url)
        self.links = [Link(url) for url in relays]
        self._subscriptions: dict[str, Subscription] = {}
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Returns when every relay has been tried once."""
        for link in self.links:
            self.spawn(self._keep_connected(link))
        await asyncio.gather(*(link.tried.wait() for link in self.links))

    def hang_up(self) -> None:
        """From now on nothing is read or sent; connections close as soon as they can."""
        current = asyncio.current_task()
        for link in self.links:
            link.socket = None
        for task in self._tasks:
            if task is not current:
                task.cancel()

    async def stop(self) -> None:
        self.hang_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside everything else, until it is done or the wire stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("the development bunker failed", exc_info=error)

    async def subscribe(self, query: dict[str, Any], handler: Handler) -> None:
        subscription = Subscription(f"s{next(self._numbers)}", query, handler)
        self._subscriptions[subscription.id] = subscription
        for link in self.links:
            if link.socket is not None:
                await self._request(link, link.socket, subscription)

    async def publish(self, event: str) -> None:
        """To every relay that is connected; an event that no relay takes is lost."""
        frame = f'["EVENT",{event}]'
        sockets = [link.socket for link in self.links if link.socket is not None]
        await asyncio.gather(*(_send(socket, frame) for socket in sockets))

    async def listening(self) -> None:
        """Waits until every relay has confirmed every subscription and is still there."""
        for link in self.links:
            await link.listening.wait()
            while link.socket is None or not await _is_alive(link.socket):
                await asyncio.sleep(0)
                await link.listening.wait()

    async def _request(
        self, link: Link, socket: ClientConnection, subscription: Subscription
    ) -> None:
        link.listening.clear()
        link.unconfirmed.add(subscription.id)
        await _send(socket, json.dumps(["REQ", subscription.id, subscription.filter]))

    async def _keep_connected(self, link: Link) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                async with connect(
                    link.url, proxy=None, compression=None, open_timeout=5, close_timeout=0.5
                ) as socket:
                    link.socket = socket
                    for subscription in list(self._subscriptions.values()):
                        await self._request(link, socket, subscription)
                    async for frame in socket:
                        pause = _FIRST_PAUSE_S
                        self._receive(link, str(frame))
            except (OSError, asyncio.TimeoutError, InvalidHandshake, InvalidMessage) as error:
                logger.debug("relay %s is away: %s", link.url, error)
            except ConnectionClosed:
                logger.debug("relay %s closed the connection", link.url)
            finally:
                link.socket = None
                link.unconfirmed.clear()
                link.listening.clear()
                link.tried.set()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _receive(self, link: Link, frame: str) -> None:
        message = json.loads(frame)
        subscription = self._subscriptions.get(message[1]) if len(message) > 1 else None
        if subscription is None:
            return
        if message[0] == "EOSE":
            link.unconfirmed.discard(subscription.id)
            if not link.unconfirmed:
                link.listening.set()
                link.tried.set()
        elif message[0] == "EVENT" and subscription.is_new(message[2]["id"]):
            self.spawn(self._handle(subscription, message[2]))

    async def _handle(self, subscription: Subscription, fields: dict[str, Any]) -> None:
        event = Event.from_json(json.dumps(fields))
        if event.verify() and subscription.asked_for(event):
            await subscription.handler(event)


async def _is_alive(socket: ClientConnection) -> bool:
    """A relay that has just gone has not been missed yet; a ping finds out."""
    try:
        await (await socket.ping())
    except ConnectionClosed:
        return False
    return True


async def _send(socket: ClientConnection, frame: str) -> None:
    """A relay that goes away meanwhile loses the frame; the loop above connects again."""
    try:
        await socket.send(frame)
    except ConnectionClosed:
        logger.debug("a frame was lost: the relay is gone")


def _require_loopback(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("ws", "wss"):
        raise ValueError(f"{url} is no relay address")
    if host != "localhost" and not _is_loopback(host):
        raise ValueError(f"{url} is not on loopback, and the development bunker never dials out")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
