"""Keeps one relay connected and subscribed, and connects again by itself.

Relays differ in what they say, so little of it is relied on. Each filter is a subscription of its
own, since some relays keep only the last of several. Each asks for one stored event rather than for
none, since some relays then never say that there are no more, and others send a thousand.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from math import inf
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from ..loop import within
from . import refusals, relay_limits
from .nip42 import Login, SignLogin
from .relay_limits import RelayLimits
from .relay_socket import Way, dial

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
GRACE_SECONDS = 0.5
"""A subscription that the relay has not refused by then counts as served: not every relay says when
it has sent what it had stored, and some say so late. Somebody who looks waits a second in all."""
LARGEST_MESSAGE = 1024 * 1024
"""Characters. NIP-44 carries 64 KiB; NIP-04 has no limit, and a list of keys can be long."""
LONGEST_WORD = 4096
"""Characters, of what is no event: a verdict, an end, a challenge, a notice."""
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 20.0
STEADY_SECONDS = 2 * CONNECT_SECONDS
"""A connection that lasted this long was a good one: the next pause is short again."""

_random = secrets.SystemRandom()

Filter = dict[str, Any]
"""NIP-01; here with kinds and without a limit."""
Wanted = Sequence[Filter]
"""What is subscribed to. The first is what a link is for: a relay that does not serve it does not
serve us. Of the others it goes on without those that the relay refuses."""
Resolve = Callable[[str], Awaitable[Way | None]]
"""How a relay's URL may be connected to, None for one that is trusted; OSError when it may not."""

_EVENT = re.compile(r'\s*\[\s*"EVENT"\s*,\s*"([^"\\]{1,64})"')
_WORD = re.compile(r'\s*\[\s*"(?:OK|EOSE|CLOSED|NOTICE|AUTH)"\s*,')


class Listener(Protocol):
    """Is told what a link hears, in the link's task. If it raises OSError, the link connects
    anew."""

    def may_matter(self, text: str) -> bool:
        """Whether the event in this text could be of use. Asked before the event is read."""
        ...

    def heard_event(self, url: str, event: dict[str, Any]) -> None: ...
    def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None: ...
    def heard_notice(self, url: str, text: str) -> None: ...
    def link_changed(self) -> None: ...


class _NotServedError(ConnectionRefusedError):
    """The relay does not serve us; holds its reason."""


