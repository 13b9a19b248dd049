"""A reference machine that sells notes, with a fake motor: `spire cash-out` without its words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spirekeeper.spire.cash_orders import Order, Orders
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service

from support.cash import confirm, switch_on
from support.cash_at_machine import AtMachine
from support.fake_motor import FakeMotor
from support.host import CallsTheApi

PATIENCE_S = 90.0


class Stall:
    """`machine_id` as LNbits knows it. Its customers order one after the other."""

    def __init__(self, machine_id: str, folder: Path) -> None:
        folder.mkdir()
        self.machine_id = machine_id
        self.home = folder / "spire"
        self.spire = Machine(self.home, timeout=5.0)
        self.motor = FakeMotor(folder / "motor")
        self.orders = Orders(self.home)
        self._shown: asyncio.Queue[Order] = asyncio.Queue()
        self._leaves = asyncio.Event()

    @property
    def books(self) -> AtMachine:
        return AtMachine.of(self.machine_id, self.home, self.motor)

    def sells(self, sats: int) -> "asyncio.Task[Order]":
        """A customer is served, whose notes the motor would bring; ends when all came out, and
        raises otherwise."""
        self.motor.brings(1, sats)
        self._leaves = asyncio.Event()
        desk = CashOut(
            Service(self.spire),
            self.orders,
            Dispenser([self.motor.command]),
            show=self._shown.put_nowait,
            tell=lambda _: None,
            leaves=self._leaves,
        )
        return asyncio.create_task(desk.serve(sats, None))

    async def invoice(self) -> str:
        """What the customer is shown next."""
        order = await asyncio.wait_for(self._shown.get(), PATIENCE_S)
        assert order.bolt11
        return order.bolt11

    def customer_leaves(self) -> None:
        self._leaves.set()


@asynccontextmanager
async def stall(host: CallsTheApi, folder: Path, **pair: Any) -> AsyncIterator[Stall]:
    """A new machine that may sell: paired, and confirmed by its operator. What it still does for a
    customer is given up afterwards."""
    machine_id = await host.add_machine()
    await switch_on(host, machine_id)
    opened = Stall(machine_id, folder)
    seed = await host.pair(machine_id, **pair)
    await host.bunker.listening()
    await opened.spire.boot(seed["seed_url"])
    await confirm(host, machine_id)
    yield opened
