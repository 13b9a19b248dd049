"""Whether anybody but us talks to a bunker as its admin, as far as its relays show.

What is asked of the bunker is sealed, but that something is asked can be seen by whoever listens
for it. As long as nobody else has asked, the bunker has what we have seen and made, and need not be
asked again.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable

REMEMBERED = 1024


class Others:
    """A relay is relied on once it has shown us what we ourselves said: some show nobody what is
    meant for others. Whoever writes to the bunker without being an admin counts too; that costs a
    question."""

    def __init__(self) -> None:
        self._ours: OrderedDict[str, None] = OrderedDict()
        self._showing: set[str] = set()
        self._count = 0

    def said(self, event_id: str) -> None:
        """This event is ours."""
        self._ours[event_id] = None
        if len(self._ours) > REMEMBERED:
            self._ours.popitem(last=False)

    def heard(self, relay: str, event_id: str) -> None:
        """A relay shows what somebody said to the bunker."""
        if event_id in self._ours:
            self._showing.add(relay)
        else:
            self._count += 1

    def missed(self, relays: Iterable[str]) -> None:
        """These are down: what is said there now is not heard."""
        lost = self._showing.intersection(relays)
        self._showing -= lost
        self._count += len(lost)

    def mark(self, relays: Collection[str]) -> object:
        """The same again as long as nobody else was heard; another each time where one of these
        relays cannot be relied on."""
        return self._count if self._showing.issuperset(relays) else object()
