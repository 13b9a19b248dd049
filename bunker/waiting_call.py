"""A call under way: what its relays said of it, and how it ends.

Of each event that was sent a relay says that it takes it, or that it refuses it and why, or it says
nothing. Some relays refuse what they have passed on, so an answer may come all the same. Where all
refuse, the reason decides. One that may pass is waited out, and a call that may be repeated is sent
again; one that will not ends the call soon. Where it is not known whether it will, a call that may
be repeated ends, and any other waits for an answer.
"""

import asyncio
from collections.abc import Callable, Iterator

from ..nostr import refusals
from ..nostr.refusals import RelaySaid
from .errors import NsecBunkerError
from .nip46 import Reply

ANSWER_SECONDS = 1.0
"""How long an answer may still come after all relays have refused for good."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 4.0

Sent = tuple[str, str]
"""A relay's URL and the id of the event."""


class WaitingCall:
    """A call under way."""

    def __init__(self, *, repeatable: bool) -> None:
        self.repeatable = repeatable
        self.outcome: Reply | NsecBunkerError | None = None
        self.taken = False
        """A relay says that it took the request."""
        self._open: set[Sent] = set()
        self._refused: dict[Sent, str] = {}
        self._notice = ""
        self._gave_up = False
        self._pauses = _pauses()
        self._timer: asyncio.TimerHandle | None = None
        self._news: asyncio.Future[None] | None = None

    @property
    def refused(self) -> bool:
        """Every relay that it was sent to has refused it."""
        return bool(self._refused) and not self._open and not self.taken

    @property
    def is_over(self) -> bool:
        """There is an outcome, or there will be none."""
        return self.outcome is not None or (self._gave_up and self.refused)

    @property
    def said(self) -> RelaySaid:
        """What a relay gave as its reason; one that finds our clock wrong before all others."""
        reasons = [*self._refused.values(), self._notice]
        of_time = filter(refusals.is_of_time, reasons)
        return RelaySaid.reading(next(of_time, next(filter(None, reasons), "")))

    def end(self, outcome: Reply | NsecBunkerError) -> None:
        if self.outcome is None:
            self.outcome = outcome
            self.wake()

    def close(self) -> None:
        """Nothing is waited for that would follow from what was refused."""
        if self._timer is not None:
            self._timer.cancel()

    def wake(self) -> None:
        """It is over, or to be sent again."""
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def woken(self, seconds: float) -> bool:
        self._news = asyncio.get_running_loop().create_future()
        if not self.is_over:
            await asyncio.wait({self._news}, timeout=seconds)
        return self._news.done() or self.is_over

    def note(self, url: str, event_id: str) -> None:
        """It is sent to this relay."""
        self.close()
        self._open.add((url, event_id))

    def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None:
        sent = (url, event_id)
        if sent not in self._open:
            return
        self._open.remove(sent)
        if taken:
            self.taken = True
        else:
            self._refused[sent] = reason
        if self.refused:
            self._wait_for_better()

    def heard_notice(self, url: str, text: str) -> None:
        """Takes a notice, which does not say what it is about. All that we send is of the same
        time, so one about that is about this."""
        self._notice = text
        if refusals.is_of_time(text):
            for sent in [each for each in self._open if each[0] == url]:
                self.heard_ok(*sent, False, text)

    def _wait_for_better(self) -> None:
        reasons = self._refused.values()
        if self.repeatable and any(map(refusals.may_pass, reasons)):
            self._later(next(self._pauses), self.wake)
        elif self.repeatable or all(map(refusals.is_final, reasons)):
            self._later(ANSWER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._gave_up = True
        self.wake()

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self.close()
        self._timer = asyncio.get_running_loop().call_later(seconds, do)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 2)
