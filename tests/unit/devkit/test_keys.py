"""Keys at the admin interface: made, overwritten, locked, unlocked."""

from pathlib import Path

import pytest
from nostr_sdk import Keys, PublicKey
from spirekeeper.devkit.bunker import DevBunker
from support.raw_parties import PASSPHRASE, MakeBunker, MakeDevice, RawAdmin, served


def npub(pubkey: str) -> str:
    return str(PublicKey.parse(pubkey).to_bech32())


async def test_a_minted_key_signs_for_a_machine(admin: RawAdmin, make_device: MakeDevice) -> None:
    pubkey = await admin.make_key()
    secret = await admin.make_token("spire-a", await admin.make_policy())
    device = await make_device(pubkey)
    assert await device.connect(secret) == ["ack"]
    [signed] = await device.sign(21000)
    assert f'"pubkey":"{pubkey}"' in signed


async def test_the_same_name_overwrites_and_the_old_key_lives_until_restart(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    old = await admin.make_key()
    secret = await admin.make_token("spire-a", await admin.make_policy())
    device = await make_device(old)
    await device.connect(secret)

    new = await admin.make_key(passphrase="pass-b")

    [key] = await admin.call("get_keys")
    assert key == {"name": "spire-a", "npub": npub(new), "userCount": 1, "tokenCount": 1}
    assert (await admin.token("spire-a", "client-1"))["token"] == f"{npub(new)}#{secret}"
    device.signer = new
    assert f'"pubkey":"{new}"' in (await device.sign(21000))[0]
    device.signer = old
    assert f'"pubkey":"{old}"' in (await device.sign(21000))[0]

    await admin.bunker.restart()
    assert await admin.call("unlock_key", "spire-a", "pass-b") == {"success": True}
    assert (await admin.call("get_keys"))[0]["npub"] == npub(new)


async def test_the_same_nsec_again_answers_twice(admin: RawAdmin, make_device: MakeDevice) -> None:
    nsec = Keys.generate().secret_key().to_bech32()
    pubkey = await admin.make_key(nsec=nsec)
    assert await admin.make_key(nsec=nsec) == pubkey
    device = await make_device(pubkey)
    assert await device.ask("get_public_key", least=2) == [pubkey, pubkey]


@pytest.mark.parametrize("locked", [False, True], ids=["made", "unlocked"])
async def test_what_comes_before_the_daemon_starts_its_keys_runs_twice(
    make_bunker: MakeBunker, admin: RawAdmin, make_device: MakeDevice, locked: bool
) -> None:
    """Seen of the real one with newer NDK, in the seconds after its start; until its next."""
    await admin.bunker.stop()
    late = admin.bunker = await make_bunker(keys_start_after=3600.0)
    pubkey = await admin.make_key()
    if locked:
        await late.restart()
        await admin.call("unlock_key", "spire-a", PASSPHRASE)
        await late.listening()
    assert await served(await make_device(pubkey)) == 1
    late.start_keys()
    await late.listening()
    assert await served(await make_device(pubkey)) == 2

    secret = await admin.make_token("spire-a", await admin.make_policy())
    device = await make_device(pubkey)
    answers = ["Not authorized", "Token already redeemed", "ack"]
    assert await device.connect(secret, least=3) == answers
    assert len(await device.sign(21000, least=2)) == 2

    after = await admin.make_key("spire-b")
    assert await served(await make_device(after)) == 1
    late.keys_start_after = None
    await late.restart()
    await admin.call("unlock_key", "spire-a", PASSPHRASE)
    await late.listening()
    assert await served(await make_device(pubkey)) == 1


async def test_unlocking_an_unlocked_key_answers_twice(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    pubkey = await admin.make_key()
    await admin.bunker.restart()
    for _ in range(2):
        assert await admin.call("unlock_key", "spire-a", "pass-a") == {"success": True}
    await admin.bunker.listening()
    device = await make_device(pubkey)
    assert await device.ask("get_public_key", least=2) == [pubkey, pubkey]


async def test_a_key_made_since_the_start_cannot_be_unlocked(admin: RawAdmin) -> None:
    await admin.make_key()
    answer = await admin.call("unlock_key", "spire-a", "pass-a")
    assert answer["success"] is False
    assert "keyData" in answer["error"]


async def test_a_bad_nsec_is_refused(admin: RawAdmin) -> None:
    assert "nsec" in await admin.error("create_new_key", "spire-a", "pass-a", "nsec1no")


async def test_a_locked_key_has_a_name_only_and_shows_no_tokens(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    pubkey = await admin.make_key()
    secret = await admin.make_token("spire-a", await admin.make_policy())
    device = await make_device(pubkey)
    await device.connect(secret)

    await admin.bunker.restart()

    assert await admin.call("get_keys") == [{"name": "spire-a"}]
    assert await admin.call("get_key_tokens", "spire-a") == []
    assert len(await admin.users("spire-a")) == 1
    lost = await device.client.request(pubkey, "get_public_key", [], kind=24133)
    wrong = await admin.call("unlock_key", "spire-a", "wrong")
    assert (wrong["success"], list(wrong)) == (False, ["success", "error"])
    assert await admin.call("unlock_key", "spire-a", "pass-a") == {"success": True}
    await admin.bunker.listening()
    assert f'"pubkey":"{pubkey}"' in (await device.sign(21000))[0], "without connecting again"
    assert device.client.received(lost) == []


async def test_what_it_holds_survives_in_the_folder(
    admin: RawAdmin, bunker: DevBunker, make_bunker: MakeBunker
) -> None:
    await admin.make_key()
    await admin.make_policy()
    policies = await admin.call("get_policies")
    await bunker.stop()
    admin.bunker = await make_bunker()
    assert admin.bunker.pubkey == bunker.pubkey
    assert admin.bunker.url == bunker.url
    assert await admin.call("get_keys") == [{"name": "spire-a"}]
    assert await admin.call("get_policies") == policies


async def test_no_nsec_lies_readable_in_the_folder(admin: RawAdmin, tmp_path: Path) -> None:
    secret = Keys.generate().secret_key()
    await admin.make_key(nsec=secret.to_bech32())
    stored = (tmp_path / "bunker" / "bunker.sqlite").read_bytes()
    assert secret.to_bech32().encode() not in stored
    assert secret.to_hex().encode() not in stored


@pytest.mark.parametrize("params", [[], ["spire-a"], ["", "pass-a"]])
async def test_a_key_needs_a_name_and_a_passphrase(admin: RawAdmin, params: list[str]) -> None:
    assert await admin.error("create_new_key", *params) == "Invalid params"
    assert await admin.error("unlock_key", *params) == "Invalid params"
