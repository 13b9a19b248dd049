"""Does a key answer, and is a token burned: with throw-away keys, in what the bunker survives."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.answers import PolicyRule, Token
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.errors import BunkerUnreachable
from spirekeeper.bunker.key_client import Redemption, answers, redeem
from spirekeeper.bunker.nip46 import Encryption
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay

DEAD = "ws://127.0.0.1:1"
Client = NsecBunkerAdminClient
MakeClient = Callable[..., Client]
MakeBunker = Callable[..., Awaitable[DevBunker]]


def throwaway() -> str:
    return str(Keys.generate().secret_key().to_hex())


def public(secret: str) -> str:
    return str(Keys.parse(secret).public_key().to_hex())


async def minted(client: Client) -> Token:
    await client.create_new_policy("p", [PolicyRule("sign_event", 21000)])
    policy = (await client.policies())[-1].id
    await asyncio.gather(
        client.create_new_key("k", "pass"), client.create_new_token("k", "c", policy)
    )
    (token,) = await client.get_key_tokens("k")
    return token


@pytest.mark.parametrize("lineage", Lineage)
async def test_a_fresh_token_is_burned_and_its_user_revoked(
    lineage: Lineage, make_bunker: MakeBunker, make_client: MakeClient, relay: DevRelay
) -> None:
    """Right after the mint: the key does not listen yet."""
    bunker = await make_bunker(lineage=lineage)
    client = make_client(bunker)
    token = await minted(client)
    encryption = (await client.dialect()).encryption
    burner, machine = throwaway(), throwaway()
    outcome = await redeem(burner, token.pubkey, token.secret, [DEAD, relay.url], encryption)
    assert outcome is Redemption.REDEEMED
    (user,) = await client.get_key_users("k")
    assert user.pubkey == public(burner)
    await client.revoke_user(user.id)
    (user,) = await client.get_key_users("k")
    assert user.revoked_at is not None

    for late in (machine, burner):
        outcome = await redeem(late, token.pubkey, token.secret, [relay.url], encryption)
        assert outcome is Redemption.REFUSED
    assert await answers(token.pubkey, relay.url, encryption)
    assert not bunker.ended.is_set()


async def test_an_unknown_secret_is_refused(client: Client, relay: DevRelay) -> None:
    token = await minted(client)
    outcome = await redeem(throwaway(), token.pubkey, "00" * 32, [relay.url], Encryption.NIP44)
    assert outcome is Redemption.REFUSED
    assert (await client.get_key_tokens("k"))[0].redeemed_at is None


async def test_silence_while_locked_is_unknown_and_the_token_unspent(
    client: Client, bunker: DevBunker, relay: DevRelay
) -> None:
    token = await minted(client)
    await bunker.restart()
    burner = throwaway()

    async def burn(deadline: float) -> Redemption:
        return await redeem(
            burner, token.pubkey, token.secret, [relay.url], Encryption.NIP44, deadline
        )

    assert not await answers(token.pubkey, relay.url, Encryption.NIP44, 0.3)
    assert await burn(0.3) is Redemption.UNKNOWN
    await client.unlock_key("k", "pass")
    assert (await client.get_key_tokens("k"))[0].redeemed_at is None
    assert await burn(5) is Redemption.REDEEMED


async def test_a_relay_that_the_bunker_does_not_listen_on(client: Client) -> None:
    token = await minted(client)
    async with DevRelay() as elsewhere:
        assert not await answers(token.pubkey, elsewhere.url, Encryption.NIP44, 0.3)
        outcome = await redeem(
            throwaway(), token.pubkey, token.secret, [elsewhere.url], Encryption.NIP44, 0.3
        )
    assert outcome is Redemption.UNKNOWN


async def test_a_dead_relay_is_no_silence(client: Client) -> None:
    token = await minted(client)
    assert not await answers(token.pubkey, DEAD, Encryption.NIP44, 0.3)
    with pytest.raises(BunkerUnreachable):
        await redeem(throwaway(), token.pubkey, token.secret, [DEAD], Encryption.NIP44, 0.3)


async def test_nothing_is_left_running(client: Client, relay: DevRelay) -> None:
    token = await minted(client)
    before = asyncio.all_tasks()
    await answers(token.pubkey, relay.url, Encryption.NIP44)
    await redeem(throwaway(), token.pubkey, token.secret, [relay.url], Encryption.NIP44)
    asking = asyncio.create_task(answers(token.pubkey, DEAD, Encryption.NIP44))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert {task for task in asyncio.all_tasks() - before if "bunker/" in str(task)} <= before
