"""What can go wrong on the machine, and the exit code that each has.

    SpireError            1   used wrongly, or the state folder is of no use
    ├── BadSeed           2   no good seed was given
    ├── Refused           3   the bunker said no
    │   ├── CutOff        3   it no longer does anything for this machine
    │   ├── Failing       3   it refuses everything, but not for want of a right
    │   └── BadAnswer     3   its answer is not what was asked for
    ├── Unreachable       4   no relay, or no answer: it may have happened
    ├── OtherKey          5   the signer holds another key than the seed's
    ├── Unconfirmed       6   an event was sent, and may have arrived
    ├── NotTaken          7   each relay that was reached refused an event
    ├── NoAnswer          4   the service did not answer: it may have happened
    └── NoCash            8   no cash, and nobody has paid
        ├── NotForCash    8   this machine was paired without cash
        ├── NoNotes       8   the dispenser does not have the notes, or the acceptor takes none
        ├── BadCashAnswer 8   the service's answer is not what was asked for
        ├── CashRefused   8   the service said no
        │   ├── WrongClock    8   this machine's clock is wrong
        │   ├── WrongAmount   8   out of the operator's limits
        │   ├── NotNow        8   the same may be asked again later
        │   └── UnknownOrder  8   the service has no such order
        ├── ForOperator   9   paid or inserted, and only the operator can end it
        ├── NotPaid      10   the customer left, or the invoice expired
        └── NotFetched   11   the notes are in, and the sats wait for their customer

Every message says what to do next and holds nothing that a bunker or a seed said; what a relay or
the service said is cleaned and cut before.
"""


class SpireError(Exception):
    """The command cannot be done as asked. Nothing was sent."""

    exit_code = 1


class BadSeed(SpireError):
    """No seed could be read, or it is no good one. Nothing was sent, nothing was stored."""

    exit_code = 2


class Refused(SpireError):
    """The bunker answered and said no. Trying the same again is no use."""

    exit_code = 3


class CutOff(Refused):
    """The bunker signs nothing for this machine: revoked, or its session has ended."""


class Failing(Refused):
    """The bunker refuses everything and gives a reason of its own, such as a database that fails.
    That takes nothing away: no connection is given up for it."""


class BadAnswer(Refused):
    """The bunker's answer is not what was asked for, so it is not used."""


class Unreachable(SpireError):
    """The relay or the bunker gave no answer in time. What was asked may have happened."""

    exit_code = 4


class OtherKey(SpireError):
    """The signer answers as another key than the seed names, so the machine does not use it."""

    exit_code = 5


class Unconfirmed(SpireError):
    """An event was sent and no relay has said that it took it. It may have arrived: the same event
    may be sent again, but a new one in its place may happen twice."""

    exit_code = 6


class NotTaken(SpireError):
    """Each relay that was reached refused the event, with its reason.

    `for_good`: none of the reasons may pass. Otherwise a relay may have passed the event on.
    """

    exit_code = 7

    def __init__(self, message: str, *, for_good: bool) -> None:
        super().__init__(message)
        self.for_good = for_good


class NoAnswer(SpireError):
    """The operator's service gave no answer in time. What was asked may have happened: the same may
    be asked again, in a new event, for the same order."""

    exit_code = 4


class NoCash(SpireError):
    """There is no cash, or not any more. No note was moved for it that is not told."""

    exit_code = 8


class NotForCash(NoCash):
    """The seed named no service: cash was off when the machine was paired."""


class NoNotes(NoCash):
    """The dispenser was asked before the invoice was, and does not have the notes; or the acceptor
    before the hold was, and takes none."""


class BadCashAnswer(NoCash):
    """The service's answer is signed by its key and is not what was asked for: it is not used."""


class CashRefused(NoCash):
    """The service answered and said no."""


class WrongClock(CashRefused):
    """The request was too old for the service, or from the future."""


class WrongAmount(CashRefused):
    """The amount is under the operator's smallest or over the largest."""


class NotNow(CashRefused):
    """The service cannot for the moment, or was asked too often. The same may be asked again."""


class UnknownOrder(CashRefused):
    """The service has no such order of this machine: it never arrived."""


class ForOperator(NoCash):
    """Paid, and not all of the notes came out as far as is known; or notes went in, and their
    customer has not all of the sats. Only the operator can end it."""

    exit_code = 9


class NotPaid(NoCash):
    """The order has ended without a payment, or a note inserted. Nothing was dispensed."""

    exit_code = 10


class NotFetched(NoCash):
    """The notes are in, and their customer has left. The link waits; the operator has the order."""

    exit_code = 11
