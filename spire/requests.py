"""Requests under way over one relay, side by side, and the replies that come for each."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nostr_sdk import Keys, NostrSdkError, PublicKey

from . import nip46
from .errors import SpireError, Unreachable
from .nip46 import Reply
from .relay import Relay
from .state import Connection


class Request:
    """One request: sent once or again, and what was answered so far."""

    def __init__(self, requests: "Requests") -> None:
        self.id = secrets.token_hex(8)
        self.event_ids: set[str] = set()
        self._requests = requests
        self._answers: asyncio.Queue[Reply | Unreachable] = asyncio.Queue()

    async def send(self, method: str, params: Sequence[str]) -> None:
        """Does not wait for anything. Unreachable when the relay is gone."""
        await self._requests.send(self, method, params)

    async def reply(self) -> Reply:
        """The next reply; there can be several. Unreachable when none can come any more."""
        answer = await self._answers.get()
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    def put(self, answer: Reply | Unreachable) -> None:
        self._answers.put_nowait(answer)


class Requests:
    """All that one client asks of one signer; `listen` has to run beside it."""

    def __init__(self, connection: Connection, relay: Relay) -> None:
        self._relay = relay
        self._keys: Keys = connection.keys
        self._nip04 = connection.nip04
        self._signer = connection.spire_pubkey
        self._signer_key = PublicKey.parse(connection.spire_pubkey)
        self._under_way: dict[str, Request] = {}
        self._lost: Unreachable | None = None

    @contextmanager
    def one(self) -> Iterator[Request]:
        """A new request; replies that come when its block has ended are nobody's."""
        request = Request(self)
        self._under_way[request.id] = request
        try:
            yield request
        finally:
            del self._under_way[request.id]

    async def listen(self) -> None:
        """Until the relay is lost: then each request under way ends, and each later one."""
        try:
            while True:
                self._hear(await self._relay.receive())
                # What has queued up comes without a wait: whoever waits has a deadline to keep.
                await asyncio.sleep(0)
        except Unreachable as lost:
            self._lost = lost
            for request in self._under_way.values():
                request.put(lost)

    async def send(self, request: Request, method: str, params: Sequence[str]) -> None:
        if self._lost is not None:
            raise self._lost
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
        request.event_ids.add(event.id().to_hex())
        await self._relay.send(event)

    def _hear(self, message: list[Any]) -> None:
        match message:
            case ["EVENT", str(), dict(fields)] if self._under_way:
                reply = nip46.open_reply(self._keys, self._signer, fields)
                if reply and reply.request_id in self._under_way:
                    self._under_way[reply.request_id].put(reply)
            case ["OK", str(of), False, *_]:
                for request in self._under_way.values():
                    if of in request.event_ids:
                        request.put(_not_taken(self._relay.url))


def _not_taken(url: str) -> Unreachable:
    return Unreachable(f"The relay {url} does not take our requests.")
