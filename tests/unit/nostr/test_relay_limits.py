"""What a relay says of itself (NIP-11), read as something that anybody may have written."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spirekeeper.nostr import budgets
from spirekeeper.nostr.budgets import Meter
from spirekeeper.nostr.relay_limits import (
    MOST_BYTES,
    SLICE,
    RelayLimits,
    ask,
    limits_of,
    read_limits,
)
from spirekeeper.nostr.relay_socket import Way

NAMES = [each.name for each in fields(RelayLimits)]
FLAGS = {"auth_required", "payment_required", "restricted_writes"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.fixture(autouse=True)
def nobody_owes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "accounts", budgets.Accounts())


class Counting(Meter):
    """Whoever named the relay pays for what it says."""

    def __init__(self, url: str, operators: list[str], most: int = 1_000_000) -> None:
        super().__init__(url, operators)
        self.bytes = 0
        self._most = most

    def count(self, size: int, messages: int) -> bool:
        self.bytes += size
        return super().count(size, messages) and self.bytes <= self._most


@given(st.one_of(JSON, st.fixed_dictionaries({"limitation": JSON})))
def test_whatever_it_says_what_is_read_has_its_type(document: object) -> None:
    for name, value in asdict(limits_of(document)).items():
        if name in FLAGS:
            assert type(value) is bool
        else:
            assert value is None or (type(value) is int and value > 0)


def test_what_relays_write_is_read() -> None:
    said = {
        "max_message_length": 131072,
        "max_subscriptions": 20,
        "max_filters": 10,
        "max_content_length": 8196,
        "created_at_lower_limit": 94608000,
        "created_at_upper_limit": 900,
        "auth_required": False,
        "payment_required": True,
        "restricted_writes": True,
        "max_limit": 500,
    }
    assert limits_of({"name": "x", "limitation": said}) == RelayLimits(
        max_message_length=131072,
        max_subscriptions=20,
        max_filters=10,
        max_content_length=8196,
        created_at_lower_limit=94608000,
        created_at_upper_limit=900,
        payment_required=True,
        restricted_writes=True,
    )


@pytest.mark.parametrize("name", ["max_event_size", "max_event_bytes", "max_event_length"])
def test_the_size_of_an_event_has_several_names(name: str) -> None:
    for document in ({"limitation": {name: 4096}}, {name: 4096}):
        assert limits_of(document).max_event_size == 4096


@pytest.mark.parametrize("none", [0, -1, None, "20", 20.5, True, 2**60, [20]])
def test_what_is_no_limit_is_not_said(none: Any) -> None:
    assert limits_of({"limitation": {"max_subscriptions": none}}) == RelayLimits()


@asynccontextmanager
async def answering(raw: bytes) -> AsyncIterator[str]:
    """A server that says this to whoever asks anything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def ok(body: bytes, *headers: str) -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


LIMITS = {"limitation": {"max_subscriptions": 7}}
DOCUMENT = json.dumps(LIMITS).encode()
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"1\r\n" + bytes([each]) + b"\r\n" for each in DOCUMENT)
    + b"0\r\n\r\n"
)


@pytest.mark.parametrize(
    "raw",
    [
        ok(DOCUMENT),
        ok(DOCUMENT, "Content-Type: text/plain"),
        ok(DOCUMENT + b" " * (MOST_BYTES - len(DOCUMENT))),
        CHUNKED,
        b"HTTP/1.1 200 OK\r\n\r\n" + DOCUMENT,
        b"HTTP/1.0 200 OK\r\n\r\n" + DOCUMENT,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + ok(DOCUMENT),
    ],
)
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_document_is_read_however_it_comes(raw: bytes, trusted: bool) -> None:
    async with answering(raw) as url:
        meter = Counting(url, ["a"])
        limits = await read_limits(url, None if trusted else Way(("127.0.0.1",), meter))
        assert limits is not None
        assert limits.max_subscriptions == 7
        assert meter.bytes == (0 if trusted else len(raw))


async def test_it_stops_when_its_meter_says_so() -> None:
    async with answering(ok(DOCUMENT + b" " * 50_000)) as url:
        meter = Counting(url, ["a"], most=10_000)
        assert await read_limits(url, Way(("127.0.0.1",), meter)) is None
        assert meter.bytes < 10_000 + SLICE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + DOCUMENT,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 301 Away\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ok(b"<html>a web page</html>"),
        ok(b"[" * 50_000),
        ok(b'"' + DOCUMENT + b'"'),
        ok(b"\xff\xfe"),
        ok(DOCUMENT, "Content-Encoding: gzip", "X-Much: " + "x" * 40_000),
        ok(DOCUMENT + b" " * 100_000),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 40_000,
    ],
)
async def test_what_is_no_document_says_nothing(raw: bytes) -> None:
    async with answering(raw) as url:
        assert await read_limits(url, None) is None


async def test_nobody_answers() -> None:
    assert await read_limits("ws://127.0.0.1:9", None) is None
    assert await read_limits("ws://127.0.0.1:9", Way((), Meter("ws://127.0.0.1:9", ["a"]))) is None


@pytest.mark.parametrize(
    ("date", "about"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", -1e9),
        ("Fri, 06 Nov 2099 08:49:37 GMT", 1e9),
        ("Fri, 06 Nov 2099 08:49:37 -0000", 1e9),
        ("Sunday", None),
        ("", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "302 Away"])
async def test_its_clock_is_read_off_any_answer(
    date: str, about: float | None, status: str
) -> None:
    raw = f"HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode()
    async with answering(raw) as url:
        ahead = (await ask(url, None)).seconds_ahead
    if about is None:
        assert ahead is None or abs(ahead) > 1e11
    else:
        assert ahead is not None
        assert ahead * about > 0
