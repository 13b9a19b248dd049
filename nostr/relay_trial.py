"""Tries at a relay what a machine will do there: it subscribes, and sends an event.

The event is from a key that is thrown away, to that same key, so it comes back to us and concerns
nobody else. It is as long as the longest that a machine may need, and made now: a relay that takes
only small events, only those of members, or none from our clock refuses it.
"""

import asyncio
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from nostr_sdk import Keys
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from ..loop import within
from .events import EventSigner
from .throwaway_keys import new_throwaway

SECONDS = 3.0
"""A relay that has not answered by then is not judged: some never say that they have nothing
stored, or that they took an event. PyPI's nostr-relay holds a refusal back for two seconds."""
EVENT_BYTES = 16 * 1024
"""Several times as much as a machine sends; less than relays in wide use take."""
LONGEST_WORD = 4096

_KIND = 24133
"""NIP-46, as all that machine and bunker say to each other: passed on, and not kept."""
_KEPT_SECONDS = 60
"""For relays that keep it all the same (NIP-40)."""
_ANY_EVENT = re.compile(r'\s*\[\s*"EVENT"')
_PASSING = ("mute:", "rate-limited:", "error:", "duplicate:")
"""Refusals that say nothing about the next event (NIP-01)."""


class Treatment(Enum):
    """How a relay treats whoever is not known to it."""

    SERVED = auto()
    LOGIN = auto()
    """It demands a log-in (NIP-42)."""
    MEMBERS = auto()
    """It serves only some."""
    REFUSED = auto()
    """It does not take such an event, or hung up."""
    UNKNOWN = auto()
    """It did not answer in time, or not now."""


async def try_out(socket: ClientConnection) -> Treatment:
    """How the relay at the other end treats us. Raises nothing."""
    trial = _Trial()
    try:
        await within(SECONDS, trial.run(socket))
    except asyncio.TimeoutError:
        return trial.verdict
    except (OSError, WebSocketException):
        trial.refused = trial.refused or Treatment.REFUSED
    return trial.verdict


@dataclass
class _Trial:
    signer: EventSigner = field(default_factory=lambda: EventSigner(Keys.parse(new_throwaway())))
    subscription: str = field(default_factory=lambda: secrets.token_hex(8))
    event_id: str = ""
    challenged: bool = False
    """It has asked who we are, which most relays that know log-ins ask of everybody."""
    subscribed: bool = False
    taken: bool = False
    refused: Treatment | None = None
    """How, once it has refused one of the two."""

    @property
    def verdict(self) -> Treatment:
        if self.refused is Treatment.MEMBERS and self.challenged:
            return Treatment.LOGIN
        if self.refused is not None:
            return self.refused
        if not self.taken:
            return Treatment.UNKNOWN
        # Some answer a subscription with the challenge alone. It was sent before the event.
        return Treatment.LOGIN if self.challenged and not self.subscribed else Treatment.SERVED

    async def run(self, socket: ClientConnection) -> None:
        """Until there is a verdict."""
        wanted = {"kinds": [_KIND], "#p": [self.signer.pubkey], "limit": 1}
        await socket.send(json.dumps(["REQ", self.subscription, wanted]))
        await socket.send(self._event())
        while self.refused is None and not (self.taken and self.subscribed):
            text = await socket.recv()
            if isinstance(text, str):
                self._hear(text)
            await asyncio.sleep(0)

    def _event(self) -> str:
        until = str(int(time.time()) + _KEPT_SECONDS)
        tags = [["p", self.signer.pubkey], ["expiration", until]]
        content = secrets.token_urlsafe(EVENT_BYTES)[:EVENT_BYTES]
        self.event_id, event_json = self.signer.sign(_KIND, content, tags)
        return f'["EVENT",{event_json}]'

    def _hear(self, text: str) -> None:
        if _ANY_EVENT.match(text):
            if self.event_id in text:
                self.taken = self.subscribed = True
            return
        match _parsed(text):
            case ["AUTH", str(), *_]:
                self.challenged = True
            case ["EOSE", self.subscription, *_]:
                self.subscribed = True
            case ["OK", str(), True, *_]:
                self.taken = True
            case ["OK", str(), False, *rest]:  # of whichever id: it was sent one event alone
                self._refuse(_reason(rest))
            case ["CLOSED", self.subscription, *rest]:
                self._refuse(_reason(rest))
            case ["NOTICE", str(reason), *_] if reason.startswith("auth-required:"):
                self._refuse(reason)

    def _refuse(self, reason: str) -> None:
        if reason.startswith("auth-required:"):
            self.refused = Treatment.LOGIN
        elif reason.startswith(("restricted:", "blocked:")):
            self.refused = Treatment.MEMBERS
        elif reason.startswith(_PASSING):
            self.refused = Treatment.UNKNOWN
        else:
            self.refused = Treatment.REFUSED


def _parsed(text: str) -> Any:
    if len(text) > LONGEST_WORD:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _reason(rest: list[Any]) -> str:
    return rest[0] if rest and isinstance(rest[0], str) else ""
