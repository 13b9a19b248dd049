"""One connection to one relay (NIP-01). Everything that fails here is Unreachable."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nostr_sdk import Event
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from ..loop import within
from .dialing import dial
from .errors import Unreachable
from .relay_reasons import Reason, cleaned

SERVED_S = 1.0
"""Some relays end no list of stored events that is empty, and some end it late. One that has not
said no after so long serves us."""
AGAIN_S = (1.0, 3.0, 5.0)
"""Pauses after which is said again what was not heard, or was refused for a reason that may pass:
requests are lost while nobody listens. nsecbunkerd listens only 100 ms after it has said that a key
is there, and needs up to 9 s to come back to a relay that was restarted."""


class Relay:
    """`notice` is what the relay last said to people."""

    def __init__(self, url: str, socket: ClientConnection) -> None:
        self.url = url
        self.notice = ""
        self._socket = socket
        self._subscription = ""

    async def subscribe(self, wanted: dict[str, Any]) -> None:
        """Returns when the relay serves us, as it says or as it seems."""
        for pause in (*AGAIN_S, None):
            self._subscription = secrets.token_hex(8)
            await self._send(json.dumps(["REQ", self._subscription, wanted]))
            try:
                refused = await within(SERVED_S, self._refused_to_serve())
            except asyncio.TimeoutError:
                return
            if refused is None:
                return
            if pause is None or refused.wants_login or not refused.may_pass:
                raise self._ended(refused)
            await asyncio.sleep(pause)

    async def send(self, event: Event) -> None:
        """Does not wait for the relay's OK."""
        await self._send(f'["EVENT",{event.as_json()}]')

    async def verdict(self, event_id: str) -> Reason | None:
        """None when the relay took that event, otherwise why not. There may never be one."""
        while True:
            match await self.receive():
                case ["OK", str(of), bool(taken), *rest] if of == event_id:
                    reason = Reason.of(rest)
                    return None if taken or reason.has_it else reason

    async def receive(self) -> list[Any]:
        """The next message; what is none is passed over."""
        while True:
            match await self._next():
                case ["CLOSED", str(of), *rest] if of == self._subscription:
                    raise self._ended(Reason.of(rest))
                case list() as message:
                    return message

    async def _refused_to_serve(self) -> Reason | None:
        while True:
            match await self._next():
                case ["EOSE" | "EVENT", str(of), *_] if of == self._subscription:
                    return None
                case ["CLOSED", str(of), *rest] if of == self._subscription:
                    return Reason.of(rest)

    async def _next(self) -> list[Any] | None:
        try:
            message = _parse(await self._socket.recv())
        except (OSError, WebSocketException):
            raise self._lost() from None
        match message:
            case ["NOTICE", str(words), *_]:
                self.notice = cleaned(words)
        return message

    async def _send(self, frame: str) -> None:
        try:
            await self._socket.send(frame)
        except (OSError, WebSocketException):
            raise self._lost() from None

    def _lost(self) -> Unreachable:
        return Unreachable(f"The relay {self.url} ended the connection. Try again.")

    def _ended(self, reason: Reason) -> Unreachable:
        return Unreachable(f"The relay {self.url} does not serve us ({reason}). Ask the operator.")


@asynccontextmanager
async def open_relay(url: str, timeout: float) -> AsyncIterator[Relay]:
    """A connected relay. Unreachable when that takes more than `timeout` seconds."""
    socket = await dial(url, timeout)
    async with socket:
        yield Relay(url, socket)


def _parse(text: str | bytes) -> list[Any] | None:
    """A message begins with what it is."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return (
        message if isinstance(message, list) and isinstance(next(iter(message), 0), str) else None
    )
