"""A bunker and an operator of the races' own; in the background runs only what a test runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from spirekeeper.devkit.bunker import Lineage
from support.host import Caller, Host, by_hand
from support.own_bunker import own_bunker
from system.races.racing import Racetrack, RunningClock


@pytest.fixture(params=(Lineage.NEWER_NDK,), ids=lambda each: each.name)
async def track(
    host: Host,
    newcomer: Caller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Racetrack]:
    """One machine of an operator who has no other."""
    from spirekeeper import tasks
    from spirekeeper.connection import open_bunker
    from spirekeeper.routing import get_clock

    clock = RunningClock()
    monkeypatch.setenv("SPIREKEEPER_ROTATIONS_A_DAY", "100000")
    monkeypatch.setattr(open_bunker, "CALL_SECONDS", open_bunker.CALL_SECONDS)
    monkeypatch.setitem(host.app.dependency_overrides, get_clock, lambda: clock)
    options = {"lineage": request.param, "clock": clock, "listen_delay": 0.01}
    async with own_bunker(host, tmp_path, monkeypatch, **options) as own:
        track = Racetrack(own, newcomer, clock, tmp_path / "bunker")
        await track.begin()
        yield track
        own.bunker.levers.normal()
        for machine_id in track.known:
            await own.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
        await track.settle()
    tasks.start()
    by_hand()
