"""The network as a test wants it: names lead where it says, and nothing leaves this machine.

Every connection that asyncio makes is noted. One to loopback is made; one to an address of `routes`
ends at a listener on loopback instead; any other is noted and refused.
"""

import asyncio
import ipaddress
import socket
import threading
from asyncio.selector_events import BaseSelectorEventLoop
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:220:1:248:1893:25c8:1946"
HANGS = ".hangs.example"
"""Names under it are looked up until the test ends."""

_getaddrinfo = socket.getaddrinfo
_sock_connect = BaseSelectorEventLoop.sock_connect


class GuardedNet:
    """`names`: what the first, second … look-up of a name gives; the last stays. `routes`: the port
    on loopback behind a public address."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {"localhost": [["127.0.0.1", "::1"]]}
        self.routes: dict[str, int] = {}
        self.asked: Counter[str] = Counter()
        self.connected: list[tuple[str, int]] = []
        """Address and port of each attempt, whatever came of it."""
        self.hanging = threading.Event()
        """Set, names that hang are given up."""

    def attempts(self, *ports: int) -> list[tuple[str, int]]:
        """Those at these ports, in order: LNbits has other connections too."""
        return [attempt for attempt in self.connected if attempt[1] in ports]

    def addresses(self) -> set[str]:
        return {address for address, _ in self.connected}

    def look_up(
        self,
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """In place of socket.getaddrinfo."""
        try:
            return _getaddrinfo(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
        except OSError:
            if flags & socket.AI_NUMERICHOST:
                raise
        text = host.decode() if isinstance(host, bytes) else str(host)  # anyio asks with bytes
        name = text.lower().rstrip(".")
        self.asked[name] += 1
        if name.endswith(HANGS):
            self.hanging.wait(120)
        if name not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_entry(address, port) for address in answer]

    async def connect(self, loop: BaseSelectorEventLoop, sock: socket.socket, to: Any) -> None:
        """In place of a loop's sock_connect."""
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            await _sock_connect(loop, sock, to)
            return
        address, port = to[0], to[1]
        self.connected.append((address, port))
        if address in self.routes:
            assert sock.family == socket.AF_INET
            to = ("127.0.0.1", self.routes[address])
        elif not ipaddress.ip_address(address).is_loopback:
            raise ConnectionRefusedError("it would leave this machine")
        await _sock_connect(loop, sock, to)


def _entry(address: str, port: Any) -> Any:
    version = ipaddress.ip_address(address).version
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    where = (address, port) if version == 4 else (address, port, 0, 0)
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where


class Doorbell:
    """A listener on all of loopback that says nothing, and counts who comes."""

    def __init__(self) -> None:
        self.rung = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> "Doorbell":
        server = await asyncio.start_server(self._come, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._servers = [server]
        if socket.has_ipv6:
            try:
                self._servers.append(await asyncio.start_server(self._come, "::1", self.port))
            except OSError:  # a machine without IPv6, where nobody can come that way
                return self
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    async def _come(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.rung += 1
        writer.close()


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[GuardedNet]:
    guarded = GuardedNet()

    async def connect(loop: BaseSelectorEventLoop, sock: socket.socket, address: Any) -> None:
        await guarded.connect(loop, sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded.look_up)
    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
    yield guarded
    guarded.hanging.set()
