"""The embedded relay."""

import asyncio
import json
import socket
from collections.abc import Awaitable
from typing import Any

import pytest
from nostr_sdk import EventBuilder, Keys, Kind
from spirekeeper.devkit.relay import DevRelay
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def event(kind: int, content: str = "hello") -> str:
    return EventBuilder(Kind(kind), content).sign_with_keys(Keys.generate()).as_json()


async def soon(waiting: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(waiting, 5)


async def subscribe(socket: ClientConnection, **query: Any) -> None:
    await socket.send(json.dumps(["REQ", "test", query]))
    assert json.loads(await soon(socket.recv())) == ["EOSE", "test"]


async def test_an_ephemeral_event_reaches_who_listens(relay: DevRelay) -> None:
    async with connect(relay.url, proxy=None) as listener, connect(relay.url, proxy=None) as sender:
        await subscribe(listener, kinds=[21000])
        await sender.send(f'["EVENT",{event(21000)}]')
        assert json.loads(await soon(listener.recv()))[2]["content"] == "hello"


async def test_no_rate_limit_is_met(relay: DevRelay) -> None:
    """LocalRelay's own limits are 60 events a minute and 20 subscriptions a connection."""
    async with connect(relay.url, proxy=None) as sender:
        for number in range(30):
            await sender.send(json.dumps(["REQ", f"s{number}", {"kinds": [1]}]))
            assert json.loads(await soon(sender.recv())) == ["EOSE", f"s{number}"]
        for _ in range(100):
            await sender.send(f'["EVENT",{event(21000)}]')
        answers = [json.loads(await soon(sender.recv())) for _ in range(100)]
    assert all(answer[0] == "OK" and answer[2] is True for answer in answers)


async def test_it_listens_on_loopback_only(relay: DevRelay) -> None:
    assert relay.url == f"ws://127.0.0.1:{relay.port}"
    with pytest.raises(ConnectionRefusedError), socket.socket() as elsewhere:
        elsewhere.connect(("127.0.0.2", relay.port))


async def test_stopping_closes_connections_and_starting_again_keeps_the_port() -> None:
    relay = DevRelay()
    await relay.start()
    port = relay.port
    async with connect(relay.url, proxy=None) as client:
        await relay.stop()
        with pytest.raises(ConnectionClosed):
            await soon(client.recv())
    with pytest.raises(ConnectionRefusedError):
        await connect(relay.url, proxy=None)
    await relay.start()
    assert relay.port == port
    async with connect(relay.url, proxy=None) as client:
        await subscribe(client, kinds=[21000])
    await relay.stop()


async def test_it_stops_even_when_it_has_hardly_started() -> None:
    """LocalRelay misses a shutdown that comes before its threads listen for one."""
    relay = DevRelay()
    for _ in range(20):
        await relay.start()
        await relay.stop()
        with pytest.raises(ConnectionRefusedError), socket.socket() as client:
            client.connect(("127.0.0.1", relay.port))


async def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        relay = DevRelay(taken.getsockname()[1])
        with pytest.raises(OSError, match="is it in use"):
            await relay.start()
