"""What a relay says of itself: its limits (NIP-11), and what its clock shows.

Asked by one HTTP request at the relay's own address. A user may have named that address, so it is
the same as with a connection to the relay: to the addresses that were judged and nowhere else, no
redirect, no proxy, nothing compressed, metered as the bytes arrive. What is said is typed, or taken
for not said.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import h11

from ..loop import within
from .relay_socket import Way, open_socket
from .relay_urls import host_and_port

SECONDS = 4.0
MOST_BYTES = 64 * 1024
"""Of what a relay says of itself: some put a picture into it."""
MOST_OF_HEAD = 16 * 1024
SLICE = 4096

_LARGEST_NUMBER = 2**53
_EVENT_SIZES = ("max_event_size", "max_event_bytes", "max_event_length")
"""NIP-11 has no word for it; these are in use."""


@dataclass(frozen=True)
class RelayLimits:
    """What a relay says that it takes. None: it does not say."""

    max_message_length: int | None = None
    """Bytes, of one message to it."""
    max_subscriptions: int | None = None
    """Of one connection."""
    max_filters: int | None = None
    """Of one subscription."""
    max_event_size: int | None = None
    """Bytes, of one event."""
    max_content_length: int | None = None
    """Characters, of what an event says."""
    created_at_lower_limit: int | None = None
    """Seconds: how old an event may be."""
    created_at_upper_limit: int | None = None
    """Seconds: how far ahead its time may be."""
    auth_required: bool = False
    """Nothing is served without a log-in (NIP-42)."""
    payment_required: bool = False
    restricted_writes: bool = False
    """Not everybody's events are taken."""


@dataclass(frozen=True)
class SaidOfItself:
    """What was learned from one answer; each part may be missing."""

    limits: RelayLimits | None = None
    seconds_ahead: float | None = None
    """How far the relay's clock is ahead of ours, to a second or two."""


NOTHING_SAID = SaidOfItself()


def limits_of(document: object) -> RelayLimits:
    """What a document says, whatever it is."""
    if not isinstance(document, Mapping):
        return RelayLimits()
    said = document.get("limitation")
    said = said if isinstance(said, Mapping) else {}
    sizes = [_number(of.get(name)) for of in (said, document) for name in _EVENT_SIZES]
    return RelayLimits(
        max_message_length=_number(said.get("max_message_length")),
        max_subscriptions=_number(said.get("max_subscriptions")),
        max_filters=_number(said.get("max_filters")),
        max_event_size=next((size for size in sizes if size is not None), None),
        max_content_length=_number(said.get("max_content_length")),
        created_at_lower_limit=_number(said.get("created_at_lower_limit")),
        created_at_upper_limit=_number(said.get("created_at_upper_limit")),
        auth_required=said.get("auth_required") is True,
        payment_required=said.get("payment_required") is True,
        restricted_writes=said.get("restricted_writes") is True,
    )


def _number(value: Any) -> int | None:
    """Some relays write 0 or -1 where they have no limit."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value < _LARGEST_NUMBER else None


async def read_limits(url: str, way: Way | None) -> RelayLimits | None:
    """What the relay says that it takes; None where it says nothing that can be read."""
    return (await ask(url, way)).limits


async def ask(url: str, way: Way | None) -> SaidOfItself:
    """What the relay says of itself. Raises nothing: whatever goes wrong, nothing was said.

    `way` None: the relay is trusted, and nobody is charged.
    """
    try:
        return await within(SECONDS, _ask(url, way))
    except (OSError, asyncio.TimeoutError, h11.RemoteProtocolError, ValueError, RecursionError):
        return NOTHING_SAID


async def _ask(url: str, way: Way | None) -> SaidOfItself:
    host, _ = host_and_port(url)
    tls = _tls() if urlsplit(url).scheme.lower() == "wss" else None
    reader, writer = await asyncio.open_connection(
        sock=await open_socket(url, way),
        limit=SLICE,
        ssl=tls,
        server_hostname=host if tls else None,
    )
    try:
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_OF_HEAD)
        writer.write(http.send(_request(url)) or b"")
        writer.write(http.send(h11.EndOfMessage()) or b"")
        return await _answer(reader, http, way)
    finally:
        writer.transport.abort()


def _request(url: str) -> h11.Request:
    parts = urlsplit(url)
    headers = {
        "Host": parts.netloc,
        "Accept": "application/nostr+json",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return h11.Request(method="GET", target=target, headers=list(headers.items()))


async def _answer(
    reader: asyncio.StreamReader, http: h11.Connection, way: Way | None
) -> SaidOfItself:
    said, body, left = NOTHING_SAID, b"", MOST_BYTES + MOST_OF_HEAD
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            piece = await reader.read(SLICE)
            left -= len(piece)
            if left < 0 or not (way is None or way.meter.count(len(piece), 0)):
                return said
            http.receive_data(piece)
        elif isinstance(event, h11.Response):
            said = SaidOfItself(seconds_ahead=_seconds_ahead(event))
            if event.status_code != HTTPStatus.OK:
                return said
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return replace(said, limits=_limits_in(body))
        elif not isinstance(event, h11.InformationalResponse):
            return said


def _limits_in(body: bytes) -> RelayLimits | None:
    """None for what is no document, as a web page is."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return limits_of(document) if isinstance(document, dict) else None


def _seconds_ahead(answer: h11.Response) -> float | None:
    written = dict(answer.headers).get(b"date", b"").decode("ascii", "replace")
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp() - time.time()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
