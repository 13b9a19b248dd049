"""The machine's signer: a key in a bunker, reached over one relay (NIP-46)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from nostr_sdk import Event, NostrSdkError

from ..loop import within
from . import nip46
from .errors import BadAnswer, CutOff, Failing, OtherKey, Refused, Unreachable
from .nip46 import Refusal, Reply
from .relay import Relay, open_relay
from .requests import Request, Requests
from .state import Connection

APP_DATA_KIND = 30078
"""NIP-78, which every spire may sign."""
ASK_AGAIN_S = (1.0, 3.0)
"""Pauses after which connect and get_public_key are sent again: requests are lost while nobody
listens, and nsecbunkerd listens only 100 ms after it has said that a key is there."""
REASON_S = 1.0
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
    """Requests, one at a time or side by side. Each has `timeout` seconds: Unreachable after that,
    Refused when the bunker says no."""

    def __init__(
        self, connection: Connection, relay: Relay, requests: Requests, timeout: float
    ) -> None:
        self.relay = relay
        self._requests = requests
        self._pubkey = connection.spire_pubkey
        self._timeout = timeout
        self._connects = 0
        """How often a connect was sent."""

    async def connect(self, secret: str, *, tried_before: bool) -> None:
        """The bunker knows our client key now.

        The secret may be spent because it has heard us before and its answer was lost. Then it
        knows our client key, and acknowledges a connect without a secret.
        """
        try:
            await self._connect([self._pubkey, secret], again=ASK_AGAIN_S)
        except Refused:
            if not tried_before and self._connects < 2:
                raise
            if not await self._is_known():
                raise

    async def _is_known(self) -> bool:
        try:
            await self._connect([self._pubkey])
        except Refused:
            return False
        return True

    async def _connect(self, params: Sequence[str], *, again: Sequence[float] = ()) -> None:
        reply = await self._ask("connect", params, again=again, both_refusals=True)
        if reply.refusal:
            raise Refused(_CONNECT_REFUSED[reply.refusal])
        if reply.result not in {"ack", *params[1:]}:
            raise BadAnswer("The bunker answered connect with neither `ack` nor the secret.")

    async def check_public_key(self) -> None:
        """OtherKey unless the signer says that it is the key of the seed."""
        if await self._call("get_public_key", again=ASK_AGAIN_S) != self._pubkey:
            raise OtherKey(
                "The signer holds another key than the seed names. Do not use this machine; ask "
                "the operator for a new seed."
            )

    async def check_access(self, *, sure: bool = False) -> None:
        """CutOff unless the bunker signs for us. It tells its public key to anybody: only a
        signature, which nobody gets to see, shows that we may still ask for one.

        `sure`: something is given up on a no, so a refusal is waited for that gives a reason. With
        one it is Failing: nsecbunkerd says `Not authorized` beside whatever went wrong in it.
        """
        asked = self._draft(APP_DATA_KIND, "", [["d", "access-check"]])
        params = [json.dumps(asked)]
        reply = await self._ask("sign_event", params, again=(), both_refusals=sure)
        if reply.refusal is Refusal.NOT_AUTHORIZED:
            raise CutOff(
                "The bunker no longer signs for this machine: it was revoked, or its session has "
                "expired. Ask the operator for a new seed."
            )
        if reply.refusal:
            raise Failing(
                "The bunker refuses everything, for a reason of its own. Try again later, or ask "
                "the operator: its log says why."
            )
        _verified(reply.result, asked)

    async def sign_event(self, kind: int, content: str, tags: Sequence[Sequence[str]]) -> Event:
        """The event, signed now by the key of the seed and otherwise as it was asked for."""
        asked = self._draft(kind, content, tags)
        answer = await self._call("sign_event", [json.dumps(asked)], of=f" for kind {kind}")
        return _verified(answer, asked)

    def _draft(self, kind: int, content: str, tags: Sequence[Sequence[str]]) -> dict[str, Any]:
        return {
            "kind": kind,
            "content": content,
            "tags": [list(tag) for tag in tags],
            "created_at": int(time.time()),
            "pubkey": self._pubkey,
        }

    async def nip44_encrypt(self, pubkey: str, text: str) -> str:
        return await self._call("nip44_encrypt", [pubkey, text])

    async def nip44_decrypt(self, pubkey: str, payload: str) -> str:
        return await self._call("nip44_decrypt", [pubkey, payload])

    async def _call(
        self, method: str, params: Sequence[str] = (), *, of: str = "", again: Sequence[float] = ()
    ) -> str:
        reply = await self._ask(method, params, again=again)
        if reply.refusal is Refusal.WANTS_A_BROWSER:
            raise Refused(_CONNECT_REFUSED[reply.refusal])
        if reply.refusal is Refusal.NOT_AUTHORIZED:
            raise Refused(
                f"No rule of the bunker allows this machine {method}{of}. Ask the operator."
            )
        if reply.refusal:
            raise Refused(f"The bunker refused {method}. Ask the operator: its log says why.")
        return reply.result

    async def _ask(
        self,
        method: str,
        params: Sequence[str],
        *,
        again: Sequence[float],
        both_refusals: bool = False,
    ) -> Reply:
        with self._requests.one() as request:
            try:
                reply = await within(self._timeout, self._exchange(request, method, params, again))
            except asyncio.TimeoutError:
                raise Unreachable(
                    f"No answer to {method} within {self._timeout:g} s: the bunker is down, or the "
                    "key is locked. Try again later."
                ) from None
            if reply.refusal and both_refusals:
                return await _with_reason(request, reply)
            return reply

    async def _exchange(
        self, request: Request, method: str, params: Sequence[str], again: Sequence[float]
    ) -> Reply:
        """Sends, and sends again after each pause; then waits for as long as the caller does."""
        for pause in (*again, None):
            await request.send(method, params)
            self._connects += method == "connect"
            try:
                return await within(pause, request.reply())
            except asyncio.TimeoutError:
                continue
        raise AssertionError("the last wait has no end")


async def _with_reason(request: Request, first: Reply) -> Reply:
    try:
        second = await within(REASON_S, request.reply())
    except (asyncio.TimeoutError, Unreachable):
        return first
    return max(first, second, key=_says)


def _says(reply: Reply) -> int:
    """How much a reply tells: that it worked before a reason, a reason before none."""
    if reply.refusal is None:
        return 3
    return {Refusal.NOT_AUTHORIZED: 0, Refusal.OTHER: 1}.get(reply.refusal, 2)


@asynccontextmanager
async def open_signer(connection: Connection, timeout: float) -> AsyncIterator[RemoteSigner]:
    async with open_relay(connection.bunker_relay, timeout) as relay:
        wanted = {"kinds": [nip46.KIND], "#p": [connection.client_pubkey]}
        try:
            await within(timeout, relay.subscribe(wanted))
        except asyncio.TimeoutError:
            raise Unreachable(f"The relay {relay.url} does not answer. Try again later.") from None
        requests = Requests(connection, relay)
        listening = asyncio.create_task(requests.listen())
        try:
            yield RemoteSigner(connection, relay, requests, timeout)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


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
