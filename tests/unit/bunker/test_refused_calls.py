"""What relays say of a request, or do not say, and what becomes of the call."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from spirekeeper.bunker import waiting_call
from spirekeeper.bunker.errors import (
    BunkerTimeout,
    BunkerUnreachable,
    RelaysRefused,
)
from spirekeeper.bunker.nip46 import Encryption, Request
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import RawPeer, ScriptedRelay
from unit.bunker.calling import CHANGE, PEER, READ, call, echo, good, rpc
from websockets.asyncio.server import ServerConnection, serve


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
