"""What the page is told of a machine beside its state: who is connected, and what is owed."""

from typing import Any

from nostr_sdk import Keys
from spirekeeper.seed import fingerprint
from support.host import Host
from support.redeeming import redeem
from support.settling import settle


async def described(host: Host, machine_id: str) -> dict[str, Any]:
    answer = await host.api("GET", f"/machines/{machine_id}")
    assert answer.status_code == 200, answer.text
    machine: dict[str, Any] = answer.json()
    return machine


async def scanned(host: Host, machine_id: str) -> dict[str, Any]:
    """A client redeems a fresh seed that the operator has to confirm."""
    seed = await host.pair(machine_id, require_confirmation=True)
    assert (await redeem(host, seed["seed_url"], Keys.generate()))["result"] == "ack"
    pairing: dict[str, Any] = (await host.pairing(machine_id))["pairing"]
    return pairing


async def confirm(host: Host, machine_id: str, pairing: dict[str, Any]) -> None:
    path = f"/machines/{machine_id}/pairing/confirm"
    answer = await host.api("POST", path, {"client_pubkey": pairing["client_pubkey"]})
    assert answer.status_code == 200, answer.text


async def test_the_answer_to_a_pair_names_the_pairing_and_the_key(alone: Host) -> None:
    machine_id = await alone.add_machine()
    assert (await described(alone, machine_id))["spire_fingerprint"] is None
    seed = await alone.pair(machine_id)
    assert seed["pairing_id"] == (await alone.pairing(machine_id))["pairing"]["id"]
    assert seed["spire_fingerprint"] == fingerprint(seed["spire_pubkey"])
    machine = await described(alone, machine_id)
    assert machine["spire_fingerprint"] == seed["spire_fingerprint"]


def test_the_schemas_example_is_the_fingerprint_of_its_key() -> None:
    from spirekeeper.schemas import machines

    example = machines.MachineAnswer.Config.schema_extra["example"]
    assert example["spire_fingerprint"] == fingerprint(str(example["machine_npub"]))


async def test_connected_is_who_was_confirmed(alone: Host) -> None:
    """Not who has scanned; and not the newer client before the older one has gone."""
    machine_id = await alone.add_machine()
    first = await scanned(alone, machine_id)
    assert (await described(alone, machine_id))["connected_since"] is None
    await confirm(alone, machine_id, first)
    confirmed_at = (await alone.pairing(machine_id))["pairing"]["confirmed_at"]
    assert (await described(alone, machine_id))["connected_since"] == confirmed_at

    second = await scanned(alone, machine_id)
    machine = await described(alone, machine_id)
    assert (machine["state"], machine["connected_since"]) == ("confirming", confirmed_at)
    await confirm(alone, machine_id, second)
    assert (await described(alone, machine_id))["connected_since"] > confirmed_at

    await alone.api("POST", f"/machines/{machine_id}/revoke")
    assert (await described(alone, machine_id))["connected_since"] is None


async def test_what_the_bunker_owes_is_counted_until_it_is_done(alone: Host) -> None:

    machine_id, other = await alone.add_machine(), await alone.add_machine()
    await confirm(alone, machine_id, await scanned(alone, machine_id))
    alone.bunker.levers.refuse("no")
    await alone.api("POST", f"/machines/{machine_id}/revoke")
    assert (await described(alone, machine_id))["owed"] == 1
    assert (await described(alone, other))["owed"] == 0
    alone.bunker.levers.normal()
    await settle()
    assert (await described(alone, machine_id))["owed"] == 0
