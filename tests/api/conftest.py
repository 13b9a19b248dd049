"""Hosts whose bunker no other test uses, and the watch at work on the host."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from api.living import pass_by
from spirekeeper.devkit.bunker import Lineage
from spirekeeper.devkit.postgres import Postgres
from support.databases import new_database
from support.host import Host
from support.movable_clock import MovableClock
from support.own_bunker import OwnBunker
from support.watching import watching

BOTH_BEHAVIOURS = (Lineage.NEWER_NDK, Lineage.LIVE_POLICY)


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def alone(own: OwnBunker, request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    """The host with a bunker that no other test uses, on both behaviours; the environment's."""
    async with own(lineage=request.param) as host:
        yield host


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def one_clock(
    own: OwnBunker, host_clock: MovableClock, request: pytest.FixtureRequest
) -> AsyncIterator[Host]:
    """As `alone`, with the clock of the API handed to the bunker too."""
    async with own(lineage=request.param, clock=host_clock) as host:
        yield host


@pytest.fixture
async def house(one_clock: Host, host_clock: MovableClock) -> AsyncIterator[Host]:
    """As `one_clock`; what a test leaves owed is done before the next one."""
    yield one_clock
    one_clock.bunker.levers.normal()
    await one_clock.bunker.start()
    await pass_by(host_clock)


@pytest.fixture
async def watched(host: Host) -> AsyncIterator[None]:
    """The relays are listened to, quick enough for a test."""
    async with watching():
        yield


@pytest.fixture
async def empty_database(
    host: Host, cluster: Postgres | None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Any]:
    """A database of its own that has the extension's schema name and nothing in it."""
    from lnbits.db import Database, settings

    url = await new_database(cluster)
    if url is not None:
        monkeypatch.setattr(settings, "lnbits_database_url", url)
    database = Database(f"ext_{uuid4().hex[:8]}")
    database.schema = "spirekeeper"
    async with database.connect() as connected:
        yield connected
    await database.engine.dispose()
