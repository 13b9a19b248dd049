"""What a link asks of its relay, and how that changes while it is connected."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nostr_sdk import EventBuilder, Keys, Kind
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.nostr.relay_link import SHORTEST_PAUSE, RelayLink
from support.raw_wire import RawClient
from websockets.asyncio.server import ServerConnection, serve

Filter = dict[str, Any]


class Heard:
    """Everything a link told, as queues to wait on."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.changes: asyncio.Queue[None] = asyncio.Queue()

    def may_matter(self, text: str) -> bool:
        return True

    def heard_event(self, url: str, event: dict[str, Any]) -> None:
        if event["content"] == "hang up":
            raise ConnectionAbortedError
        self.events.put_nowait(event["content"])

    def heard_ok(self, url: str, event_id: str, accepted: bool) -> None:
        """Nothing is published here."""

    def link_changed(self) -> None:
        self.changes.put_nowait(None)


@asynccontextmanager
async def running(link: RelayLink) -> AsyncIterator[None]:
    task = asyncio.create_task(link.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def by(keys: Keys) -> Filter:
    return {"kinds": [21000], "authors": [keys.public_key().to_hex()], "limit": 0}


def said(keys: Keys, text: str) -> str:
    return str(EventBuilder(Kind(21000), text).sign_with_keys(keys).as_json())


async def soon(queue: "asyncio.Queue[Any]") -> Any:
    return await asyncio.wait_for(queue.get(), 10)


async def test_what_is_wanted_changes_on_the_present_connection(relay: DevRelay) -> None:
    one, two, three = (Keys.generate() for _ in range(3))
    heard = Heard()
    link = RelayLink(relay.url, [[by(one)], [by(two)]], heard)
    async with running(link), RawClient(relay.url) as anybody:
        await soon(heard.changes)
        assert link.up
        for keys, text in ((three, "not wanted"), (two, "2"), (one, "1")):
            await anybody.publish(said(keys, text))
        assert [await soon(heard.events), await soon(heard.events)] == ["2", "1"]

        link.subscribe([[by(one), by(three)]])
        while heard.events.empty():  # until the relay has taken the change
            await anybody.publish(said(three, "3"))
            await asyncio.sleep(0.01)
        await anybody.publish(said(two, "no longer wanted"))
        await anybody.publish(said(one, "end"))
        texts = {await soon(heard.events)}
        while "end" not in texts:
            texts.add(await soon(heard.events))
        assert texts == {"3", "end"}
        assert heard.changes.empty()


async def test_only_what_changed_is_asked_again() -> None:
    asked: asyncio.Queue[list[Any]] = asyncio.Queue()

    async def talk(socket: ServerConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            asked.put_nowait(message)
            if message[0] == "REQ":
                await socket.send(json.dumps(["EOSE", message[1]]))

    async with serve(talk, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        link = RelayLink(url, [[{"kinds": [1]}], [{"kinds": [2]}]], Heard())
        async with running(link):
            first, second = await soon(asked), await soon(asked)
            assert [first[2:], second[2:]] == [[{"kinds": [1]}], [{"kinds": [2]}]]
            link.subscribe([[{"kinds": [1]}], [{"kinds": [3]}, {"kinds": [4]}]])
            assert await soon(asked) == ["REQ", second[1], {"kinds": [3]}, {"kinds": [4]}]
            link.subscribe([[{"kinds": [1]}]])
            assert await soon(asked) == ["CLOSE", second[1]]
            assert asked.empty()


async def test_an_address_that_is_refused_is_not_connected_to_and_asked_for_again() -> None:
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def nowhere(url: str) -> str:
        asked.put_nowait(url)
        raise OSError("a private address")

    link = RelayLink("wss://relay.example.com", [], Heard(), nowhere)
    async with running(link):
        assert [await soon(asked), await soon(asked)] == ["wss://relay.example.com"] * 2
        assert not link.up


async def test_a_listener_may_end_the_connection_and_it_is_made_again(relay: DevRelay) -> None:
    keys, heard = Keys.generate(), Heard()
    link = RelayLink(relay.url, [[by(keys)]], heard)
    async with running(link), RawClient(relay.url) as anybody:
        await soon(heard.changes)
        await anybody.publish(said(keys, "hang up"))
        await soon(heard.changes)  # down
        await soon(heard.changes)  # and up
        await anybody.publish(said(keys, "again"))
        assert await soon(heard.events) == "again"


@pytest.mark.parametrize("steps", range(5))
async def test_it_ends_though_somebody_has_just_hurried_it(relay: DevRelay, steps: int) -> None:
    """As when the connection is closed while a call begins: its bunker would be locked for ever."""
    await relay.stop()
    heard = Heard()
    link = RelayLink(relay.url, [[by(Keys.generate())]], heard)
    task = asyncio.create_task(link.run())
    await soon(heard.changes)
    await asyncio.sleep(SHORTEST_PAUSE * 1.5)  # it waits to be hurried, or for its next attempt
    link.hurry()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
