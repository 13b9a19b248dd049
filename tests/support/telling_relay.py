"""A relay that says of itself what a test wants (NIP-11), and may have a wrong clock."""

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from spirekeeper.devkit.hostile_relay import HostileRelay, Line, Manner
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response


class TellingRelay(HostileRelay):
    """`limitation`: what its document says under that name; None: it has no document."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.limitation: Any = None
        self.seconds_ahead = 0.0
        self.asked = 0

    def _describe(self, client: ServerConnection, request: Request) -> Response | None:
        said = self.limitation
        self.document = None if said is None else {"name": "of the tests", "limitation": said}
        answer = super()._describe(client, request)
        if answer is not None:
            self.asked += 1
            del answer.headers["Date"]
            shown = datetime.now(timezone.utc) + timedelta(seconds=self.seconds_ahead)
            answer.headers["Date"] = format_datetime(shown, usegmt=True)
        return answer


# Manners of relays that people have


def taking_at_most(size: int) -> Manner:
    """It refuses larger events, in bytes."""

    async def manner(line: Line, message: list[Any]) -> bool:
        large = message[0] == "EVENT" and len(json.dumps(message[1])) > size
        if large:
            await line.tell("OK", message[1]["id"], False, "invalid: event too large")
        return not large

    return manner


async def refusing_nothing_by_name(line: Line, message: list[Any]) -> bool:
    """As PyPI's nostr-relay: its OK names no event."""
    if message[0] == "EVENT":
        await line.tell("OK", "", False, "invalid: 280 characters should be enough for anybody")
    return bool(message[0] != "EVENT")


async def answering_with_the_challenge(line: Line, message: list[Any]) -> bool:
    """As LNbits' nostrrelay where it demands a log-in for reading: no CLOSED, no EOSE."""
    if message[0] == "REQ":
        await line.tell("AUTH", line.challenge)
    return bool(message[0] != "REQ")


async def restricted_behind_a_challenge(line: Line, message: list[Any]) -> bool:
    """As the same one where it demands a log-in for writing."""
    if message[0] == "EVENT":
        await line.tell("AUTH", line.challenge)
        await line.tell("OK", message[1]["id"], False, "restricted: Relay requires authentication")
    return bool(message[0] != "EVENT")


async def challenging_everybody(line: Line, message: list[Any]) -> bool:
    """It would like to know who comes, and serves whoever does not say."""
    await line.tell("AUTH", line.challenge)
    return True


async def without_eose(line: Line, message: list[Any]) -> bool:
    return bool(message[0] != "EOSE")


async def mute(line: Line, message: list[Any]) -> bool:
    """It answers nothing."""
    return False
