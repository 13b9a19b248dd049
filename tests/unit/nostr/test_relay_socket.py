"""One connection to a relay that a user named, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from spirekeeper.nostr import budgets, relay_socket
from spirekeeper.nostr.budgets import Meter, Overrun
from spirekeeper.nostr.relay_socket import Way, dial
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Say = Callable[[ServerConnection], Awaitable[None]]
BEGUN, NEXT, END = b"\x01\x01x", b"\x00\x01x", b"\x80\x01x"
"""A text message in pieces (RFC 6455)."""


@pytest.fixture(autouse=True)
def nobody_owes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "accounts", budgets.Accounts())


@asynccontextmanager
async def saying(raw: bytes) -> AsyncIterator[str]:
    """A relay that says just this."""

    async def talk(socket: ServerConnection) -> None:
        socket.transport.write(raw)
        await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0, compression=None, close_timeout=0.5) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def heard(url: str) -> str:
    """The first message."""
    async with dial(url, Way(("127.0.0.1",), Meter(url, ["a"])), 10) as socket:
        return str(await asyncio.wait_for(socket.recv(), 20))


async def test_a_message_may_come_in_pieces() -> None:
    raw = BEGUN + NEXT * (relay_socket.MOST_PIECES - 1) + END
    async with saying(raw) as url:
        assert await heard(url) == "x" * (relay_socket.MOST_PIECES + 1)
        Meter(url, ["a"])


async def test_a_message_in_pieces_ends_after_so_many() -> None:
    """Long before it is too long, or there were too many frames: none of it may be kept."""
    async with saying(BEGUN + NEXT * relay_socket.MOST_PIECES) as url:
        with pytest.raises(ConnectionClosed):
            await heard(url)
        with pytest.raises(Overrun):
            Meter(url, ["a"])


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_message_is_taken_up_to_its_limit(extra: int) -> None:
    size = relay_socket.LARGEST_OF_USERS + extra
    text = b"y" * size
    async with saying(b"\x81\x7f" + size.to_bytes(8, "big") + text) as url:
        if not extra:
            assert await heard(url) == text.decode()
            return
        with pytest.raises(ConnectionClosed):
            await heard(url)
        with pytest.raises(Overrun):
            Meter(url, ["a"])


async def test_the_bunkers_own_relay_may_say_more() -> None:
    size = 4 * 1024 * 1024
    said = b"\x81\x7f" + size.to_bytes(8, "big") + b"y" * size
    async with saying(said) as url, dial(url, None, 10) as socket:
        assert len(await asyncio.wait_for(socket.recv(), 60)) == size
