"""A host on each lineage, and a machine that speaks what its bunker survives."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from spirekeeper.devkit.bunker import Lineage
from support.host import Host
from support.own_bunker import own_bunker

QUICK = Lineage.NEWER_NDK
LINEAGES = [
    pytest.param(each, id=each.name, marks=() if each is QUICK else pytest.mark.long)
    for each in Lineage
]


@pytest.fixture(params=LINEAGES)
async def any_bunker(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Host]:
    async with own_bunker(host, tmp_path, monkeypatch, lineage=request.param) as own:
        yield own


@pytest.fixture
async def old_bunker(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Host]:
    """One that really ends when a NIP-44 event reaches one of its keys."""
    async with own_bunker(host, tmp_path, monkeypatch, lineage=Lineage.OLD_NDK) as own:
        yield own
