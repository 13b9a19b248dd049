"""The machine is killed at every step of a cash-out: the same command goes on, and no motor ever
runs twice for what was paid once."""

import asyncio
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.spire.cash_orders import Orders, Step
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.errors import ForOperator
from support.cash_service import CashService
from support.fake_motor import FakeMotor
from unit.spire.mortal_spire import FIAT, SATS, MortalSpire, cash_out
from unit.spire.street import Street

SIDE_BY_SIDE = 4


@pytest.mark.parametrize(
    ("asks", "at_least"), [(False, 12), pytest.param(True, 30, marks=pytest.mark.long)]
)
async def test_while_it_sells(
    asks: bool, at_least: int, mortal: MortalSpire, street: Street, relay: DevRelay
) -> None:
    """Asked for the same again, it dispenses once, or the operator is told; never neither."""

    async def story(step: int) -> bool:
        service = CashService(pays=True)
        machine, home = await street.machine(step, service)
        motor = FakeMotor(street.folder / f"motor-{step}")
        motor.brings(2, SATS)
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
