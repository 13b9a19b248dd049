"""Whether a bunker has been up for long enough to make or unlock a key.

nsecbunkerd with newer NDK answers its admins some 2.5 s after its start, and starts its keys up to
5 s after that. A key that is made or unlocked in between is started twice. Until the bunker's next
start it then answers every request twice, and of the two answers to a machine's connect one says
that the seed was used already.
"""

import time

RESTART_SECONDS = 2.0
"""A restart keeps the daemon from answering for longer than that."""


class Settling:
    """Counts from the first answer that was heard after the bunker was away, or may have been.

    It is told what is heard of the bunker, and asks nothing itself.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long after that answer the bunker has settled; 0: it always has."""
        self.seconds = seconds
        self._connection: int | None = None
        self._up_since: float | None = None
        self._heard_at = 0.0

    def heard(self, connection: int) -> None:
        """It has answered. `connection` grows when its relays were all away meanwhile."""
        self._heard_at = time.monotonic()
        if self._up_since is None or connection != self._connection:
            self._up_since, self._connection = self._heard_at, connection

    def gone(self) -> None:
        """It has left a call unanswered, or has to start anew before it answers us."""
        self._up_since = None

    def restarted(self) -> None:
        """What it has answered shows that it has started anew."""
        self._up_since = time.monotonic()

    @property
    def away(self) -> bool:
        """It was not heard yet, or not since it was gone."""
        return self._up_since is None

    @property
    def left(self) -> float:
        """For how many seconds more nothing is to be made or unlocked."""
        if self._up_since is None:
            return self.seconds
        return max(0.0, self._up_since + self.seconds - time.monotonic())

    @property
    def may_have_restarted(self) -> bool:
        """It was not heard for so long that it could have started anew unnoticed."""
        return time.monotonic() - self._heard_at > RESTART_SECONDS
