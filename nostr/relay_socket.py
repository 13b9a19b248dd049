"""Opens one connection to one relay.

The connection goes where it was told to and nowhere else: no redirect, no proxy. It is not
compressed, so that a few bytes cannot become many. A relay that a user named is metered as its
bytes arrive, before any message is complete: bytes that never become a message count too.

A name may have several addresses, and one of them may lead nowhere: the next is tried soon.
"""

import asyncio
import socket
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from aiohappyeyeballs import start_connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event

from .budgets import Meter
from .relay_urls import host_and_port

LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes. Above this the connection is given up rather than one message."""
LARGEST_OF_USERS = 96 * 1024
"""The same for relays that users named; the longest that NIP-44 carries is smaller, as an event."""
MOST_QUEUED = 4
MOST_PIECES = 64
"""Of one message: a relay may send it in frames, empty ones too, and never end it."""
SLICE = 2048
"""Bytes that are looked at before it is asked again whether that is enough."""
CLOSE_SECONDS = 0.5
NEXT_ADDRESS_SECONDS = 0.25
"""So long an address is tried alone, before the next one is tried beside it (RFC 8305)."""
MOST_OF_A_FAMILY = 4
"""Addresses of one name that are tried, of IPv6 and of IPv4: a name server may list any number."""


class Way(NamedTuple):
    """How to connect to a relay that a user named."""

    addresses: tuple[str, ...]
    """Those that may be connected to, and no other may."""
    meter: Meter


def dial(url: str, way: Way | None, seconds: float) -> connect:
    """A connection, to be entered with `async with`.

    `way` None: to where the name leads, and without a meter.
    """
    if way is None:
        return _dial(url, way, seconds, max_size=LARGEST_FRAME)
    return _dial(
        url,
        way,
        seconds,
        max_size=LARGEST_OF_USERS,
        max_queue=MOST_QUEUED,
        create_connection=partial(_Metered, way.meter),
    )


def _dial(url: str, way: Way | None, seconds: float, **more: Any) -> connect:
    return _Direct(
        url,
        way,
        proxy=None,
        open_timeout=seconds,
        close_timeout=CLOSE_SECONDS,
        compression=None,
        **more,
    )


async def open_socket(url: str, way: Way | None) -> socket.socket:
    """A connected socket: to the first address that takes the connection. OSError when none does.

    `way` None: to where the name leads.
    """
    host, port = host_and_port(url)
    if way is None:
        loop = asyncio.get_running_loop()
        places = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    else:
        places = [place for address in way.addresses for place in _place(address, port)]
    return await start_connection(_few(places), happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)


def _few(places: Sequence[Any]) -> list[Any]:
    families: dict[int, list[Any]] = {}
    for place in places:
        families.setdefault(place[0], []).append(place)
    return [place for family in families.values() for place in family[:MOST_OF_A_FAMILY]]


def _place(address: str, port: int) -> list[Any]:
    """What asks nobody: it is an address and no name."""
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=numeric)


class _Direct(connect):
    """Connects to what was named and follows no redirect: a user may have named the relay."""

    def __init__(self, url: str, way: Way | None, **options: Any) -> None:
        super().__init__(url, **options)
        self._way = way

    async def create_connection(self) -> ClientConnection:
        self.connection_kwargs["sock"] = await open_socket(self.uri, self._way)
        return await super().create_connection()

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Metered(ClientConnection):
    """A connection that ends when its meter says so."""

    def __init__(self, meter: Meter, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        self._meter = meter
        self._pieces = 0
        self._over = False

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), SLICE):
            piece = data[start : start + SLICE]
            self._count(len(piece), 0)
            if self._over:
                return
            super().data_received(piece)

    def process_event(self, event: Event) -> None:
        super().process_event(event)
        self._count(0, 1)
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._pieces = 0 if event.fin else self._pieces + 1
            if self._pieces > MOST_PIECES:
                self._break_off()

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(self.protocol.parser_exc, PayloadTooBig):
            self._break_off()
        super().connection_lost(exc)

    def _count(self, size: int, messages: int) -> None:
        if not self._meter.count(size, messages):
            self._end()

    def _break_off(self) -> None:
        self._meter.break_off()
        self._end()

    def _end(self) -> None:
        self._over = True
        self.transport.abort()
