"""Brings a signed event to the relays of a seed, and says what became of it: four outcomes.

Taken, refused, sent but not confirmed, not sent. Whoever hears that an event was not sent may make
a new one; what may have arrived must go out again as it is, or the same thing happens twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from nostr_sdk import Event

from ..loop import within
from .errors import NotTaken, Unconfirmed, Unreachable
from .relay import AGAIN_S, Relay, open_relay
from .relay_reasons import Reason

PUBLISH_S = 5.0
"""To connect, and again for the relay to take the event: others wait for it."""


class Verdict(Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    UNCONFIRMED = "sent, not confirmed"
    NOT_SENT = "not sent"


@dataclass(frozen=True)
class Outcome:
    """What one relay made of an event, and why, where that was said."""

    relay: str
    verdict: Verdict
    why: str = ""
    may_pass: bool = False
    """It was refused for a reason that may pass. Some relays say so of what they have passed on."""

    def __str__(self) -> str:
        return f"{self.relay}: {self.verdict.value}" + (f" ({self.why})" if self.why else "")


async def publish_to(url: str, event: Event) -> Outcome:
    try:
        async with open_relay(url, PUBLISH_S) as relay:
            return await _Publishing(relay, event).outcome()
    except Unreachable as problem:
        return Outcome(url, Verdict.NOT_SENT, str(problem).rstrip("."))


def check_taken(outcomes: Sequence[Outcome]) -> None:
    """Returns when one relay took it. Else raises what is known: Unconfirmed when it may have
    arrived, NotTaken when every relay that was reached refused it, Unreachable when none was."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.TAKEN in verdicts:
        return
    if Verdict.UNCONFIRMED in verdicts:
        raise Unconfirmed(
            "The event was sent, and no relay has confirmed it: it may have arrived. Send the same "
            "event again (`spire publish`), not a new one."
        )
    if Verdict.REFUSED in verdicts:
        raise NotTaken(
            "No relay of the seed took the event: each that was reached refused it. Ask the "
            "operator, and send no new one in its place before you know why.",
            for_good=not any(outcome.may_pass for outcome in outcomes),
        )
    raise Unreachable(
        "No relay of the seed was reached, so the event was not sent. Try again later."
    )


class _Publishing:
    def __init__(self, relay: Relay, event: Event) -> None:
        self._relay = relay
        self._event = event
        self._refused: Reason | None = None
        """What the relay made of it when it was last sent."""

    async def outcome(self) -> Outcome:
        try:
            await within(PUBLISH_S, self._until_sure())
        except (asyncio.TimeoutError, Unreachable):
            return self._outcome(Verdict.UNCONFIRMED)
        return self._outcome(Verdict.TAKEN)

    async def _until_sure(self) -> None:
        """Returns when the relay has taken the event, or refused it for good."""
        for pause in (*AGAIN_S, None):
            self._refused = None
            await self._relay.send(self._event)
            self._refused = await self._relay.verdict(self._event.id().to_hex())
            if self._refused is None or not self._refused.may_pass or pause is None:
                return
            await asyncio.sleep(pause)

    def _outcome(self, verdict: Verdict) -> Outcome:
        if self._refused:
            why, may_pass = str(self._refused), self._refused.may_pass
            return Outcome(self._relay.url, Verdict.REFUSED, why, may_pass)
        said = f'it says "{self._relay.notice}"' if self._relay.notice else ""
        return Outcome(self._relay.url, verdict, "" if verdict is Verdict.TAKEN else said)
