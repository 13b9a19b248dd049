"""Ten times and a hundred times the fleet, on paper: how many of each part it takes. No network.

It multiplies costs that were measured on one machine and limits that are common, and nothing more:
it knows of no queues, so a part is counted as full at half of what it could do.
"""

from dataclasses import dataclass
from math import ceil

from report import Section

FLEETS = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Costs:
    """Measured with `make bench` on two shared cores, or read in the code that is named."""

    headroom: float = 0.5
    """A part is full at this share of what it could do."""
    events_a_day: float = 200
    """That a machine has signed: a guess, some 30 customers."""
    busiest_hour: float = 0.1
    """The share of a day that the busiest hour has."""
    sign_ms: float = 28
    """One signature of a real nsecbunkerd, of one core (facts of its admin RPC)."""
    key_bytes: float = 150
    """One key in the bunker's answer to get_keys."""
    nip44_bytes: int = 65_535
    """The longest text of NIP-44; a longer answer is asked for again in NIP-04."""
    public_bytes: int = 64 * 1024
    """The longest event that a relay takes as strfry comes."""
    own_bytes: int = 1024 * 1024
    """And one that is set up for this."""
    base64: float = 4 / 3
    """What encrypting adds to an answer, as NIP-04 does it."""
    subscriptions: int = 20
    """That many relays allow a connection; a bunker makes one for each key, with one connection."""
    keys_a_filter: int = 1000
    filters_a_key: int = 2
    """Of ours, each a subscription: what is asked of so many keys, and what they say."""
    watch_bytes: float = 3_000
    """That LNbits keeps for a connected machine that it watches."""
    marks_us: float = 0.3
    """One connected machine in the statement that is asked every five seconds (SQLite)."""
    row_bytes: float = 2_000
    """Of a machine, its pairing and its journal, with their indexes."""
    pairs_a_second: float = 10
    """Of one bunker, in bulk."""


def relays_limit(costs: Costs) -> int:
    """Machines of one bunker whose keys all are subscribed to over one connection to a relay."""
    return costs.subscriptions


def nip44_limit(costs: Costs) -> int:
    """Keys whose list still fits into NIP-44."""
    return int(costs.nip44_bytes / costs.key_bytes)


def list_limit(costs: Costs, longest: int) -> int:
    """Keys whose list still fits into an event of a relay."""
    return int(longest / costs.base64 / costs.key_bytes)


def signing_limit(costs: Costs) -> int:
    """Machines whose busiest hour one bunker still signs."""
    a_second = 1000 / costs.sign_ms * costs.headroom
    needs = costs.events_a_day * costs.busiest_hour / 3600
    return int(a_second / needs)


def watch_limit(costs: Costs) -> int:
    """Machines that one connection of ours watches: two filters for each part of their keys."""
    return costs.subscriptions // costs.filters_a_key * costs.keys_a_filter


async def sections() -> list[Section]:
    costs = Costs()
    return [_one_of_each(costs), *(_fleet(size, costs) for size in FLEETS)]


def _one_of_each(costs: Costs) -> Section:
    section = Section("What one of each carries (on paper)")
    section.add("a bunker over a relay of 20 subscriptions", relays_limit(costs), "machines")
    section.add("a bunker whose keys are listed in NIP-44", nip44_limit(costs), "machines")
    for kib, longest in ((64, costs.public_bytes), (1024, costs.own_bytes)):
        name = f"a bunker whose list a relay of {kib} KiB takes"
        section.add(name, list_limit(costs, longest), "machines")
    section.add("a bunker that signs in the busiest hour", signing_limit(costs), "machines")
    section.add("a connection of LNbits that watches", watch_limit(costs), "machines")
    section.note("figures are the defaults of Costs in simulation.py, which says where from")
    return section


def _fleet(size: int, costs: Costs) -> Section:
    section = Section(f"{size:,} machines (on paper)")
    section.add("bunkers, over relays set up for them", ceil(size / _bunker(costs)))
    section.add("bunkers, over relays of 20 subscriptions each", ceil(size / relays_limit(costs)))
    section.add("connections that watch", ceil(size / watch_limit(costs)))
    section.add("memory of watching", size * costs.watch_bytes / 1e6, "MB")
    section.add("CPU of noticing changes", size * costs.marks_us / 1e6 / 5 * 100, "% of a core")
    section.add("the database", size * costs.row_bytes / 1e6, "MB")
    section.add("pairing all, by one bunker", size / costs.pairs_a_second / 3600, "hours")
    return section


def _bunker(costs: Costs) -> int:
    """Machines of one bunker over a relay of one's own, set up for them."""
    return min(list_limit(costs, costs.own_bytes), signing_limit(costs))
