"""A machine that sells one order after the other, whatever happens to LNbits, to its relay and to
itself meanwhile; with its customers, and the operator who ends what is left to him."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

import httpx
from spirekeeper.devkit.customer import pay
from spirekeeper.devkit.hostile_relay import Line, Manner
from spirekeeper.devkit.lnbits import LNbitsError
from spirekeeper.spire.cash_orders import Order, Orders
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.cash_steps import Steps
from spirekeeper.spire.cash_wire import Question, Said
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.errors import SpireError
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash import KINDS
from support.cash_ledger import AtMachine
from support.fake_motor import FakeMotor
from system.kills.killable import Subject, World

SALE_SECONDS = 600.0
AGAIN_SECONDS = 4.0
"""A machine that asks more than thirty times a minute is told to wait."""
LATEST_STEP = 16
"""A sale that nothing disturbs has about so many steps."""


class Mood(str, Enum):
    """What a customer does once the invoice is shown."""

    PAYS = "pays"
    PAYS_TWICE = "pays twice"
    """At once, as an impatient wallet does."""
    LEAVES = "leaves"
    PAYS_LATE = "pays late"
    """After having left."""
    LEAVES_PAYING = "leaves while paying"


class Motor(str, Enum):
    """What comes out of the dispenser."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    NOBODY_KNOWS = "nobody knows"


@dataclass(frozen=True)
class Run:
    """One customer's order."""

    sats: int
    mood: Mood = Mood.PAYS
    motor: Motor = Motor.ALL
    deaths: tuple[int, ...] = ()
    """The steps at which the machine is killed, each counted from its last start."""

    @classmethod
    def made_up(cls, chance: Random) -> "Run":
        moods = {Mood.PAYS: 6, Mood.PAYS_TWICE: 1, Mood.LEAVES: 1}
        moods |= {Mood.PAYS_LATE: 1, Mood.LEAVES_PAYING: 1}
        motors = {Motor.ALL: 7, Motor.SOME: 1, Motor.NONE: 1, Motor.NOBODY_KNOWS: 1}
        deaths = chance.choices((0, 1, 2), (5, 4, 1))[0]
        return cls(
            sats=chance.choice((1000, 2000, 5000)),
            mood=chance.choices(list(moods), list(moods.values()))[0],
            motor=chance.choices(list(motors), list(motors.values()))[0],
            deaths=tuple(chance.randint(1, LATEST_STEP) for _ in range(deaths)),
        )


class Killed(BaseException):
    """The machine, in this process, is no more: what it has on its disk is left of it. Its disk is
    written whole and at once, so nothing else distinguishes it from a SIGKILL (those are in
    tests/unit/spire/test_cash_killed.py)."""


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
    life = _Life(None)

    async def ask_service(self, question: Question) -> Said:
        self.life.step()
        said = await super().ask_service(question)
        self.life.step()
        return said


class _MortalOrders(Orders):
    life = _Life(None)

    def write(self, order: Order) -> Order:
        self.life.step()
        written = super().write(order)
        self.life.step()
        return written


