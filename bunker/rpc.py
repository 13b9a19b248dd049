"""Sends an encrypted request over several relays and takes the first valid reply.

A reply counts only if its event is signed by the peer, addressed to us, can be decrypted, and names
a request that waits. All else is dropped, with a debug line that quotes nothing. Requests and
replies are ephemeral events: what is sent while nobody listens is lost. Some relays store them all
the same: what comes from there answers nothing that waits. (No `since` is asked for: clocks
differ.)
"""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nostr_sdk import Keys

from ..loop import within
from ..nostr import nip42
from ..nostr.events import EventSigner, genuine
from ..nostr.keys import parse_point
from ..nostr.refusals import RelaySaid
from ..nostr.relay_link import RelayLink, Resolve
from .errors import (
    CLOCKS,
    BunkerNonsense,
    BunkerTimeout,
    BunkerUnreachable,
    NsecBunkerError,
    RelaysRefused,
)
from .nip46 import ADMIN_KIND, NIP46_KIND, Encryption, Reply, Request, open_message, seal
from .other_admins import OtherAdmins
from .waiting_call import WaitingCall

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 0.5
"""A first call waits this long for slower relays: the bunker may listen only there."""
REMEMBERED_EVENTS = 1024


class RelayRpc:
    """Calls to one peer: a bunker's admin interface, or a key that it holds (NIP-46).

    `generation` grows each time that a connection is made after there was none: what was learned
    over an earlier one may no longer be true.
    """

    def __init__(
        self,
        keys: Keys,
        peer: str,
        relays: Sequence[str],
        *,
        kinds: Sequence[int] = (NIP46_KIND, ADMIN_KIND),
        connect_deadline: float = 5.0,
        on_request: Callable[[Request], None] | None = None,
        resolve: Resolve | None = None,
        others: OtherAdmins | None = None,
    ) -> None:
        """`keys`: ours; also used to log in at a relay that demands it (NIP-42), which learns no
        more by that than by each request. `on_request` is called with what the peer asks of us,
        and nothing is answered. `resolve` says how a relay may be connected to; without it,
        where its name leads. `others` is told what anybody says to the peer."""
        self.generation = 0
        self._on_request = on_request
        self._secret = keys.secret_key()
        self._signer = EventSigner(keys)
        self._us = self._signer.pubkey
        try:
            self._peer = parse_point(peer)
        except ValueError:
            raise BunkerNonsense(
                "What should be a public key is none; nobody can be asked by it."
            ) from None
        self._peer_hex = self._peer.to_hex()
        self._others = others
        self._kinds = frozenset(kinds)
        self._connect_deadline = connect_deadline
        in_kinds = {"kinds": sorted(kinds)}
        wanted = [{**in_kinds, "authors": [self._peer_hex], "#p": [self._us]}]
        if others is not None:  # not every relay shows what is addressed to others
            wanted.append({**in_kinds, "#p": [self._peer_hex]})
        log_in = nip42.as_(self._signer)
        self._links = [
            RelayLink(url, wanted, self, resolve, log_in=log_in) for url in dict.fromkeys(relays)
        ]
        self._waiting: dict[str, WaitingCall] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._was_up = False
        self._settled = False
        self._closed = False
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def connected(self) -> tuple[str, ...]:
        """The relays that are up now."""
        return tuple(link.url for link in self._links if link.up)

    @property
    def _up(self) -> bool:
        return any(link.up for link in self._links)

    async def connect(self, within: float | None = None) -> None:
        """Connects, and returns once a relay is up.

        Raises BunkerUnreachable when none is up within `within` seconds. The attempts go on.
        """
        if self._settled and self._up and not self._closed:
            return
        if not self._tasks and not self._closed:
            self._tasks = [asyncio.create_task(link.run()) for link in self._links]
        if not self._up:
            for link in self._links:
                link.hurry()
        limit = self._connect_deadline if within is None else min(within, self._connect_deadline)
        await self._until(lambda: self._up, limit)
        if self._up and not self._settled:
            await self._until(lambda: all(link.tried for link in self._links), SETTLE_SECONDS)
            self._settled = True
        if self._closed:
            raise BunkerUnreachable(
                "This connection to the bunker has been closed. Open a new one."
            )
        if not self._up:
            raise self._unreachable("could be reached")

    async def close(self) -> None:
        """Ends every connection. The calls under way end with BunkerTimeout."""
        self._closed = True
        self._tell()
        for waiting in self._waiting.values():
            waiting.end(BunkerTimeout("The connection was closed before the bunker answered."))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def call(
        self,
        request: Request,
        *,
        encryption: Encryption,
        kind: int,
        deadline: float,
        again: Iterable[tuple[float, Encryption]] = (),
    ) -> Reply:
        """Sends a request and returns the first valid reply.

        `again`: after each of these pauses, in seconds, the request is sent once more, with a new
        id and in the encryption given. Only for a request that may be repeated. Such a request is
        also sent once more when all relays were lost and one is back, since the reply is lost, and
        when all relays have refused it for a reason that may pass.

        Raises BunkerUnreachable when no relay is up or all refused what only reads, RelaysRefused
        when all refused what changes something, and BunkerTimeout when it was sent and `deadline`
        seconds passed.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        await self.connect(deadline)
        repeats = iter(again)
        repeat = next(repeats, None)
        waiting = WaitingCall(repeatable=repeat is not None)
        ids: list[str] = []
        try:
            while (left := end - loop.time()) > 0:
                async with self._turn:
                    if self._closed or not (self._up or ids):
                        raise self._unreachable("stayed up")
                    ids.append(self._send(request, encryption, kind, waiting))
                    # Sealing takes longer than sending: this one leaves before the next is sealed.
                    await asyncio.sleep(0)
                woken = await waiting.woken(left if repeat is None else min(left, repeat[0]))
                if waiting.outcome is not None:
                    return _answered(waiting.outcome)
                if waiting.is_over:
                    break
                if repeat is not None and not woken:
                    encryption, repeat = repeat[1], next(repeats, None)
        finally:
            waiting.close()
            for request_id in ids:
                self._waiting.pop(request_id, None)
        if not ids:
            raise self._unreachable("was up in time")
        if waiting.refused and not request.changes:
            raise self._unreachable("took the request", waiting.said)
        raise _no_answer(request, deadline, waiting)

    def _send(
        self, request: Request, encryption: Encryption, kind: int, waiting: WaitingCall
    ) -> str:
        request_id = secrets.token_hex(8)
        content = seal(
            self._secret, self._peer, request, request_id=request_id, encryption=encryption
        )
        event_id, event_json = self._signer.sign(kind, content, [["p", self._peer_hex]])
        self._waiting[request_id] = waiting
        if self._others is not None:
            self._others.said(event_id)
        for link in self._links:
            if link.up:
                waiting.note(link.url, event_id)
                link.publish(event_id, event_json)
        return request_id

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        """Waits for something that the links report, or until closed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while not (self._closed or true()):
                await within(end - loop.time(), self._news.wait())
        except asyncio.TimeoutError:
            return

    def _unreachable(self, what: str, said: RelaySaid | None = None) -> BunkerUnreachable:
        if said is None:
            said = RelaySaid.reading(
                next((link.refusal for link in self._links if link.refusal), "")
            )
        names = ", ".join(link.url for link in self._links)
        next_step = "" if said.of_time else " Check that they are up and spelled right."
        return BunkerUnreachable(
            f"None of the bunker's relays {what} ({names}), so nothing was asked."
            f"{_quoted(said)}{next_step}",
            said,
        )

    def link_changed(self) -> None:
        up = self._up
        if up and not self._was_up:
            self.generation += 1
            for waiting in {*self._waiting.values()}:
                if waiting.repeatable:
                    waiting.wake()
        self._was_up = up
        if self._others is not None:
            self._others.missed(link.url for link in self._links if not link.up)
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None:
        if not taken:
            logger.debug("relay %s refused a request", url)
        for waiting in {*self._waiting.values()}:
            waiting.heard_ok(url, event_id, taken, reason)

    def heard_notice(self, url: str, text: str) -> None:
        for waiting in {*self._waiting.values()}:
            waiting.heard_notice(url, text)

    def may_matter(self, text: str) -> bool:
        return self._peer_hex in text

    def heard_event(self, url: str, event: dict[str, Any]) -> None:
        if self._others is not None and event.get("pubkey") != self._peer_hex:
            self._others.heard(url, str(event.get("id")))
            return
        message = self._open(event)
        if isinstance(message, Reply) and message.request_id in self._waiting:
            self._waiting[message.request_id].end(message)
        elif isinstance(message, Request) and self._on_request is not None:
            self._on_request(message)
        else:
            logger.debug("dropped an event that answers nothing")

    def _open(self, raw: dict[str, Any]) -> Reply | Request | None:
        # Cheap checks first; what was seen is noted only once its signature has been found good,
        # or a forgery could shadow the real event.
        if raw.get("pubkey") != self._peer_hex or str(raw.get("id")) in self._seen:
            return None
        event = genuine(raw)
        if event is None or event.kind not in self._kinds:
            return None
        self._seen[event.id] = None
        if len(self._seen) > REMEMBERED_EVENTS:
            self._seen.popitem(last=False)
        if not any(tag[:2] == ["p", self._us] for tag in event.tags):
            return None
        return open_message(self._secret, self._peer, event)


def _answered(outcome: Reply | NsecBunkerError) -> Reply:
    if isinstance(outcome, NsecBunkerError):
        raise outcome
    return outcome


def _no_answer(request: Request, deadline: float, waiting: WaitingCall) -> BunkerTimeout:
    next_step = (
        "It may have been carried out all the same: look before asking again."
        if request.changes
        else "Check that the bunker runs and listens on its relays."
    )
    said = waiting.said
    if waiting.refused:
        what = f"None of the bunker's relays says that it took {request.method}."
        return RelaysRefused(f"{what}{_quoted(said)} {next_step}", said, confirmed=False)
    what = f"The bunker did not answer {request.method} within {deadline:.1f} s."
    if not waiting.taken:
        what += " No relay has confirmed that it took the request."
    return BunkerTimeout(f"{what}{_quoted(said)} {next_step}", said, confirmed=waiting.taken)


def _quoted(said: RelaySaid) -> str:
    words = f" A relay said: \u201c{said.words}\u201d." if said.words else ""
    return f"{words} {CLOCKS}" if said.of_time else words
