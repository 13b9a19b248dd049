"""A machine's life, seen from the machine and from the roster."""

from typing import Any

from spirekeeper.spire.machine import Machine
from support.host import Host
from support.movable_clock import MovableClock
from support.settling import TWO_MINUTES, settle


async def connected(house: Host, machine_id: str, spire: Machine, **data: Any) -> dict[str, Any]:
    """A seed that this spire has booted from; the operator's page has been told."""
    seed = await house.pair(machine_id, **data)
    await spire.boot(seed["seed_url"])
    await house.pairing(machine_id)
    return seed


async def routes(house: Host, seed: dict[str, Any]) -> bool:
    return (await house.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200


async def judge(house: Host, machine_id: str, verdict: str, client_pubkey: str) -> Any:
    body = {"client_pubkey": client_pubkey}
    return await house.api("POST", f"/machines/{machine_id}/pairing/{verdict}", body)


async def pass_by(host_clock: MovableClock) -> None:
    """One pass of the background work, late enough for what was put off."""
    from spirekeeper.steps.clocks import end_by_clock

    await end_by_clock(host_clock)
    await settle(host_clock, TWO_MINUTES)
