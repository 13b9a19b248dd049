"""A bunker of one key, over a relay, that answers what a test tells it to."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nostr_sdk import UnsignedEvent
from support.raw_wire import Message, RawKey, RawPeer

Says = Callable[[Message], Iterable[dict[str, Any]]]
"""The bodies of the replies to a request, without the id; none is silence."""


@dataclass
class ScriptedSigner:
    """Acknowledges, tells its key and signs, but for the methods in `script`.

    `async with signer.on(relay.url): …`; `asked` holds every request, in order.
    """

    peer: RawKey = field(default_factory=RawKey)
    script: dict[str, Says] = field(default_factory=dict)
    asked: list[Message] = field(default_factory=list)

    @property
    def pubkey(self) -> str:
        return self.peer.pubkey

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def on(self, url: str) -> RawPeer:
        return RawPeer(url, self.peer, self.answer)

    def answer(self, asked: Message) -> Iterable[str]:
        self.asked.append(asked)
        bodies = self.script.get(asked.method, self._behave)(asked)
        return [self.peer.reply(asked, kind=24133, **body) for body in bodies]

    def sign(self, asked: Message, **altered: Any) -> str:
        """The signed event that was asked for, as JSON; with `altered` fields, still validly
        signed."""
        wanted = {**json.loads(asked.params[0]), **altered}
        draft = UnsignedEvent.from_json(json.dumps(wanted))
        return str(draft.sign_with_keys(self.peer.keys).as_json())

    def _behave(self, asked: Message) -> list[dict[str, Any]]:
        result = {
            "connect": lambda: "ack",
            "get_public_key": lambda: self.pubkey,
            "sign_event": lambda: self.sign(asked),
        }[asked.method]()
        return [{"result": result}]


def silent(_: Message) -> list[dict[str, Any]]:
    return []


def refusing(*texts: str) -> Says:
    """One reply for each text, all with the request's id."""
    return lambda _: [{"result": "error", "error": text} for text in texts]


def in_turn(*says: Says) -> Says:
    """The first for the first request, and so on."""
    turns = iter(says)

    def answer(asked: Message) -> Iterable[dict[str, Any]]:
        return next(turns)(asked)

    return answer


def saying(result: str) -> Says:
    return lambda _: [{"result": result}]
