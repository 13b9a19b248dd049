"""Which relays we listen to, and for which keys. Pure.

We listen to the bunker's own relays for every key: the bunker serves its clients there, whichever
relay their pairing names. Operators can name more relays than we can listen to. They are then taken
in turns, one for each operator, so that nobody's relays push out another's. Of one server each
operator gets only a few, because a server can make up any number of paths. A relay that takes less
than all of its keys hears of some of each operator's.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from ..bunker.nip46 import NIP46_KIND
from ..loop import chunks
from ..nostr.relay_limits import RelayLimits
from ..nostr.relay_link import Filter, Wanted
from ..nostr.relay_urls import server_of
from .sightings import PUBLISHED_KINDS
from .watched_keys import WatchedKeys

KEYS_A_FILTER = 1000
FILTERS_A_KEY = 2
"""What is asked of a key, and what it says. So 10,000 keys make 20 subscriptions of 67 KiB: common
relays serve 20, in messages of 128 KiB."""
KEY_BYTES, OTHER_BYTES = 68, 256
"""Of a message that subscribes: each key, and what is around them."""
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
    """By URL: requests to the keys paired there, and what these keys publish and are answered
    with."""
    operators: dict[str, tuple[str, ...]]
    """By URL, who named it."""
    left_out: dict[str, tuple[str, ...]]
    """By machine, the servers of relays that are not listened to for it."""


NO_LIMITS = RelayLimits()


def plan(
    keys: WatchedKeys, own: Collection[str], limits: Mapping[str, RelayLimits] | None = None
) -> Plan:
    """The plan for these keys. `own`: the bunker's relays. `limits`: of the relays whose limits are
    known, by URL."""
    on_relay: dict[str, list[str]] = {url: list(keys.pubkeys) for url in own if keys}
    named: dict[str, Counter[str]] = {}
    for key in keys:
        for url in key.relays:
            if url not in own:
                named.setdefault(url, Counter())[key.operator] += 1
                on_relay.setdefault(url, []).append(key.pubkey)
    taken = share_out(named)
    wanted: dict[str, Wanted] = {}
    left_out: dict[str, set[str]] = {}
    for url, there in on_relay.items():
        room = _Room.of((limits or {}).get(url, NO_LIMITS))
        heard = [] if url in named and url not in taken else room.fit(there, keys)
        if heard:
            wanted[url] = list(_filters(sorted(heard), room.keys_a_filter))
        for pubkey in set(there).difference(heard) if len(heard) < len(there) else ():
            left_out.setdefault(keys[pubkey].machine_id, set()).add(server_of(url))
    return Plan(
        wanted=wanted,
        operators={url: tuple(named[url]) for url in taken},
        left_out={machine_id: tuple(sorted(some)) for machine_id, some in left_out.items()},
    )


@dataclass(frozen=True)
class _Room:
    """What a relay takes of us."""

    keys_a_filter: int
    filters: int | None
    """In all; None: as many as there are."""

    @classmethod
    def of(cls, limits: RelayLimits) -> "_Room":
        longest = limits.max_message_length
        fit = KEYS_A_FILTER if longest is None else (longest - OTHER_BYTES) // KEY_BYTES
        return cls(max(1, min(KEYS_A_FILTER, fit)), limits.max_subscriptions)

    def fit(self, pubkeys: list[str], keys: WatchedKeys) -> list[str]:
        """Those that there is room for; of each operator's in turn."""
        if self.filters is None:
            return pubkeys
        room = self.keys_a_filter * max(1, self.filters // FILTERS_A_KEY)
        if len(pubkeys) <= room:
            return pubkeys
        of_each: dict[str, list[str]] = {}
        for pubkey in sorted(pubkeys):
            of_each.setdefault(keys[pubkey].operator, []).append(pubkey)
        turns = chain.from_iterable(zip_longest(*of_each.values()))
        return [pubkey for pubkey in turns if pubkey is not None][:room]


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


def _filters(pubkeys: Sequence[str], keys_a_filter: int) -> Iterator[Filter]:
    """What the bunker answers is asked for with what the keys publish: few of the answers matter,
    but the number of subscriptions is what relays limit."""
    said = sorted(PUBLISHED_KINDS | {NIP46_KIND})
    for some in chunks(pubkeys, keys_a_filter):
        yield {"kinds": [NIP46_KIND], "#p": some}
        yield {"kinds": said, "authors": some}
