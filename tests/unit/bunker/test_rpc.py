"""Request and response over relays that are dead, restarted, discreet or store too much."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from spirekeeper.bunker.errors import (
    BunkerNonsense,
    BunkerTimeout,
    BunkerUnreachable,
)
from spirekeeper.bunker.nip46 import ADMIN_KIND, NIP46_KIND, Encryption, Request
from spirekeeper.bunker.other_admins import OtherAdmins
from spirekeeper.bunker.rpc import RelayRpc
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.devkit.relay_habits import keeping_ephemerals
from support.raw_wire import Message, RawPeer, ScriptedRelay
from unit.bunker.calling import CHANGE, DEAD, PEER, SECRET, US, call, echo, good, rpc
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response as HttpResponse

ACL = json.dumps({"id": "a", "method": "acl", "params": ["{}"]})


async def test_many_in_flight_answered_backwards(relay: DevRelay) -> None:
    held: list[Message] = []

    def backwards(asked: Message) -> Iterable[str]:
        held.append(asked)
        if len(held) < 20:
            return []
        return [PEER.reply(each, result=each.method) for each in reversed(held)]

    async with RawPeer(relay.url, PEER, backwards):
        client = rpc(relay.url)
        replies = await asyncio.gather(*(call(client, Request(f"m{n}")) for n in range(20)))
        await client.close()
    assert [reply.result for reply in replies] == [f"m{n}" for n in range(20)]


async def test_signed_once_and_sent_to_every_relay() -> None:
    async with ScriptedRelay(lambda _: []) as first, ScriptedRelay(lambda _: []) as second:
        client = rpc(first.url, DEAD, second.url)
        with pytest.raises(BunkerTimeout, match="look before asking again"):
            await call(client, CHANGE, deadline=0.5)
        await client.close()
    assert first.events == second.events
    assert len(first.events) == 1


async def test_a_repeat_has_an_id_and_an_encryption_of_its_own() -> None:
    asked: list[Message] = []

    def frames(event: dict[str, Any]) -> Iterable[str]:
        asked.append(PEER.read(event))
        return [good(asked[0])] if len(asked) == 2 else []

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        reply = await call(client, again=[(0.05, Encryption.NIP04)])
        await client.close()
    assert reply.request_id == asked[0].id != asked[1].id
    assert [each.encryption for each in asked] == ["nip44", "nip04"]


async def test_no_relay_is_not_asked() -> None:
    client = rpc(DEAD, connect_deadline=0.5)
    with pytest.raises(BunkerUnreachable, match=r"127\.0\.0\.1:1.*nothing was asked"):
        await call(client)
    assert client.generation == 0
    await client.close()


async def test_one_dead_relay_of_two_does_not_matter(relay: DevRelay) -> None:
    async with RawPeer(relay.url, PEER, echo):
        client = rpc(DEAD, relay.url)
        assert (await call(client)).result == "get_keys"
        assert client.connected == (relay.url,)
        await client.close()


async def test_a_relay_that_does_not_show_what_others_say_serves_all_the_same(
    relay: DevRelay,
) -> None:
    async def discreet(line: Line, message: list[Any]) -> bool:
        if message[0] == "REQ" and "authors" not in message[2]:
            await line.tell("CLOSED", message[1], "restricted: not addressed to you")
            return False
        return True

    others = OtherAdmins()
    async with HostileRelay(relay.url) as front, RawPeer(relay.url, PEER, echo):
        front.behave(up=discreet)
        client = RelayRpc(US, PEER.pubkey, [front.url], others=others)
        for _ in range(3):
            assert (await call(client)).result == "get_keys"
        assert front.opened == 1
        assert others.mark([front.url]) != others.mark([front.url]), "no witness"
        await client.close()


async def test_stored_answers_are_none_of_ours(relay: DevRelay) -> None:
    """A relay that stores what it should not brings the newest answer again, and once."""
    heard: list[Request] = []
    async with HostileRelay(relay.url) as front, RawPeer(relay.url, PEER, echo) as peer:
        storing = keeping_ephemerals()
        front.behave(up=storing, down=storing)
        for number in range(3):
            client = RelayRpc(US, PEER.pubkey, [front.url], on_request=heard.append)
            assert (await call(client, Request(f"m{number}"))).result == f"m{number}"
            await client.close()
        await peer.publish(PEER.event(US.public_key().to_hex(), ACL))
        client = RelayRpc(US, PEER.pubkey, [front.url], on_request=heard.append)
        await call(client)
        await peer.publish(PEER.event(US.public_key().to_hex(), ACL))
        while not heard:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        for _ in range(3):
            await front.hang_up()
            await call(client, deadline=30, again=[(60, Encryption.NIP44)])
        assert [each.method for each in heard] == ["acl"]
        await client.close()
        async with connect(front.url, proxy=None) as anybody:
            kinds = [NIP46_KIND, ADMIN_KIND]
            await anybody.send(json.dumps(["REQ", "stored", {"kinds": kinds, "limit": 1}]))
            assert json.loads(await anybody.recv())[0] == "EVENT"


async def test_a_relay_that_ends_the_subscription_is_asked_again() -> None:
    closing = True

    def frames(event: dict[str, Any]) -> Iterable[str]:
        if closing:
            return [json.dumps(["CLOSED", "{sub}", f"auth-required: {SECRET}"])]
        return [good(PEER.read(event))]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        with pytest.raises(BunkerTimeout):
            await call(client, deadline=0.3)
        closing = False
        assert (await call(client)).result == "good"
        assert relay.connections > 1
        assert client.generation > 1
        await client.close()


async def test_a_restarted_relay_begins_a_new_generation(relay: DevRelay) -> None:
    client = rpc(relay.url, connect_deadline=10)
    async with RawPeer(relay.url, PEER, echo):
        await call(client)
        assert client.generation == 1
    await relay.stop()
    with pytest.raises((BunkerTimeout, BunkerUnreachable)):
        await call(client, deadline=0.3)
    await relay.start()
    async with RawPeer(relay.url, PEER, echo):
        assert (await call(client, deadline=10)).result == "get_keys"
    assert client.generation == 2
    await client.close()


async def test_when_a_lost_relay_is_back_a_read_is_asked_again_and_a_change_is_not() -> None:
    closing = True

    def frames(event: dict[str, Any]) -> Iterable[str]:
        nonlocal closing
        if closing:
            closing = False
            return [json.dumps(["CLOSED", "{sub}", ""])]
        return [good(PEER.read(event))]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        reply = await call(client, deadline=60, again=[(60, Encryption.NIP04)])
        assert (reply.result, reply.encryption) == ("good", Encryption.NIP44)
        closing, sent = True, len(relay.events)
        with pytest.raises(BunkerTimeout):
            await call(client, CHANGE, deadline=2)
        assert client.connected
        assert len(relay.events) == sent + 1
        await client.close()


async def test_a_cancelled_call_leaves_nothing_behind() -> None:
    """Its answer, which comes with the next one's, is nobody's."""
    asked, held = asyncio.Event(), []

    def frames(event: dict[str, Any]) -> Iterable[str]:
        asked.set()
        held.append(good(PEER.read(event)))
        return held if len(held) == 2 else []

    before = asyncio.all_tasks()
    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        waiting = asyncio.create_task(call(client))
        await asked.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await call(client)).result == "good"
        await client.close()
    assert asyncio.all_tasks() <= before


async def test_closing_ends_calls_under_way_and_every_task() -> None:
    asked = asyncio.Event()

    def frames(event: dict[str, Any]) -> Iterable[str]:
        asked.set()
        return []

    before = asyncio.all_tasks()
    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url, DEAD)
        waiting = asyncio.create_task(call(client))
        await asked.wait()
        await client.close()
        with pytest.raises(BunkerTimeout, match="closed"):
            await waiting
        with pytest.raises(BunkerUnreachable, match="closed"):
            await call(client)
    assert asyncio.all_tasks() <= before


async def test_closing_ends_waiting_for_a_relay() -> None:
    client = rpc(DEAD, connect_deadline=30)
    waiting = asyncio.create_task(call(client, deadline=30))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(BunkerUnreachable, match="closed"):
        await waiting


async def test_a_redirect_is_not_followed(relay: DevRelay) -> None:
    def redirect(connection: ServerConnection, request: HttpRequest) -> HttpResponse:
        return HttpResponse(302, "Found", Headers({"Location": relay.url}))

    async def never(connection: ServerConnection) -> None:
        raise AssertionError("no handshake was to succeed")

    async with serve(never, "127.0.0.1", 0, process_request=redirect) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = rpc(f"ws://127.0.0.1:{port}", connect_deadline=0.5)
        with pytest.raises(BunkerUnreachable):
            await client.connect()
        await client.close()


async def test_made_outside_a_loop_and_used_in_one(relay: DevRelay) -> None:
    def elsewhere() -> str:
        client = rpc(relay.url)

        async def use() -> str:
            try:
                return (await call(client)).result
            finally:
                await client.close()

        return asyncio.run(use())

    async with RawPeer(relay.url, PEER, echo):
        assert await asyncio.to_thread(elsewhere) == "get_keys"


def test_a_peer_that_is_no_point_of_the_curve() -> None:
    with pytest.raises(BunkerNonsense):
        RelayRpc(US, "ff" * 32, [DEAD])
