"""The admin interface: requests, and what they do."""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nostr_sdk import Event, Keys

from . import words
from .levers import GARBAGE, Effect, Fault, Levers
from .lineage import Lineage
from .signer import AclRequest
from .verbs import Verb, VerbError, compact
from .wire import NIP44_LONGEST, NOSTR_CONNECT, Opened, UnreadableError, Wire, open_event, seal


class Call(NamedTuple):
    """One admin request that was received; equals the tuple."""

    method: str
    params: list[Any]


class AdminInterface:
    """Answers in the encryption it was asked in; what a verb throws goes out in kind 24133."""

    def __init__(
        self,
        *,
        keys: Keys,
        admins: list[str],
        wire: Wire,
        lineage: Lineage,
        levers: Levers,
        record: Callable[[Call], None],
        verbs: Mapping[str, Verb],
    ) -> None:
        self._keys = keys
        self._admins = admins
        self._wire = wire
        self._traits = lineage.value
        self._levers = levers
        self._record = record
        self._verbs = verbs
        self._nip44 = False
        self._thread = asyncio.Lock()

    async def listen(self) -> None:
        query = {"kinds": list(self._traits.hears), "#p": [self._keys.public_key().to_hex()]}
        await self._wire.subscribe(query, self._receive)

    async def ask_admins(self, asked: AclRequest) -> None:
        """The daemon's own request to every admin; nobody has to answer."""
        param = {
            "keyName": asked.key_name,
            "remotePubkey": asked.client_pubkey,
            "method": asked.method,
            "param": asked.param,
        }
        told = {name: value for name, value in param.items() if value is not None}
        for admin in self._admins:
            request = {
                "id": secrets.token_hex(5),
                "method": "acl",
                "params": [json.dumps(told)],
            }
            event = seal(request, self._keys, admin, self._traits.answers_in, nip44=self._nip44)
            await self._wire.publish(event)

    async def _receive(self, event: Event) -> None:
        try:
            request = open_event(event, self._keys, nip44=self._traits.nip44)
        except UnreadableError:
            return
        if request.method is None:
            return
        self._nip44 = request.nip44
        self._record(Call(request.method, request.params))
        await self._serve(request, request.method)

    async def _serve(self, request: Opened, method: str) -> None:
        faults = self._levers.take(method)
        held = self._levers.holding(method, request.params)
        if Effect.SILENT in faults:
            return
        if held is not None and not held.done and not await held.stand():
            return
        if Effect.BUSY in faults:
            async with self._thread:
                await asyncio.sleep(faults[Effect.BUSY].seconds)
        kind, answer = self._answer(request, method, faults.get(Effect.REFUSE))
        if held is not None and held.done and not await held.stand():
            return
        if Effect.GARBAGE in faults:
            answer["result"] = GARBAGE
        if Effect.LATE in faults:
            await asyncio.sleep(faults[Effect.LATE].seconds)
        if Effect.DROP_ANSWER in faults:
            return
        for _ in range(2 if Effect.TWICE in faults else 1):
            event = seal(answer, self._keys, request.author, kind, nip44=request.nip44)
            await self._wire.publish(event)

    def _answer(
        self, request: Opened, method: str, refusal: Fault | None
    ) -> tuple[int, dict[str, str]]:
        """The kind and the content of the answer."""
        try:
            if refusal is not None:
                raise VerbError(refusal.text)
            if request.author not in self._admins:
                raise VerbError(words.NOT_AN_ADMIN)
            kind, result = self._result(request, method)
            answer = {"id": request.id, "result": result}
            # Not recorded: NIP-44 ends there, so a long list cannot be told. NIP-04 has no end.
            if request.nip44 and len(compact(answer).encode()) > NIP44_LONGEST:
                raise VerbError(words.TOO_LONG)
        except VerbError as error:
            return NOSTR_CONNECT, {"id": request.id, "result": "error", "error": str(error)}
        return kind, answer

    def _result(self, request: Opened, method: str) -> tuple[int, str]:
        verb = self._verbs.get(method)
        if verb is None:
            return request.kind, compact(["error", f"Unknown method {method}"])
        return self._traits.answers_in, verb(request.params)
