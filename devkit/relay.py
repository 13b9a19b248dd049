"""A Nostr relay in this process: nostr-sdk's LocalRelay, made fit for round trips."""

import asyncio
import os
import socket
from urllib.parse import urlsplit

from nostr_sdk import LocalRelay, NostrSdkError, RateLimit, RelayBuilder

HOST = "127.0.0.1"
_BIND_ATTEMPTS = 50
_STOP_ATTEMPTS = 500
_PAUSE_S = 0.01


class DevRelay:
    """A relay on loopback, in memory; `port` 0 takes any free port and keeps it over restarts.

    LocalRelay runs on threads of its own. Its rate limits are raised out of the way, and its
    sockets send at once: with Nagle's algorithm each round trip stalls for 40 ms.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._relay: LocalRelay | None = None

    @property
    def url(self) -> str:
        """`ws://127.0.0.1:PORT`; known once the relay has started."""
        return f"ws://{HOST}:{self.port}"

    async def start(self) -> None:
        if self._relay is not None:
            return
        self._relay, self.port = await self._bind()
        _send_at_once(self.port)

    async def stop(self) -> None:
        """Closes every connection, frees the port and forgets all events."""
        relay, self._relay = self._relay, None
        if relay is None:
            return
        # A relay whose threads have hardly started misses the call: it is told until it obeys.
        for _ in range(_STOP_ATTEMPTS):
            relay.shutdown()
            listener = _listener(self.port)
            if listener is None:
                return
            listener.close()
            await asyncio.sleep(_PAUSE_S)
        raise OSError(f"the relay on {HOST}:{self.port} does not stop")

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def _bind(self) -> tuple[LocalRelay, int]:
        """The port of a relay that has just stopped can be taken for a moment: tries again."""
        for attempt in range(1, _BIND_ATTEMPTS + 1):
            relay = LocalRelay(self._builder())
            try:
                await relay.run()
            except NostrSdkError as error:
                if attempt == _BIND_ATTEMPTS:
                    message = f"the relay cannot listen on {HOST}:{self.port}: is it in use?"
                    raise OSError(message) from error
                await asyncio.sleep(_PAUSE_S)
                continue
            port = urlsplit(str(await relay.url())).port
            if port:
                return relay, port
        raise OSError("the relay has no port")

    def _builder(self) -> RelayBuilder:
        limit = RateLimit(max_reqs=1_000_000, notes_per_minute=100_000_000)
        builder = RelayBuilder().addr(HOST).rate_limit(limit)
        return builder.port(self.port) if self.port else builder

    async def __aenter__(self) -> "DevRelay":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _send_at_once(port: int) -> None:
    """Sets TCP_NODELAY on the listener; the sockets it accepts inherit it."""
    listener = _listener(port)
    if listener is None:
        raise OSError(f"no listening socket of port {port} in this process")
    with listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _listener(port: int) -> socket.socket | None:
    """A copy of this process's listening socket of `port`, to be closed by the caller.

    nostr-sdk does not hand its socket out, so it is looked for among the open files.
    """
    for name in os.listdir("/dev/fd"):
        try:
            copy = os.dup(int(name))
        except OSError:  # the listing itself was one of the files
            continue
        try:
            candidate = socket.socket(fileno=copy)
        except OSError:  # not a socket
            os.close(copy)
            continue
        if _listens(candidate, port):
            return candidate
        candidate.close()
    return None


def _listens(candidate: socket.socket, port: int) -> bool:
    if candidate.family != socket.AF_INET or candidate.type != socket.SOCK_STREAM:
        return False
    listening = candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return bool(listening) and candidate.getsockname()[1] == port
