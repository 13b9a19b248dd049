from nostr_sdk import Event
from raw_parties import RawAdmin
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine


async def test_a_machine_boots_and_signs(
    machine: Machine, seed: Seed, spire_pubkey: str, admin: RawAdmin
) -> None:
    await machine.boot(seed.encode())
    [user] = await admin.users("spire-a")
    assert user["pubkey"] == machine.client_pubkey

    event: Event = await machine.sign(21000, "hello", [["alt", "ü"]])
    assert event.verify()
    assert event.author().to_hex() == spire_pubkey
