"""The machine's signer: a key in a bunker, reached over the relays of its URL (NIP-46)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from nostr_sdk import Event, NostrSdkError

from ..loop import within
from .errors import BadAnswer, CutOff, Failing, OtherKey, Refused, Unreachable
from .nip46 import Refusal, Reply
from .relay import AGAIN_S
from .requests import Request, Requests, not_taken
from .state import Connection

APP_DATA_KIND = 30078
"""NIP-78, which every spire may sign."""
REASON_S = 1.0
"""nsecbunkerd refuses a connect twice, with the reason and with `Not authorized`, in either order,
and a key that it has started twice answers twice: so long we wait for the others. Its public key
it tells to anybody, within less."""

_CONNECT_REFUSED = {
    Refusal.SPENT: "This seed is no longer good: it was used already, perhaps by another device, "
    "or it was cancelled, replaced by a newer one, or not used in time; the bunker says the same "
    "of all these. The operator's page knows which it was: ask the operator for a new seed.",
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


_SURELY_NOT_OURS = {
    *(Refusal.EXPIRED, Refusal.REVOKED, Refusal.UNKNOWN_TOKEN, Refusal.WANTS_A_BROWSER)
}
"""With these a bunker cannot have accepted the connect that was sent just before."""


class RemoteSigner:
    """Requests, one at a time or side by side. Each has `timeout` seconds: Unreachable after that,
    Refused when the bunker says no."""

    def __init__(self, connection: Connection, requests: Requests, timeout: float) -> None:
        self._requests = requests
        self._pubkey = connection.spire_pubkey
        self._timeout = timeout
        self._connects = 0
        """How often a connect was sent."""

    @property
    def relays(self) -> list[str]:
        """Over which it is reached now."""
        return [relay.url for relay in self._requests.relays]

    async def connect(self, secret: str, *, tried_before: bool) -> None:
        """The bunker knows our client key now.

        It may have accepted that and say no all the same: because its first answer was lost, or
        because a daemon that has just started serves the key twice, and one of the two comes too
        late. Whoever is known is acknowledged without a secret too. Unreachable when it does not
        say: nobody may give the client key up then.
        """
        try:
            await self._connect([self._pubkey, secret], again=True)
        except NotAcknowledged as refused:
            sent_once = not tried_before and self._connects == 1
            if sent_once and refused.refusal in _SURELY_NOT_OURS:
                raise
            if not await self._is_known(refused):
                raise

    async def _is_known(self, refused: Refused) -> bool:
        try:
            await self._connect([self._pubkey])
        except NotAcknowledged:
            return False
        except Unreachable as silent:
            raise Unreachable(
                "The bunker refuses this seed, and does not say whether it was this machine that "
                f"used it. Run `spire boot` again; if it stays so: {refused}"
            ) from silent
        return True

    async def _connect(self, params: Sequence[str], *, again: bool = False) -> None:
        reply = await self._ask("connect", params, again=again, all_refusals=True)
        if reply.refusal:
            raise NotAcknowledged(reply.refusal)
        if reply.result not in {"ack", *params[1:]}:
            raise BadAnswer("The bunker answered connect with neither `ack` nor the secret.")

    async def check_public_key(self) -> None:
        """OtherKey unless the signer says that it is the key of the seed."""
        if await self._call("get_public_key", again=True) != self._pubkey:
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
        reply = await self._ask("sign_event", params, all_refusals=sure)
        if reply.refusal is Refusal.NOT_AUTHORIZED:
            raise CutOff(
                "The bunker no longer signs for this machine: it was revoked, the operator said "
                "that it is not theirs, another connection has taken its place, or its session has "
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
        self, method: str, params: Sequence[str] = (), *, of: str = "", again: bool = False
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
        again: bool = False,
        all_refusals: bool = False,
    ) -> Reply:
        """`again`: sent again while nothing is heard. What no relay took is sent again anyway."""
        with self._requests.one() as request:
            try:
                reply = await within(self._timeout, self._exchange(request, method, params, again))
            except asyncio.TimeoutError:
                problem = f"No answer to {method} within {self._timeout:g} s"
                raise Unreachable(f"{problem}{await self._why_silent(request, method)}") from None
            if reply.refusal and all_refusals:
                return await _most_telling(request, reply)
            return reply

    async def _exchange(
        self, request: Request, method: str, params: Sequence[str], again: bool
    ) -> Reply:
        self._connects += method == "connect"
        await request.send(method, params)
        for pause in AGAIN_S:
            with suppress(asyncio.TimeoutError):
                return await within(pause, request.reply())
            if again or request.may_be_taken_later:
                self._connects += method == "connect"
                await request.send(method, params)
        return await request.reply()

    async def _why_silent(self, request: Request, method: str) -> str:
        """What was heard decides what is said."""
        if request.refused:
            return f". {not_taken(request)} Try again later."
        if self._requests.heard or (method != "get_public_key" and await self._is_there()):
            return (
                ", though the bunker is there: it may be asking its operator, or the time of this "
                "machine is over. Try again; if it stays so, ask the operator for a new seed."
            )
        notices = [
            f' {relay.url} says "{relay.notice}".'
            for relay in self._requests.relays
            if relay.notice
        ]
        return f": the bunker is down, or the key is locked. Try again later.{''.join(notices)}"

    async def _is_there(self) -> bool:
        with self._requests.one() as request, suppress(asyncio.TimeoutError, Unreachable):
            await request.send("get_public_key", [])
            await within(REASON_S, request.reply())
            return True
        return False


class NotAcknowledged(Refused):
    """The bunker refused a connect."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(_CONNECT_REFUSED[refusal])
        self.refusal = refusal


async def _most_telling(request: Request, first: Reply) -> Reply:
    """Of all that come within a moment: the one that it worked, or else the best reason."""
    replies = [first]

    async def collect() -> None:
        while replies[-1].refusal:
            replies.append(await request.reply())

    with suppress(asyncio.TimeoutError, Unreachable):
        await within(REASON_S, collect())
    return max(replies, key=_says)


def _says(reply: Reply) -> int:
    """How much a reply tells: that it worked before a reason, a reason before none."""
    if reply.refusal is None:
        return 3
    return {Refusal.NOT_AUTHORIZED: 0, Refusal.OTHER: 1}.get(reply.refusal, 2)


@asynccontextmanager
async def open_signer(connection: Connection, timeout: float) -> AsyncIterator[RemoteSigner]:
    """Over the relays of its URL that are up; over those that come up later as well."""
    requests = Requests(connection)
    lines = [asyncio.create_task(requests.serve(url, timeout)) for url in connection.bunker_relays]
    try:
        await requests.up()
        yield RemoteSigner(connection, requests, timeout)
    finally:
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


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
