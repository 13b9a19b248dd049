"""The admin client against the development bunker, in every lineage and with every lever."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.dialects import Hazard
from spirekeeper.bunker.errors import (
    BunkerNonsense,
    BunkerRefused,
    BunkerTimeout,
    BunkerUnreachable,
    NotAnAdmin,
    NsecBunkerError,
    UnknownMethod,
    WrongPassphrase,
)
from spirekeeper.bunker.interface import BunkerAdmin
from spirekeeper.bunker.nip46 import Encryption, Request
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import Message, RawClient, RawKey, RawPeer

RULES = frozenset(
    {PolicyRule("sign_event", 21000), PolicyRule("nip44_encrypt"), PolicyRule("nip44_decrypt")}
)
Client = NsecBunkerAdminClient
MakeClient = Callable[..., Client]
MakeBunker = Callable[..., Awaitable[DevBunker]]


def counted(bunker: DevBunker, method: str) -> int:
    return [call.method for call in bunker.calls].count(method)


async def policy_id(client: Client) -> str:
    await client.create_new_policy("p", RULES)
    return (await client.policies())[-1].id


@pytest.mark.parametrize("lineage", Lineage)
async def test_a_whole_pairing_and_its_end(
    lineage: Lineage, make_bunker: MakeBunker, make_client: MakeClient
) -> None:
    bunker = await make_bunker(lineage=lineage)
    client = make_client(bunker)
    admin: BunkerAdmin = client
    assert await admin.keys() == {}
    assert await admin.policies() == ()

    policy = await policy_id(client)
    assert (await admin.policies())[-1].allows_exactly(RULES)
    pubkey, _ = await asyncio.gather(
        admin.create_new_key("spire-a", "pass"),
        admin.create_new_token("spire-a", "client-1", policy, 3),
    )
    assert (await admin.keys())["spire-a"].pubkey == pubkey
    assert counted(bunker, "get_keys") == 1
    (token,) = await admin.get_key_tokens("spire-a")
    assert (token.pubkey, token.client_name, token.policy_id) == (pubkey, "client-1", policy)
    assert token.created_at is not None
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).total_seconds() == 3 * 3600
    assert await admin.get_key_users("spire-a") == []

    await bunker.restart()
    assert (await admin.refresh_keys())["spire-a"].locked
    assert await admin.get_key_tokens("spire-a") == []
    with pytest.raises(WrongPassphrase):
        await admin.unlock_key("spire-a", "wrong")
    await admin.unlock_key("spire-a", "pass")
    assert (await admin.keys())["spire-a"].pubkey == pubkey
    assert not bunker.ended.is_set()


async def test_a_token_without_hours_has_no_end(client: Client) -> None:
    await client.create_new_key("k", "pass")
    await client.create_new_token("k", "c", await policy_id(client))
    (token,) = await client.get_key_tokens("k")
    assert token.expires_at is None
    with pytest.raises(ValueError, match="at least one hour"):
        await client.create_new_token("k", "c", "1", 0)


@pytest.mark.parametrize(
    ("lineage", "encryption", "name", "hazard"),
    [
        (Lineage.NEWER_NDK, Encryption.NIP44, "newer NDK", False),
        (Lineage.OLD_NDK, Encryption.NIP04, "NDK 2.8", True),
        (Lineage.FORK_398JA, Encryption.NIP44, "398ja", False),
        (Lineage.LIVE_POLICY, Encryption.NIP44, "live policies", False),
        (Lineage.UNKNOWN, Encryption.NIP44, "do not know", False),
    ],
)
async def test_the_dialect_is_found_out(
    lineage: Lineage,
    encryption: Encryption,
    name: str,
    hazard: bool,
    make_bunker: MakeBunker,
    make_client: MakeClient,
) -> None:
    bunker = await make_bunker(lineage=lineage)
    client = make_client(bunker)
    await policy_id(client)  # rule ids are what tells the live-policy lineage
    dialect = await client.dialect()
    assert name in dialect.name
    assert dialect.encryption is encryption
    assert (Hazard.ENDS_ON_NIP44 in dialect.hazards) is hazard
    assert not bunker.ended.is_set()


async def test_the_live_policy_calls(make_bunker: MakeBunker, make_client: MakeClient) -> None:
    bunker = await make_bunker(lineage=Lineage.LIVE_POLICY)
    client = make_client(bunker)
    policy = await policy_id(client)
    await client.add_policy_rule(policy, PolicyRule("sign_event", 30078))
    await client.add_policy_rule(policy, PolicyRule("nip04_encrypt"))
    (found,) = await client.policies()
    assert found.rules == RULES | {PolicyRule("sign_event", 30078), PolicyRule("nip04_encrypt")}
    await client.remove_policy_rule(found.rule_ids[PolicyRule("sign_event", 30078)])
    await client.remove_policy_rule(found.rule_ids[PolicyRule("nip04_encrypt")])
    (found,) = await client.policies()
    assert found.allows_exactly(RULES)


async def test_the_live_policy_calls_elsewhere(client: Client) -> None:
    with pytest.raises(UnknownMethod):
        await client.add_policy_rule("1", PolicyRule("connect"))
    with pytest.raises(UnknownMethod):
        await client.remove_policy_rule("1")


async def test_nobody_is_revoked_whom_the_bunker_does_not_know(client: Client) -> None:
    with pytest.raises(BunkerRefused):
        await client.revoke_user("999")


# What is learned once


async def test_concurrent_callers_share_one_request(client: Client, bunker: DevBunker) -> None:
    await asyncio.gather(
        *(call() for call in (client.keys, client.policies, client.dialect) for _ in range(5))
    )
    assert counted(bunker, "get_keys") == 1
    assert counted(bunker, "get_policies") == 1
    assert counted(bunker, "ping") == 2  # one in each encryption


async def test_a_pair_in_the_steady_state_asks_three_calls(
    client: Client, bunker: DevBunker
) -> None:
    policy = await policy_id(client)
    await client.keys()
    await client.dialect()
    before = len(bunker.calls)
    await client.keys()
    await client.policies()
    await asyncio.gather(client.create_new_key("k", "x"), client.create_new_token("k", "c", policy))
    await client.get_key_tokens("k")
    asked = sorted(call.method for call in bunker.calls[before:])
    assert asked == ["create_new_key", "create_new_token", "get_key_tokens"]


async def test_it_is_asked_again_after_a_reconnect(
    client: Client, bunker: DevBunker, relay: DevRelay
) -> None:
    await client.keys()
    await relay.restart()
    await bunker.listening()
    while counted(bunker, "get_keys") < 2:
        # Until our own connection has noticed, what is known still holds.
        await client.keys()
        await asyncio.sleep(0.01)
    assert counted(bunker, "ping") == 4


async def test_it_is_asked_again_after_silence(bunker: DevBunker, make_client: MakeClient) -> None:
    client = make_client(bunker, deadline=0.5)
    await client.create_new_key("k", "pass")
    assert not (await client.keys())["k"].locked
    bunker.levers.silent("get_key_users")
    with pytest.raises(BunkerTimeout):
        await client.get_key_users("k")
    await bunker.restart()
    assert (await client.keys())["k"].locked


async def test_a_policy_that_was_refused_is_looked_for(client: Client, bunker: DevBunker) -> None:
    """Upstream leaves half a policy behind when it fails."""
    await client.policies()
    bunker.levers.refuse("no", "create_new_policy")
    with pytest.raises(BunkerRefused):
        await client.create_new_policy("p", RULES)
    await client.policies()
    assert counted(bunker, "get_policies") == 2


async def test_the_round_trip_is_measured(client: Client) -> None:
    assert client.round_trip is None
    assert await client.ping() == client.round_trip
    assert client.round_trip


# Levers


async def test_a_read_is_repeated_within_its_deadline(
    bunker: DevBunker, make_client: MakeClient
) -> None:
    client = make_client(bunker, deadline=1)
    await client.dialect()
    bunker.levers.silent("get_keys", times=1)
    assert await client.keys() == {}
    assert counted(bunker, "get_keys") == 2


CHANGES: dict[str, Callable[[Client], Awaitable[Any]]] = {
    "create_new_key": lambda client: client.create_new_key("k", "pass"),
    "unlock_key": lambda client: client.unlock_key("k", "pass"),
    "create_new_policy": lambda client: client.create_new_policy("p", RULES),
    "add_policy_rule": lambda client: client.add_policy_rule("1", PolicyRule("connect")),
    "remove_policy_rule": lambda client: client.remove_policy_rule("1"),
    "create_new_token": lambda client: client.create_new_token("k", "c", "1"),
    "revoke_user": lambda client: client.revoke_user("1"),
}
READS: dict[str, Callable[[Client], Awaitable[Any]]] = {
    "get_keys": lambda client: client.refresh_keys(),
    "get_policies": lambda client: client.refresh_policies(),
    "get_key_tokens": lambda client: client.get_key_tokens("k"),
    "get_key_users": lambda client: client.get_key_users("k"),
}


@pytest.mark.parametrize("method", CHANGES)
async def test_a_change_is_never_repeated(
    method: str, bunker: DevBunker, make_client: MakeClient
) -> None:
    client = make_client(bunker, deadline=0.4)
    await client.dialect()
    bunker.levers.silent(method)
    with pytest.raises(BunkerTimeout, match="look before"):
        await CHANGES[method](client)
    bunker.levers.normal()
    assert counted(bunker, method) == 1


async def test_a_lost_answer_may_have_been_carried_out(
    bunker: DevBunker, make_client: MakeClient
) -> None:
    client = make_client(bunker, deadline=0.4)
    await client.keys()
    bunker.levers.drop_answer("create_new_key")
    with pytest.raises(BunkerTimeout):
        await client.create_new_key("k", "pass")
    assert "k" in await client.keys()


@pytest.mark.parametrize("method", {**CHANGES, **READS})
async def test_garbage_is_nonsense(
    method: str, make_bunker: MakeBunker, make_client: MakeClient
) -> None:
    bunker = await make_bunker(lineage=Lineage.LIVE_POLICY)
    client = make_client(bunker)
    await client.dialect()
    bunker.levers.garbage(method)
    with pytest.raises(NsecBunkerError) as caught:
        await {**CHANGES, **READS}[method](client)
    # What fails at the bunker comes with a garbled result, but it is an error first.
    assert isinstance(caught.value, (BunkerNonsense, BunkerRefused))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("method", READS)
async def test_a_refused_read_is_asked_once_more_in_nip04(
    method: str, client: Client, bunker: DevBunker
) -> None:
    await client.dialect()
    before = counted(bunker, method)
    bunker.levers.refuse("invalid plaintext size", method)
    with pytest.raises(BunkerRefused):
        await READS[method](client)
    assert counted(bunker, method) - before == 2


async def test_an_answer_twice_is_one_answer(client: Client, bunker: DevBunker) -> None:
    bunker.levers.twice()
    await client.create_new_key("k", "pass")
    assert list(await client.refresh_keys()) == ["k"]


async def test_a_late_answer_is_waited_for(client: Client, bunker: DevBunker) -> None:
    bunker.levers.late(0.2, "get_keys")
    assert await client.keys() == {}


async def test_a_stranger_is_told_what_to_do(bunker: DevBunker, make_client: MakeClient) -> None:
    client = make_client(bunker, admin_secret=Keys.generate().secret_key().to_bech32())
    for call in (client.keys, client.dialect, client.ping):
        with pytest.raises(NotAnAdmin, match="ADMIN_NPUBS"):
            await call()


async def test_a_bunker_that_is_away(bunker: DevBunker, make_client: MakeClient) -> None:
    client = make_client(bunker, deadline=0.4)
    await bunker.stop()
    with pytest.raises(BunkerTimeout, match="ping"):
        await client.keys()
    await bunker.start()
    assert await client.keys() == {}


async def test_a_closed_client_asks_nothing(client: Client) -> None:
    before = asyncio.all_tasks()
    async with client:
        await client.connect()
        assert client.connected == client.address.relays
    assert client.connected == ()
    assert asyncio.all_tasks() <= before
    with pytest.raises(BunkerUnreachable, match="closed"):
        await client.keys()


async def test_closing_beside_calls_ends_them_typed(
    relay: DevRelay, make_client: MakeClient
) -> None:
    peer, silent = RawKey(), asyncio.Event()

    def answer(asked: Message) -> Iterable[str]:
        if asked.method == "create_new_key":
            silent.set()
        return [peer.reply(asked, result="ok")] if asked.method == "ping" else []

    async with RawPeer(relay.url, peer, answer) as there:
        client = make_client(there)
        calls = [
            asyncio.create_task(call)
            for call in (client.keys(), client.dialect(), client.create_new_key("k", "x"))
        ]
        await silent.wait()
        await client.close()
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(end, (BunkerTimeout, BunkerUnreachable)) for end in ended)


@pytest.mark.parametrize("admin_secret", ["", "nsec1", "00" * 32, "s3cret"])
def test_a_bad_admin_key_is_not_quoted(admin_secret: str) -> None:
    with pytest.raises(NsecBunkerError, match="neither an nsec nor") as caught:
        Client(
            bunker_pubkey=Keys.generate().public_key().to_hex(),
            relays=["ws://127.0.0.1:1"],
            admin_secret=admin_secret,
        )
    assert caught.value.__context__ is None
    assert "s3cret" not in str(caught.value)


async def test_what_the_bunker_asks_its_admins_is_told(
    relay: DevRelay, bunker: DevBunker, make_client: MakeClient
) -> None:
    asked: asyncio.Queue[Request] = asyncio.Queue()
    client = make_client(bunker, on_request=asked.put_nowait)
    pubkey = await client.create_new_key("spire-a", "pass")
    await bunker.listening()
    async with RawClient(relay.url) as stranger:
        answer = await stranger.ask(pubkey, "ping", kind=24133)
        assert answer.content["error"] == "Not authorized"
        request = await asyncio.wait_for(asked.get(), 5)
    assert request.method == "acl"
    assert json.loads(request.params[0]) == {
        "keyName": "spire-a",
        "remotePubkey": stranger.pubkey,
        "method": "ping",
    }
