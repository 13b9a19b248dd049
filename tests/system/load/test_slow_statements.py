"""A pairing whose statements wait behind those of many others, as on a busy LNbits."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.stored_here import all_pairings


async def test_the_background_does_not_give_up_a_pairing_at_its_last_step(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import recovery

    write, passes = crud.set_machine_pairing, []

    async def after_a_pass(*args: Any, **named: Any) -> bool:
        await recovery.finish_interrupted(utc_now)
        passes.append(args)
        return await write(*args, **named)

    machine_id = await host.add_machine(as_=newcomer)
    monkeypatch.setattr(crud, "set_machine_pairing", after_a_pass)
    answer = await host.api(
        "POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer
    )
    assert answer.status_code == 200, answer.text
    assert len(passes) == 1
    [pairing] = await all_pairings([machine_id])
    assert pairing.state.value == "issued"


async def test_a_pairing_that_outlives_its_lease_answers_no_seed(
    host: Host, newcomer: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may have taken it for lost: they burn its token."""
    from spirekeeper import pairing
    from spirekeeper.steps import owed_revocations, recovery
    from spirekeeper.store import owed_rows

    mint = pairing.mint

    async def slowly(*args: Any) -> Any:
        minted = await mint(*args)
        host_clock.move(seconds=61)
        await recovery.finish_interrupted(host_clock)
        return minted

    machine_id = await host.add_machine(as_=newcomer)
    monkeypatch.setattr(pairing, "mint", slowly)
    answer = await host.api(
        "POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer
    )
    assert answer.status_code == 409, answer.text
    [made] = await all_pairings([machine_id])
    assert made.state.value == "failed"
    assert await owed_rows.get_owed(machine_id)
    machine = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()
    assert machine["paired_at"] is None
    await owed_revocations.settle_owed(lambda: host_clock() + timedelta(minutes=2))


async def test_a_lease_does_not_run_out_while_its_holder_works(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    from spirekeeper import crud
    from spirekeeper.store import leases

    lasting = timedelta(seconds=0.04)
    machine_id = await host.add_machine(as_=newcomer)
    start = host_clock()

    async def until() -> datetime | None:
        machine = await crud.get_machine(machine_id)
        assert machine is not None
        return machine.busy_until

    async def is_renewed() -> None:
        while await until() == start + lasting:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.01)

    async with leases.machine_lease(machine_id, host_clock, lasting) as lease:
        assert lease is not None
        host_clock.move(seconds=0.02)
        await asyncio.wait_for(is_renewed(), 30)
        assert await until() == host_clock() + lasting
        async with leases.machine_lease(machine_id, host_clock, lasting) as anothers:
            assert anothers is None
        assert await until() == host_clock() + lasting
    assert await until() is None
