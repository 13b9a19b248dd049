"""A relay between a client and a real relay, with manners that a test chooses.

Left alone it passes everything on, both ways. A manner is asked about each message and either lets
it go on or does something else instead: closes, refuses, loses, demands a log-in, lies.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nostr_sdk import Event, NostrSdkError
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

HOST = "127.0.0.1"
AUTH_KIND = 22242
"""NIP-42."""


@dataclass(eq=False)
class Line:
    """One client's connection, and its counterpart to the real relay."""

    client: ServerConnection
    upstream: ClientConnection
    subscriptions: list[str] = field(default_factory=list)
    challenge: str = field(default_factory=lambda: secrets.token_hex(16))
    admitted: set[str] = field(default_factory=set)
    """The pubkeys that have logged in."""
    logins: int = 0
    """How often that was tried."""
    said: int = 0
    """Bytes, of what wears the client out."""

    async def tell(self, *message: Any) -> None:
        """Says this to the client."""
        await _send(self.client, json.dumps(message))

    async def pass_on(self, event_json: str) -> None:
        """Brings an event to the client, whether it asked for it or not."""
        for subscription in self.subscriptions:
            await _send(self.client, f'["EVENT",{json.dumps(subscription)},{event_json}]')


Manner = Callable[[Line, list[Any]], Awaitable[bool]]
"""Whether this message goes on as it is; otherwise the manner has done what is done instead."""


async def honest(line: Line, message: list[Any]) -> bool:
    return True


class HostileRelay:
    """In front of the relay at `upstream`. `up` is asked about what clients say, `down` about what
    the real relay says; `greet` about each new connection."""

    def __init__(self, upstream: str) -> None:
        self.port = 0
        self.lines: list[Line] = []
        self.opened = 0
        """How many connections there have been."""
        self._upstream = upstream
        self._server: Server | None = None
        self._hanging: asyncio.AbstractServer | None = None
        self._held: list[asyncio.StreamWriter] = []
        self.behave()

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}"

    def behave(self, *, up: Manner = honest, down: Manner = honest, greet: Manner = honest) -> None:
        """These manners from now on, and no others."""
        self.up, self.down, self.greet = up, down, greet

    async def start(self) -> None:
        if self._server is not None:
            return
        await self.stop()
        self._server = await serve(
            self._serve, HOST, self.port, compression=None, max_size=None, close_timeout=0.5
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Closes every connection and takes no more; `start` opens the same port again."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()
        hanging, self._hanging = self._hanging, None
        if hanging is not None:
            hanging.close()
            for writer in self._held:
                writer.transport.abort()
            self._held.clear()

    async def hang(self) -> None:
        """Takes connections and says nothing, until it is started or stopped."""
        await self.stop()

        async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._held.append(writer)

        self._hanging = await asyncio.start_server(hold, HOST, self.port)

    async def hang_up(self) -> None:
        """Every connection is gone, without a farewell; new ones are taken."""
        for line in list(self.lines):
            line.client.transport.abort()

    async def __aenter__(self) -> "HostileRelay":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, client: ServerConnection) -> None:
        self.opened += 1
        async with connect(
            self._upstream, proxy=None, compression=None, max_size=None, close_timeout=0.5
        ) as upstream:
            line = Line(client, upstream)
            self.lines.append(line)
            ways = [
                asyncio.create_task(self._carry(line, client, upstream)),
                asyncio.create_task(self._carry(line, upstream, client)),
            ]
            try:
                await self.greet(line, [])
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.lines.remove(line)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(
        self,
        line: Line,
        source: ServerConnection | ClientConnection,
        target: ServerConnection | ClientConnection,
    ) -> None:
        from_client = source is line.client
        try:
            async for frame in source:
                message = json.loads(frame)
                if from_client and message[0] == "REQ" and message[1] not in line.subscriptions:
                    line.subscriptions.append(message[1])
                # Looked up for each message: manners change while a connection lasts.
                if await (self.up if from_client else self.down)(line, message):
                    await _send(target, str(frame))
        except ConnectionClosed:
            return


# Manners that need nothing but the relay


def refusing(reason: str) -> Manner:
    """It takes no event."""

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] == "EVENT":
            await line.tell("OK", message[1]["id"], False, reason)
        return bool(message[0] != "EVENT")

    return manner


