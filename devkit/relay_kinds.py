"""The kinds of relays that people have, as the development relay plays them.

Each is what was read in its source or seen of it in November 2026, as far as it differs from a
relay that does all that NIP-01 says. A relay's settings are as it comes, unless its line says
otherwise.

    async with HostileRelay(relay.url) as front:
        play(front, RelayKind.STRFRY)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from . import relay_habits as habits
from .hostile_relay import HostileRelay, Manner, together


@dataclass(frozen=True)
class Traits:
    """How one kind of relay differs from another."""

    name: str
    """As its software is called, where it is one software's."""
    habits: tuple[Callable[[], Manner], ...]
    """Made anew for each relay, for some remember."""
    limitation: dict[str, Any] | None = field(default=None, repr=False)
    """Of its document (NIP-11); None: it has none."""


class RelayKind(Enum):
    NOSTRRELAY = Traits(
        "LNbits' nostrrelay 1.1",
        (habits.keeping_the_last_filter, habits.bringing_an_event_once),
        limitation={},
    )
    """An extension of LNbits, and a relay: a bunker beside it is often there."""

    NOSTRCLIENT = Traits("LNbits' nostrclient", (habits.without_ok,))
    """An extension of LNbits that passes everything on to other relays."""

    STRFRY = Traits(
        "strfry",
        (
            lambda: habits.refusing_by_age(ephemeral=60, ahead=900),
            lambda: habits.refusing_larger("invalid: event too large: {size}", event=65536),
            lambda: habits.refusing_more_subscriptions(200, "ERROR: too many concurrent REQs"),
            lambda: habits.keeping_ephemerals(300),
        ),
        limitation={"max_message_length": 131072, "max_subscriptions": 200, "max_limit": 500},
    )

    STRICT_STRFRY = Traits(
        "strfry, set strictly",
        (
            *STRFRY.habits,
            lambda: habits.refusing_more_subscriptions(20, "ERROR: too many concurrent REQs"),
            lambda: habits.refusing_filters(most=3, kinds=3),
        ),
        limitation={"max_message_length": 131072, "max_subscriptions": 20, "max_limit": 500},
    )
    """With the 20 subscriptions that older ones come with, and `relay.filterValidation` on."""

    NOSTR_RS_RELAY = Traits(
        "nostr-rs-relay",
        (
            habits.without_eose_for_limit_zero,
            lambda: habits.refusing_more_subscriptions(
                32, "Subscription error: Maximum concurrent subscription count reached"
            ),
        ),
        limitation={},
    )

    KHATRU = Traits("khatru", (habits.refusing_what_nobody_hears,), limitation={})

    NOSTR_RELAY = Traits(
        "PyPI's nostr-relay 1.14",
        (
            lambda: habits.refusing_larger(
                "invalid: 280 characters should be enough for anybody",
                content=4096,
                named=False,
                after=2.0,
            ),
            lambda: habits.refusing_more_subscriptions(32, "rejected: too many subscriptions"),
            habits.keeping_ephemerals,
        ),
        limitation={},
    )

    NOSTR_RELAY_CORE = Traits("npm's @nostr-relay/core", (habits.bringing_by_kind_alone,))

    OTHER_OK = Traits("one with the OK of another event", (habits.ok_of_another_event,))

    FALSE_OK = Traits(
        "one that refuses what it brings",
        (lambda: habits.refusing_what_it_brings("error: failed to add event"),),
    )

    DUPLICATES = Traits("one that refuses duplicates", (habits.refusing_duplicates,))
    """nostpy says so; it brings nothing new to anybody, so no bunker works over that one."""


def play(relay: HostileRelay, kind: RelayKind) -> None:
    """This relay is of that kind from now on."""
    traits = kind.value
    manner = together(*(make() for make in traits.habits))
    relay.behave(up=manner, down=manner)
    relay.document = None
    if traits.limitation is not None:
        relay.document = {"software": traits.name, "limitation": traits.limitation}
