"""The machine's signer: a key in a bunker, reached over one relay (NIP-46)."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from nostr_sdk import Event, NostrSdkError, PublicKey

from . import nip46
from .errors import BadAnswer, OtherKey, Refused, Unreachable
from .nip46 import Refusal, Reply
from .relay import Relay, open_relay
from .state import Connection

REASON_SECONDS = 1.0
"""nsecbunkerd refuses a connect twice, with the reason and with `Not authorized`, in either order:
so long we wait for the other one."""

_CONNECT_REFUSED = {
    Refusal.SPENT: "This seed has been used already. Ask the operator for a new one, and ask who "
    "used this one.",
    Refusal.EXPIRED: "This seed has expired. Ask the operator for a new one.",
    Refusal.REVOKED: "This seed has been revoked. Ask the operator for a new one.",
    Refusal.UNKNOWN_TOKEN: "The bunker does not know this seed: it may belong to another bunker. "
    "Ask the operator for a new one.",
    Refusal.NOT_AUTHORIZED: "The bunker does not take this machine: the seed is no longer good, or "
    "the machine has been revoked. Ask the operator for a new seed.",
    Refusal.WANTS_A_BROWSER: "The bunker wants somebody to approve this in a browser, which a "
    "machine cannot do. Ask the operator for a seed that needs no approval.",
    Refusal.OTHER: "The bunker refused to connect this machine. Ask the operator: its log says "
    "why.",
}


class RemoteSigner:
    """Requests, one at a time. Each has `timeout` seconds: Unreachable after that, Refused when
    the bunker says no."""

    def __init__(self, connection: Connection, relay: Relay, timeout: float) -> None:
        self.relay = relay
        self._keys = connection.keys
        self._nip04 = connection.nip04
        self._pubkey = connection.spire_pubkey
        self._timeout = timeout

    async def connect(self, secret: str | None) -> None:
        """The bunker knows our client key now. Without a secret: whether it knew it already."""
        params = [self._pubkey] if secret is None else [self._pubkey, secret]
        reply = await self._ask("connect", params, both_refusals=secret is not None)
        if reply.refusal:
            raise Refused(_CONNECT_REFUSED[reply.refusal])
        if reply.result not in {"ack", secret}:
            raise BadAnswer("The bunker answered connect with neither `ack` nor the secret.")

    async def check_public_key(self) -> None:
        """OtherKey unless the signer says that it is the key of the seed."""
        if await self._call("get_public_key", []) != self._pubkey:
            raise OtherKey(
                "The signer holds another key than the seed names. Do not use this machine; ask "
                "the operator for a new seed."
            )

    async def sign_event(self, kind: int, content: str, tags: Sequence[Sequence[str]]) -> Event:
        """The event, signed now by the key of the seed and otherwise as it was asked for."""
        asked = {
            "kind": kind,
            "content": content,
            "tags": [list(tag) for tag in tags],
            "created_at": int(time.time()),
            "pubkey": self._pubkey,
        }
        what = f"an event of kind {kind}"
        return _verified(await self._call("sign_event", [json.dumps(asked)], what), asked)

    async def nip44_encrypt(self, pubkey: str, text: str) -> str:
        return await self._call("nip44_encrypt", [pubkey, text])

    async def nip44_decrypt(self, pubkey: str, payload: str) -> str:
        return await self._call("nip44_decrypt", [pubkey, payload])

    async def _call(self, method: str, params: Sequence[str], what: str = "this") -> str:
        reply = await self._ask(method, params)
        if reply.refusal is Refusal.WANTS_A_BROWSER:
            raise Refused(_CONNECT_REFUSED[reply.refusal])
        if reply.refusal is Refusal.NOT_AUTHORIZED:
            raise Refused(
                f"The bunker refused {method}: this machine has been revoked, its session has "
                f"expired, or no rule allows it {what}. Ask the operator."
            )
        if reply.refusal:
            raise Refused(f"The bunker refused {method}. Ask the operator: its log says why.")
        return reply.result

    async def _ask(
        self, method: str, params: Sequence[str], *, both_refusals: bool = False
    ) -> Reply:
        request_id = secrets.token_hex(8)
        event = self._seal(request_id, method, params)
        try:
            reply = await asyncio.wait_for(self._exchange(event, request_id), self._timeout)
        except asyncio.TimeoutError:
            raise Unreachable(
                f"No answer to {method} within {self._timeout:g} s: the bunker is down, or the key "
                "is locked. Try again later."
            ) from None
        if reply.refusal and both_refusals:
            return await self._with_reason(reply)
        return reply

    def _seal(self, request_id: str, method: str, params: Sequence[str]) -> Event:
        try:
            return nip46.seal(
                self._keys,
                PublicKey.parse(self._pubkey),
                request_id=request_id,
                method=method,
                params=params,
                nip04=self._nip04,
            )
        except NostrSdkError:
            raise Refused(f"The parameters of {method} are too large to be sent.") from None

    async def _exchange(self, event: Event, request_id: str) -> Reply:
        await self.relay.send(event)
        return await self._reply(request_id, event.id().to_hex())

    async def _reply(self, request_id: str, event_id: str = "") -> Reply:
        while True:
            match await self.relay.receive():
                case ["EVENT", str(), dict(fields)]:
                    reply = nip46.open_reply(self._keys, self._pubkey, fields)
                    if reply and reply.request_id == request_id:
                        return reply
                case ["OK", str(of), False, *_] if of == event_id:
                    raise Unreachable(f"The relay {self.relay.url} does not take our requests.")

    async def _with_reason(self, first: Reply) -> Reply:
        try:
            second = await asyncio.wait_for(self._reply(first.request_id), REASON_SECONDS)
        except asyncio.TimeoutError:
            return first
        vague = {Refusal.NOT_AUTHORIZED, Refusal.OTHER}
        return second if first.refusal in vague or second.refusal is None else first


@asynccontextmanager
async def open_signer(connection: Connection, timeout: float) -> AsyncIterator[RemoteSigner]:
    async with open_relay(connection.bunker_relay, timeout) as relay:
        wanted = {"kinds": [nip46.KIND], "#p": [connection.client_pubkey]}
        try:
            await asyncio.wait_for(relay.subscribe(wanted), timeout)
        except asyncio.TimeoutError:
            raise Unreachable(f"The relay {relay.url} does not answer. Try again later.") from None
        yield RemoteSigner(connection, relay, timeout)


def _verified(text: str, asked: dict[str, Any]) -> Event:
    try:
        fields = json.loads(text)
        event = Event.from_json(json.dumps(fields))
    except (ValueError, RecursionError, NostrSdkError):
        raise BadAnswer("The bunker answered sign_event with something that is no event.") from None
    if fields.get("pubkey") != asked["pubkey"]:
        raise OtherKey("The bunker signed as another key than the seed names. Ask the operator.")
    altered = [name for name, value in asked.items() if fields.get(name) != value]
    if altered:
        raise BadAnswer(f"The bunker altered {', '.join(altered)} of what it was to sign.")
    if not event.verify():
        raise BadAnswer("The bunker's signature is not valid.")
    return event
