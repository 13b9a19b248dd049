"""A check of relays as its caller sees it, and the servers that it meets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.certificates import certify
from support.host import Host
from system.input.guarded_net import Doorbell, GuardedNet
from system.input.tls_front import passed_on_to

SAID = {"url", "reachable", "code", "problem", "cautions"}
NAME = "probed.example.com"
Check = Callable[..., Awaitable[list[str | None]]]


@pytest.fixture
async def doorbell() -> AsyncIterator[Doorbell]:
    """What nobody may reach."""
    async with Doorbell() as bell:
        yield bell


@pytest.fixture
def check(host: Host, net: GuardedNet, monkeypatch: pytest.MonkeyPatch) -> Check:
    """The code of each relay, None where it is reachable. Nothing is known of any beforehand: the
    tests use one name for many."""
    from spirekeeper.connection import relay_probe

    assert net
    monkeypatch.setattr(relay_probe, "GOOD_SECONDS", 0.0)

    async def checked(*urls: str, private: bool = False) -> list[str | None]:
        body = {"relays": list(urls), "allow_private_relays": private}
        answer = await host.api("POST", "/relays/check", body)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert [each["url"] for each in told] == list(urls)
        assert all(set(each) == SAID for each in told)
        assert all(each["reachable"] is (each["code"] is None) for each in told)
        return [each["code"] for each in told]

    return checked


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of NAME, and trusted."""
    path = certify(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def up_but(serve: Any, relay_port: int) -> Any:
    """A relay on its WebSocket; whoever asks by HTTP what it is gets `serve`."""
    relay = passed_on_to(relay_port)

    async def either(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        replayed = asyncio.StreamReader()
        replayed.feed_data(head)
        if b"application/nostr+json" in head:
            replayed.feed_eof()
            await serve(replayed, writer)
            writer.close()
            return

        async def go_on() -> None:
            while data := await reader.read(65536):
                replayed.feed_data(data)
            replayed.feed_eof()

        await asyncio.gather(go_on(), relay(replayed, writer))

    return either
