"""Requests under way, side by side, over every relay of the bunker that is up, and the replies that
come for each."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from nostr_sdk import Event, Keys, NostrSdkError, PublicKey

from ..loop import within
from . import nip46
from .errors import SpireError, Unreachable
from .nip46 import Reply
from .relay import Relay, open_relay
from .relay_reasons import Reason
from .state import Connection

ALL_THE_SAME_S = 2.0
"""A relay may refuse a request and deliver it all the same: so long an answer can still come."""


class Request:
    """One request: sent once or again, and what was answered so far."""

    def __init__(self, requests: "Requests") -> None:
        self.id = secrets.token_hex(8)
        self.events: dict[str, Event] = {}
        """By its id, each that it was sent in."""
        self.refused: dict[str, Reason] = {}
        """By relay, why it did not take the request when it was last sent."""
        self._requests = requests
        self._answers: asyncio.Queue[Reply | Unreachable] = asyncio.Queue()
        self._heard: set[str] = set()

    @property
    def may_be_taken_later(self) -> bool:
        return any(reason.may_pass for reason in self.refused.values())

    async def send(self, method: str, params: Sequence[str]) -> None:
        """Does not wait for anything. Unreachable when no relay is left."""
        await self._requests.send(self, method, params)

    async def reply(self) -> Reply:
        """The next reply; there can be several. Unreachable when none can come any more."""
        answer = await self._answers.get()
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    def put(self, answer: Reply | Unreachable) -> None:
        self._answers.put_nowait(answer)

    def put_once(self, event_id: str, reply: Reply) -> None:
        """The same event comes over several relays."""
        if event_id not in self._heard:
            self._heard.add(event_id)
            self.put(reply)


class Requests:
    """All that one client asks of one signer; `serve` has to run beside it for each relay."""

    def __init__(self, connection: Connection) -> None:
        self.relays: list[Relay] = []
        """Those that are up."""
        self.heard = False
        """The signer has answered something."""
        self._keys: Keys = connection.keys
        self._nip04 = connection.nip04
        self._signer = connection.spire_pubkey
        self._signer_key = PublicKey.parse(connection.spire_pubkey)
        self._wanted = {"kinds": [nip46.KIND], "#p": [connection.client_pubkey]}
        self._under_way: dict[str, Request] = {}
        self._left = list(connection.bunker_relays)
        """Those that are up, or may come up."""
        self._problems: list[str] = []
        self._settled = asyncio.Event()

    @contextmanager
    def one(self) -> Iterator[Request]:
        """A new request; replies that come when its block has ended are nobody's."""
        request = Request(self)
        self._under_way[request.id] = request
        try:
            yield request
        finally:
            del self._under_way[request.id]

    async def serve(self, url: str, timeout: float) -> None:
        """Sends and listens over this relay, until it is lost. With the last of them each request
        under way ends, and each later one."""
        try:
            async with open_relay(url, timeout) as relay:
                await self._subscribe(relay, timeout)
                self.relays.append(relay)
                try:
                    await self._listen(relay)
                finally:
                    self.relays.remove(relay)
        except Unreachable as problem:
            self._problems.append(str(problem))
            self._left.remove(url)
            self._end_if_none_is_left()

    async def up(self) -> None:
        """Returns when the first relay serves us. Unreachable when none does."""
        await self._settled.wait()
        self._check_left()

    async def send(self, request: Request, method: str, params: Sequence[str]) -> None:
        self._check_left()
        try:
            event = nip46.seal(
                self._keys,
                self._signer_key,
                request_id=request.id,
                method=method,
                params=params,
                nip04=self._nip04,
            )
        except NostrSdkError:
            raise SpireError(f"What {method} is to be given is too large to be sent.") from None
        request.events[event.id().to_hex()] = event
        request.refused.clear()
        await asyncio.gather(*(_send(relay, event) for relay in self.relays))

    async def _subscribe(self, relay: Relay, timeout: float) -> None:
        try:
            await within(timeout, relay.subscribe(self._wanted))
        except asyncio.TimeoutError:
            raise Unreachable(f"The relay {relay.url} does not answer. Try again later.") from None

    async def _listen(self, relay: Relay) -> None:
        """What was sent over others before this one was up goes out over it too."""
        self._settled.set()
        missed = [event for each in self._under_way.values() for event in each.events.values()]
        for event in missed:
            await relay.send(event)
        while True:
            self._hear(relay, await relay.receive())
            # What has queued up comes without a wait: whoever waits has a deadline to keep.
            await asyncio.sleep(0)

    def _hear(self, relay: Relay, message: list[Any]) -> None:
        match message:
            case ["EVENT", str(), dict(fields)] if self._under_way:
                reply = nip46.open_reply(self._keys, self._signer, fields)
                if reply and reply.request_id in self._under_way:
                    self.heard = True
                    self._under_way[reply.request_id].put_once(str(fields.get("id")), reply)
            case ["OK", str(of), False, *rest]:
                reason = Reason.of(rest)
                for request in self._under_way.values():
                    if of in request.events and not reason.has_it:
                        self._refused(request, relay, reason)

    def _refused(self, request: Request, relay: Relay, reason: Reason) -> None:
        """Ends the request when no relay takes it, and none will in a moment."""
        request.refused[relay.url] = reason
        whys = [request.refused.get(url) for url in self._left]
        if all(why and not why.may_pass for why in whys):
            loop = asyncio.get_running_loop()
            loop.call_later(ALL_THE_SAME_S, request.put, Unreachable(not_taken(request)))

    def _end_if_none_is_left(self) -> None:
        if not self._left:
            self._settled.set()
            for request in self._under_way.values():
                request.put(self._lost())

    def _check_left(self) -> None:
        if not self._left:
            raise self._lost()

    def _lost(self) -> Unreachable:
        return Unreachable(" ".join(self._problems))


def not_taken(request: Request) -> str:
    """What the relays said for not taking it."""
    return " ".join(
        f"The relay {url} does not take our requests ({reason})."
        for url, reason in request.refused.items()
    )


async def _send(relay: Relay, event: Event) -> None:
    """A relay that is gone is noticed where it is listened to."""
    with suppress(Unreachable):
        await relay.send(event)
