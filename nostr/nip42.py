"""Logs in at a relay that demands it (NIP-42).

We tell a relay who we are only after it has refused to serve us, and once a connection. What it
still refuses then stays refused. The event names the relay by our URL and never by its own, so it
is worth nothing to another relay.
"""

from collections.abc import Callable
from enum import Enum, auto

from .events import EventSigner

AUTH_KIND = 22242
LONGEST_CHALLENGE = 1024
MOST_HELD = 64
"""Events of one connection that wait for it; what is older was refused."""
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
    OVER = auto()


class Login:
    """The log-in of one connection. It sends frames with `send`."""

    def __init__(self, url: str, sign: SignLogin | None, send: Callable[[str], None]) -> None:
        self._url = url
        self._sign = sign
        self._send = send
        self._challenge: str | None = None
        self._stage = _Stage.OUTSIDE
        self._id = ""
        self._sent: dict[str, str] = {}
        """Events that the relay has not judged yet, by id."""
        self._held: dict[str, str] = {}
        """What waits for the log-in, by the id of the event or subscription."""

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
        demanded = reason.startswith(_DEMAND) and self._stage is not _Stage.OVER
        if self._sign is None or not demanded:
            return False
        self._held[of] = frame
        self._ask()
        return True

    def is_ours(self, event_id: str) -> bool:
        """Whether the relay speaks of our log-in."""
        return self._stage is _Stage.ASKED and event_id == self._id

    def heard_verdict(self, accepted: bool) -> list[str]:
        """Takes the relay's answer to our log-in, and sends again what waited if it let us in."""
        self._stage = _Stage.OVER
        self._sent.clear()
        if not accepted:
            return list(self._held)
        for frame in self._held.values():
            self._send(frame)
        return []

    def _ask(self) -> None:
        """Logs in, once the relay has refused something and sent a challenge."""
        if not self._held or self._challenge is None or self._stage is not _Stage.OUTSIDE:
            return
        if self._sign is not None:
            self._id, event_json = self._sign(self._url, self._challenge)
            self._stage = _Stage.ASKED
            self._send(f'["AUTH",{event_json}]')
