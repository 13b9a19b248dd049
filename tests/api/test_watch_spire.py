"""The reference machine as the watch notices it, on both behaviours of the bunker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from host import Host
from spirekeeper.spire.machine import Machine
from watching import until, watching


@pytest.fixture(autouse=True)
async def _quick(alone: Host) -> AsyncIterator[None]:
    async with watching():
        yield


async def test_its_boot_is_noticed_and_its_work_is_seen(alone: Host, tmp_path: Path) -> None:
    """Nobody asks for the pairing: the traffic alone tells."""
    from spirekeeper import crud, crud_pairings

    machine_id, spire = await alone.add_machine(), Machine(tmp_path / "spire", timeout=5.0)
    seed = await alone.pair(machine_id)
    await spire.boot(seed["seed_url"])

    async def noticed() -> bool:
        pairing = (await crud_pairings.get_pairings([machine_id]))[0]
        return pairing.client_pubkey == spire.client_pubkey

    async def seen() -> bool:
        machine = await crud.get_machine(machine_id)
        return machine is not None and machine.last_seen_at is not None

    await until(noticed)
    assert (await alone.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200
    await spire.publish(await spire.sign(21000, "cash-out", []))
    await until(seen)
