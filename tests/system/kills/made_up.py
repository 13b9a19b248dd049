"""What customers of a machine want, and how they and the machine behave meanwhile: made up."""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import TypeVar

T = TypeVar("T")

LATEST_STEP = 16
"""A sale that nothing disturbs has about so many steps."""


class Mood(str, Enum):
    """What a customer does once the invoice is shown."""

    PAYS = "pays"
    PAYS_TWICE = "pays twice"
    """At once, as an impatient wallet does."""
    LEAVES = "leaves"
    PAYS_LATE = "pays late"
    """After having left."""
    LEAVES_PAYING = "leaves while paying"


class Motor(str, Enum):
    """What comes out of the dispenser."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    NOBODY_KNOWS = "nobody knows"


class Fetch(str, Enum):
    """How a customer comes to the sats for what was inserted."""

    INVOICE = "by an invoice"
    TOO_LARGE = "by an invoice over too much, and then by the link"
    USED = "by an invoice that another order was paid by, and then by the link"
    LINK = "by the link"
    LNBITS = "by the link, with LNbits itself as the wallet"
    TWICE = "by the link, asking for the same invoice again and again"
    TWO = "two customers at one link"
    ANOTHER = "by the link, asking for another invoice too"
    TOO_MUCH = "by the link, asking for too much first"
    BROKEN_OFF = "by the link, and LNbits breaks the payment off"
    NEVER = "never"


BY_INVOICE = {Fetch.INVOICE, Fetch.TOO_LARGE, Fetch.USED}


class Notes(str, Enum):
    """What goes into the acceptor."""

    AT_ONCE = "all at once"
    ONE_BY_ONE = "one by one, while the hold is renewed"
    NONE = "none"
    NOBODY_KNOWS = "nobody knows"
    NOBODY_COMES = "none, since machine and customer are gone for good after the hold"


@dataclass(frozen=True)
class Sale:
    """A customer's sats for notes."""

    sats: int
    mood: Mood = Mood.PAYS
    motor: Motor = Motor.ALL
    inside: bool = True
    """The customer's wallet is at the machine's own LNbits."""
    deaths: tuple[int, ...] = ()
    """The steps at which the machine is killed, each counted from its last start."""

    @classmethod
    def made_up(cls, chance: Random) -> "Sale":
        moods = {Mood.PAYS: 6, Mood.PAYS_TWICE: 1, Mood.LEAVES: 1}
        moods |= {Mood.PAYS_LATE: 1, Mood.LEAVES_PAYING: 1}
        motors = {Motor.ALL: 7, Motor.SOME: 1, Motor.NONE: 1, Motor.NOBODY_KNOWS: 1}
        return cls(
            sats=chance.choice((1000, 2000, 5000)),
            mood=_one_of(moods, chance),
            motor=_one_of(motors, chance),
            inside=chance.random() < 0.7,
            deaths=_deaths(chance),
        )


@dataclass(frozen=True)
class Deposit:
    """A customer's notes for sats."""

    notes: tuple[int, ...]
    """What each is worth, in sats."""
    most: int = 0
    """Sats that are held beyond that: the customer meant to insert more."""
    fetch: Fetch = Fetch.LINK
    goes_in: Notes = Notes.AT_ONCE
    inside: bool = True
    deaths: tuple[int, ...] = ()
    """As those of a sale."""

    @property
    def inserted(self) -> int:
        return sum(self.notes)

    @property
    def sats(self) -> int:
        """What is held."""
        return self.inserted + self.most

    @classmethod
    def made_up(cls, chance: Random) -> "Deposit":
        fetches = dict.fromkeys(Fetch, 1)
        fetches |= {Fetch.INVOICE: 5, Fetch.LINK: 3, Fetch.LNBITS: 3, Fetch.TWO: 2}
        goes_in = dict.fromkeys(Notes, 1)
        goes_in |= {Notes.AT_ONCE: 12, Notes.ONE_BY_ONE: 5}
        return cls(
            notes=tuple(chance.choices((1000, 2000, 5000), (6, 3, 1), k=chance.randint(1, 3))),
            most=chance.choices((0, 1000, 20_000), (12, 7, 1))[0],
            fetch=_one_of(fetches, chance),
            goes_in=_one_of(goes_in, chance),
            inside=chance.random() < 0.5,
            deaths=_deaths(chance),
        )


Wish = Sale | Deposit


def made_up(chance: Random, deposits: float) -> Wish:
    """`deposits`: the share of those."""
    return (Deposit if chance.random() < deposits else Sale).made_up(chance)


def _one_of(weights: dict[T, int], chance: Random) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]


def _deaths(chance: Random) -> tuple[int, ...]:
    times = chance.choices((0, 1, 2), (5, 4, 1))[0]
    return tuple(chance.randint(1, LATEST_STEP) for _ in range(times))
