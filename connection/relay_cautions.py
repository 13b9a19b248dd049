"""What to mind about a relay that can be reached: what can make a machine fail there.

What a relay did with our own event counts more than what it says that it does.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..nostr.relay_limits import RelayLimits, SaidOfItself
from ..nostr.relay_trial import EVENT_BYTES, Treatment
from ..schemas.machines import Caution, CautionCode

CLOCKS_APART_SECONDS = 30
"""Some relays take nothing that is older than a minute, and both ends may be off."""
FEWEST_SUBSCRIPTIONS = 20
"""What common public relays allow on one connection; a bunker has one a key."""

_WORDS: dict[CautionCode, str] = {
    "login_demanded": "{relay} demands a log-in, which machines do not do, so no pairing code "
    "names it. Name another, or have the log-in switched off for kind 24133.",
    "payment_demanded": "{relay} asks for payment, and may not serve a machine that has not paid.",
    "members_only": "{relay} serves members only, and may turn a machine away. Name another, or "
    "have it take kind 24133 of everybody.",
    "refuses_events": "{relay} did not take an event as machines send them: 16 KiB, of kind 24133, "
    "made just now. Look at its limits and its clock, or name another.",
    "small_events": "{relay} takes only small events. What machine and bunker say to each other "
    "can be longer; name one that takes 64 KiB.",
    "few_subscriptions": "{relay} allows fewer than 20 subscriptions on one connection. A bunker "
    "that listens there needs one for each machine.",
    "clock_differs": "The clock of {relay} and that of this server are more than half a minute "
    "apart, so it may refuse what seems too old or too new. Have both set their clocks by NTP.",
}


class Seen(NamedTuple):
    """A relay that is up: what it did, and what it said."""

    treatment: Treatment
    said: SaidOfItself


def cautions(url: str, seen: Seen) -> list[Caution]:
    """Each that applies, the gravest first."""
    return [
        Caution(code=code, words=_WORDS[code].format(relay=url), relay=url) for code in _codes(seen)
    ]


def _codes(seen: Seen) -> Iterator[CautionCode]:
    treatment, said = seen
    limits = said.limits or RelayLimits()
    small = takes_less(limits, EVENT_BYTES)
    unknown = treatment is Treatment.UNKNOWN
    if treatment is Treatment.LOGIN or (unknown and limits.auth_required):
        yield "login_demanded"
        return  # what else there is does not matter, since no seed names it
    if treatment is not Treatment.SERVED:
        if limits.payment_required:
            yield "payment_demanded"
        if treatment is Treatment.MEMBERS or (unknown and limits.restricted_writes):
            yield "members_only"
        if small:
            yield "small_events"
        elif treatment is Treatment.REFUSED:
            yield "refuses_events"
    if (limits.max_subscriptions or FEWEST_SUBSCRIPTIONS) < FEWEST_SUBSCRIPTIONS:
        yield "few_subscriptions"
    if clock_differs(said):
        yield "clock_differs"


def takes_less(limits: RelayLimits, size: int) -> bool:
    """Whether a relay says that it takes no event of so many bytes."""
    said = (limits.max_event_size, limits.max_message_length, limits.max_content_length)
    return any(most is not None and most < size for most in said)


def clock_differs(said: SaidOfItself) -> bool:
    return said.seconds_ahead is not None and abs(said.seconds_ahead) > CLOCKS_APART_SECONDS
