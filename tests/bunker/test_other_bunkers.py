"""Bunkers that are none of the development bunker's lineages."""

import json
from collections.abc import Iterable

from nostr_sdk import Keys
from peers import Asked, Peer, PeerOnRelay
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.dialects import RevokeToken
from spirekeeper.bunker.envelope import NIP46_KIND, Encryption
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay

Client = NsecBunkerAdminClient


async def test_a_fork_that_listens_to_kind_24133_only(relay: DevRelay) -> None:
    peer = Peer()

    def answer(asked: Asked) -> Iterable[str]:
        if asked.kind != NIP46_KIND:
            return []
        result = "ok" if asked.method == "ping" else "[]"
        result = '["ok"]' if asked.method == "revoke_token" else result
        return [peer.reply(asked, kind=NIP46_KIND, result=result)]

    async with (
        PeerOnRelay(relay.url, peer, answer) as on_relay,
        Client(
            bunker_pubkey=peer.pubkey,
            relays=[relay.url],
            admin_secret=Keys.generate().secret_key().to_hex(),
        ) as client,
    ):
        dialect = await client.dialect()
        assert dialect.name.startswith("398ja")
        assert dialect.request_kind == NIP46_KIND
        assert dialect.encryption is Encryption.NIP44
        assert dialect.revoke_token is RevokeToken.ID
        await client.revoke_token("7")
        assert on_relay.asked[-1].params == ["7"]


async def test_an_unknown_one_is_served_as_far_as_it_answers(
    client: Client, bunker: DevBunker
) -> None:
    bunker.levers.refuse("what?", "ping")
    bunker.levers.refuse("what?", "get_policies")
    assert "do not know" in (await client.dialect()).name
    assert await client.create_new_key("k", "pass")
    assert list(await client.refresh_keys()) == ["k"]


async def test_a_list_too_long_for_nip44_is_read_in_nip04(relay: DevRelay) -> None:
    peer = Peer()
    npub = Keys.generate().public_key().to_bech32()
    names = [f"spire-{number:032}" for number in range(1000)]
    keys = json.dumps([{"name": n, "npub": npub, "userCount": 1, "tokenCount": 1} for n in names])

    def answer(asked: Asked) -> Iterable[str]:
        if asked.method == "ping":
            return [peer.reply(asked, result="ok")]
        if asked.encryption == "nip44":
            return [peer.reply(asked, kind=24133, result="error", error="invalid plaintext size")]
        return [peer.reply(asked, result=keys)]

    async with (
        PeerOnRelay(relay.url, peer, answer),
        Client(
            bunker_pubkey=peer.pubkey,
            relays=[relay.url],
            admin_secret=Keys.generate().secret_key().to_hex(),
        ) as client,
    ):
        assert list(await client.keys()) == names
        assert (await client._observed.get()).encryption is Encryption.NIP44