class RelayLink:
    """A connection to one relay with its subscriptions.

    `up` is True once the relay serves the first of them, so that no reply can slip past.
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
        self.refusal = ""
        """Why the relay did not serve us at the last attempt, in its own words."""
        self.wanted = wanted
        self._listener = listener
        self._resolve = resolve
        self._log_in = log_in
        self._login = Login(url, None, self._say, self._say_again)
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._prefix = ""
        """Of the ids of subscriptions; empty while there is no connection."""
        self._asked: dict[str, Filter] = {}
        """By subscription id, what was asked for over the present connection."""
        self._due: dict[str, float] = {}
        """Of these, the ones that the relay has not confirmed, and when they count as served: never
        while they wait for a log-in."""
        self._refused: set[str] = set()
        self._full = False
        """The relay says that it takes no more subscriptions, and not which it has left out."""
        self._most_kinds: int | None = None
        """That the relay takes in a filter; None: it has not complained."""
        self._echoes = 0
        """How many notices are still to come about filters that are asked for no more."""
        self._notice = ""
        self._hurry = asyncio.Event()

    @property
    def unserved(self) -> list[Filter]:
        """What is wanted and the relay refuses, as far as it says so."""
        without = set(self._refused)
        if self._full:
            now = asyncio.get_running_loop().time()
            without.update(of for of, at in self._due.items() if at < now)
        numbers = {_number(of) for of in without}
        return [wanted for n, wanted in enumerate(self.wanted) if n in numbers]

    def publish(self, event_id: str, event_json: str) -> None:
        """Sends an event over the present connection, never over a later one."""
        frame = f'["EVENT",{event_json}]'
        self._login.note(event_id, frame)
        self._say(frame)

    def subscribe(self, wanted: Wanted) -> None:
        """Subscribes to this in place of what it was. What is in both has no gap."""
        self.wanted = wanted
        if self._prefix:
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
                async with dial(self.url, await self._way(), CONNECT_SECONDS) as socket:
                    await self._serve(socket)
            except (OSError, WebSocketException, asyncio.TimeoutError) as exc:
                logger.debug("relay %s: %s", self.url, type(exc).__name__)
                self.refusal = str(exc) if isinstance(exc, _NotServedError) else self._notice
            except Exception as exc:  # nothing that a relay says may end the link for good
                logger.error("relay %s: unexpected %s", self.url, type(exc).__name__)
            finally:
                self.up, self.tried = False, True
                self._listener.link_changed()
            if clock() - start > STEADY_SECONDS or self._hurry.is_set():
                pauses = _pauses()
            self._hurry.clear()
            await self._rest(next(pauses))

    async def read_limits(self) -> RelayLimits | None:
        """What the relay says that it takes (NIP-11)."""
        try:
            return await relay_limits.read_limits(self.url, await self._way())
        except OSError:
            return None

    async def _way(self) -> Way | None:
        return await self._resolve(self.url) if self._resolve else None

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(min(SHORTEST_PAUSE, seconds))
        try:
            await within(seconds, self._hurry.wait())
        except asyncio.TimeoutError:
            return

    async def _serve(self, socket: ClientConnection) -> None:
        self._outbox, self._asked, self._prefix = asyncio.Queue(), {}, secrets.token_hex(8)
        self._due, self._refused, self._full = {}, set(), False
        self._echoes, self._notice = 0, ""
        self._login = Login(self.url, self._log_in, self._say, self._say_again)
        self._catch_up()
        writer = asyncio.create_task(self._write(socket, self._outbox))
        try:
            while True:
                await within(CONNECT_SECONDS, self._listen_until_served(socket))
                self._is_up(True)
                while self._served_at < inf:
                    await self._hear(socket)
                self._is_up(False)
        finally:
            self._login.close()
            self._prefix, self._due, self._refused = "", {}, set()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _is_up(self, up: bool) -> None:
        self.up, self.tried, self.refusal, self._notice = up, True, "", ""
        self._listener.link_changed()

    @property
    def _served_at(self) -> float:
        """When the first of what is wanted counts as served."""
        return max((at for of, at in self._due.items() if _number(of) == 0), default=0.0)

    async def _listen_until_served(self, socket: ClientConnection) -> None:
        clock = asyncio.get_running_loop().time
        while (wait := self._served_at - clock()) > 0:
            with suppress(asyncio.TimeoutError):
                await within(min(wait, CONNECT_SECONDS), self._hear(socket))

    # What is subscribed to

    def _catch_up(self) -> None:
        """Subscribes and unsubscribes until the connection has what is wanted."""
        before, self._asked = self._asked, dict(self._subscriptions())
        for of in before.keys() - self._asked.keys():
            self._say(json.dumps(["CLOSE", of]))
            self._due.pop(of, None)
            self._refused.discard(of)
        for of, wanted in self._asked.items():
            if before.get(of) != wanted:
                self._say_again(of, _request(of, wanted))

    def _subscriptions(self) -> Iterator[tuple[str, Filter]]:
        for n, wanted in enumerate(self.wanted):
            kinds, most = wanted["kinds"], self._most_kinds
            if most is None or len(kinds) <= most:
                yield f"{self._prefix}-{n}", wanted
                continue
            for start in range(0, len(kinds), most):
                some = kinds[start : start + most]
                # Of another name than larger parts, about which more may be said.
                yield f"{self._prefix}-{n}-{most}-{some[0]}", {**wanted, "kinds": some}

    def _asks_for_fewer_kinds(self, reason: str) -> bool:
        """Whether the relay minds the number of kinds in a filter; it is then asked for fewer."""
        numbers = [len(asked["kinds"]) for asked in self._asked.values()]
        most = max(numbers, default=1)
        if most == 1 or not refusals.is_of_kinds(reason):
            return False
        self._most_kinds, self._echoes = most // 2, numbers.count(most) - 1
        self._catch_up()
        return True

    # What is said

    def _say(self, frame: str) -> None:
        self._outbox.put_nowait(frame)

    def _say_again(self, of: str, frame: str) -> None:
        """Says a request or an event, perhaps once more."""
        self._say(frame)
        if of in self._asked:
            self._due[of] = asyncio.get_running_loop().time() + GRACE_SECONDS
            self._refused.discard(of)

    async def _write(self, socket: ClientConnection, outbox: "asyncio.Queue[str]") -> None:
        while True:
            await socket.send(await outbox.get())

    # What is heard

    async def _hear(self, socket: ClientConnection) -> None:
        """One message."""
        text = await socket.recv()
        match parsed(text) if isinstance(text, str) and self._is_for_us(text) else None:
            case None:
                logger.debug("relay %s: dropped a message", self.url)
            case ["EVENT", str(of), dict(event)] if of in self._asked:
                self._due.pop(of, None)
                self._listener.heard_event(self.url, event)
            case ["OK", str(event_id), bool(accepted), *rest]:
                self._heard_ok(event_id, accepted, _reason(rest))
            case ["EOSE", str(of), *_]:
                self._due.pop(of, None)
            case ["CLOSED", str(of), *rest] if of in self._asked:
                self._heard_closed(of, _reason(rest))
            case ["NOTICE", str(notice), *_]:
                self._heard_notice(notice)
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
        taken = refusals.was_taken(accepted, reason)
        if self._login.is_ours(event_id):
            self._go_without(self._login.heard_verdict(taken, reason), reason)
        elif taken or not self._login.holds_event(event_id, reason):
            self._listener.heard_ok(self.url, event_id, taken, reason)

    def _heard_closed(self, of: str, reason: str) -> None:
        """Connects anew if the relay ends a subscription that it has served."""
        if of not in self._due:
            raise _NotServedError(reason)
        if self._login.holds(of, _request(of, self._asked[of]), reason):
            self._due[of] = inf
        elif not self._asks_for_fewer_kinds(reason):
            self._go_without([of], reason)

    def _heard_notice(self, text: str) -> None:
        """Not every relay says to which subscription or event it says no."""
        self._notice = text
        self._go_without(self._login.heard_notice(text), text)
        if self._due and refusals.is_of_kinds(text):
            if self._echoes > 0:
                self._echoes -= 1
            else:
                self._asks_for_fewer_kinds(text)
        elif self._due and refusals.is_of_subscriptions(text):
            self._full = True
        self._listener.heard_notice(self.url, text)

    def _go_without(self, refused: Iterable[str], reason: str) -> None:
        """Takes it that these events and subscriptions are refused."""
        for of in refused:
            if of not in self._asked:
                self._listener.heard_ok(self.url, of, False, reason)
            elif _number(of) == 0:
                raise _NotServedError(reason)
            else:
                self._due.pop(of, None)
                self._refused.add(of)


def _request(subscription: str, wanted: Filter) -> str:
    return json.dumps(["REQ", subscription, {**wanted, "limit": 1}])


def _number(subscription: str) -> int:
    """Which of what is wanted it is for, or is a part of."""
    return int(subscription.split("-")[1])


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
