"""Everybody who may call, and a bunker of their own, whose settings may be changed."""

import pytest
from support.cast import Cast, made
from support.host import Host
from support.own_bunker import own_bunker


@pytest.fixture(scope="session")
async def cast(running_host: Host) -> Cast:
    return await made(running_host)


@pytest.fixture
async def alone(host, tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    """The host with a bunker that no other test uses."""
    async with own_bunker(host, tmp_path, monkeypatch) as own:
        yield own
