"""Logs in at a relay that demands it (NIP-42).

We tell a relay who we are only after it has refused to serve us. It may know itself by its URL with
a slash at the end or without, so it is told twice at most on a connection. What it still refuses
then stays refused. The event names the relay by our URL and never by its own, so it is worth
nothing to another relay. Some relays let in without a word: what is not refused counts as accepted
after a while, and is found out by asking again for what waited.
"""

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from .events import EventSigner
from .refusals import is_of_log_in, is_of_who_asks

AUTH_KIND = 22242
LONGEST_CHALLENGE = 1024
MOST_HELD = 64
"""Events of one connection that wait for it; what is older was refused."""
SILENCE_SECONDS = 1.0
"""After which a log-in counts as accepted."""
_DEMAND = "auth-required:"

SignLogin = Callable[[str, str], tuple[str, str]]
"""Of a relay's URL and its challenge: the id of the event that logs in, and the event as JSON."""


def as_(signer: EventSigner) -> SignLogin:
    """Logs in with this key."""
    return lambda url, challenge: signer.sign(
        AUTH_KIND, "", [["relay", url], ["challenge", challenge]]
    )


class _Stage(Enum):
    OUTSIDE = auto()
    ASKED = auto()
    ASSUMED = auto()
    """The relay was silent, so we ask again for what it had refused."""
    OVER = auto()


class Login:
    """The log-in of one connection. It sends frames with `send`, and what waited with `again`, by
    the id of its event or subscription."""

    def __init__(
        self,
        url: str,
        sign: SignLogin | None,
        send: Callable[[str], None],
        again: Callable[[str, str], None],
    ) -> None:
        self._spellings = spellings(url)
        self._sign = sign
        self._send = send
        self._again = again
        self._challenge: str | None = None
        self._stage = _Stage.OUTSIDE
        self._silence: asyncio.TimerHandle | None = None
        self._id = ""
        self._sent: dict[str, str] = {}
        """Events that the relay has not judged yet, by id."""
        self._held: dict[str, str] = {}
        """What waits for the log-in, by the id of the event or subscription."""

    def close(self) -> None:
        """The connection is over."""
        if self._silence is not None:
            self._silence.cancel()

    def note(self, event_id: str, frame: str) -> None:
        """Notes an event that is sent, since it may have to be sent again."""
        if self._sign is None or self._stage is _Stage.OVER:
            return
        self._sent[event_id] = frame
        if len(self._sent) > MOST_HELD:
            self._sent.pop(next(iter(self._sent)))

    def heard_challenge(self, challenge: str) -> None:
        if len(challenge) <= LONGEST_CHALLENGE:
            self._challenge = challenge
            self._ask()

    def holds_event(self, event_id: str, reason: str) -> bool:
        """Whether this refused event will be sent again after a log-in."""
        frame = self._sent.pop(event_id, None)
        return frame is not None and self.holds(event_id, frame, reason)

    def holds(self, of: str, frame: str, reason: str) -> bool:
        """Whether this frame, about this event or subscription, will be sent again."""
        if self._sign is None or not reason.startswith(_DEMAND):
            return False
        if self._stage is _Stage.ASSUMED:
            self._was_refused()
        if self._stage is _Stage.OVER:
            return False
        self._held[of] = frame
        self._ask()
        return True

    def is_ours(self, event_id: str) -> bool:
        """Whether the relay speaks of our log-in."""
        return self._stage in (_Stage.ASKED, _Stage.ASSUMED) and event_id == self._id

    def heard_verdict(self, accepted: bool, reason: str) -> list[str]:
        """Takes the relay's answer to our log-in: what now waits in vain. What waited is sent again
        if the relay let us in."""
        self.close()
        if accepted:
            self._stage = _Stage.OVER
            self._sent.clear()
            self._send_held()
            return []
        self._was_refused(for_good=is_of_who_asks(reason))
        if self._stage is _Stage.OUTSIDE:
            self._ask()
            return []
        in_vain, self._held = list(self._held), {}
        return in_vain

    def heard_notice(self, text: str) -> list[str]:
        """As `heard_verdict`; some relays refuse a log-in by a notice alone."""
        if self._stage is _Stage.ASKED and is_of_log_in(text):
            return self.heard_verdict(False, text)
        return []

    def _ask(self) -> None:
        """Logs in, once the relay has refused something and sent a challenge."""
        if not self._held or self._challenge is None or self._stage is not _Stage.OUTSIDE:
            return
        if self._sign is not None:
            self._id, event_json = self._sign(self._spellings.pop(0), self._challenge)
            self._stage = _Stage.ASKED
            self._send(f'["AUTH",{event_json}]')
            loop = asyncio.get_running_loop()
            self._silence = loop.call_later(SILENCE_SECONDS, self._assume)

    def _assume(self) -> None:
        self._stage = _Stage.ASSUMED
        self._sent.update(self._held)  # what is an event of these may be refused once more
        self._send_held()

    def _send_held(self) -> None:
        held, self._held = self._held, {}
        for of, frame in held.items():
            self._again(of, frame)

    def _was_refused(self, *, for_good: bool = False) -> None:
        if self._spellings and not for_good:
            self._stage = _Stage.OUTSIDE
        else:
            self._stage = _Stage.OVER
            self._sent.clear()


def spellings(url: str) -> list[str]:
    """A relay's URL as it was given, and as the relay may know itself."""
    if "?" in url:
        return [url]
    return [url, url.removesuffix("/") if url.endswith("/") else f"{url}/"]
