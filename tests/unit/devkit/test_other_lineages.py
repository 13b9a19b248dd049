"""The 398ja fork and the bunker of no known lineage: what they answer, and what they do not."""

import json

import pytest
from nostr_sdk import PublicKey
from spirekeeper.devkit.bunker import Lineage
from support.raw_parties import MakeBunker, MakeDevice, RawAdmin
from support.raw_wire import RawClient

FORK = {"kind": 24133}
"""It hears nothing else."""


@pytest.fixture
async def admin(make_bunker: MakeBunker, admin_client: RawClient) -> RawAdmin:
    return RawAdmin(admin_client, await make_bunker(lineage=Lineage.FORK_398JA), FORK)


async def test_the_fork_hears_and_answers_in_kind_24133(admin: RawAdmin) -> None:
    lost = await admin.client.request(admin.bunker.pubkey, "ping", [], kind=24134)
    for encryption in ("nip04", "nip44"):
        answer = await admin.client.ask(
            admin.bunker.pubkey, "ping", kind=24133, encryption=encryption
        )
        assert (answer.kind, answer.content["result"]) == (24133, "pong")
        assert answer.encryption == encryption
    assert admin.client.received(lost) == []
    unknown = await admin.client.ask(admin.bunker.pubkey, "add_policy_rule", "{}", kind=24133)
    result = json.loads(unknown.content["result"])
    assert (unknown.kind, result) == (24133, ["error", "Unknown method add_policy_rule"])


async def test_the_fork_asks_its_admins_in_kind_24133(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    device = await make_device(await admin.make_key())
    assert await device.sign(1) == ["Not authorized"]
    asked = [each for each in admin.client.inbox if each.content.get("method") == "acl"]
    assert [each.kind for each in asked] == [24133]


async def test_the_fork_takes_texts_for_policy_ids_and_rules_without_kind(admin: RawAdmin) -> None:
    await admin.make_key()
    policy = await admin.make_policy(rules=[("sign_event", 21000), ("nip44_encrypt", None)])
    (listed,) = await admin.call("get_policies")
    assert [(rule["method"], rule["kind"]) for rule in listed["rules"]] == [
        ("sign_event", "21000"),
        ("nip44_encrypt", None),
    ]
    assert "id" not in listed["rules"][0]
    await admin.call("create_new_token", "spire-a", "by text", str(policy))
    token = await admin.token("spire-a", "by text")
    assert (token["policy_id"], token["revoked"]) == (policy, False)
    assert token["token"].startswith(token["key_npub"])


async def test_a_token_revoked_in_the_fork_is_redeemed_all_the_same(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    device = await make_device(await admin.make_key())
    secret = await admin.make_token("spire-a", await admin.make_policy())
    token = await admin.token("spire-a", "client-1")
    assert await admin.call("revoke_token", str(token["id"])) == ["ok"]
    assert (await admin.token("spire-a", "client-1"))["revoked"]
    assert "already revoked" in await admin.error("revoke_token", str(token["id"]))
    assert await device.connect(secret) == ["ack"]
    (user,) = await admin.users("spire-a")
    assert user["active"]


async def test_a_key_deleted_in_the_fork_is_hidden_and_goes_on(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    device = await make_device(await admin.make_key())
    secret = await admin.make_token("spire-a", await admin.make_policy())
    assert await admin.call("delete_key", "spire-a") == ["ok"]
    assert await admin.call("get_keys") == []
    assert await admin.call("get_key_tokens", "spire-a") == []
    assert "already deleted" in await admin.error("delete_key", "spire-a")
    assert await device.connect(secret) == ["ack"]
    assert await device.sign(21000) != ["Not authorized"]

    await admin.bunker.restart()
    assert await admin.call("unlock_key", "spire-a", "pass-a") == {"success": True}
    await admin.bunker.listening()
    assert await device.sign(21000) != ["Not authorized"]
    again = await admin.make_key()
    (key,) = await admin.call("get_keys")
    assert PublicKey.parse(key["npub"]).to_hex() == again != device.signer
    assert (await admin.token("spire-a", "client-1"))["revoked"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("revoke_token", []),
        ("revoke_token", ["x"]),
        ("revoke_token", ["9"]),
        ("delete_key", []),
        ("delete_key", ["nobody"]),
        ("get_key", ["spire-a"]),
    ],
)
async def test_what_the_fork_refuses(admin: RawAdmin, method: str, params: list[str]) -> None:
    assert "Unknown method" not in await admin.error(method, *params)


async def test_the_unknown_one_has_what_a_pairing_needs(
    make_bunker: MakeBunker, admin_client: RawClient, make_device: MakeDevice
) -> None:
    admin = RawAdmin(admin_client, await make_bunker(lineage=Lineage.UNKNOWN))
    answer = await admin.client.ask(admin.bunker.pubkey, "ping")
    assert json.loads(answer.content["result"]) == ["error", "Unknown method ping"]
    device = await make_device(await admin.make_key())
    assert await device.connect(await admin.make_token("spire-a", await admin.make_policy()))
    (user,) = await admin.users("spire-a")
    assert await admin.call("revoke_user", str(user["id"])) == ["ok"]
    assert await device.sign(21000) == ["Not authorized"]
