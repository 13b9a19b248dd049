"""How many bytes and messages a second a relay may send us, if an operator named it.

There is a limit for each connection, for each operator and for this process. A relay that sends
more is disconnected and left alone, each time for longer. A relay that several operators named is
charged to one of them who has something left, so that no operator can use up what another may take.
What the process may take is shared: whoever has taken more than a fair part has to stop first.
"""

import time
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from .relay_urls import normal_form, server_of

KIB = 1024
FIRST_REST = 5.0
LONGEST_REST = 900.0
"""A relay that has been good for as long as this begins anew."""


@dataclass(frozen=True)
class Rate:
    """What a relay may send in a second. It may send `burst` seconds' worth of it at once."""

    bytes: int
    messages: int
    burst: int = 16


LINK = Rate(64 * KIB, 64)
"""Such a relay carries what a fleet publishes: some hundred bytes an event, and some relays send a
thousand stored ones though none was asked for."""
OPERATOR = Rate(256 * KIB, 256)
PROCESS = Rate(1024 * KIB, 1024)
PAYERS = 8
"""Of the operators whom a relay serves, so many are asked at a time, another first each time."""


class Overrun(ConnectionError):
    """A relay said more than it may, and is left alone for a while."""


class _Account:
    """How much of a rate was taken, in seconds. Each second that passes pays one back."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._taken = 0.0
        self._at = time.monotonic()

    @property
    def taken(self) -> float:
        """How much of a whole burst was taken; above 1 is too much."""
        now = time.monotonic()
        self._taken = max(0.0, self._taken - (now - self._at))
        self._at = now
        return self._taken / self._rate.burst

    def take(self, size: int, messages: int) -> None:
        self._taken += size / self._rate.bytes + messages / self._rate.messages


@dataclass(frozen=True)
class _Rest:
    until: float
    seconds: float


_EVERYBODY = ""


class Accounts:
    """What all relays together have said, for whom, and which of them are left alone."""

    def __init__(self) -> None:
        self.process = _Account(PROCESS)
        self.operators: dict[str, _Account] = {}
        self._rests: dict[tuple[str, str], _Rest] = {}
        """By operator and server, and for everybody by URL: others may have relays on the same
        server."""

    def of(self, operator: str) -> _Account:
        if operator not in self.operators:
            for idle in [each for each, account in self.operators.items() if account.taken == 0]:
                del self.operators[idle]
            self.operators[operator] = _Account(OPERATOR)
        return self.operators[operator]

    def is_left_alone(self, whose: tuple[str, str]) -> bool:
        return whose in self._rests and time.monotonic() < self._rests[whose].until

    def leave_alone(self, all_of_them: Iterable[tuple[str, str]]) -> None:
        now = time.monotonic()
        for gone in [each for each, rest in self._rests.items() if rest.until + LONGEST_REST < now]:
            del self._rests[gone]
        for whose in all_of_them:
            last = self._rests.get(whose)
            seconds = min(LONGEST_REST, 2 * last.seconds) if last else FIRST_REST
            self._rests[whose] = _Rest(now + seconds, seconds)

    def is_more_than_fair(self, account: _Account) -> bool:
        """Whether this operator must stop because all operators together have taken too much.

        An operator must if they took more than an equal share. The further the total is above the
        limit, the smaller that share; at twice the limit it is nothing.
        """
        beyond = self.process.taken - 1
        if beyond <= 0:
            return False
        busy = sum(each.taken > 0 for each in self.operators.values())
        return account.taken * OPERATOR.bytes / PROCESS.bytes > (1 - beyond) / max(1, busy)


accounts = Accounts()
"""This process's."""


class Meter:
    """Counts what one connection to a relay receives, and charges it to these operators."""

    def __init__(self, url: str, operators: Collection[str]) -> None:
        """Raises Overrun while the relay is left alone."""
        self._operators = deque(operators)
        self._for_everybody = (_EVERYBODY, normal_form(url))
        self._for_each = [(operator, server_of(url)) for operator in operators]
        self._link = _Account(LINK)
        left_alone = accounts.is_left_alone
        if left_alone(self._for_everybody) or all(map(left_alone, self._for_each)):
            raise Overrun("this relay said too much, and is left alone for a while")

    def count(self, size: int, messages: int) -> bool:
        """Whether the connection may go on. If not, the relay is left alone for a while."""
        self._link.take(size, messages)
        if self._link.taken > 1:
            self.break_off()
            return False
        self._operators.rotate()
        payers = map(accounts.of, islice(self._operators, PAYERS))
        payer = min(payers, key=lambda account: account.taken)
        payer.take(size, messages)
        accounts.process.take(size, messages)
        if payer.taken > 1 or accounts.is_more_than_fair(payer):
            accounts.leave_alone(self._for_each)
            return False
        return True

    def break_off(self) -> None:
        """Leaves the relay alone for a while, whichever operator named it."""
        accounts.leave_alone([self._for_everybody, *self._for_each])
