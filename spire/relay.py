"""One connection to one relay (NIP-01). Everything that fails here is Unreachable."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nostr_sdk import Event
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from .errors import Unreachable

LARGEST_FRAME = 1024 * 1024
"""Bytes. A NIP-44 event has at most 90 KiB."""
_REASONS = {
    *("duplicate", "pow", "blocked", "rate-limited", "invalid", "restricted", "mute"),
    *("error", "auth-required"),
}


class Relay:
    def __init__(self, url: str, socket: ClientConnection) -> None:
        self.url = url
        self._socket = socket

    async def subscribe(self, wanted: dict[str, Any]) -> None:
        """Returns when the relay has confirmed, so that no reply can slip past."""
        subscription = secrets.token_hex(8)
        await self._send(json.dumps(["REQ", subscription, wanted]))
        while True:
            match await self.receive():
                case ["EOSE", str(of), *_] if of == subscription:
                    return

    async def send(self, event: Event) -> None:
        """Does not wait for the relay's OK."""
        await self._send(f'["EVENT",{event.as_json()}]')

    async def publish(self, event: Event) -> str | None:
        """None when the relay took the event, otherwise its reason by NIP-01, such as `blocked`."""
        await self.send(event)
        event_id = event.id().to_hex()
        while True:
            match await self.receive():
                case ["OK", str(of), bool(taken), *rest] if of == event_id:
                    return None if taken else _reason(rest)

    async def receive(self) -> list[Any]:
        """The next message; what is none is passed over."""
        while True:
            try:
                text = await self._socket.recv()
            except (OSError, WebSocketException):
                raise self._lost() from None
            match _parse(text):
                case ["CLOSED", *_]:
                    raise Unreachable(f"The relay {self.url} does not serve us. Ask the operator.")
                case [str(), *_] as message:
                    return message

    async def _send(self, frame: str) -> None:
        try:
            await self._socket.send(frame)
        except (OSError, WebSocketException):
            raise self._lost() from None

    def _lost(self) -> Unreachable:
        return Unreachable(f"The relay {self.url} ended the connection. Try again.")


@asynccontextmanager
async def open_relay(url: str, timeout: float) -> AsyncIterator[Relay]:
    """A connected relay. Unreachable when that takes more than `timeout` seconds."""
    try:
        socket = await connect(
            url,
            open_timeout=timeout,
            close_timeout=1,
            compression=None,
            max_size=LARGEST_FRAME,
        )
    except (OSError, WebSocketException, asyncio.TimeoutError, ValueError):
        raise Unreachable(
            f"The relay {url} cannot be reached. Is it up, and this network?"
        ) from None
    async with socket:
        yield Relay(url, socket)


def _parse(text: str | bytes) -> list[Any] | None:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, list) else None


def _reason(rest: list[Any]) -> str:
    prefix = str(rest[0]).partition(":")[0] if rest else ""
    return prefix if prefix in _REASONS else "no reason given"
