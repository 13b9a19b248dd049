"""Machines of one key, each with a service of its own."""

from pathlib import Path

from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from support.cash_service import CashService
from support.raw_parties import RawAdmin


class Street:
    """`await street.machine(3, service)`: a machine that has booted, and its state folder."""

    def __init__(self, admin: RawAdmin, pubkey: str, policy: int, folder: Path) -> None:
        self._admin = admin
        self._pubkey = pubkey
        self._policy = policy
        self.folder = folder

    async def machine(self, number: int, service: CashService) -> tuple[Machine, Path]:
        name = f"client-{number}"
        relay = self._admin.bunker.relays[0]
        seed = Seed.build(
            spire_pubkey=self._pubkey,
            secret=await self._admin.make_token("spire-a", self._policy, client_name=name),
            bunker_relay=relay,
            relays=[relay],
            service_pubkey=service.pubkey,
        )
        home = self.folder / name
        machine = Machine(home)
        await machine.boot(seed.encode())
        return machine, home
