"""Opens one connection to one relay.

The connection goes where it was told to and nowhere else: no redirect, no proxy. It is not
compressed, so that a few bytes cannot become many. A relay that a user named is metered as its
bytes arrive, before any message is complete: bytes that never become a message count too.
"""

from functools import partial
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event

from .budgets import Meter

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


class Way(NamedTuple):
    """How to connect to a relay that a user named."""

    address: str
    """The one that may be connected to."""
    meter: Meter


def dial(url: str, way: Way | None, seconds: float) -> connect:
    """A connection, to be entered with `async with`.

    `way` None: to where the name leads, and without a meter.
    """
    if way is None:
        return _dial(url, seconds, max_size=LARGEST_FRAME)
    return _dial(
        url,
        seconds,
        max_size=LARGEST_OF_USERS,
        max_queue=MOST_QUEUED,
        host=way.address,
        create_connection=partial(_Metered, way.meter),
    )


def _dial(url: str, seconds: float, **more: Any) -> connect:
    return _Direct(
        url,
        proxy=None,
        open_timeout=seconds,
        close_timeout=CLOSE_SECONDS,
        compression=None,
        **more,
    )


class _Direct(connect):
    """Connects to what was named and follows no redirect: a user may have named the relay."""

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
