"""Keeps one relay connected and subscribed, and connects again by itself."""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from ..loop import within
from .nip42 import Login, SignLogin
from .relay_socket import Way, dial

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
LARGEST_MESSAGE = 1024 * 1024
"""Characters. NIP-44 carries 64 KiB; NIP-04 has no limit, and a list of keys can be long."""
LONGEST_WORD = 4096
"""Characters, of what is no event: a verdict, an end, a challenge."""
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 20.0
STEADY_SECONDS = 2 * CONNECT_SECONDS
"""A connection that lasted this long was a good one: the next pause is short again."""

_random = secrets.SystemRandom()

Wanted = Sequence[Sequence[dict[str, Any]]]
"""The filters of each subscription (NIP-01)."""
Resolve = Callable[[str], Awaitable[Way | None]]
"""How a relay's URL may be connected to, None for one that is trusted; OSError when it may not."""

_EVENT = re.compile(r'\s*\[\s*"EVENT"\s*,\s*"([^"\\]{1,64})"')
_WORD = re.compile(r'\s*\[\s*"(?:OK|EOSE|CLOSED|AUTH)"\s*,')


class Listener(Protocol):
    """Is told what a link hears, in the link's task. If it raises OSError, the link connects
    anew."""

    def may_matter(self, text: str) -> bool:
        """Whether the event in this text could be of use. Asked before the event is read."""
        ...

    def heard_event(self, url: str, event: dict[str, Any]) -> None: ...
    def heard_ok(self, url: str, event_id: str, accepted: bool) -> None: ...
    def link_changed(self) -> None: ...


class RelayLink:
    """A connection to one relay with its subscriptions.

    `up` is True once the relay has answered them, so that no reply can slip past.
    """

    def __init__(
        self,
        url: str,
        wanted: Wanted,
        listener: Listener,
        resolve: Resolve | None = None,
        *,
        log_in: SignLogin | None = None,
    ) -> None:
        """`log_in`: used where the relay demands a log-in; without it such a relay does not
        serve us."""
        self.url = url
        self.up = False
        self.tried = False
        """The first attempt is over, one way or the other."""
        self._wanted = wanted
        self._listener = listener
        self._resolve = resolve
        self._log_in = log_in
        self._login = Login(url, None, self._say)
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._prefix = ""
        self._asked: dict[str, Sequence[dict[str, Any]]] = {}
        """By subscription id, what was asked for over the present connection."""
        self._unanswered: set[str] = set()
        """Of those asked for at its beginning, the ones that the relay does not serve yet."""
        self._hurry = asyncio.Event()

    def publish(self, event_id: str, event_json: str) -> None:
        """Sends an event over the present connection, never over a later one."""
        frame = f'["EVENT",{event_json}]'
        self._login.note(event_id, frame)
        self._say(frame)

    def subscribe(self, wanted: Wanted) -> None:
        """Subscribes to this in place of what it was. What is in both has no gap."""
        self._wanted = wanted
        self._catch_up()

    def hurry(self) -> None:
        """Connects now, without the pause: somebody waits for this relay."""
        self._hurry.set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pauses = _pauses()
        clock = asyncio.get_running_loop().time
        while True:
            start = clock()
            try:
                way = await self._resolve(self.url) if self._resolve else None
                async with dial(self.url, way, CONNECT_SECONDS) as socket:
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
            await within(seconds, self._hurry.wait())
        except asyncio.TimeoutError:
            return

    async def _serve(self, socket: ClientConnection) -> None:
        self._outbox, self._asked, self._prefix = asyncio.Queue(), {}, secrets.token_hex(8)
        self._login = Login(self.url, self._log_in, self._say)
        self._catch_up()
        self._unanswered = set(self._asked)
        writer = asyncio.create_task(self._write(socket, self._outbox))
        try:
            await within(CONNECT_SECONDS, self._listen_until_served(socket))
            self.up = self.tried = True
            self._listener.link_changed()
            while True:
                await self._hear(socket)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _catch_up(self) -> None:
        """Subscribes and unsubscribes until the connection has what is wanted."""
        wanted = {f"{self._prefix}-{n}": filters for n, filters in enumerate(self._wanted)}
        for subscription in self._asked.keys() - wanted.keys():
            self._say(json.dumps(["CLOSE", subscription]))
        for subscription, filters in wanted.items():
            if self._asked.get(subscription) != filters:
                self._say(_request(subscription, filters))
        self._asked = wanted

    def _say(self, frame: str) -> None:
        self._outbox.put_nowait(frame)

    async def _write(self, socket: ClientConnection, outbox: "asyncio.Queue[str]") -> None:
        while True:
            await socket.send(await outbox.get())

    async def _listen_until_served(self, socket: ClientConnection) -> None:
        while self._unanswered:
            await self._hear(socket)

    async def _hear(self, socket: ClientConnection) -> None:
        """One message."""
        text = await socket.recv()
        match parsed(text) if isinstance(text, str) and self._is_for_us(text) else None:
            case None:
                logger.debug("relay %s: dropped a message", self.url)
            case ["EVENT", str(of), dict(event)] if of in self._asked:
                self._listener.heard_event(self.url, event)
            case ["OK", str(event_id), bool(accepted), *rest]:
                self._heard_ok(event_id, accepted, _reason(rest))
            case ["EOSE", str(of), *_]:
                self._unanswered.discard(of)
            case ["CLOSED", str(of), *rest] if of in self._asked:
                self._heard_closed(of, _reason(rest))
            case ["AUTH", str(challenge), *_]:
                self._login.heard_challenge(challenge)
        await asyncio.sleep(0)  # messages that have queued up come without a wait: let others run

    def _is_for_us(self, text: str) -> bool:
        """Whether a message is worth reading, judged by how it begins."""
        event = _EVENT.match(text)
        if event is None:
            return len(text) <= LONGEST_WORD and _WORD.match(text) is not None
        known = event[1] in self._asked and len(text) <= LARGEST_MESSAGE
        return known and self._listener.may_matter(text)

    def _heard_ok(self, event_id: str, accepted: bool, reason: str) -> None:
        if self._login.is_ours(event_id):
            for of in self._login.heard_verdict(accepted):
                if of in self._asked:
                    raise ConnectionRefusedError("the relay refuses our log-in")
                self._listener.heard_ok(self.url, of, False)
        elif accepted or not self._login.holds_event(event_id, reason):
            self._listener.heard_ok(self.url, event_id, accepted)

    def _heard_closed(self, of: str, reason: str) -> None:
        """Connects anew if the relay ends a subscription that it has served."""
        again = _request(of, self._asked[of])
        if of not in self._unanswered or not self._login.holds(of, again, reason):
            raise ConnectionRefusedError("the relay closed our subscription")


def _request(subscription: str, filters: Sequence[dict[str, Any]]) -> str:
    return json.dumps(["REQ", subscription, *filters])


def _reason(rest: Sequence[Any]) -> str:
    """Why a relay refuses: NIP-01 has a word, a colon and a text."""
    return rest[0] if rest and isinstance(rest[0], str) else ""


def parsed(text: str) -> list[Any] | None:
    """A message of a relay; None for what is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, list) else None


def _pauses() -> Iterator[float]:
    """The seconds between attempts: doubling up to a limit, and random, so that not all come
    back at once."""
    longest = SHORTEST_PAUSE
    while True:
        yield _random.uniform(longest / 2, longest)
        longest = min(LONGEST_PAUSE, longest * 2)
