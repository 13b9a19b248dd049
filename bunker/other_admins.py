"""Notices when another admin talks to the bunker, as far as its relays show.

Requests to a bunker are encrypted, but whoever subscribes to them sees that there was one. While
nobody else has sent one, the bunker still has the keys and policies that we know, and we need not
ask for them again.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable

REMEMBERED = 1024


class OtherAdmins:
    """Counts what others say to a bunker.

    Some relays show nobody what is addressed to somebody else, so a relay counts as a witness only
    once it has shown us our own requests. A stranger who is no admin is counted too, which costs us
    one question; once, though several relays bring it, and one that stores it again and again.
    """

    def __init__(self) -> None:
        self._ours: OrderedDict[str, None] = OrderedDict()
        self._others: OrderedDict[str, None] = OrderedDict()
        self._showing: set[str] = set()
        self._count = 0

    def said(self, event_id: str) -> None:
        """Notes that this event is ours."""
        _remember(event_id, self._ours)

    def heard(self, relay: str, event_id: str) -> None:
        """Takes an event to the bunker that a relay has shown us."""
        if event_id in self._ours:
            self._showing.add(relay)
        elif event_id not in self._others:
            _remember(event_id, self._others)
            self._count += 1

    def missed(self, relays: Iterable[str]) -> None:
        """These relays are down, so we may miss what is said there."""
        lost = self._showing.intersection(relays)
        self._showing -= lost
        self._count += len(lost)

    def mark(self, relays: Collection[str]) -> object:
        """A mark that stays equal as long as nobody else was heard.

        If one of these relays is no witness, the mark is a new one each time.
        """
        return self._count if self._showing.issuperset(relays) else object()


def _remember(event_id: str, among: "OrderedDict[str, None]") -> None:
    among[event_id] = None
    if len(among) > REMEMBERED:
        among.popitem(last=False)
