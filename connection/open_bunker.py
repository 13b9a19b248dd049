"""The one open connection to the bunker's admin interface."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ..bunker.client import NsecBunkerAdminClient
from ..bunker.interface import BunkerAdmin
from ..bunker.nip46 import Request
from ..clock import Clock
from ..errors import NoBunker
from ..schemas.bunker import BunkerConnectionData, BunkerStored
from . import acl_requests, environment, machine_relays, settings
from .host_admin import HostAdmin
from .host_client import host_client, is_for
from .settings import BunkerConfig

CALL_SECONDS = 10.0
"""The deadline of one admin call: the real daemon now and then takes four seconds."""


@dataclass(frozen=True)
class OpenBunker:
    """The bunker in force: how it was configured, and the client that talks to it."""

    config: BunkerConfig
    admin: BunkerAdmin


_open: OpenBunker | None = None
_lock = asyncio.Lock()


async def open_bunker() -> OpenBunker:
    """The bunker in force. Connects at the first call, and again when its settings have changed.

    Raises NoBunker when none is configured or its settings cannot be opened, or SettingsWrong.
    """
    global _open  # noqa: PLW0603 - one connection for the whole process
    config = await settings.get_bunker_config()
    if config is None:
        raise NoBunker("No bunker is configured; ask the superuser to enter one.")
    async with _lock:
        if _open is None or _open.config != config:
            await _close()
            settle_seconds = environment.current().settle_seconds
            _open = OpenBunker(config, _client(config, settle_seconds, acl_requests.note_request))
        return _open


def opened() -> OpenBunker | None:
    """The one that was opened last, for who only looks at what is known of it."""
    return _open


@asynccontextmanager
async def trial(config: BunkerConfig) -> AsyncIterator[OpenBunker]:
    """A second connection, closed at the end. The one in force stays as it is."""
    admin = _client(config)
    try:
        yield OpenBunker(config, admin)
    finally:
        await admin.close()


def _client(
    config: BunkerConfig,
    settle_seconds: float = 0.0,
    on_request: Callable[[Request], None] | None = None,
) -> BunkerAdmin:
    how: dict[str, Any] = {
        "bunker_pubkey": config.bunker_pubkey,
        "relays": config.relays,
        "admin_secret": config.admin_secret,
        "deadline": CALL_SECONDS,
        "settle_seconds": settle_seconds,
        "on_request": on_request,
    }
    theirs = host_client()
    if theirs is not None and is_for(config.bunker_pubkey):
        return HostAdmin(theirs, **how)
    return NsecBunkerAdminClient(**how)


async def enter_bunker(data: BunkerConnectionData, *, actor: str, now: Clock) -> BunkerStored:
    """Stores the admin connection, and leaves the one that was open. Raises what
    `settings.store_bunker` does, and InvalidInput for relays that no machine could use."""
    machine_relays.guard(settings.as_entered(data, ""))
    stored = await settings.store_bunker(data, actor=actor, now=now)
    await close_bunker()
    return stored


async def make_passphrase(*, actor: str, now: Clock) -> BunkerStored:
    """Makes a new passphrase, and leaves the connection that was open. Raises what
    `settings.make_passphrase` does."""
    stored = await settings.make_passphrase(actor=actor, now=now)
    await close_bunker()
    return stored


async def forget_bunker(*, actor: str, now: Clock, force: bool, version: int | None) -> None:
    """Removes the stored admin connection, and leaves the one that was open. Raises what
    `settings.forget_bunker` does."""
    await settings.forget_bunker(actor=actor, now=now, force=force, version=version)
    await close_bunker()


async def close_bunker() -> None:
    """Closes the connection; the next call opens it anew."""
    async with _lock:
        await _close()


async def _close() -> None:
    global _open  # noqa: PLW0603
    if _open is not None:
        await _open.admin.close()
        _open = None
