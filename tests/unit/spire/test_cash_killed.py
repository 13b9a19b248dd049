"""The machine is killed at every step of a cash-out: the same command goes on, and no motor ever
runs twice for what was paid once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.cash_orders import Orders, Step
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.errors import ForOperator
from spirekeeper.spire.machine import Machine
from support.cash_service import CashService
from support.fake_motor import FakeMotor
from support.raw_parties import RawAdmin
from unit.spire.mortal_spire import FIAT, SATS, MortalSpire, cash_out

SIDE_BY_SIDE = 4


@pytest.fixture
async def mortal() -> AsyncIterator[MortalSpire]:
    async with MortalSpire() as spire:
        yield spire


class Street:
    """Machines of one key, each with a motor and a service of its own."""

    def __init__(self, admin: RawAdmin, pubkey: str, policy: int, folder: Path) -> None:
        self._admin = admin
        self._pubkey = pubkey
        self._policy = policy
        self._folder = folder

    async def machine(self, number: int, service: CashService) -> tuple[Machine, Path, FakeMotor]:
        name = f"client-{number}"
        relay = self._admin.bunker.relays[0]
        seed = Seed.build(
            spire_pubkey=self._pubkey,
            secret=await self._admin.make_token("spire-a", self._policy, client_name=name),
            bunker_relay=relay,
            relays=[relay],
            service_pubkey=service.pubkey,
        )
        home = self._folder / name
        machine = Machine(home)
        await machine.boot(seed.encode())
        motor = FakeMotor(self._folder / f"motor-{number}")
        motor.brings(2, SATS)
        return machine, home, motor


@pytest.fixture
async def street(admin: RawAdmin, spire_pubkey: str, tmp_path: Path) -> Street:
    return Street(admin, spire_pubkey, await admin.make_policy(), tmp_path)


@pytest.mark.parametrize(
    ("asks", "at_least"), [(False, 12), pytest.param(True, 30, marks=pytest.mark.long)]
)
async def test_while_it_sells(
    asks: bool, at_least: int, mortal: MortalSpire, street: Street, relay: DevRelay
) -> None:
    """Asked for the same again, it dispenses once, or the operator is told; never neither."""

    async def story(step: int) -> bool:
        service = CashService(pays=True)
        machine, home, motor = await street.machine(step, service)
        async with service.on(relay.url):
            killed = await mortal.dies(home, step, sells=motor.command, asks=asks)
            if Step.DISPENSED not in steps_of(home):
                await gone_on(cash_out(machine, home, motor.command))
        [order] = service.orders.values()
        if steps_of(home) == [Step.DISPENSED]:
            assert (order.state, motor.ran) == ("dispensed", [f"{SATS} {FIAT}"])
        else:  # killed when the motor was about to start: the operator is told after five minutes
            assert steps_of(home) == [Step.UNKNOWN]
            assert (order.state, motor.ran) == ("dispensing", [])
        return killed

    for first in count(1, SIDE_BY_SIDE):
        steps = range(first, first + SIDE_BY_SIDE)
        killed = await asyncio.gather(*map(story, steps))
        if not all(killed):
            assert steps[killed.index(False)] > at_least
            return


def steps_of(home: Path) -> list[Step]:
    return [order.step for order in Orders(home).all()]


async def gone_on(selling: CashOut) -> None:
    with suppress(ForOperator):
        await selling.serve(SATS, FIAT)
