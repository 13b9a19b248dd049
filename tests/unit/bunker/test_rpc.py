"""Request and response over relays that are dead, restarted or refuse."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from spirekeeper.bunker import waiting_call
from spirekeeper.bunker.errors import (
    BunkerNonsense,
    BunkerTimeout,
    BunkerUnreachable,
    RelaysRefused,
)
from spirekeeper.bunker.nip46 import ADMIN_KIND, NIP46_KIND, Encryption, Request
from spirekeeper.bunker.other_admins import OtherAdmins
from spirekeeper.bunker.rpc import RelayRpc
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.devkit.relay_habits import keeping_ephemerals
from support.raw_wire import Message, RawPeer, ScriptedRelay
from unit.bunker.calling import PEER, READ, SECRET, US, call, good, rpc
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response as HttpResponse

DEAD = "ws://127.0.0.1:1"
ACL = json.dumps({"id": "a", "method": "acl", "params": ["{}"]})
CHANGE = Request("create_new_key", ["name", SECRET], changes=True)


def echo(asked: Message) -> Iterable[str]:
    yield PEER.reply(asked, result=asked.method)


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


def ok(event: dict[str, Any], accepted: bool, reason: str = "") -> str:
    return json.dumps(["OK", event["id"], accepted, reason])


def says_no(event: dict[str, Any]) -> Iterable[str]:
    return [ok(event, False, f"blocked: {'5e' * 32}\n not here")]


async def test_refused_by_every_relay_is_not_asked() -> None:
    async with ScriptedRelay(says_no) as first, ScriptedRelay(says_no) as second:
        client = rpc(first.url, second.url)
        with pytest.raises(BunkerUnreachable, match=r"took the request.*blocked: … not") as no:
            await call(client, deadline=60)
        await client.close()
    assert "5e" * 32 not in str(no.value)
    assert len(first.events) == 1


async def test_refused_by_one_relay_of_two_may_be_answered_by_the_other(relay: DevRelay) -> None:
    async with ScriptedRelay(says_no) as strict, RawPeer(relay.url, PEER, echo):
        client = rpc(strict.url, relay.url)
        assert (await call(client)).result == "get_keys"
        await client.close()


@pytest.mark.parametrize("request_", [READ, CHANGE])
@pytest.mark.parametrize("reason", ["", "blocked: no", "error: failed to add", "mute: nobody"])
async def test_what_is_refused_may_be_answered_all_the_same(reason: str, request_: Request) -> None:
    """As over nostrclient, which passes on what it refuses."""
    async with ScriptedRelay(lambda e: [ok(e, False, reason), good(PEER.read(e))]) as relay:
        client = rpc(relay.url)
        assert (await call(client, request_, deadline=60)).result == "good"
        await client.close()
    assert len(relay.events) == 1


async def test_a_change_that_every_relay_refuses_may_have_happened() -> None:
    async with ScriptedRelay(says_no) as relay:
        client = rpc(relay.url)
        with pytest.raises(RelaysRefused, match=r"blocked: … not here.*look before asking"):
            await call(client, CHANGE, deadline=60)
        await client.close()
    assert len(relay.events) == 1


async def test_a_refusal_that_may_pass_is_waited_out() -> None:
    """As khatru's while the bunker connects again."""
    refused: list[str] = []

    def frames(event: dict[str, Any]) -> Iterable[str]:
        if len(refused) == 2:
            return [ok(event, True), good(PEER.read(event))]
        refused.append(event["id"])
        return [ok(event, False, "mute: no one was listening for this")]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        again = [(60, Encryption.NIP04)]
        assert (await call(client, deadline=60, again=again)).encryption is Encryption.NIP44
        await client.close()
    assert len(relay.events) == 3


@pytest.mark.parametrize("reason", ["mute: no one was listening for this", "no"])
async def test_a_change_is_not_sent_again_though_the_refusal_may_pass(reason: str) -> None:
    """Nor given up: it may have been passed on."""

    def frames(event: dict[str, Any]) -> Iterable[str]:
        return [ok(event, False, reason)]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        with pytest.raises(RelaysRefused, match=reason):
            await call(client, CHANGE, deadline=2.5)
        await client.close()
    assert len(relay.events) == 1


async def test_a_change_is_answered_though_the_answer_comes_long_after_the_refusal() -> None:
    answer: list[str] = []

    def frames(event: dict[str, Any]) -> Iterable[str]:
        answer.append(good(PEER.read(event)))
        return [ok(event, False, "no")] if len(answer) == 1 else answer

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        waiting = asyncio.create_task(call(client, CHANGE, deadline=60))
        await asyncio.sleep(2 * waiting_call.ANSWER_SECONDS)
        await call(client)
        assert (await waiting).result == "good"
        await client.close()


async def test_a_refusal_that_does_not_pass_in_time_is_said() -> None:
    def frames(event: dict[str, Any]) -> Iterable[str]:
        return [ok(event, False, "rate-limited: slow down")]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        with pytest.raises(BunkerUnreachable, match="rate-limited: slow down"):
            await call(client, deadline=1.5, again=[(60, Encryption.NIP04)])
        await client.close()
    assert len(relay.events) == 2


@pytest.mark.parametrize(
    ("frames", "confirmed"),
    [
        (lambda _: [], False),
        (lambda _: ['["OK","another id",true,""]'], False),
        (lambda event: [ok(event, True)], True),
        (lambda event: [ok(event, False, "duplicate: already have this event")], True),
    ],
    ids=["no OK", "the OK of another", "taken", "a duplicate"],
)
@pytest.mark.parametrize("request_", [READ, CHANGE])
async def test_whether_what_was_sent_was_taken_is_said(
    frames: Callable[[dict[str, Any]], Iterable[str]], confirmed: bool, request_: Request
) -> None:
    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        with pytest.raises(BunkerTimeout) as silent:
            await call(client, request_, deadline=0.5)
        await client.close()
    assert type(silent.value) is BunkerTimeout
    assert silent.value.confirmed is confirmed
    assert ("No relay has confirmed" in str(silent.value)) is not confirmed


@pytest.mark.parametrize("request_", [READ, CHANGE])
@pytest.mark.parametrize("notice", [False, True])
async def test_a_clock_that_is_wrong_is_said(notice: bool, request_: Request) -> None:
    words = "invalid: ephemeral event expired"

    def frames(event: dict[str, Any]) -> Iterable[str]:
        return [json.dumps(["NOTICE", words]) if notice else ok(event, False, words)]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        with pytest.raises((BunkerUnreachable, RelaysRefused), match="check the time") as no:
            await call(client, request_, deadline=60)
        await client.close()
    assert no.value.said.of_time


async def test_why_a_relay_does_not_serve_us_is_said() -> None:
    async def talk(socket: ServerConnection) -> None:
        async for text in socket:
            await socket.send(json.dumps(["CLOSED", json.loads(text)[1], "blocked: by country"]))

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = rpc(f"ws://127.0.0.1:{port}", connect_deadline=1)
        with pytest.raises(BunkerUnreachable, match=r"could be reached.*blocked: by country"):
            await call(client)
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