class Stand:
    """`move_in` once, then `sell` as often as you like."""

    def __init__(self, world: World, subject: Subject, folder: Path) -> None:
        folder.mkdir()
        self._world = world
        self._home = folder / "spire"
        self.subject = subject
        self.machine = _MortalMachine(self._home, timeout=5.0)
        self.motor = FakeMotor(folder / "motor")
        self.orders = _MortalOrders(self._home)
        self.kills = 0

    async def move_in(self, **pairing: Any) -> None:
        await self._world.told(self.subject, "PUT", "/cash", {"out_on": True, "smallest": 100})
        await self._world.pair(self.subject, **pairing)
        await self.machine.boot(self.subject.seeds[-1].encode())
        while True:
            told = (await self._world.told(self.subject, "GET", "/pairing"))["pairing"]
            if told["client_pubkey"]:
                break
        body = {"client_pubkey": told["client_pubkey"]}
        await self._world.told(self.subject, "POST", "/pairing/confirm", body)

    async def sell(self, run: Run) -> None:
        """One customer's order, to its end on the machine."""
        self._load(run)
        customer = _Customer(self._world, run.mood)
        ended_before = {order.id for order in self.orders.all() if not order.is_open}
        paying = asyncio.create_task(customer.stands_there())
        deaths = iter(run.deaths)

        async def to_its_end() -> None:
            while True:
                await self._serve_once(run, customer, next(deaths, None))
                if {order.id for order in self.orders.all() if not order.is_open} - ended_before:
                    return
                await asyncio.sleep(AGAIN_SECONDS)

        try:
            await asyncio.wait_for(to_its_end(), SALE_SECONDS)
        finally:
            paying.cancel()
            await asyncio.gather(paying, return_exceptions=True)
        await customer.has_left()

    async def _serve_once(self, run: Run, customer: "_Customer", death: int | None) -> None:
        """As the same command is run again: it goes on where it broke off."""
        self.machine.life = self.orders.life = _Life(death)
        desk = CashOut(
            Service(self.machine),
            self.orders,
            Dispenser([self.motor.command]),
            show=customer.shown.put_nowait,
            tell=lambda _: None,
            leaves=customer.leaves,
        )
        try:
            with suppress(SpireError):
                await desk.serve(run.sats, None)
        except Killed:
            self.kills += 1

    def _load(self, run: Run) -> None:
        match run.motor:
            case Motor.ALL:
                self.motor.brings(2, run.sats)
            case Motor.SOME:
                self.motor.brings(1, run.sats // 2)
            case Motor.NONE:
                self.motor.brings(0, 0)
            case Motor.NOBODY_KNOWS:
                self.motor.says("moving\n")

    async def catches_up(self) -> None:
        """As `spire cash` does."""
        self.machine.life = self.orders.life = _Life(None)
        await Steps(Service(self.machine), self.orders, lambda _: None).catch_up()

    def at_machine(self) -> AtMachine:
        return AtMachine.of(self.subject.machine_id, self._home, self.motor)


class _Customer:
    """Pays, or leaves: also when LNbits does not let him pay. At each start it calls the pending
    invoices of its FakeWallet failed."""

    def __init__(self, world: World, mood: Mood) -> None:
        self._world = world
        self._mood = mood
        self._last: Order | None = None
        self.shown: asyncio.Queue[Order] = asyncio.Queue()
        self.leaves = asyncio.Event()

    async def stands_there(self) -> None:
        while True:
            order = self._last = await self.shown.get()
            match self._mood:
                case Mood.PAYS:
                    await self._pays(order)
                case Mood.PAYS_TWICE:
                    await asyncio.gather(self._pays(order), self._pays(order))
                case Mood.LEAVES | Mood.PAYS_LATE:
                    self.leaves.set()
                case Mood.LEAVES_PAYING:
                    self.leaves.set()
                    await self._pays(order)

    async def has_left(self) -> None:
        if self._mood is Mood.PAYS_LATE and self._last:
            await self._pays(self._last)

    async def _pays(self, order: Order) -> None:
        while True:
            try:
                await self._pay(order)
                return
            except LNbitsError as error:
                if "already" in str(error) or "not possible" in str(error):
                    self.leaves.set()  # without effect where it is paid
                    return
            except httpx.HTTPError:
                pass  # LNbits is killed just now
            await asyncio.sleep(0.3)

    async def _pay(self, order: Order) -> None:
        token = self._world.superuser.headers["Authorization"].removeprefix("Bearer ")
        base_url = self._world.lnbits.base_url
        async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=30) as http:
            await pay(http, token, order.bolt11 or "")


class Operator:
    """Ends what is left to him, each order twice at once; at times what would have gone on."""

    def __init__(self, world: World, chance: Random) -> None:
        self._world = world
        self._chance = chance

    async def looks(self) -> None:
        answer = await self._world.ask(self._world.operator, "GET", "/cash?limit=500")
        if answer is None or not answer.is_success:
            return
        for order in answer.json()["data"]:
            hasty = order["state"] == "paid" and self._chance.random() < 0.1
            if hasty or order["state"] in {"paid_late", "short"}:
                await asyncio.gather(self._settles(order["id"]), self._settles(order["id"]))

    async def _settles(self, order_id: str) -> None:
        await self._world.ask(
            self._world.operator, "POST", f"/cash/{order_id}/settle", {"how": "refunded"}
        )

    async def looks_all_the_time(self) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await self.looks()
            await asyncio.sleep(2)


def wayward(chance: Random) -> Manner:
    """A relay that loses some of what machine and service say, repeats some, and brings some late,
    after what was said later."""
    late: set[asyncio.Task[None]] = set()

    async def bring(line: Line, message: list[Any], seconds: float) -> None:
        await asyncio.sleep(seconds)
        await line.tell(*message)

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or message[2]["kind"] not in KINDS:
            return True
        goes, again = chance.random() > 0.1, chance.random() < 0.2
        if again:
            task = asyncio.create_task(bring(line, message, chance.uniform(0.05, 3.0)))
            late.add(task)
            task.add_done_callback(late.discard)
        return goes

    return manner
