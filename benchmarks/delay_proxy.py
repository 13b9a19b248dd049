"""The network between a client and a relay, longer than loopback.

Each chunk arrives `seconds` later than it was sent, in order, however many are under way: it
delays and does not throttle. Opening the TCP connection itself is not delayed, nor closing it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

HOST = "127.0.0.1"
CHUNK = 64 * 1024
FOR_GOOD = 3600.0
"""Longer than any benchmark: who connects is never answered."""


class DelayProxy:
    """In front of the relay at `upstream`; `seconds` each way, and may be changed meanwhile."""

    def __init__(self, upstream: str, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.port = 0
        self.connections = 0
        """How many are open now."""
        self._upstream = urlsplit(upstream)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Nobody listens on the port any more; `start` takes the same one again."""
        if self._server is not None:
            self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Every connection is gone, and what was under way with it; new ones are taken."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.create_task(self._carry_both(reader, writer))
        self._serving.add(carrying)
        await asyncio.wait({carrying})
        self._serving.discard(carrying)
        writer.transport.abort()

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = self._upstream
        there_reader, there_writer = await asyncio.open_connection(there.hostname, there.port)
        self.connections += 1
        ways = [
            asyncio.create_task(self._carry(reader, there_writer)),
            asyncio.create_task(self._carry(there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.connections -= 1
            for way in ways:
                way.cancel()
            there_writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Returns when the source has ended and all of it has arrived."""
        clock = asyncio.get_running_loop().time
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await under_way.get()
                await asyncio.sleep(due - clock())
                if not chunk:
                    return
                target.write(chunk)

        delivering = asyncio.create_task(deliver())
        try:
            while True:
                chunk = await source.read(CHUNK)
                under_way.put_nowait((clock() + self.seconds, chunk))
                if not chunk:
                    return await delivering
        except OSError:
            return None
        finally:
            delivering.cancel()


@asynccontextmanager
async def delayed(upstream: str, seconds: float = 0.0) -> AsyncIterator[DelayProxy]:
    proxy = DelayProxy(upstream, seconds)
    await proxy.start()
    yield proxy
    await proxy.stop()
