"""A web server on loopback that hears what a webhook is sent."""

import asyncio
import json
from types import TracebackType
from typing import Any


class WebhookEar:
    """Answers every POST with `status`; `heard` are the bodies, `bodies` the same letter by letter,
    and `heads` what came before them."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "WebhookEar":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/notices?key=secret"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = headers_of(head)
        body = await reader.readexactly(int(headers["content-length"]))
        self.heads.append(head)
        self.bodies.append(body)
        self.heard.append(json.loads(body))
        lines = [f"HTTP/1.1 {self.status} Heard", "Content-Length: 0", "Connection: close"]
        if self.status in range(300, 400):
            lines.append(f"Location: {self.url}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        writer.close()


def headers_of(head: str) -> dict[str, str]:
    """By their names in lower case."""
    pairs = (line.split(": ", 1) for line in head.strip().splitlines()[1:])
    return {name.lower(): value for name, value in pairs}
