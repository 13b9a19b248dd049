"""Each fault of the wire, met by each thing an operator does; see `fault_table.py`."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from spirekeeper.clock import utc_now
from support.figures import Figures
from support.host import Host
from system.faults.fault_house import PATIENCE, House, open_house
from system.faults.fault_table import FAULTS, Fault, Op, Way, ends_of

CASES = [
    pytest.param(
        fault,
        op,
        way,
        id=f"{fault.name} | {op.words} {op.method}",
        marks=pytest.mark.long if op in fault.slow else (),
    )
    for fault in FAULTS
    for op, way in fault.ways.items()
]


@pytest.fixture
async def house(
    fault: Fault, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    def clock() -> datetime:
        return utc_now() + timedelta(minutes=fault.server_ahead)

    def bunker_clock() -> datetime:
        return utc_now() + timedelta(minutes=fault.bunker_ahead)

    async with open_house(
        host,
        tmp_path,
        monkeypatch,
        relays=fault.relays,
        clock=clock,
        bunker_clock=bunker_clock,
    ) as house:
        yield house


async def come_to(op: Op, house: House) -> None:
    """Everything that comes before what the operator does."""
    if op.anew:
        return
    await house.known()
    if op.pairs:
        return
    assert await house.pair(require_confirmation=op is Op.CONFIRM, scan_minutes=5) == (200, "")
    await house.scan()
    if op is not Op.LOOK:
        await house.look()


async def do(op: Op, house: House) -> tuple[int, str]:
    if op.pairs:
        return await house.pair(scan_minutes=5)
    return await {Op.LOOK: house.look, Op.CONFIRM: house.confirm, Op.REVOKE: house.revoke}[op]()


@pytest.mark.parametrize(("fault", "op", "way"), CASES)
async def test_a_fault(fault: Fault, op: Op, way: Way, house: House, figures: Figures) -> None:
    await come_to(op, house)
    if op in fault.slow:
        await house.wait_no_longer_than(fault.patience)
    await fault.make(house, op.method)
    end = ends_of(op)[way]
    assert await do(op, house) == (end.status, end.code)
    assert await house.stands() == (end.machine, end.pairing, end.owed)
    assert await house.untrue() == []
    if house.seed:
        assert await house.routes() == (end.machine == "paired")

    await house.wait_no_longer_than(PATIENCE)
    await house.well()
    await house.work()
    if op is Op.REVOKE:
        assert not await house.signs()
        assert not await house.routes()
    else:
        if op.pairs:
            assert await house.left() == []
            assert way is Way.FINE or await house.pair() == (200, "")
            await house.scan()
        assert await house.look() == (200, "ok")
        if op is Op.CONFIRM and way is not Way.FINE:
            assert await house.confirm() == (200, "")
        assert (await house.stands())[0] == "paired"
        assert await house.routes()
        assert await house.signs()
    await house.work()
    assert await house.left() == []
    figures.add("faults")
