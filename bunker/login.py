"""Logging in at a relay that demands it (NIP-42).

A relay is told who we are only when it has refused to serve us otherwise, and once a connection:
what it still refuses then is refused. The event names the relay as we call it, never as it calls
itself, so it is worth nothing to another relay.
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
    """Logs in by this key."""
    return lambda url, challenge: signer.sign(
        AUTH_KIND, "", [["relay", url], ["challenge", challenge]]
    )


class _Stage(Enum):
    OUTSIDE = auto()
    ASKED = auto()
    OVER = auto()


class Login:
    """The log-in of one connection. `send` takes what is to be said to the relay."""

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
        """This event goes to the relay, and may have to go again."""
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
        """Whether this frame, about this event or subscription, will be said again."""
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
        """The relay has judged our log-in: what waited is said again, or stays refused."""
        self._stage = _Stage.OVER
        self._sent.clear()
        if not accepted:
            return list(self._held)
        for frame in self._held.values():
            self._send(frame)
        return []

    def _ask(self) -> None:
        """Logs in, once that is both demanded and possible."""
        if not self._held or self._challenge is None or self._stage is not _Stage.OUTSIDE:
            return
        if self._sign is not None:
            self._id, event_json = self._sign(self._url, self._challenge)
            self._stage = _Stage.ASKED
            self._send(f'["AUTH",{event_json}]')
