"""Hosts whose bunker no other test uses; the host itself is tests/support/host_fixtures.py's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from host import Host
from movable_clock import MovableClock
from spirekeeper.devkit.bunker import DevBunker, Lineage

BOTH_BEHAVIOURS = (Lineage.NEWER_NDK, Lineage.LIVE_POLICY)


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def alone(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Host]:
    """The host with a bunker that no other test uses, on both behaviours; the environment's."""
    async with _own_bunker(host, tmp_path, monkeypatch, lineage=request.param) as own:
        yield own


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def one_clock(
    host: Host,
    host_clock: MovableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Host]:
    """As `alone`, with the clock of the API handed to the bunker too."""
    async with _own_bunker(
        host, tmp_path, monkeypatch, lineage=request.param, clock=host_clock
    ) as own:
        yield own


@asynccontextmanager
async def _own_bunker(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> AsyncIterator[Host]:
    bunker = DevBunker(
        relays=[host.relay.url],
        admins=host.bunker.admins,
        folder=folder / "bunker",
        refusal_delay=0.05,
        **options,
    )
    await bunker.start()
    monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", bunker.url)
    yield replace(host, bunker=bunker)
    bunker.levers.normal()
    await bunker.start()
    await _remove_machines(host, bunker)
    await bunker.stop()


async def _remove_machines(host: Host, bunker: DevBunker) -> None:
    """Machines that are paired through it would hold the settings fast."""
    from spirekeeper import crud_work

    for key in await crud_work.get_keys_in_use(bunker.pubkey):
        await host.api("DELETE", f"/machines/{key.machine_id}")
