"""Hints to an operator's open pages that something has changed, so that they ask again.

The hints go over LNbits' websocket, where whoever knows a channel may listen and post. So each
channel is random and is told only to who is logged in, and a hint carries no content.
"""

import asyncio
from secrets import token_urlsafe

from fastapi import WebSocket
from lnbits.core.services import websocket_manager
from loguru import logger

from ..loop import within

HINT = "changed"
DELAY_SECONDS = 0.02
"""What one request or one look writes is told of once, when most of it is written."""
SEND_SECONDS = 2.0

_channels: dict[str, str] = {}
_hints: dict[str, asyncio.Task[None]] = {}


def channel_of(operator_user_id: str) -> str:
    """The channel of this operator's pages. It is another one after each start of LNbits."""
    return _channels.setdefault(operator_user_id, f"spirekeeper-{token_urlsafe(24)}")


def hint(operator_user_id: str) -> None:
    """Tells the operator's open pages soon. Never fails, and does nothing where none is open."""
    channel = _channels.get(operator_user_id)
    if channel is None or channel in _hints or not websocket_manager.has_connection(channel):
        return
    _hints[channel] = asyncio.create_task(_tell(channel), name="spirekeeper_hint")


def stop() -> None:
    """Drops the hints that have not been sent."""
    for hint in _hints.values():
        hint.cancel()
    _hints.clear()


async def _tell(channel: str) -> None:
    await asyncio.sleep(DELAY_SECONDS)
    del _hints[channel]
    pages = [each.websocket for each in websocket_manager.get_connections(channel)]
    await asyncio.gather(*(_send(page) for page in pages))


async def _send(page: WebSocket) -> None:
    """Sends to each page by itself, because LNbits' own `send` stops at the first that has gone."""
    try:
        await within(SEND_SECONDS, page.send_text(HINT))
    except Exception as error:  # whatever a dead socket raises: that page asks by itself
        logger.debug(f"A page did not take a hint: {type(error).__name__}")
