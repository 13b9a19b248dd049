"""A machine at which customers are served, with its device and the service that it asks."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic

from spirekeeper.spire.acceptor import Acceptor
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInOrders, CashInStep
from spirekeeper.spire.cash_in_steps import CashInSteps
from spirekeeper.spire.cash_orders import Order, Orders, Step
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.cash_steps import Steps
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.order_files import O, OrderFiles
from spirekeeper.spire.service import Service
from support.cash_service import CashService, Serving
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor

SATS, FIAT = 20_000, "20 EUR"
IN = 15_000
NET = IN - 301
BOLT11 = "lnbcrt147u1customer"


class Desk(Generic[O]):
    """What both ways that notes go have in common."""

    orders: OrderFiles[O]

    def __init__(self, machine: Machine, home: Path, cash: CashService) -> None:
        self.home = home
        self.cash = cash
        self.service = Service(machine)
        self.leaves = asyncio.Event()
        self.shown: list[O] = []
        self.told: list[str] = []
        self.clock = 0.0
        self.serving: Serving

    def now(self) -> float:
        return self.clock

    def written(self, order: O) -> O:
        with self.orders.locked():
            return self.orders.write(order)

    @property
    def order(self) -> O:
        [order] = self.orders.all()
        return order


class SellingDesk(Desk[Order]):
    """Sats become notes."""

    def __init__(self, machine: Machine, home: Path, motor: FakeMotor, cash: CashService) -> None:
        super().__init__(machine, home, cash)
        self.orders = Orders(home)
        self.motor = motor

    async def sell(self, sats: int = SATS, fiat: str | None = FIAT) -> Order:
        return await self.cash_out().serve(sats, fiat)

    def cash_out(self) -> CashOut:
        return CashOut(
            self.service,
            self.orders,
            Dispenser([self.motor.command]),
            show=self.shown.append,
            tell=self.told.append,
            leaves=self.leaves,
            now=self.now,
        )

    async def catch_up(self) -> None:
        await Steps(self.service, self.orders, self.told.append).catch_up()

    def broken_off(self, step: Step, **fields: Any) -> Order:
        """An order that a machine left there when it lost its power."""
        return self.written(replace(Order.new(SATS, FIAT), step=step, **fields))


class TakingDesk(Desk[CashInOrder]):
    """Notes become sats."""

    def __init__(
        self, machine: Machine, home: Path, acceptor: FakeAcceptor, cash: CashService
    ) -> None:
        super().__init__(machine, home, cash)
        self.orders = CashInOrders(home)
        self.acceptor = acceptor

    async def take(self, bolt11: str | None = None, sats: int = SATS) -> CashInOrder:
        return await self.cash_in().serve(sats, bolt11)

    def cash_in(self) -> CashIn:
        return CashIn(
            self.service,
            self.orders,
            Acceptor([self.acceptor.command]),
            show=self.shown.append,
            tell=self.told.append,
            leaves=self.leaves,
            now=self.now,
        )

    async def catch_up(self) -> None:
        await CashInSteps(self.service, self.orders, self.told.append).catch_up()

    def broken_off(self, step: CashInStep, **fields: Any) -> CashInOrder:
        """An order that a machine left there when it lost its power."""
        return self.written(replace(CashInOrder.new(SATS, None), step=step, **fields))
