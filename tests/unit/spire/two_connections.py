"""A machine with two connections: the one that signs, and a newer one."""

from collections.abc import Awaitable, Callable

from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from support.raw_parties import RawAdmin
from unit.spire.scripted_signer import ScriptedSigner

MakeSeed = Callable[..., Awaitable[Seed]]
"""What the fixtures `make_seed…` give."""
IMPATIENT_S = 3.0
"""A third of it is how long an older connection is waited for that does not answer."""


class Two:
    """A machine with a connection that signs as `spire-a` and a newer one for `spire-a-2`."""

    def __init__(self, machine: Machine, admin: RawAdmin, older: Seed, newer: Seed) -> None:
        self.machine = machine
        self.admin = admin
        self.older_seed, self.newer_seed = older, newer
        self.older, self.newer = machine.state.both

    async def say_yes(self) -> None:
        await self.admin.revoke(self.older.client_pubkey)

    async def say_no(self) -> None:
        await self.admin.revoke(self.newer.client_pubkey, "spire-a-2")

    async def signs_as(self) -> str:
        return await author(self.machine)


async def author(machine: Machine) -> str:
    """Of what the machine has signed now."""
    return str((await machine.sign(21000, "hello")).author().to_hex())


def seed_of(signer: ScriptedSigner, relay: DevRelay) -> Seed:
    return Seed.build(
        spire_pubkey=signer.pubkey, secret="5ec4e7", bunker_relay=relay.url, relays=[relay.url]
    )
