"""An admin and two machines on the wire."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay
from support.raw_parties import MakeDevice, RawAdmin, RawDevice
from support.raw_wire import RawClient


@pytest.fixture
async def admin_client(relay: DevRelay, admin_keys: Keys) -> AsyncIterator[RawClient]:
    async with RawClient(relay.url, admin_keys) as client:
        yield client


@pytest.fixture
def admin(admin_client: RawClient, bunker: DevBunker) -> RawAdmin:
    return RawAdmin(admin_client, bunker)


@pytest.fixture
async def make_device(relay: DevRelay) -> AsyncIterator[MakeDevice]:
    """`await make_device(signer_pubkey)`: a machine with a client key of its own."""
    async with AsyncExitStack() as stack:

        async def make(signer: str) -> RawDevice:
            return RawDevice(await stack.enter_async_context(RawClient(relay.url)), signer)

        yield make
