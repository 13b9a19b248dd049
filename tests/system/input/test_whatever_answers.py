"""Whatever answers a check of relays, in place of a relay or of its document (NIP-11): the check
ends, and leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from support.host import Host
from system.input.checking import Check, up_but


async def _says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    try:
        while not reader.at_eof():
            writer.write(b"X-More: and more\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
    except OSError:
        return


async def _has_a_body_without_end(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            writer.write(bytes(65536))
            await writer.drain()
    except OSError:
        return


async def _is_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await reader.read()


@pytest.mark.parametrize("serve", [_says_nothing, _drips, _has_a_body_without_end, _is_no_http])
async def test_whatever_answers_it_ends_in_time(
    check: Check, monkeypatch: pytest.MonkeyPatch, serve: Any
) -> None:
    from spirekeeper.connection import relay_probe

    monkeypatch.setattr(relay_probe, "PROBE_SECONDS", 0.5)
    before = asyncio.all_tasks()

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert await asyncio.wait_for(check(url, private=True), 60) == ["silent"]
    server.close()
    left = {task for task in asyncio.all_tasks() - before if "/relay_probe.py" in str(task)}
    assert not left


async def _is_a_very_long_document(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\n\r\n{"limitation": {"auth_required": true}, "name": "')
    try:
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
    except OSError:
        return


async def _nests_deeply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"[" * 60_000)
    await writer.drain()


async def _goes_on_before_it_answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
            await writer.drain()
    except OSError:
        return


SAYINGS = [
    _says_nothing,
    _drips,
    _has_a_body_without_end,
    _is_no_http,
    _is_a_very_long_document,
    _nests_deeply,
    _goes_on_before_it_answers,
]


@pytest.mark.parametrize("serve", SAYINGS)
async def test_whatever_a_relay_says_of_itself_it_ends_in_time(
    check: Check, host: Host, monkeypatch: pytest.MonkeyPatch, serve: Any
) -> None:
    """It is up all the same, and nothing is held against it."""
    from spirekeeper.connection import relay_probe

    monkeypatch.setattr(relay_probe, "SAYING_SECONDS", 0.5)
    before = asyncio.all_tasks()
    server = await asyncio.start_server(up_but(serve, host.relay.port), "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert await asyncio.wait_for(check(url, private=True), 60) == [None]
    server.close()
    left = {task for task in asyncio.all_tasks() - before if "/relay_limits.py" in str(task)}
    assert not left
