"""What a signed event costs its two ends, by the code that they run: no relay, no wait."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from nostr_sdk import Event, Keys
from spirekeeper.devkit.bunker import signer as bunker_side
from spirekeeper.devkit.bunker import wire
from spirekeeper.spire import nip46
from spirekeeper.spire import signer as machine_side

Cost = Callable[[], Awaitable[None]]


def event_costs(kind: int, content: str, times: int) -> dict[str, Cost]:
    """Each does its part so many times: `sign`, `verify`, and sealing and opening the two messages
    of a signature and of a ping."""
    key, client = Keys.generate(), Keys.generate()
    backend = bunker_side.Backend("bench", key, cast(bunker_side.SignerHouse, None))
    asked = {"kind": kind, "content": content, "tags": [], "created_at": 1_700_000_000}
    asked["pubkey"] = key.public_key().to_hex()
    signed = backend._signed(asked)

    def messages(method: str, params: list[str], result: str) -> None:
        request = nip46.seal(
            client, key.public_key(), request_id="0" * 16, method=method, params=params, nip04=False
        )
        heard = Event.from_json(json.dumps(json.loads(request.as_json())))
        assert heard.verify()
        opened = wire.open_event(heard, key, nip44=True)
        answer = {"id": opened.id, "result": result}
        reply = wire.seal(answer, key, opened.author, wire.NOSTR_CONNECT, nip44=True)
        assert nip46.open_reply(client, key.public_key().to_hex(), json.loads(reply))

    parts: dict[str, Callable[[], Any]] = {
        "sign": lambda: backend._signed(json.loads(json.dumps(asked))),
        "verify": lambda: machine_side._verified(signed, asked),
        "its messages": lambda: messages("sign_event", [json.dumps(asked)], signed),
        "a ping's messages": lambda: messages("ping", [], "pong"),
    }
    return {name: _repeated(part, times) for name, part in parts.items()}


def _repeated(part: Callable[[], Any], times: int) -> Cost:
    async def run() -> None:
        for _ in range(times):
            part()

    return run