def ending_subscriptions(reason: str) -> Manner:
    """It serves nobody."""

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] == "REQ":
            await line.tell("CLOSED", message[1], reason)
        return bool(message[0] != "REQ")

    return manner


async def losing(line: Line, message: list[Any]) -> bool:
    """It takes every event and passes none on."""
    if message[0] == "EVENT":
        await line.tell("OK", message[1]["id"], True, "")
    return bool(message[0] != "EVENT")


async def grumbling(line: Line, message: list[Any]) -> bool:
    """It drops every event, and says so to people only."""
    if message[0] == "EVENT":
        await line.tell("NOTICE", "rate-limited: slow down")
    return bool(message[0] != "EVENT")


def demanding_login(
    url: str, members: set[str] | None = None, *, to: tuple[str, ...] = ("REQ", "EVENT")
) -> Manner:
    """Nobody may do these before having logged in (NIP-42); `members` None: anybody may.

    To greet with as well, or the client never hears of a challenge.
    """

    async def manner(line: Line, message: list[Any]) -> bool:
        if not message:
            await line.tell("AUTH", line.challenge)
            return True
        if message[0] == "AUTH":
            line.logins += 1
            member = _logged_in(message[1], url, line.challenge)
            welcome = member is not None and (members is None or member in members)
            if member is not None and welcome:
                line.admitted.add(member)
            words = "" if welcome else "restricted: not a member"
            await line.tell("OK", message[1]["id"], welcome, words)
            return False
        if line.admitted or message[0] not in to:
            return True
        if message[0] == "REQ":
            await line.tell("CLOSED", message[1], "auth-required: log in first")
        else:
            await line.tell("OK", message[1]["id"], False, "auth-required: log in first")
        return False

    return manner


def _logged_in(raw: dict[str, Any], url: str, challenge: str) -> str | None:
    """Whose log-in this is, if it is one for this relay and this connection."""
    try:
        event = Event.from_json(json.dumps(raw))
    except NostrSdkError:
        return None
    tags = [tag.as_vec() for tag in event.tags().to_vec()]
    named = sorted(tags) == sorted([["relay", url], ["challenge", challenge]])
    if event.kind().as_u16() != AUTH_KIND or not event.verify() or not named:
        return None
    return str(event.author().to_hex())


async def _send(socket: ServerConnection | ClientConnection, frame: str) -> None:
    try:
        await socket.send(frame)
    except ConnectionClosed:
        return


# Manners that wear the client out, from its first subscription on until it hangs up


def flooding(*frames: str) -> Manner:
    """It says these again and again. `{sub}` is the subscription."""

    async def flood(line: Line, subscription: str) -> None:
        told = [_frame(frame.replace("{sub}", subscription).encode()) for frame in frames]
        while await _write(line, b"".join(told)):
            pass

    return _served_with(flood)


def never_ending(size: int, sent: int) -> Manner:
    """It begins one message of `size` bytes, and keeps the end of it."""

    async def begin(line: Line, subscription: str) -> None:
        await _write(line, _frame(bytes(size))[: -(size - sent)])

    return _served_with(begin)


def in_empty_pieces() -> Manner:
    """It goes on and on with one message that has nothing in it."""

    async def go_on(line: Line, subscription: str) -> None:
        await _write(line, b"\x01\x00")
        while await _write(line, b"\x00\x00" * 64):
            pass

    return _served_with(go_on)


def pinging() -> Manner:
    """It asks whether the client is still there, without end, and reads no answer."""

    async def ping(line: Line, subscription: str) -> None:
        while await _write(line, (b"\x89\x7d" + bytes(125)) * 64):
            pass

    return _served_with(ping)


def _served_with(attack: Callable[[Line, str], Awaitable[None]]) -> Manner:
    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] == "REQ":
            await line.tell("EOSE", message[1])
            await attack(line, message[1])
        return bool(message[0] != "REQ")

    return manner


def _frame(payload: bytes) -> bytes:
    """A whole text message (RFC 6455), as a server says it."""
    return b"\x81\x7f" + len(payload).to_bytes(8, "big") + payload


async def _write(line: Line, raw: bytes) -> bool:
    """Whether the client is still there to take it."""
    if line.client.transport.is_closing():
        return False
    line.client.transport.write(raw)
    line.said += len(raw)
    await line.client.drain()
    return True
