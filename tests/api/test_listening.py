"""Which relays are listened to when operators name more than can be."""

from collections import Counter
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("host")

OWN = "wss://bunker.example.com"
Named = dict[str, dict[str, int]]


def share_out(named: Named) -> set[str]:
    from spirekeeper.upkeep import relay_plan

    return relay_plan.share_out(named)


def most_relays() -> int:
    from spirekeeper.upkeep import relay_plan

    return relay_plan.MOST_RELAYS


def planned(*keys: Any) -> Any:
    from spirekeeper.upkeep.relay_plan import plan
    from spirekeeper.upkeep.watched_keys import WatchedKeys

    return plan(WatchedKeys(keys), own=[OWN])


def key(number: int, operator: str, *relays: str) -> Any:
    from spirekeeper.upkeep.watched_keys import WatchedKey

    return WatchedKey(f"m{number}", "k", f"{number:064x}", (), (), False, relays, operator)


def test_nobodys_relays_push_anothers_out() -> None:
    """Two hundred servers, with more keys on each than the other has."""
    named = {f"wss://{n}.example.com": {"greedy": 100} for n in range(1000)}
    named |= {f"wss://{name}.example.org": {name: 1} for name in ("a", "zz", "greedy's friend")}
    taken = share_out(named)
    assert len(taken) == most_relays()
    assert {url for url in named if url.endswith(".org")} <= taken


def test_the_paths_of_one_server_are_few() -> None:
    """However many there are, and however much room: they may be somebody else's server."""
    named = {f"wss://relay.example.com/{n}": {"greedy": 1} for n in range(200)}
    named |= {f"wss://relay.example.com:443/other{n}": {"greedy": 1} for n in range(9)}
    named |= {"wss://relay.example.com:8443": {"greedy": 1}, "wss://relay.example.com/b": {"b": 1}}
    taken = share_out(named)
    assert {"wss://relay.example.com:8443", "wss://relay.example.com/b"} <= taken
    assert len(taken) == 4 + 2


def test_with_more_operators_than_relays_each_gets_one_before_anybody_gets_two() -> None:
    named = {f"wss://{n}.{o}.example.com": {f"o{o:03}": 1} for o in range(150) for n in range(5)}
    shares = Counter(next(iter(named[url])) for url in share_out(named))
    assert len(shares) == 150
    assert max(shares.values()) == 2


def test_a_relay_that_several_name_takes_up_one_turn() -> None:
    shared = {"wss://shared.example.com": {"a": 1, "b": 1}}
    named = {**shared, "wss://a.example.com": {"a": 1}, "wss://b.example.com": {"b": 1}}
    assert share_out(named) == set(named)


def test_the_bunkers_own_relays_are_nobodys_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are listened to for every key: its clients are served there, whatever a seed named."""
    from spirekeeper.upkeep import relay_plan

    monkeypatch.setattr(relay_plan, "MOST_RELAYS", 1)
    found = planned(
        key(1, "a", OWN, "wss://a.example.com"), key(2, "b", "wss://b.example.com:7/x?token=y")
    )
    assert set(found.wanted) == {OWN, "wss://a.example.com"}
    [requests, _published] = found.wanted[OWN]
    assert requests["#p"] == [f"{1:064x}", f"{2:064x}"]
    assert found.operators == {"wss://a.example.com": ("a",)}
    assert found.left_out == {"m2": ("b.example.com:7",)}


def test_without_keys_nothing_is_listened_to() -> None:
    assert planned().wanted == {}
