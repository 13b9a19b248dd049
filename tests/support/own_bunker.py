"""A bunker that no other test uses, as the one of the host's environment.

A pytest plugin: `async with own(lineage=…) as host`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.relay import DevRelay

from support.host import Host, NamedRelay

OwnBunker = Callable[..., AbstractAsyncContextManager[Host]]
"""The host with a new bunker, which takes what DevBunker takes."""


@asynccontextmanager
async def own_bunker(
    host: Host,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    relay: DevRelay | HostileRelay | NamedRelay | None = None,
    **options: Any,
) -> AsyncIterator[Host]:
    """`relay`: where bunker and machines meet, in place of the host's own."""
    relay = relay or host.relay
    bunker = DevBunker(
        relays=[relay.url],
        admins=host.bunker.admins,
        folder=folder / "bunker",
        refusal_delay=0.05,
        **options,
    )
    await bunker.start()
    monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", bunker.url)
    yield replace(host, bunker=bunker, relay=relay)
    bunker.levers.normal()
    await bunker.start()
    await remove_machines(bunker)
    await bunker.stop()


@pytest.fixture
def own(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnBunker:
    return partial(own_bunker, host, tmp_path, monkeypatch)


async def remove_machines(bunker: DevBunker) -> None:
    """Machines that are paired through it, whoever's, would hold the settings fast."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.fleet import machines
    from spirekeeper.store import key_rows

    for key in await key_rows.get_keys_in_use(bunker.pubkey):
        machine = await crud.get_machine(key.machine_id)
        if machine is not None:
            await machines.remove(machine, actor="a test", clock=utc_now)


async def forget_machines_elsewhere(bunker: DevBunker) -> None:
    """Those that a test left paired through another bunker, or one made up, would hold them too."""
    from spirekeeper import crud
    from spirekeeper.store.database import MACHINES, PAIRINGS, db
    from spirekeeper.store.deciding import STILL_OPEN

    for row in await db.fetchall(
        f"SELECT id FROM {MACHINES} WHERE id IN (SELECT machine_id FROM {PAIRINGS} "
        f"WHERE {STILL_OPEN} AND bunker_pubkey <> :here)",
        {"here": bunker.pubkey},
    ):
        await crud.delete_machine(row["id"])
