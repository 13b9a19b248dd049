"""Between an LNbits and the LNbits that is its node: passes everything on, until a test has it
drop, delay, lie or cut.

A fault is asked about each call of a sort, and answers it: with what the node answers, later, with
something else, or by cutting the connection. Levers are on the object.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

HOST = "127.0.0.1"
END = b"\r\n\r\n"


class Sort(Enum):
    """What the node is asked for."""

    INVOICE = "to make an invoice"
    PAYMENT = "to pay one"
    LOOK = "whether one is paid"
    OTHER = "anything else"


@dataclass(frozen=True)
class Call:
    """One call, and the way to the node."""

    sort: Sort
    raw: bytes
    port: int

    async def forward(self) -> bytes:
        """What the node answers."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(self.raw)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


Fault = Callable[[Call], Awaitable[bytes | None]]
"""What is answered; None: the connection is cut."""


async def honest(call: Call) -> bytes | None:
    return await call.forward()


async def dropping(call: Call) -> bytes | None:
    """The node does it, and nobody hears of that."""
    await call.forward()
    return None


async def cutting(call: Call) -> bytes | None:
    """The node never hears of it."""
    return None


def saying(status: int, content: Any) -> Fault:
    """The node is not asked, and this is said in its place."""
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status} Made up\r\ncontent-type: application/json\r\nconnection: close\r\n"
    answer = head.encode() + f"content-length: {len(body)}".encode() + END + body

    async def fault(call: Call) -> bytes | None:
        return answer

    return fault


class Hanging:
    """A fault: calls hang until they are let go. `waits` has one for each that came."""

    def __init__(self) -> None:
        self.waits: asyncio.Queue[Call] = asyncio.Queue()
        self._gate = asyncio.Event()

    def let_go(self) -> None:
        self._gate.set()

    async def __call__(self, call: Call) -> bytes | None:
        self.waits.put_nowait(call)
        await self._gate.wait()
        return await call.forward()


class Late:
    """A fault: the node does it, and its answer hangs until it is let go."""

    def __init__(self) -> None:
        self.done: asyncio.Queue[Call] = asyncio.Queue()
        self._gate = asyncio.Event()

    def let_go(self) -> None:
        self._gate.set()

    async def __call__(self, call: Call) -> bytes | None:
        answer = await call.forward()
        self.done.put_nowait(call)
        await self._gate.wait()
        return answer


def done_and(fault: Fault) -> Fault:
    """The node does it, and that is answered in its place."""

    async def lying(call: Call) -> bytes | None:
        await call.forward()
        return await fault(call)

    return lying


class ByInvoice:
    """A fault for each invoice: what the node does when it is to pay it, and what it tells whoever
    asks how that payment stands."""

    def __init__(self) -> None:
        self._pays: dict[str, Fault] = {}
        self._tells: dict[str, Fault] = {}

    def set(self, bolt11: str, payment_hash: str, *, pays: Fault, tells: Fault) -> None:
        self._pays[bolt11] = pays
        self._tells[payment_hash] = tells

    async def pay(self, call: Call) -> bytes | None:
        bolt11 = json.loads(call.raw.partition(END)[2])["bolt11"]
        return await self._pays.get(bolt11, honest)(call)

    async def tell(self, call: Call) -> bytes | None:
        payment_hash = call.raw.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        return await self._tells.get(payment_hash, honest)(call)


class FaultProxy:
    """In front of the LNbits at `port`; `url` is the node that others are told of."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._upstream = port
        self._server: asyncio.AbstractServer | None = None
        self._faults: dict[Sort, Fault] = {}
        self._streams: set[asyncio.StreamWriter] = set()
        self._stream_is_cut = False
        self._listens = asyncio.Condition()
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def on(self, sort: Sort, fault: Fault) -> None:
        """From now on, for calls of this sort."""
        self._faults[sort] = fault

    def normal(self) -> None:
        """No fault any more. What hangs goes on hanging."""
        self._faults.clear()
        self._stream_is_cut = False

    def cut_stream(self) -> None:
        """Nobody is told of payments, until it is normal again."""
        self._stream_is_cut = True
        for writer in self._streams:
            writer.transport.abort()

    async def listened(self) -> None:
        """Somebody is told of payments: it asks for that anew some seconds after a cut."""
        async with self._listens:
            await self._listens.wait_for(lambda: bool(self._streams))

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """The node is away; `start` brings it back at the same address."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await server.wait_closed()

    async def __aenter__(self) -> "FaultProxy":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        except asyncio.CancelledError:  # the node goes away
            return
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call a connection: both sides are told that it closes."""
        head = await reader.readuntil(END)
        lines = head.lower().split(b"\r\n")
        if b"upgrade: websocket" in lines:
            await self._carry_stream(head, reader, writer)
            return
        [length] = [line for line in lines if line.startswith(b"content-length:")] or [b":0"]
        body = await reader.readexactly(int(length.partition(b":")[2]))
        kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        raw = b"\r\n".join([kept[0], b"connection: close", *kept[1:]]) + body
        call = Call(_sort(head, body), raw, self._upstream)
        answer = await self._faults.get(call.sort, honest)(call)
        if answer is not None:
            writer.write(answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async def _carry_stream(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._stream_is_cut:
            return
        of_node, to_node = await asyncio.open_connection(HOST, self._upstream)
        to_node.write(head)
        ways = [
            asyncio.create_task(_pump(reader, to_node)),
            asyncio.create_task(self._pump_open(of_node, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._streams.discard(writer)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_node.transport.abort()

    async def _pump_open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As `_pump`; the first word of the node is that it takes the stream."""
        writer.write(await reader.readuntil(END))
        self._streams.add(writer)
        async with self._listens:
            self._listens.notify_all()
        await _pump(reader, writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def _sort(head: bytes, body: bytes) -> Sort:
    method, path, _ = head.split(b" ", 2)
    if method == b"GET" and path.startswith(b"/api/v1/payments/"):
        return Sort.LOOK
    if (method, path) != (b"POST", b"/api/v1/payments"):
        return Sort.OTHER
    return Sort.PAYMENT if json.loads(body)["out"] else Sort.INVOICE
