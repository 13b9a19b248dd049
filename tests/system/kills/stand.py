"""A machine that sells notes and takes them, for one customer after the other, whatever happens to
LNbits, to its relay and to itself meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from spirekeeper.spire.acceptor import Acceptor
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInOrders, CashInStep
from spirekeeper.spire.cash_in_steps import CashInSteps
from spirekeeper.spire.cash_orders import Order, Orders
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.cash_steps import Steps
from spirekeeper.spire.cash_wire import Question, Said
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.errors import SpireError
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.order_files import O, OrderFiles
from spirekeeper.spire.service import Service
from support.cash import confirm, switch_on
from support.cash_at_machine import AtMachine
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor
from support.two_lnbits import Bed
from system.kills.customers import FEE_FIXED, FEE_PPM, Buyer, Depositor, sent_away
from system.kills.made_up import BY_INVOICE, Deposit, Motor, Notes, Sale, Wish
from system.kills.operating import CAPS

SALE_SECONDS = 600.0
AGAIN_SECONDS = 4.0
"""A machine that asks more than thirty times a minute is told to wait."""
A_NOTE_SECONDS = 0.8
CATCHES_UP_TIMES = 5
"""The relay loses so much that the service may not be heard the first time."""


class Killed(BaseException):
    """The machine, in this process, is no more: what it has on its disk is left of it. Its disk is
    written whole and at once, so nothing else distinguishes it from a SIGKILL (those are in
    tests/unit/spire/test_cash_killed.py and test_cash_in_killed.py)."""


class _Life:
    """Counts the steps: before and after each question, and each write of the journal."""

    def __init__(self, last: int | None) -> None:
        self._left = last

    def step(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise Killed


class _MortalMachine(Machine):
    """`refusals`: how often it was refused a hold, or a link, for lack of what."""

    life = _Life(None)

    def __init__(self, home: Path, **more: Any) -> None:
        super().__init__(home, **more)
        self.refusals: Counter[str] = Counter()

    async def ask_service(self, question: Question) -> Said:
        self.life.step()
        said = await super().ask_service(question)
        self.life.step()
        if question.name in {"hold", "create_withdraw"} and "error" in said.content:
            self.refusals[str(said.content["error"]).partition(":")[0]] += 1
        return said


class _MortalFiles(OrderFiles[O]):
    life = _Life(None)

    def write(self, order: O) -> O:
        self.life.step()
        written = super().write(order)
        self.life.step()
        return written


class _MortalOrders(_MortalFiles[Order], Orders):
    """Of sales."""


class _MortalDeposits(_MortalFiles[CashInOrder], CashInOrders):
    """Of deposits."""


class Stand:
    """`move_in` once, then `serve` as often as you like."""

    def __init__(self, town: Bed, machine_id: str, folder: Path) -> None:
        folder.mkdir()
        self._town = town
        self._home = folder / "spire"
        self.machine_id = machine_id
        self.machine = _MortalMachine(self._home, timeout=5.0)
        self.motor = FakeMotor(folder / "motor")
        self.acceptor = FakeAcceptor(folder / "acceptor")
        self.orders = _MortalOrders(self._home)
        self.deposits = _MortalDeposits(self._home)
        self.kills = 0
        self._used: str | None = None
        """An invoice that an earlier customer was to be paid by."""

    async def move_in(self, **pairing: Any) -> None:
        fees = {"in_fee_ppm": FEE_PPM, "in_fee_fixed": FEE_FIXED}
        await switch_on(self._town, self.machine_id, in_on=True, **fees, **CAPS)
        seed = await self._town.pair(self.machine_id, **pairing)
        await self._town.bunker.listening()
        await self.machine.boot(seed["seed_url"])
        while not (await self._town.pairing(self.machine_id))["pairing"]["client_pubkey"]:
            pass  # LNbits has not noticed yet
        await confirm(self._town, self.machine_id)

    async def serve(self, wish: Wish) -> None:
        """One customer, to the end on the machine."""
        await (self._sell(wish) if isinstance(wish, Sale) else self._take(wish))

    async def _sell(self, sale: Sale) -> None:
        self._load(sale)
        customer = Buyer(self._town, sale)

        async def once() -> None:
            desk = CashOut(
                Service(self.machine),
                self.orders,
                Dispenser([self.motor.command]),
                show=customer.shown.put_nowait,
                tell=lambda _: None,
                leaves=customer.leaves,
            )
            await desk.serve(sale.sats, None)

        def ended() -> set[str]:
            return {order.id for order in self.orders.all() if not order.is_open}

        await self._to_the_end(sale, customer, once, ended)

    async def _take(self, deposit: Deposit) -> None:
        if deposit.goes_in is Notes.NOBODY_COMES:
            with suppress(SpireError):
                await Service(self.machine).hold(CashInOrder.new(deposit.sats, None))
            return
        self._insert(deposit)
        customer = Depositor(self._town, deposit)
        bolt11 = await customer.brings(self._used)
        if deposit.fetch in BY_INVOICE:
            self._used = bolt11

        async def once() -> None:
            desk = CashIn(
                Service(self.machine),
                self.deposits,
                Acceptor([self.acceptor.command]),
                show=customer.shown.put_nowait,
                tell=lambda _: None,
                leaves=customer.leaves,
            )
            await desk.serve(deposit.sats, bolt11)

        def ended() -> set[str]:
            orders = self.deposits.all()
            return {each.id for each in orders if not each.is_open or each.step is CashInStep.LEFT}

        await self._to_the_end(deposit, customer, once, ended)

    async def _to_the_end(
        self,
        wish: Wish,
        customer: Buyer | Depositor,
        once: Callable[[], Awaitable[None]],
        ended: Callable[[], set[str]],
    ) -> None:
        """As the same command is run again: it goes on where it broke off."""
        before = ended()
        waiting = asyncio.create_task(customer.stands_there())

        async def again_and_again() -> None:
            for death in chain(wish.deaths, repeat(None)):
                self._lives(death)
                try:
                    with suppress(SpireError):
                        await once()
                except Killed:
                    self.kills += 1
                if ended() - before:
                    return
                await asyncio.sleep(AGAIN_SECONDS)

        try:
            await asyncio.wait_for(again_and_again(), SALE_SECONDS)
        finally:
            await sent_away(waiting)
        self._lives(None)
        await customer.has_left()

    def _lives(self, death: int | None) -> None:
        self.machine.life = self.orders.life = self.deposits.life = _Life(death)

    def _load(self, sale: Sale) -> None:
        match sale.motor:
            case Motor.ALL:
                self.motor.brings(2, sale.sats)
            case Motor.SOME:
                self.motor.brings(1, sale.sats // 2)
            case Motor.NONE:
                self.motor.brings(0, 0)
            case Motor.NOBODY_KNOWS:
                self.motor.says("moving\n")

    def _insert(self, deposit: Deposit) -> None:
        one_by_one = deposit.goes_in is Notes.ONE_BY_ONE
        self.acceptor.slowly(A_NOTE_SECONDS if one_by_one else None)
        match deposit.goes_in:
            case Notes.NONE:
                self.acceptor.takes()
            case Notes.NOBODY_KNOWS:
                self.acceptor.says("jammed\n")
            case _:
                self.acceptor.takes(*deposit.notes)

    async def catches_up(self) -> None:
        """As `spire cash` does."""
        self._lives(None)
        service = Service(self.machine)
        for _ in range(CATCHES_UP_TIMES):
            with suppress(SpireError):
                await Steps(service, self.orders, lambda _: None).catch_up()
                await CashInSteps(service, self.deposits, lambda _: None).catch_up()
                return

    def at_machine(self) -> AtMachine:
        return AtMachine.of(self.machine_id, self._home, self.motor, self.acceptor)
