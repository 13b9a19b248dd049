"""What the relays that we listen to take, by URL: as they say (NIP-11), and as they show."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from ..nostr.relay_limits import RelayLimits
from ..nostr.relay_link import Filter, RelayLink
from .relay_plan import FILTERS_A_KEY, NO_LIMITS

FEW_KEYS = 100
"""A relay that is asked for no more is not asked what it takes: every relay takes as much."""


async def ask(links: Iterable[RelayLink]) -> dict[str, RelayLimits]:
    """What they say. Small ones are not asked, nor is what cannot be read."""
    large = [link for link in links if max(map(_size, link.wanted), default=0) > FEW_KEYS]
    said = await asyncio.gather(*(link.read_limits() for link in large))
    return {link.url: each for link, each in zip(large, said, strict=True) if each is not None}


def shown(links: Iterable[RelayLink], known: dict[str, RelayLimits]) -> dict[str, RelayLimits]:
    """What is known, and that a relay that refuses a part takes no more than the rest."""
    limits = dict(known)
    for link in links:
        refused = len(link.unserved)
        if refused:
            served = max(FILTERS_A_KEY, len(link.wanted) - refused)
            limits[link.url] = replace(limits.get(link.url, NO_LIMITS), max_subscriptions=served)
    return limits


def _size(wanted: Filter) -> int:
    """How many keys a filter names."""
    return len(wanted["#p"] if "#p" in wanted else wanted["authors"])
