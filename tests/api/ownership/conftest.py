"""Everybody who may call, and a bunker of their own, whose settings may be changed."""

from collections.abc import AsyncIterator

import pytest
from api.ownership.cast import Cast, made
from support.host import Host
from support.own_bunker import OwnBunker


@pytest.fixture(scope="session")
async def cast(running_host: Host) -> Cast:
    return await made(running_host)


@pytest.fixture
async def alone(own: OwnBunker) -> AsyncIterator[Host]:
    """The host with a bunker that no other test uses."""
    async with own() as host:
        yield host
