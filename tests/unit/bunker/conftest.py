from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.bunker import DevBunker
from support.raw_wire import RawPeer

MakeClient = Callable[..., NsecBunkerAdminClient]


@pytest.fixture
async def make_client(admin_keys: Keys) -> AsyncIterator[MakeClient]:
    """`make_client(bunker, deadline=…)`: a client of a DevBunker, or of a RawPeer, closed
    afterwards."""
    made: list[NsecBunkerAdminClient] = []

    def make(bunker: DevBunker | RawPeer, **options: Any) -> NsecBunkerAdminClient:
        defaults: dict[str, Any] = {
            "bunker_pubkey": bunker.pubkey,
            "relays": bunker.relays,
            "admin_secret": admin_keys.secret_key().to_hex(),
        }
        client = NsecBunkerAdminClient(**{**defaults, **options})
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def client(bunker: DevBunker, make_client: MakeClient) -> NsecBunkerAdminClient:
    """The client of `bunker`."""
    return make_client(bunker)
