"""Bunkers that are none of the development bunker's lineages."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.dialects import Hazard
from spirekeeper.bunker.errors import BunkerRefused, UnknownMethod
from spirekeeper.bunker.nip46 import NIP46_KIND, Encryption
from spirekeeper.devkit.bunker import Lineage
from spirekeeper.devkit.relay import DevRelay
from support.raw_parties import MakeBunker
from support.raw_wire import Message, RawKey, RawPeer

Client = NsecBunkerAdminClient
MakeClient = Callable[..., Client]


async def test_the_398ja_fork_before_it_said_pong(relay: DevRelay, make_client: MakeClient) -> None:
    """0.11.0 says ok, and in kind 24133 as 0.11.2 does."""
    peer = RawKey()

    def answer(asked: Message) -> Iterable[str]:
        if asked.kind != NIP46_KIND:
            return []
        result = "ok" if asked.method == "ping" else "[]"
        return [peer.reply(asked, kind=NIP46_KIND, result=result)]

    async with RawPeer(relay.url, peer, answer) as there:
        client = make_client(there)
        dialect = await client.dialect()
        assert dialect.name.startswith("398ja")
        assert dialect.request_kind == NIP46_KIND
        assert dialect.encryption is Encryption.NIP44
        assert await client.keys() == {}
        assert there.asked[-1].kind == NIP46_KIND


async def test_a_bunker_that_answers_all_in_what_it_heard_last_speaks_nip44(
    relay: DevRelay, make_client: MakeClient
) -> None:
    """Message in both at once, 398ja 0.11.2 with NDK 2.18 answered both in NIP-04."""
    peer = RawKey()
    pings: list[Message] = []

    def answer(asked: Message) -> Iterable[str]:
        if asked.method != "ping":
            return [peer.reply(asked, result="[]")]
        pings.append(asked)
        both = {each.encryption for each in pings} == {"nip44", "nip04"}
        return [
            peer.reply(replace(each, encryption="nip04"), result="ok")
            for each in (pings if both else [])
        ]

    async with RawPeer(relay.url, peer, answer) as there:
        client = make_client(there)
        dialect = await client.dialect()
        assert dialect.encryption is Encryption.NIP44
        assert Hazard.ENDS_ON_NIP44 not in dialect.hazards


async def test_an_unknown_one_is_served_as_far_as_it_answers(
    make_bunker: MakeBunker, make_client: MakeClient
) -> None:
    bunker = await make_bunker(lineage=Lineage.UNKNOWN)
    client = make_client(bunker)
    bunker.levers.refuse("what?", "get_policies")
    assert "do not know" in (await client.dialect()).name
    assert await client.ping() == client.round_trip
    assert await client.create_new_key("k", "pass")
    assert list(await client.refresh_keys()) == ["k"]
    with pytest.raises(BunkerRefused):
        await client.policies()
    with pytest.raises(UnknownMethod):
        await client.remove_policy_rule("1")


async def test_the_398ja_fork_is_asked_in_one_kind_once_it_is_known(
    make_bunker: MakeBunker, make_client: MakeClient
) -> None:
    bunker = await make_bunker(lineage=Lineage.FORK_398JA)
    client = make_client(bunker)
    dialect = await client.dialect()
    assert dialect.name.startswith("398ja")
    assert (dialect.request_kind, dialect.encryption) == (NIP46_KIND, Encryption.NIP44)
    assert {Hazard.LOSES_ITS_RELAY, Hazard.HIDES_WHAT_IT_DELETES} <= dialect.hazards
    await client.keys()
    await client.dialect()
    asked = [call.method for call in bunker.calls]
    assert sorted(asked) == ["get_keys", "get_policies", "ping", "ping"]


async def test_a_list_too_long_for_nip44_is_read_in_nip04(
    relay: DevRelay, make_client: MakeClient
) -> None:
    peer = RawKey()
    npub = Keys.generate().public_key().to_bech32()
    names = [f"spire-{number:032}" for number in range(1000)]
    keys = json.dumps([{"name": n, "npub": npub, "userCount": 1, "tokenCount": 1} for n in names])

    def answer(asked: Message) -> Iterable[str]:
        if asked.method == "ping":
            return [peer.reply(asked, result="ok")]
        if asked.encryption == "nip44":
            return [peer.reply(asked, kind=24133, result="error", error="invalid plaintext size")]
        return [peer.reply(asked, result=keys)]

    async with RawPeer(relay.url, peer, answer) as there:
        client = make_client(there)
        for _ in range(2):  # it goes on asking in NIP-44
            assert list(await client.refresh_keys()) == names
            lists = [each.encryption for each in there.asked if each.method == "get_keys"]
            assert lists[-2:] == ["nip44", "nip04"]
