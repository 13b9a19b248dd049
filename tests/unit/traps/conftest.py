"""A host on each lineage, and a machine that speaks what its bunker survives."""

from collections.abc import AsyncIterator

import pytest
from spirekeeper.devkit.bunker import Lineage
from support.host import Host
from support.own_bunker import OwnBunker

QUICK = Lineage.NEWER_NDK
LINEAGES = [
    pytest.param(each, id=each.name, marks=() if each is QUICK else pytest.mark.long)
    for each in Lineage
]


@pytest.fixture(params=LINEAGES)
async def any_bunker(own: OwnBunker, request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    async with own(lineage=request.param) as host:
        yield host


@pytest.fixture
async def old_bunker(own: OwnBunker) -> AsyncIterator[Host]:
    """One that really ends when a NIP-44 event reaches one of its keys."""
    async with own(lineage=Lineage.OLD_NDK) as host:
        yield host
