"""A relay between a client and a real relay, with manners that a test chooses.

Left alone it passes everything on, both ways. A manner is asked about each message and either lets
it go on or does something else instead: closes, refuses, loses, demands a log-in, lies. Those of
relays in the field are in `devkit/relay_habits.py`, those that wear a client out in
`devkit/relay_floods.py`.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from nostr_sdk import Event, NostrSdkError
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

HOST = "127.0.0.1"
AUTH_KIND = 22242
"""NIP-42."""
DOCUMENT = "application/nostr+json"
"""NIP-11."""


@dataclass(eq=False)
class Line:
    """One client's connection, and its counterpart to the real relay."""

    relay: "HostileRelay"
    client: ServerConnection
    upstream: ClientConnection
    filters: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the client is subscribed to, by subscription."""
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

    async def ask(self, *message: Any) -> None:
        """Says this to the real relay."""
        await _send(self.upstream, json.dumps(message))

    async def pass_on(self, event_json: str) -> None:
        """Brings an event to the client, whether it asked for it or not."""
        for subscription in list(self.filters):
            await _send(self.client, f'["EVENT",{json.dumps(subscription)},{event_json}]')


Manner = Callable[[Line, list[Any]], Awaitable[bool]]
"""Whether this message goes on as it is; otherwise the manner has done what is done instead."""


async def honest(line: Line, message: list[Any]) -> bool:
    return True


def together(*manners: Manner) -> Manner:
    """All of these, in this order, until one does something else instead."""

    async def manner(line: Line, message: list[Any]) -> bool:
        for each in manners:
            if not await each(line, message):
                return False
        return True

    return manner


class HostileRelay:
    """In front of the relay at `upstream`. `up` is asked about what clients say, `down` about what
    the real relay says; `greet` about each new connection."""

    def __init__(self, upstream: str) -> None:
        self.port = 0
        self.lines: list[Line] = []
        self.opened = 0
        """How many connections there have been."""
        self.document: dict[str, Any] | None = None
        """What it says of itself to who asks for that (NIP-11)."""
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
            self._serve,
            HOST,
            self.port,
            process_request=self._describe,
            compression=None,
            max_size=None,
            close_timeout=0.5,
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

    def _describe(self, client: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Accept") != DOCUMENT:
            return None
        if self.document is None:
            return client.respond(HTTPStatus.NOT_FOUND, "")
        answer = client.respond(HTTPStatus.OK, json.dumps(self.document))
        del answer.headers["Content-Type"]
        answer.headers["Content-Type"] = DOCUMENT
        return answer

    async def _serve(self, client: ServerConnection) -> None:
        self.opened += 1
        async with connect(
            self._upstream, proxy=None, compression=None, max_size=None, close_timeout=0.5
        ) as upstream:
            line = Line(self, client, upstream)
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
                if from_client:
                    _note_subscription(line, message)
                # Looked up for each message: manners change while a connection lasts.
                if await (self.up if from_client else self.down)(line, message):
                    await _send(target, str(frame))
        except ConnectionClosed:
            return


def _note_subscription(line: Line, message: list[Any]) -> None:
    if message[0] == "REQ":
        line.filters[message[1]] = message[2:]
    elif message[0] == "CLOSE":
        line.filters.pop(message[1], None)


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
