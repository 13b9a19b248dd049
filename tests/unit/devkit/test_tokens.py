"""Policies, tokens and users at the admin interface."""

import asyncio
import json
from typing import Any

import pytest
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker, MakeDevice, RawAdmin


async def test_a_policy_id_that_is_no_number_fails_and_quotes_the_token(admin: RawAdmin) -> None:
    await admin.make_key()
    policy = await admin.make_policy()
    text = await admin.error("create_new_token", "spire-a", "client-1", str(policy))
    lines = text.splitlines()
    assert len(lines) >= 16
    assert lines[-1].startswith("Argument `policyId`: Invalid value provided.")
    quoted = next(line for line in lines if '"token"' in line)
    assert len(quoted.split('"')[3]) == 64
    assert await admin.call("get_key_tokens", "spire-a") == []


@pytest.mark.parametrize(
    ("hours", "lifetime_s"),
    [
        (None, None),
        (0, None),
        (1, 3600),
        (24, 86400),
        ("2", 7200),
        (1.9, 3600),
        ("0.5", 0),
        (0.5, 0),
        (-1, -3600),
    ],
)
async def test_hours_are_whole(admin: RawAdmin, hours: Any, lifetime_s: int | None) -> None:
    await admin.make_key()
    await admin.make_token("spire-a", await admin.make_policy(), hours=hours)
    token = await admin.token("spire-a", "client-1")
    assert token["time_until_expiration"] == lifetime_s
    assert (token["expires_at"] is None) == (lifetime_s is None)


async def test_hours_that_are_no_number_fail_and_quote_the_token(admin: RawAdmin) -> None:
    await admin.make_key()
    policy = await admin.make_policy()
    text = await admin.error("create_new_token", "spire-a", "client-1", policy, "soon")
    assert '"token": "' in text


async def test_a_token_for_an_unknown_key_is_made_and_shows_once_the_key_is_there(
    admin: RawAdmin,
) -> None:
    policy = await admin.make_policy()
    assert await admin.call("create_new_token", "spire-later", "client-1", policy) == ["ok"]
    assert await admin.call("get_key_tokens", "spire-later") == []
    await admin.make_key("spire-later")
    assert (await admin.token("spire-later", "client-1"))["token"].startswith("npub1")


async def test_a_rule_without_a_kind_fails_and_leaves_a_broken_policy(admin: RawAdmin) -> None:
    rules = [{"method": "nip44_encrypt", "kind": ""}, {"method": "nip44_decrypt"}]
    given = json.dumps({"name": "broken", "rules": rules})
    assert "toString" in await admin.error("create_new_policy", given)
    [policy] = await admin.call("get_policies")
    assert policy["name"] == "broken"
    assert [rule["method"] for rule in policy["rules"]] == ["nip44_encrypt"]


async def test_policy_names_may_repeat(admin: RawAdmin) -> None:
    assert await admin.make_policy() != await admin.make_policy()


@pytest.mark.parametrize("given", ["", "{", "[]", "{}", '{"name": "p"}'])
async def test_a_policy_that_is_none_is_refused(admin: RawAdmin, given: str) -> None:
    assert await admin.error("create_new_policy", given)


async def test_a_token_redeemed_at_another_key_is_spent_and_grants_its_own(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    key_a, key_b = await admin.make_key("spire-a"), await admin.make_key("spire-b")
    secret = await admin.make_token("spire-b", await admin.make_policy())
    device = await make_device(key_a)
    assert await device.connect(secret) == ["Not authorized"]
    assert (await admin.token("spire-b", "client-1"))["redeemed_by"] == "client-1"
    assert await admin.users("spire-a") == []
    device.signer = key_b
    assert "sig" in json.loads((await device.sign(21000))[0])


async def test_two_redemptions_at_once_both_win(
    make_bunker: MakeBunker, admin: RawAdmin, make_device: MakeDevice
) -> None:
    """Upstream does not guard the token between reading and writing it."""
    await admin.bunker.stop()
    admin.bunker = await make_bunker(redeem_gap=0.3)
    key = await admin.make_key()
    secret = await admin.make_token("spire-a", await admin.make_policy())
    devices = [await make_device(key), await make_device(key)]
    answers = await asyncio.gather(*(device.connect(secret) for device in devices))
    assert answers == [["ack"], ["ack"]]
    assert len(await admin.users("spire-a")) == 2
    third = await make_device(key)
    assert await third.connect(secret, least=2) == ["Not authorized", "Token already redeemed"]


async def test_a_token_expires_by_the_bunkers_clock_and_a_session_does_not(
    admin: RawAdmin, make_device: MakeDevice, clock: MovableClock
) -> None:
    key = await admin.make_key()
    policy = await admin.make_policy()
    early = await admin.make_token("spire-a", policy, client_name="early", hours=1)
    late = await admin.make_token("spire-a", policy, client_name="late", hours=1)
    device, other = await make_device(key), await make_device(key)
    assert await device.connect(early) == ["ack"]
    clock.move(hours=1, seconds=1)
    assert await other.connect(late, least=2) == ["Not authorized", "Token expired"]
    assert "sig" in json.loads((await device.sign(21000))[0])


async def test_who_redeemed_is_told_by_the_name_of_the_clients_first_token(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    key = await admin.make_key()
    policy = await admin.make_policy()
    device = await make_device(key)
    for name in ("first", "second"):
        await device.connect(await admin.make_token("spire-a", policy, client_name=name))
    assert (await admin.token("spire-a", "second"))["redeemed_by"] == "first"
    [user] = await admin.users("spire-a")
    assert (user["description"], user["pubkey"]) == ("first", device.client.pubkey)
    assert len(user["signingConditions"]) == 14, "each redemption adds its rules"


async def test_a_user_is_renamed(admin: RawAdmin, make_device: MakeDevice) -> None:
    device = await make_device(await admin.make_key())
    await device.connect(await admin.make_token("spire-a", await admin.make_policy()))
    assert await admin.call("rename_key_user", device.client.pubkey, "the foyer") == ["ok"]
    assert (await admin.users("spire-a"))[0]["description"] == "the foyer"


async def test_a_revoke_is_for_ever(admin: RawAdmin, make_device: MakeDevice) -> None:
    key = await admin.make_key()
    policy = await admin.make_policy()
    device = await make_device(key)
    await device.connect(await admin.make_token("spire-a", policy))
    [user] = await admin.users("spire-a")
    assert await admin.call("revoke_user", user["id"]) == ["ok"]
    assert await device.sign(21000) == ["Not authorized"]

    fresh = await admin.make_token("spire-a", policy, client_name="client-2")
    assert await device.connect(fresh) == ["Not authorized"]
    assert (await admin.token("spire-a", "client-2"))["redeemed_at"]
    assert await device.sign(21000) == ["Not authorized"]
    assert await device.ask("get_public_key") == [key]


async def test_revoking_nobody_fails_in_many_lines(admin: RawAdmin) -> None:
    assert len((await admin.error("revoke_user", "999")).splitlines()) >= 10
    assert await admin.error("revoke_user", "the first") == "Invalid params"


async def test_a_list_too_long_for_nip44_is_refused_and_told_in_nip04(admin: RawAdmin) -> None:
    policy = await admin.make_policy()
    await admin.make_key()
    for number in range(170):
        await admin.call("create_new_token", "spire-a", f"client-{number}", policy)
    assert "plaintext size" in await admin.error("get_key_tokens", "spire-a")
    assert len(await admin.call("get_key_tokens", "spire-a", encryption="nip04")) == 170
