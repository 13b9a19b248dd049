"""Logging in at a relay that demands it (NIP-42): when, as whom, and how often."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from nostr_sdk import Event, Keys
from spirekeeper.bunker.errors import BunkerUnreachable
from spirekeeper.bunker.nip46 import ADMIN_KIND, Encryption, Reply, Request
from spirekeeper.bunker.other_admins import OtherAdmins
from spirekeeper.bunker.rpc import RelayRpc
from spirekeeper.devkit.hostile_relay import HostileRelay as Front
from spirekeeper.devkit.hostile_relay import Line, demanding_login
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.nostr import relay_link
from spirekeeper.nostr.nip42 import spellings
from support.raw_wire import Message, RawKey, RawPeer, ScriptedRelay

US = Keys.generate()
PEER = RawKey()


def echo(asked: Message) -> Iterable[str]:
    yield PEER.reply(asked, result=asked.method)


async def call(client: RelayRpc) -> Reply:
    request = Request("get_keys")
    return await client.call(request, encryption=Encryption.NIP44, kind=ADMIN_KIND, deadline=30)


@pytest.mark.parametrize("to", [("REQ",), ("EVENT",), ("REQ", "EVENT")])
async def test_logs_in_once_and_is_served(relay: DevRelay, to: tuple[str, ...]) -> None:
    async with Front(relay.url) as front, RawPeer(relay.url, PEER, echo) as peer:
        manner = demanding_login(front.url, {US.public_key().to_hex()}, to=to)
        front.behave(up=manner, greet=manner)
        client = RelayRpc(US, PEER.pubkey, [front.url])
        assert [(await call(client)).result for _ in range(3)] == ["get_keys"] * 3
        [line] = front.lines
        assert line.logins == 1
        assert len(peer.asked) == 3
        await client.close()


async def test_a_relay_that_only_offers_it_is_told_nothing(relay: DevRelay) -> None:
    async with Front(relay.url) as front, RawPeer(relay.url, PEER, echo):
        manner = demanding_login(front.url, to=())
        front.behave(up=manner, greet=manner)
        client = RelayRpc(US, PEER.pubkey, [front.url])
        assert (await call(client)).result == "get_keys"
        assert front.lines[0].logins == 0
        await client.close()


async def test_who_is_not_let_in_does_not_ask_again_on_that_connection(relay: DevRelay) -> None:
    logins: list[int] = []

    async with Front(relay.url) as front:
        demand = demanding_login(front.url, set(), to=("EVENT",))

        async def manner(line: Line, message: list[Any]) -> bool:
            goes_on = await demand(line, message)
            logins.append(line.logins)
            return goes_on

        front.behave(up=manner, greet=demand)
        client = RelayRpc(US, PEER.pubkey, [front.url])
        for _ in range(3):
            with pytest.raises(BunkerUnreachable, match="took the request"):
                await call(client)
        assert front.opened == 1
        assert max(logins) == 1
        await client.close()


async def test_a_relay_that_refuses_after_the_log_in_has_refused() -> None:
    def frames(event: dict[str, Any]) -> Iterable[str]:
        return [
            json.dumps(["AUTH", "c"]),
            json.dumps(["OK", event["id"], False, "auth-required: log in"]),
        ]

    logins = 0

    class Relay(ScriptedRelay):
        async def _serve(self, socket: Any) -> None:
            nonlocal logins
            async for text in socket:
                message = json.loads(text)
                if message[0] == "REQ":
                    await socket.send(json.dumps(["EOSE", message[1]]))
                if message[0] == "AUTH":
                    logins += 1
                    await socket.send(json.dumps(["OK", message[1]["id"], True, ""]))
                if message[0] == "EVENT":
                    for frame in frames(message[1]):
                        await socket.send(frame)

    async with Relay(frames) as relay:
        client = RelayRpc(US, PEER.pubkey, [relay.url])
        for _ in range(2):
            with pytest.raises(BunkerUnreachable):
                await call(client)
        assert logins == 1
        await client.close()


async def test_the_log_in_is_for_this_relay_and_by_the_key_of_the_requests() -> None:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    class Relay(ScriptedRelay):
        async def _serve(self, socket: Any) -> None:
            async for text in socket:
                message = json.loads(text)
                if message[0] == "REQ":
                    await socket.send(json.dumps(["CLOSED", message[1], "auth-required: who?"]))
                    await socket.send(json.dumps(["AUTH", "relay wss://other.example"]))
                if message[0] == "AUTH":
                    told.put_nowait(message[1])

    async with Relay(lambda _: []) as relay:
        client = RelayRpc(US, PEER.pubkey, [relay.url])
        connecting = asyncio.create_task(client.connect())
        raw = await asyncio.wait_for(told.get(), 30)
        url = relay.url
        await client.close()
        await asyncio.gather(connecting, return_exceptions=True)
    event = Event.from_json(json.dumps(raw))
    assert event.verify()
    assert raw["kind"] == 22242
    assert raw["pubkey"] == US.public_key().to_hex()
    assert raw["tags"] == [["relay", url], ["challenge", "relay wss://other.example"]]
    assert raw["content"] == ""


async def test_a_link_without_a_key_never_logs_in(relay: DevRelay) -> None:
    changes: asyncio.Queue[None] = asyncio.Queue()

    class Ear:
        def may_matter(self, text: str) -> bool:
            return True

        def heard_event(self, url: str, event: dict[str, Any]) -> None: ...
        def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None: ...
        def heard_notice(self, url: str, text: str) -> None: ...
        def link_changed(self) -> None:
            changes.put_nowait(None)

    logins: list[int] = []
    async with Front(relay.url) as front:
        demand = demanding_login(front.url)

        async def manner(line: Line, message: list[Any]) -> bool:
            goes_on = await demand(line, message)
            logins.append(line.logins)
            return goes_on

        front.behave(up=manner, greet=demand)
        one = relay_link.RelayLink(front.url, [{"kinds": [1]}], Ear())
        task = asyncio.create_task(one.run())
        await asyncio.wait_for(changes.get(), 30)
        assert not one.up
        assert logins[-1] == 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# What is said of a log-in, and what is not


async def test_a_log_in_that_is_accepted_without_a_word(relay: DevRelay) -> None:
    async with Front(relay.url) as front, RawPeer(relay.url, PEER, echo):
        demand = demanding_login(front.url)

        async def quiet(line: Line, message: list[Any]) -> bool:
            if message and message[0] == "AUTH":
                line.logins += 1
                line.admitted.add(message[1]["pubkey"])
                return False
            return await demand(line, message)

        front.behave(up=quiet, greet=demand)
        client = RelayRpc(US, PEER.pubkey, [front.url])
        assert [(await call(client)).result for _ in range(2)] == ["get_keys"] * 2
        [line] = front.lines
        assert line.logins == 1
        await client.close()


async def test_a_log_in_that_a_notice_refuses(relay: DevRelay) -> None:
    logins: list[int] = []

    async with Front(relay.url) as front:
        demand = demanding_login(front.url)

        async def manner(line: Line, message: list[Any]) -> bool:
            if message and message[0] == "AUTH":
                line.logins += 1
                logins.append(line.logins)
                await line.tell("NOTICE", "auth failed: not on the list")
                return False
            return await demand(line, message)

        front.behave(up=manner, greet=demand)
        client = RelayRpc(US, PEER.pubkey, [front.url], connect_deadline=1)
        with pytest.raises(BunkerUnreachable, match="auth failed: not on the list"):
            await call(client)
        assert max(logins) <= 2
        await client.close()


@pytest.mark.parametrize("words", [None, "error: failed to authenticate", "restricted: wrong url"])
async def test_a_relay_that_writes_its_own_name_otherwise(
    relay: DevRelay, words: str | None
) -> None:
    """It is known by a slash at the end; one says so, another says nothing."""
    async with Front(relay.url) as front, RawPeer(relay.url, PEER, echo):
        demand = demanding_login(f"{front.url}/")

        async def manner(line: Line, message: list[Any]) -> bool:
            if message and message[0] == "AUTH" and ["relay", front.url] in message[1]["tags"]:
                line.logins += 1
                if words is not None:
                    await line.tell("OK", message[1]["id"], False, words)
                return False
            return await demand(line, message)

        front.behave(up=manner, greet=demand)
        client = RelayRpc(US, PEER.pubkey, [front.url])
        assert [(await call(client)).result for _ in range(2)] == ["get_keys"] * 2
        [line] = front.lines
        assert line.logins == 2
        await client.close()


@pytest.mark.parametrize(
    ("url", "tried"),
    [
        ("wss://h", ["wss://h", "wss://h/"]),
        ("wss://h/", ["wss://h/", "wss://h"]),
        ("wss://h/a", ["wss://h/a", "wss://h/a/"]),
        ("wss://h/a?b=c", ["wss://h/a?b=c"]),
    ],
)
def test_the_names_that_a_relay_is_tried_with(url: str, tried: list[str]) -> None:
    assert spellings(url) == tried


async def test_who_may_not_hear_others_is_served_all_the_same(relay: DevRelay) -> None:
    """The log-in is demanded, and refused, for that alone."""
    async with Front(relay.url) as front, RawPeer(relay.url, PEER, echo):
        demand = demanding_login(front.url, set(), to=("REQ",))

        async def manner(line: Line, message: list[Any]) -> bool:
            if message and message[0] == "REQ" and "authors" in message[2]:
                return True
            return await demand(line, message)

        front.behave(up=manner, greet=demand)
        client = RelayRpc(US, PEER.pubkey, [front.url], others=OtherAdmins())
        assert [(await call(client)).result for _ in range(2)] == ["get_keys"] * 2
        assert front.opened == 1
        assert front.lines[0].logins == 1
        await client.close()
