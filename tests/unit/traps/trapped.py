"""A machine at a bunker of any lineage, for the daemon's traps."""

from pathlib import Path
from typing import Any

from spirekeeper.spire.errors import Refused
from spirekeeper.spire.machine import Machine
from support.host import Host


def old(host: Host) -> bool:
    """Its bunker speaks NIP-04 alone."""
    return not host.bunker.lineage.value.nip44


async def pair(host: Host, machine_id: str, **data: Any) -> dict[str, Any]:
    return await host.pair(machine_id, legacy_nip04=old(host), **data)


async def boots(host: Host, spire: Machine, seed: dict[str, Any]) -> bool:
    """Whether the machine connects; False when it is refused."""
    await host.bunker.listening()
    try:
        await spire.boot(seed["seed_url"], nip04=old(host))
    except Refused:
        return False
    return True


async def connected(host: Host, folder: Path) -> tuple[str, dict[str, Any], Machine]:
    machine_id, spire = await host.add_machine(), Machine(folder / "spire", timeout=10.0)
    seed = await pair(host, machine_id)
    assert await boots(host, spire, seed)
    assert (await host.pairing(machine_id))["state"] == "paired"
    return machine_id, seed, spire


def asked(host: Host, method: str) -> list[list[Any]]:
    """With what the bunker was asked for this."""
    return [call.params for call in host.bunker.calls if call.method == method]
