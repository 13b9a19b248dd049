"""What passes between the extension and its bunker, read with the bunker's own key.

A test says what becomes of the answers to one call.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nostr_sdk import Keys
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from support.raw_wire import Message, RawKey


@dataclass(frozen=True)
class Answered:
    """One answer on its way: what was asked, and the event that answers it."""

    asked: Message
    raw: dict[str, Any]
    body: dict[str, Any]
    bunker: RawKey

    @property
    def event(self) -> str:
        return json.dumps(self.raw)

    def reply(self, by: RawKey | None = None, *, to: str = "", **body: Any) -> str:
        """Another event that answers the same; `body` overrides the id."""
        return (by or self.bunker).reply(self.asked, kind=self.raw["kind"], to=to, **body)

    def sealed(self, text: str, *, encryption: str = "") -> str:
        """An event of the bunker's that holds this; encryption "none": as it is."""
        return self.bunker.event(
            self.asked.author,
            text,
            kind=self.raw["kind"],
            encryption=encryption or self.asked.encryption,
        )


Forge = Callable[[Answered], Iterable[str]]
"""The events that are brought in place of an answer."""
Instead = Callable[[], Awaitable[None]]


@dataclass
class Tap:
    """Sits on every relay of one bunker."""

    bunker: RawKey
    method: str | None = None
    """The call whose answers are meddled with."""
    forge: Forge | None = None
    instead: Instead | None = None
    """What happens in place of the answer, once: the next answers come through."""
    came_by: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when an answer to that call was meddled with."""
    _asked: dict[str, Message] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "Tap":
        """`folder`: the development bunker's."""
        return cls(RawKey(Keys.parse((folder / "bunker.nsec").read_text())))

    def sit_on(self, relay: HostileRelay) -> None:
        relay.behave(up=self.up, down=self.down)

    def let_be(self) -> None:
        self.method = self.forge = self.instead = None

    async def up(self, line: Line, message: list[Any]) -> bool:
        if message[0] == "EVENT" and ["p", self.bunker.pubkey] in message[1]["tags"]:
            asked = self.bunker.read(message[1])
            self._asked[asked.id] = asked
        return True

    async def down(self, line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or message[2]["pubkey"] != self.bunker.pubkey:
            return True
        answered = self._answered(message[2])
        if answered is None or answered.asked.method != self.method:
            return True
        self.came_by.set()
        instead, forge = self.instead, self.forge
        if instead is not None:
            self.let_be()
            await instead()
        for event in forge(answered) if forge is not None else ():
            await line.pass_on(event)
        return False

    def _answered(self, raw: dict[str, Any]) -> Answered | None:
        """None for what the bunker asks of its admins."""
        [admin] = [tag[1] for tag in raw["tags"] if tag[0] == "p"]
        _, body = self.bunker.opened(raw["content"], admin)
        asked = self._asked.get(body["id"])
        return Answered(asked, raw, body, self.bunker) if asked else None
