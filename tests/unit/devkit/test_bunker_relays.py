"""The development bunker on relays that come, go, and are several."""

import asyncio
from pathlib import Path

import pytest
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay
from support.raw_parties import MakeBunker, MakeDevice, RawAdmin
from support.raw_wire import RawClient


async def test_it_survives_a_relays_restart(
    bunker: DevBunker, relay: DevRelay, admin: RawAdmin
) -> None:
    await relay.restart()
    await bunker.listening()
    async with RawClient(relay.url, admin.client.keys) as client:
        again = RawAdmin(client, bunker)
        assert await again.call("ping") == "ok"


async def test_unlocked_keys_listen_again_after_a_relays_restart(
    admin: RawAdmin, relay: DevRelay, make_device: MakeDevice
) -> None:
    pubkey = await admin.make_key()
    await relay.restart()
    await admin.bunker.listening()
    device = await make_device(pubkey)
    assert await device.ask("get_public_key") == [pubkey]


async def test_it_answers_on_every_relay_once(make_bunker: MakeBunker, relay: DevRelay) -> None:
    async with DevRelay() as second:
        bunker = await make_bunker(relays=[relay.url, second.url])
        assert bunker.url.count("relay=ws%3A%2F%2F127.0.0.1%3A") == 2
        stranger = RawClient(relay.url)
        async with stranger, RawClient(second.url, stranger.keys) as elsewhere:
            number = await stranger.request(bunker.pubkey, "ping", [])
            [here] = await stranger.answers(number)
            assert [here] == await elsewhere.answers(number)


async def test_an_event_that_two_relays_bring_is_one_request(
    make_bunker: MakeBunker, relay: DevRelay
) -> None:
    async with DevRelay() as second:
        bunker = await make_bunker(relays=[relay.url, second.url])
        stranger = RawClient(relay.url)
        async with stranger, RawClient(second.url, stranger.keys) as elsewhere:
            event = stranger.event(bunker.pubkey, '{"id":"1","method":"ping","params":[]}')
            for client in (stranger, elsewhere):
                await client.publish(event)
            await stranger.answers("1")
            await stranger.ask(bunker.pubkey, "get_keys")
    assert [call.method for call in bunker.calls] == ["ping", "get_keys"]


async def test_it_starts_with_a_relay_away_and_finds_it_later(make_bunker: MakeBunker) -> None:
    relay = DevRelay()
    await relay.start()
    await relay.stop()
    bunker = await make_bunker(relays=[relay.url])
    await relay.start()
    await bunker.listening()
    async with RawClient(relay.url) as client:
        answer = await client.ask(bunker.pubkey, "ping")
    assert "designated" in answer.content["error"]
    await relay.stop()


@pytest.mark.parametrize("url", ["ws://192.168.1.5:7777", "wss://relay.example", "http://[::1]:1"])
def test_it_dials_loopback_only(url: str, tmp_path: Path) -> None:
    bunker = DevBunker(relays=[url], admins=[], folder=tmp_path)
    with pytest.raises(ValueError, match=r"loopback|no relay"):
        asyncio.run(bunker.start())
