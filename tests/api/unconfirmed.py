"""Seeds that ask for a Yes, and a thief who scans one first."""

from typing import Any

from api.living import connected, judge
from nostr_sdk import Keys
from support.host import Host
from support.redeeming import redeem

ASKED = {"require_confirmation": True}


async def confirmed(house: Host, machine_id: str, spire: Any, **data: Any) -> dict[str, Any]:
    """The seed of a machine that the operator said Yes to."""
    seed = await connected(house, machine_id, spire, **ASKED, **data)
    answer = await judge(house, machine_id, "confirm", spire.client_pubkey)
    assert answer.status_code == 200, answer.text
    return seed


async def scanned(house: Host, seed: dict[str, Any]) -> Keys:
    """A thief's client key, with which he redeemed the seed; nobody has noticed yet."""
    thief = Keys.generate()
    assert (await redeem(house, seed["seed_url"], thief))["result"] == "ack"
    return thief


async def refused(house: Host, machine_id: str, **data: Any) -> tuple[int, str]:
    answer = await house.api("POST", f"/machines/{machine_id}/pair", house.pair_request(**data))
    return answer.status_code, answer.json()["code"]


async def machine_of(house: Host, machine_id: str) -> dict[str, Any]:
    machine: dict[str, Any] = (await house.api("GET", f"/machines/{machine_id}")).json()
    return machine
