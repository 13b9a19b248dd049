"""Which relays we listen to, and for which keys. Pure.

We listen to the bunker's own relays for every key: the bunker serves its clients there, whichever
relay their pairing names. Operators can name more relays than we can listen to. They are then taken
in turns, one for each operator, so that nobody's relays push out another's. Of one server each
operator gets only a few, because a server can make up any number of paths.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..bunker.nip46 import NIP46_KIND
from ..nostr.relay_link import Wanted
from ..nostr.relay_urls import server_of
from .sightings import PUBLISHED_KINDS
from .watched_keys import WatchedKeys

T = TypeVar("T")

KEYS_A_FILTER = 125
FILTERS_A_SUBSCRIPTION = 10
"""So 10,000 keys make 17 subscriptions: common relays serve 20, of 10 filters, in 128 KiB each."""
MOST_RELAYS = 200
"""Besides the bunker's own."""
MOST_OF_A_SERVER = 4
"""Relays on one host and port, for one operator."""

Named = Mapping[str, Mapping[str, int]]
"""By URL and operator, for how many keys a relay is named."""


@dataclass(frozen=True)
class Plan:
    """What to ask each relay for, and which machines are left out."""

    wanted: dict[str, Wanted]
    """By URL: requests to the keys paired there, and what these keys publish. Where a seed waits,
    also what the bunker answers for its key; last, for it changes most."""
    operators: dict[str, tuple[str, ...]]
    """By URL, who named it."""
    left_out: dict[str, tuple[str, ...]]
    """By machine, the servers of relays that are not listened to."""


def plan(keys: WatchedKeys, own: Collection[str]) -> Plan:
    """The plan for these keys. `own`: the bunker's relays."""
    on_relay: dict[str, list[str]] = {url: list(keys.pubkeys) for url in own if keys}
    waiting = {url: list(keys.waiting) for url in on_relay}
    named: dict[str, Counter[str]] = {}
    for key in keys:
        for url in key.relays:
            if url not in own:
                named.setdefault(url, Counter())[key.operator] += 1
                on_relay.setdefault(url, []).append(key.pubkey)
                if key.waiting:
                    waiting.setdefault(url, []).append(key.pubkey)
    taken = share_out(named)
    untaken = named.keys() - taken
    return Plan(
        wanted={
            url: [*_wanted(sorted(pubkeys)), *_answers(sorted(waiting.get(url, ())))]
            for url, pubkeys in on_relay.items()
            if url not in untaken
        },
        operators={url: tuple(named[url]) for url in taken},
        left_out=_left_out(keys, untaken) if untaken else {},
    )


def _left_out(keys: WatchedKeys, untaken: Collection[str]) -> dict[str, tuple[str, ...]]:
    servers: dict[str, set[str]] = {}
    for key in keys:
        for url in key.relays:
            if url in untaken:
                servers.setdefault(key.machine_id, set()).add(server_of(url))
    return {machine_id: tuple(sorted(some)) for machine_id, some in servers.items()}


def share_out(named: Named) -> set[str]:
    """The URLs that we listen to, when there are too many.

    A relay that several operators name is taken once, in the turn of one of them.
    """
    taken: set[str] = set()
    turns = deque(_wishes(named))
    while turns and len(taken) < MOST_RELAYS:
        wishes = turns.popleft()
        wish = next((url for url in wishes if url not in taken), None)
        if wish is not None:
            taken.add(wish)
            turns.append(wishes)
    return taken


def _wishes(named: Named) -> Iterator[Iterator[str]]:
    """Of each operator, what he would have listened to, in this order: first one relay of each
    server, and of these the one with most of his keys."""
    sizes: dict[str, dict[str, int]] = {}
    for url, operators in named.items():
        for operator, keys in operators.items():
            sizes.setdefault(operator, {})[url] = keys
    for operator in sorted(sizes):
        of_server: Counter[str] = Counter()
        rounds: list[list[str]] = [[] for _ in range(MOST_OF_A_SERVER)]
        for url, _ in sorted(sizes[operator].items(), key=lambda each: (-each[1], each[0])):
            server = server_of(url)
            if of_server[server] < MOST_OF_A_SERVER:
                rounds[of_server[server]].append(url)
                of_server[server] += 1
        yield (url for one_round in rounds for url in one_round)


def _wanted(pubkeys: Sequence[str]) -> Wanted:
    filters: list[dict[str, Any]] = []
    for some in _chunks(pubkeys, KEYS_A_FILTER):
        filters.append({"kinds": [NIP46_KIND], "#p": some, "limit": 0})
        filters.append({"kinds": sorted(PUBLISHED_KINDS), "authors": some, "limit": 0})
    return list(_chunks(filters, FILTERS_A_SUBSCRIPTION))


def _answers(pubkeys: Sequence[str]) -> Wanted:
    filters = [
        {"kinds": [NIP46_KIND], "authors": some, "limit": 0}
        for some in _chunks(pubkeys, KEYS_A_FILTER)
    ]
    return list(_chunks(filters, FILTERS_A_SUBSCRIPTION))


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
