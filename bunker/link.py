"""One relay, kept connected: subscribed to what was asked for, reconnecting by itself."""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
LARGEST_MESSAGE = 1024 * 1024
"""Characters. NIP-44 carries 64 KiB; NIP-04 has no limit, and a list of keys can be long."""
LARGEST_FRAME = 8 * LARGEST_MESSAGE
"""Bytes. Above this the connection is given up rather than one message."""
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 20.0
STEADY_SECONDS = 2 * CONNECT_SECONDS
"""A connection that lasted this long was a good one: the next pause is short again."""

_random = secrets.SystemRandom()

Wanted = Sequence[Sequence[dict[str, Any]]]
"""The filters of each subscription (NIP-01)."""
Resolve = Callable[[str], Awaitable[str | None]]
"""The address to connect to for a relay's URL, None to go by its name; OSError when there is none,
or none allowed."""


class Listener(Protocol):
    """Who is told what a link hears. Called from the link's task; an OSError ends the connection,
    and the link makes another after a pause."""

    def heard_event(self, event: dict[str, Any]) -> None: ...
    def heard_ok(self, url: str, event_id: str, accepted: bool) -> None: ...
    def link_changed(self) -> None: ...


class _Direct(connect):
    """A connection to what was named and nothing else: a user may have named the relay."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class RelayLink:
    """A connection to one relay with its subscriptions.

    `up` is True once the relay has answered them, so that no reply can slip past.
    """

    def __init__(
        self, url: str, wanted: Wanted, listener: Listener, resolve: Resolve | None = None
    ) -> None:
        self.url = url
        self.up = False
        self.tried = False
        """The first attempt is over, one way or the other."""
        self._wanted = wanted
        self._listener = listener
        self._resolve = resolve
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._prefix = ""
        self._asked: dict[str, Sequence[dict[str, Any]]] = {}
        """By subscription id, what was asked for over the present connection."""
        self._hurry = asyncio.Event()

    def publish(self, event_json: str) -> None:
        """Send an event over the present connection; never over a later one."""
        self._outbox.put_nowait(f'["EVENT",{event_json}]')

    def subscribe(self, wanted: Wanted) -> None:
        """Ask for this in place of what was asked for before. What stays has no gap."""
        self._wanted = wanted
        self._catch_up()

    def hurry(self) -> None:
        """Somebody waits for this relay: try again now."""
        self._hurry.set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pauses = _pauses()
        clock = asyncio.get_running_loop().time
        while True:
            start = clock()
            try:
                address = await self._resolve(self.url) if self._resolve else None
                where: dict[str, Any] = {} if address is None else {"host": address}
                async with _Direct(
                    self.url,
                    proxy=None,
                    open_timeout=CONNECT_SECONDS,
                    close_timeout=1,
                    compression=None,
                    max_size=LARGEST_FRAME,
                    **where,
                ) as socket:
                    await self._serve(socket)
            except (OSError, WebSocketException, asyncio.TimeoutError) as exc:
                logger.debug("relay %s: %s", self.url, type(exc).__name__)
            except Exception as exc:  # nothing that a relay says may end the link for good
                logger.error("relay %s: unexpected %s", self.url, type(exc).__name__)
            finally:
                self.up, self.tried = False, True
                self._listener.link_changed()
            if clock() - start > STEADY_SECONDS or self._hurry.is_set():
                pauses = _pauses()
            self._hurry.clear()
            await self._rest(next(pauses))

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(min(SHORTEST_PAUSE, seconds))
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except asyncio.TimeoutError:
            return

    async def _serve(self, socket: ClientConnection) -> None:
        self._outbox, self._asked, self._prefix = asyncio.Queue(), {}, secrets.token_hex(8)
        self._catch_up()
        unanswered = set(self._asked)
        writer = asyncio.create_task(self._write(socket, self._outbox))
        try:
            await asyncio.wait_for(self._listen(socket, unanswered), CONNECT_SECONDS)
            self.up = self.tried = True
            self._listener.link_changed()
            await self._listen(socket)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _catch_up(self) -> None:
        """Brings what was asked for over the present connection up to what is wanted."""
        wanted = {f"{self._prefix}-{n}": filters for n, filters in enumerate(self._wanted)}
        for subscription in self._asked.keys() - wanted.keys():
            self._outbox.put_nowait(json.dumps(["CLOSE", subscription]))
        for subscription, filters in wanted.items():
            if self._asked.get(subscription) != filters:
                self._outbox.put_nowait(json.dumps(["REQ", subscription, *filters]))
        self._asked = wanted

    async def _write(self, socket: ClientConnection, outbox: "asyncio.Queue[str]") -> None:
        while True:
            await socket.send(await outbox.get())

    async def _listen(self, socket: ClientConnection, unanswered: set[str] | None = None) -> None:
        """Until each of `unanswered` has been, or without end."""
        while unanswered is None or unanswered:
            message = _parse(await socket.recv())
            if message is None:
                logger.debug("relay %s: dropped a message that is none", self.url)
                continue
            match message:
                case ["EVENT", str(of), dict(event)] if of in self._asked:
                    self._listener.heard_event(event)
                case ["OK", str(event_id), bool(accepted), *_]:
                    self._listener.heard_ok(self.url, event_id, accepted)
                case ["EOSE", str(of), *_] if unanswered:
                    unanswered.discard(of)
                case ["CLOSED", str(of), *_] if of in self._asked:
                    raise ConnectionRefusedError("the relay closed our subscription")
                case [str(word), *_]:
                    logger.debug("relay %s: %.8s", self.url, word)


def _parse(text: str | bytes) -> list[Any] | None:
    if not isinstance(text, str) or len(text) > LARGEST_MESSAGE:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, list) else None


def _pauses() -> Iterator[float]:
    """Seconds between attempts: doubling, capped, jittered so that not all come back at once."""
    longest = SHORTEST_PAUSE
    while True:
        yield _random.uniform(longest / 2, longest)
        longest = min(LONGEST_PAUSE, longest * 2)
