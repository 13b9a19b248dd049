"""NIP-46, as the daemon serves it for one unlocked key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from nostr_sdk import (
    Event,
    Keys,
    Nip44Version,
    NostrSdkError,
    PublicKey,
    UnsignedEvent,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)

from ...clock import Clock
from . import words
from .grants import Grants, TokenError
from .lineage import Lineage
from .wire import NOSTR_CONNECT, Opened, UnreadableError, Wire, open_event, seal


@dataclass(frozen=True)
class AclRequest:
    """What an admin is asked when no rule answers."""

    key_name: str
    client_pubkey: str
    method: str
    param: str | None = field(repr=False)


@dataclass(frozen=True)
class SignerHouse:
    """What all backends share."""

    wire: Wire
    grants: Grants
    lineage: Lineage
    clock: Clock
    refusal_delay: float
    listen_delay: float
    ask_admins: Callable[[AclRequest], Awaitable[None]]
    end: Callable[[str], None]


class HandlerError(Exception):
    """A handler threw: the daemon sends the text, and after it a refusal."""


class Backend:
    """One started key. Starting a key twice makes two, and every request is answered twice."""

    def __init__(self, name: str, keys: Keys, house: SignerHouse) -> None:
        self._name = name
        self._keys = keys
        self._house = house
        self._pubkey: str = keys.public_key().to_hex()
        self._failures = count()
        self.subscribed = asyncio.Event()

    async def listen(self) -> None:
        """Subscribes a moment after the admin has been told that the key is there."""
        await asyncio.sleep(self._house.listen_delay)
        query = {"kinds": [NOSTR_CONNECT], "#p": [self._pubkey]}
        await self._house.wire.subscribe(query, self._receive)
        self.subscribed.set()

    async def _receive(self, event: Event) -> None:
        try:
            request = open_event(event, self._keys, nip44=self._house.lineage.value.nip44)
        except UnreadableError as error:
            # Nothing catches this in the daemon, whose process ends with it.
            self._house.end(f"unreadable event to the key {self._name}: {error}")
            return
        await self._serve(request)

    async def _serve(self, request: Opened) -> None:
        try:
            result = await self._answer(request)
        except (HandlerError, TokenError) as error:
            replies = [str(error), words.NOT_AUTHORIZED]
            # The daemon sends the two side by side, and either may arrive first.
            if next(self._failures) % 2:
                replies.reverse()
            for text in replies:
                await self._send(request, {"id": request.id, "result": "error", "error": text})
            return
        if result:
            await self._send(request, {"id": request.id, "result": result})
        else:
            refusal = {"id": request.id, "result": "error", "error": words.NOT_AUTHORIZED}
            await self._send(request, refusal)

    async def _send(self, request: Opened, message: dict[str, Any]) -> None:
        event = seal(message, self._keys, request.author, NOSTR_CONNECT, nip44=request.nip44)
        await self._house.wire.publish(event)

    async def _answer(self, request: Opened) -> str | None:
        """The result; nothing where the request is refused or the method is not known."""
        method, params = request.method, request.params
        if method == "get_public_key":
            return self._pubkey
        if method == "ping":
            return "pong" if await self._permitted(request, "ping") else None
        if method == "connect":
            return await self._connect(request)
        if method == "sign_event":
            return await self._sign(request)
        gate = self._house.lineage.value.gates.get(method or "")
        if gate is None or not await self._permitted(request, gate, param=_text_at(params, 1)):
            return None
        return self._crypt(str(method), _text_at(params, 0) or "", _text_at(params, 1) or "")

    async def _permitted(
        self, request: Opened, method: str, *, kind: str | None = None, param: str | None = None
    ) -> bool:
        answer = self._house.grants.allowed(self._name, request.author, method, kind)
        if answer is not None:
            return answer
        asked = AclRequest(self._name, request.author, method, param)
        await self._house.ask_admins(asked)
        await asyncio.sleep(self._house.refusal_delay)
        return False

    async def _connect(self, request: Opened) -> str | None:
        """params: the signer's pubkey, which nobody reads, and the token."""
        secret = request.params[1] if len(request.params) > 1 else None
        if secret:
            await self._house.grants.redeem(request.author, secret)
        param = _text_at(request.params, 1)
        return "ack" if await self._permitted(request, "connect", param=param) else None

    async def _sign(self, request: Opened) -> str | None:
        """Signs what it is given unaltered, but for the author: that is always the key."""
        text = _text_at(request.params, 0)
        try:
            fields = json.loads(text or "")
        except ValueError as error:
            raise HandlerError("Unexpected token in JSON at position 0") from error
        if not isinstance(fields, dict):
            raise HandlerError("Cannot read properties of null (reading 'kind')")
        if not await self._permitted(
            request, "sign_event", kind=str(fields.get("kind")), param=text
        ):
            return None
        return self._signed(fields)

    def _signed(self, fields: dict[str, Any]) -> str:
        draft = {
            "created_at": fields.get("created_at") or int(self._house.clock().timestamp()),
            "content": fields.get("content") or "",
            "tags": fields.get("tags") or [],
            "kind": fields.get("kind"),
            "pubkey": self._pubkey,
        }
        try:
            event = UnsignedEvent.from_json(json.dumps(draft)).sign_with_keys(self._keys)
        except NostrSdkError as error:
            raise HandlerError("Can't serialize event with wrong or missing properties") from error
        signed = {**draft, "id": event.id().to_hex(), "sig": event.signature()}
        return json.dumps(signed, separators=(",", ":"), ensure_ascii=False)

    def _crypt(self, method: str, other: str, text: str) -> str:
        secret = self._keys.secret_key()
        try:
            third = PublicKey.parse(other)
            if method == "nip44_encrypt":
                return str(nip44_encrypt(secret, third, text, Nip44Version.V2))
            crypt = {
                "nip44_decrypt": nip44_decrypt,
                "nip04_encrypt": nip04_encrypt,
                "nip04_decrypt": nip04_decrypt,
            }[method]
            return str(crypt(secret, third, text))
        except NostrSdkError as error:
            raise HandlerError("invalid payload") from error


def _text_at(params: list[Any], index: int) -> str | None:
    value = params[index] if index < len(params) else None
    return value if isinstance(value, str) else None
