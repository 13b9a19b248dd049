"""The machine is killed at every step of a cash-in: the same command goes on, no order takes notes
twice, none is taken without a hold, and who inserted them is paid once, or the operator told."""

import asyncio
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.spire.cash_in import CashIn
from spirekeeper.spire.cash_in_orders import CashInOrders, CashInStep
from spirekeeper.spire.errors import ForOperator
from support.cash_service import CashService
from support.fake_acceptor import FakeAcceptor
from unit.spire.mortal_spire import SATS, MortalSpire, cash_in
from unit.spire.street import Street

SIDE_BY_SIDE = 4
BOLT11 = "lnbcrt196u1customer"


@pytest.mark.parametrize("bolt11", [BOLT11, None], ids=["invoice", "link"])
@pytest.mark.parametrize(
    ("asks", "at_least"), [(False, 6), pytest.param(True, 20, marks=pytest.mark.long)]
)
async def test_while_it_takes_notes(
    asks: bool,
    at_least: int,
    bolt11: str | None,
    mortal: MortalSpire,
    street: Street,
    relay: DevRelay,
) -> None:
    async def story(step: int) -> bool:
        service = CashService()
        service.takes.fetches = True
        machine, home = await street.machine(step, service)
        acceptor = FakeAcceptor(street.folder / f"acceptor-{step}")
        acceptor.takes(SATS // 2, SATS // 4)
        async with service.on(relay.url):
            how = {"takes": acceptor.command, "bolt11": bolt11, "asks": asks}
            killed = await mortal.dies(home, step, **how)
            if steps_of(home) not in ([CashInStep.SENT], [CashInStep.UNKNOWN]):
                await gone_on(cash_in(machine, home, acceptor.command), bolt11)
        assert len(acceptor.ran) == len(set(acceptor.ran_for)) <= 1
        order = service.takes.only
        assert order.id in acceptor.ran_for or not acceptor.ran_for
        if steps_of(home) == [CashInStep.SENT]:
            assert (order.said, order.paid) == (SATS * 3 // 4, [bolt11 or "link"])
        else:  # killed when notes were about to go in: nobody knows, and the operator counts
            assert steps_of(home) == [CashInStep.UNKNOWN]
            assert (order.state, order.paid, acceptor.ran) == ("held", [], [])
        return killed

    for first in count(1, SIDE_BY_SIDE):
        steps = range(first, first + SIDE_BY_SIDE)
        killed = await asyncio.gather(*map(story, steps))
        if not all(killed):
            assert steps[killed.index(False)] > at_least
            return


def steps_of(home: Path) -> list[CashInStep]:
    return [order.step for order in CashInOrders(home).all()]


async def gone_on(taking: CashIn, bolt11: str | None) -> None:
    with suppress(ForOperator):
        await taking.serve(SATS, bolt11)
