"""Manners of a relay that wear its client out, from its first subscription on until it hangs up."""

from collections.abc import Awaitable, Callable
from typing import Any

from .hostile_relay import Line, Manner


def flooding(*frames: str) -> Manner:
    """It says these again and again. `{sub}` is the subscription."""

    async def flood(line: Line, subscription: str) -> None:
        told = [_frame(frame.replace("{sub}", subscription).encode()) for frame in frames]
        while await _write(line, b"".join(told)):
            pass

    return _served_with(flood)


def never_ending(size: int, sent: int) -> Manner:
    """It begins one message of `size` bytes, and keeps the end of it."""

    async def begin(line: Line, subscription: str) -> None:
        await _write(line, _frame(bytes(size))[: -(size - sent)])

    return _served_with(begin)


def in_empty_pieces() -> Manner:
    """It goes on and on with one message that has nothing in it."""

    async def go_on(line: Line, subscription: str) -> None:
        await _write(line, b"\x01\x00")
        while await _write(line, b"\x00\x00" * 64):
            pass

    return _served_with(go_on)


def pinging() -> Manner:
    """It asks whether the client is still there, without end, and reads no answer."""

    async def ping(line: Line, subscription: str) -> None:
        while await _write(line, (b"\x89\x7d" + bytes(125)) * 64):
            pass

    return _served_with(ping)


def _served_with(attack: Callable[[Line, str], Awaitable[None]]) -> Manner:
    begun: set[Line] = set()

    async def manner(line: Line, message: list[Any]) -> bool:
        # Once a connection: a word in the midst of a message would end the attack.
        if message[0] == "REQ" and line not in begun:
            begun.add(line)
            await line.tell("EOSE", message[1])
            await attack(line, message[1])
        return bool(message[0] != "REQ")

    return manner


def _frame(payload: bytes) -> bytes:
    """A whole text message (RFC 6455), as a server says it."""
    return b"\x81\x7f" + len(payload).to_bytes(8, "big") + payload


async def _write(line: Line, raw: bytes) -> bool:
    """Whether the client is still there to take it."""
    if line.client.transport.is_closing():
        return False
    line.client.transport.write(raw)
    line.said += len(raw)
    await line.client.drain()
    return True
