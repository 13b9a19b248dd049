"""Keys and policies are known until somebody else has talked to the bunker."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.other_admins import OtherAdmins
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import RawClient

A, B = "ws://a", "ws://b"
MakeClient = Callable[..., NsecBunkerAdminClient]


def asked(bunker: DevBunker, method: str = "get_keys") -> int:
    return [call.method for call in bunker.calls].count(method)


async def test_they_are_asked_once(client: NsecBunkerAdminClient, bunker: DevBunker) -> None:
    for number in range(3):
        await client.keys()
        await client.policies()
        await client.create_new_key(f"spire-{number}", "pass")
    assert (asked(bunker), asked(bunker, "get_policies")) == (1, 1)
    assert set(await client.keys()) == {"spire-0", "spire-1", "spire-2"}


async def test_and_again_once_somebody_else_has_talked_to_the_bunker(
    client: NsecBunkerAdminClient, bunker: DevBunker, relay: DevRelay, admin_keys: Keys
) -> None:
    """Even with the same admin key: another server has it too."""
    assert await client.keys() == {}
    async with RawClient(relay.url, admin_keys) as other:
        await other.ask(bunker.pubkey, "create_new_key", "theirs", "pass")
    assert set(await client.keys()) == {"theirs"}
    await client.keys()
    assert asked(bunker) == 2


@pytest.fixture
async def discreet(relay: DevRelay) -> AsyncIterator[HostileRelay]:
    """A relay that shows events only to whom they are addressed."""
    subscribers: dict[Line, str] = {}

    async def note(line: Line, message: list[Any]) -> bool:
        if message[0] == "REQ" and "authors" in message[2]:
            subscribers[line] = message[2]["#p"][0]
        return True

    async def withhold(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or line not in subscribers:
            return True
        return ["p", subscribers[line]] in message[2]["tags"]

    async with HostileRelay(relay.url) as between:
        between.behave(up=note, down=withhold)
        yield between


async def test_where_a_relay_does_not_show_it_they_are_asked_each_time(
    discreet: HostileRelay, bunker: DevBunker, make_client: MakeClient
) -> None:
    client = make_client(bunker, relays=[discreet.url])
    for _ in range(3):
        assert await client.keys() == {}
    assert asked(bunker) == 3


def test_a_relay_is_relied_on_once_it_has_shown_our_own_words() -> None:
    others = OtherAdmins()
    others.said("ours")
    assert others.mark([A]) != others.mark([A])
    others.heard(A, "ours")
    assert others.mark([A]) == others.mark([A])
    assert others.mark([A, B]) != others.mark([A, B]), "what is said over the other is not seen"


def test_what_a_relay_did_not_show_while_it_was_down_may_have_been_said() -> None:
    others = OtherAdmins()
    others.said("ours")
    for relay in (A, B):
        others.heard(relay, "ours")
    before = others.mark([A, B])
    others.missed([B])
    assert others.mark([A]) == others.mark([A]) != before
    assert others.mark([A, B]) != others.mark([A, B])
    others.heard(B, "ours")
    assert others.mark([A, B]) == others.mark([A, B]) != before


def test_who_was_heard_is_counted_once() -> None:
    """Over several relays, and again from one that has stored it."""
    others = OtherAdmins()
    others.said("ours")
    for relay in (A, B):
        others.heard(relay, "ours")
        others.heard(relay, "theirs")
    before = others.mark([A, B])
    others.heard(A, "theirs")
    assert others.mark([A, B]) == before
    others.heard(A, "theirs, another time")
    assert others.mark([A, B]) != before
