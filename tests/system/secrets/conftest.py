"""LNbits with its bunker's connection sealed in the database."""

from collections.abc import AsyncIterator

import pytest
from nostr_sdk import Keys
from support.host import Host
from system.secrets.sealed_bunker import put


@pytest.fixture
async def sealed(
    host: Host, host_admin: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Host]:
    """The host with its bunker in the database, and with no other in the environment."""
    await put(host, host_admin)
    for name in ("BUNKER_URL", "ADMIN_NSEC", "KEY_PASSPHRASE"):
        monkeypatch.delenv(f"SPIREKEEPER_{name}")
    yield host
    monkeypatch.undo()
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)
