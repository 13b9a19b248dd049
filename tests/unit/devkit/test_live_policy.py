"""The live-policy lineage: rules and tokens are looked up when something is signed."""

import json

import pytest
from nostr_sdk import PublicKey
from spirekeeper.devkit.bunker import Lineage
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker, MakeDevice, RawAdmin, RawDevice
from support.raw_wire import RawClient

REFUSED = ["Not authorized"]


@pytest.fixture
async def admin(make_bunker: MakeBunker, admin_client: RawClient) -> RawAdmin:
    return RawAdmin(admin_client, await make_bunker(lineage=Lineage.LIVE_POLICY))


@pytest.fixture
async def policy(admin: RawAdmin) -> int:
    """It allows to sign kind 21000."""
    await admin.make_key()
    return await admin.make_policy(rules=[("sign_event", 21000)])


@pytest.fixture
async def device(admin: RawAdmin, policy: int, make_device: MakeDevice) -> RawDevice:
    """Connected under `policy`, for an hour."""
    [key] = await admin.call("get_keys")
    device = await make_device(PublicKey.parse(key["npub"]).to_hex())
    assert await device.connect(await admin.make_token("spire-a", policy, hours=1)) == ["ack"]
    assert await signs(device)
    return device


async def signs(device: RawDevice, kind: int = 21000) -> bool:
    return await device.sign(kind) != REFUSED


async def rules(admin: RawAdmin) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = (await admin.call("get_policies"))[0]["rules"]
    return listed


async def test_a_rule_added_and_removed_counts_at_once(
    admin: RawAdmin, policy: int, device: RawDevice
) -> None:
    assert not await signs(device, 30078)
    rule = {"method": "sign_event", "kind": 30078}
    given = json.dumps({"policyId": policy, "rule": rule})
    assert await admin.call("add_policy_rule", given) == ["ok"]
    assert await signs(device, 30078)
    [added] = [rule for rule in await rules(admin) if rule["kind"] == "30078"]
    assert await admin.call("remove_policy_rule", json.dumps({"ruleId": added["id"]})) == ["ok"]
    assert not await signs(device, 30078)
    assert await signs(device)


async def test_a_rule_needs_no_kind_and_may_be_counted(
    admin: RawAdmin, policy: int, device: RawDevice
) -> None:
    rule = {"method": "nip44_encrypt", "maxUsageCount": 1}
    await admin.call("add_policy_rule", json.dumps({"policyId": policy, "rule": rule}))
    assert await device.ask("nip44_encrypt", device.signer, "hello") != REFUSED
    assert await device.ask("nip44_encrypt", device.signer, "hello") == REFUSED
    last = (await rules(admin))[-1]
    assert (last["kind"], last["max_usage_count"], last["current_usage_count"]) == (None, 1, 1)


async def test_a_tokens_end_ends_the_session(device: RawDevice, clock: MovableClock) -> None:
    clock.move(hours=1, seconds=1)
    assert not await signs(device)


async def test_a_revoked_token_ends_the_session(admin: RawAdmin, device: RawDevice) -> None:
    token = await admin.token("spire-a", "client-1")
    assert await admin.call("revoke_token", json.dumps({"tokenId": token["id"]})) == ["ok"]
    assert not await signs(device)
    assert (await admin.token("spire-a", "client-1"))["revoked_at"]


async def test_a_revoked_token_cannot_be_redeemed(
    admin: RawAdmin, policy: int, device: RawDevice
) -> None:
    secret = await admin.make_token("spire-a", policy, client_name="client-2")
    token = await admin.token("spire-a", "client-2")
    await admin.call("revoke_token", json.dumps({"tokenId": token["id"]}))
    assert await device.connect(secret, least=2) == ["Not authorized", "Token revoked"]


async def test_a_policy_is_renamed_and_ended(
    admin: RawAdmin, policy: int, device: RawDevice, clock: MovableClock
) -> None:
    patch = {"name": "closed", "expiresAt": "2026-01-01T00:00:00.000Z"}
    given = json.dumps({"policyId": policy, "patch": patch})
    assert await admin.call("update_policy", given) == ["ok"]
    assert (await admin.call("get_policies"))[0]["name"] == "closed"
    assert not await signs(device)


async def test_a_revoked_user_stays_revoked(admin: RawAdmin, device: RawDevice) -> None:
    await admin.call("revoke_user", "1")
    assert not await signs(device)


async def test_an_existing_name_keeps_its_key(admin: RawAdmin) -> None:
    first = await admin.make_key()
    assert await admin.make_key(passphrase="another") == first
    await admin.bunker.restart()
    assert await admin.error("create_new_key", "spire-a", "another")
    assert await admin.make_key() == first, "it is unlocked with its passphrase"


async def test_keys_are_unlocked_at_start_where_that_is_set_up(
    admin: RawAdmin, make_bunker: MakeBunker
) -> None:
    await admin.make_key("spire-a")
    await admin.make_key("spire-b", "another")
    await admin.bunker.stop()
    admin.bunker = await make_bunker(lineage=Lineage.LIVE_POLICY, autounlock_passphrase="pass-a")
    keys = await admin.call("get_keys")
    assert [(key["name"], "npub" in key) for key in keys] == [("spire-a", True), ("spire-b", False)]


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("add_policy_rule", {"policyId": 9, "rule": {"method": "ping"}}),
        ("add_policy_rule", {"policyId": 1}),
        ("remove_policy_rule", {"ruleId": 9}),
        ("update_policy", {"policyId": 1}),
        ("revoke_token", {"tokenId": "1"}),
        ("revoke_token", {"tokenId": 9}),
    ],
)
async def test_bad_parameters_are_refused(
    admin: RawAdmin, policy: int, method: str, given: dict[str, object]
) -> None:
    assert policy == 1
    assert await admin.error(method, json.dumps(given))
