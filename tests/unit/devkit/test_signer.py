"""NIP-46 as the bunker serves it for its keys."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    NostrConnect,
    NostrConnectUri,
    PublicKey,
    nip44_decrypt,
)
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from support.raw_parties import MakeBunker, MakeDevice, RawAdmin, RawDevice


@pytest.fixture
async def device(admin: RawAdmin, make_device: MakeDevice) -> RawDevice:
    """Connected, with the rules of a spire."""
    connected = await make_device(await admin.make_key())
    secret = await admin.make_token("spire-a", await admin.make_policy())
    assert await connected.connect(secret) == ["ack"]
    return connected


async def test_an_event_is_signed_unaltered(device: RawDevice) -> None:
    content = 'ünïcode "quoted"\n\\ 🔑'
    tags = [["p", "0" * 64, ""], ["x"], ["alt", "ü"]]
    [signed] = await device.sign(30078, content=content, tags=tags)
    fields = json.loads(signed)
    assert Event.from_json(signed).verify()
    assert fields["content"] == content
    assert fields["tags"] == tags
    assert fields["created_at"] == 1790000000
    assert fields["pubkey"] == device.signer


async def test_a_nip46_client_off_the_shelf_connects_and_signs(
    admin: RawAdmin, relay: DevRelay
) -> None:
    pubkey = await admin.make_key()
    secret = await admin.make_token("spire-a", await admin.make_policy())
    uri = f"bunker://{pubkey}?relay={quote(relay.url, safe='')}&secret={secret}"
    client = NostrConnect(NostrConnectUri.parse(uri), Keys.generate(), timedelta(seconds=10), None)
    assert (await client.get_public_key()).to_hex() == pubkey
    draft = EventBuilder(Kind(21000), "hello").build(PublicKey.parse(pubkey))
    signed = await client.sign_event(draft)
    assert signed.verify()


async def test_nip44_methods(device: RawDevice) -> None:
    client = device.client
    [payload] = await device.ask("nip44_encrypt", client.pubkey, "hello")
    signer = PublicKey.parse(device.signer)
    assert nip44_decrypt(client.keys.secret_key(), signer, payload) == "hello"
    [payload] = await device.ask("nip44_encrypt", device.signer, "to itself")
    assert await device.ask("nip44_decrypt", device.signer, payload) == ["to itself"]


async def test_what_a_handler_throws_comes_with_a_refusal_in_either_order(
    device: RawDevice,
) -> None:
    orders = set()
    for _ in range(2):
        number = await device.client.request(device.signer, "sign_event", ["{"], kind=24133)
        answers = await device.client.answers(number, 2)
        orders.add(tuple(answer.content["error"] for answer in answers))
    assert len(orders) == 2
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(next(iter(orders))))}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sign_event", ['{"kind": 1, "content": "", "tags": []}']),
        ("nip04_encrypt", ["0" * 64, "hello"]),
        ("ping", []),
    ],
)
async def test_an_admin_is_asked_what_no_rule_allows(
    device: RawDevice, admin: RawAdmin, method: str, params: list[str]
) -> None:
    assert await device.ask(method, *params) == ["Not authorized"]
    asked = [message for message in admin.client.inbox if "method" in message.content]
    assert [(message.kind, message.content["method"]) for message in asked] == [(24134, "acl")]
    [param] = asked[0].content["params"]
    wanted = {"keyName": "spire-a", "remotePubkey": device.client.pubkey, "method": method}
    assert json.loads(param).items() >= wanted.items()


async def test_a_stranger_gets_the_pubkey_and_nothing_else(
    device: RawDevice, make_device: MakeDevice
) -> None:
    stranger = await make_device(device.signer)
    assert await stranger.ask("get_public_key") == [device.signer]
    assert await stranger.sign(21000) == ["Not authorized"]
    assert await stranger.ask("connect", device.signer) == ["Not authorized"]


async def test_connecting_again_needs_no_secret(device: RawDevice) -> None:
    assert await device.ask("connect", "") == ["ack"]


async def test_unknown_methods_are_refused_at_once(device: RawDevice, admin: RawAdmin) -> None:
    for method in ("switch_relays", "logout", "describe"):
        assert await device.ask(method) == ["Not authorized"]
    assert admin.client.inbox[-1].content.get("method") != "acl"


async def test_a_sign_event_rule_with_an_empty_kind_matches_nothing(
    admin: RawAdmin, make_device: MakeDevice
) -> None:
    device = await make_device(await admin.make_key())
    policy = await admin.make_policy(rules=[("sign_event", "")])
    await device.connect(await admin.make_token("spire-a", policy))
    assert await device.sign(21000) == ["Not authorized"]


async def test_it_answers_in_the_encryption_it_was_asked_in(device: RawDevice) -> None:
    for encryption in ("nip04", "nip44"):
        answer = await device.client.ask(
            device.signer, "get_public_key", kind=24133, encryption=encryption
        )
        assert answer.encryption == encryption


async def test_a_key_listens_only_a_while_after_its_creation(
    make_bunker: MakeBunker, admin: RawAdmin, make_device: MakeDevice, bunker: DevBunker
) -> None:
    await bunker.stop()
    admin.bunker = await make_bunker(listen_delay=0.3)
    npub = (await admin.call("create_new_key", "spire-a", "pass-a"))["npub"]
    device = await make_device(PublicKey.parse(npub).to_hex())
    lost = await device.client.request(device.signer, "get_public_key", [], kind=24133)
    await admin.bunker.listening()
    assert await device.ask("get_public_key") == [device.signer]
    assert device.client.received(lost) == []


@pytest.mark.parametrize("lineage", list(Lineage))
async def test_garbage_to_a_key_ends_the_daemon(
    lineage: Lineage, make_bunker: MakeBunker, admin: RawAdmin, make_device: MakeDevice
) -> None:
    await admin.bunker.stop()
    bunker = admin.bunker = await make_bunker(lineage=lineage)
    await admin.client.send(bunker.pubkey, "garbage", encryption="none")
    made = await admin.client.ask(
        bunker.pubkey, "create_new_key", "spire-a", "pass-a", kind=24133, encryption="nip04"
    )
    await bunker.listening()
    pubkey = PublicKey.parse(json.loads(made.content["result"])["npub"]).to_hex()
    assert not bunker.ended.is_set(), "garbage to the admin interface is passed over"

    device = await make_device(pubkey)
    await device.client.send(pubkey, "garbage", kind=24133, encryption="none")
    await bunker.ended.wait()
    assert bunker.end_reason
    how = {"kind": 24133, "encryption": "nip04"}
    lost = await admin.client.request(bunker.pubkey, "get_keys", [], **how)
    await bunker.restart()
    answer = await admin.client.ask(bunker.pubkey, "get_keys", **how)
    assert json.loads(answer.content["result"]) == [{"name": "spire-a"}]
    assert admin.client.received(lost) == []


async def test_with_the_old_ndk_a_nip44_event_to_a_key_ends_the_daemon(
    make_bunker: MakeBunker, admin: RawAdmin, make_device: MakeDevice
) -> None:
    await admin.bunker.stop()
    bunker = admin.bunker = await make_bunker(lineage=Lineage.OLD_NDK)
    nip44 = await admin.client.request(bunker.pubkey, "ping", [], encryption="nip44")
    made = await admin.client.ask(
        bunker.pubkey, "create_new_key", "spire-a", "pass-a", encryption="nip04"
    )
    assert admin.client.received(nip44) == [], "silence"
    await bunker.listening()
    device = await make_device(PublicKey.parse(json.loads(made.content["result"])["npub"]).to_hex())
    answer = await device.client.ask(
        device.signer, "get_public_key", kind=24133, encryption="nip04"
    )
    assert answer.content["result"] == device.signer

    await device.client.request(device.signer, "get_public_key", [], kind=24133)
    await bunker.ended.wait()
    assert "NIP-44" in (bunker.end_reason or "")
