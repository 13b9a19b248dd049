"""Clocks that differ: the scan window is measured by one of them, whichever is wrong."""

from datetime import datetime, timezone
from pathlib import Path

import pytest
from support.figures import Figures
from support.host import Host
from support.movable_clock import MovableClock
from system.faults.fault_house import open_house
from system.faults.tapping import Answered


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_scan_after_the_window_is_too_late_by_whatever_clock(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, figures: Figures
) -> None:
    now = datetime.now(timezone.utc)
    ours, theirs = MovableClock(now), MovableClock(now)
    theirs.move(minutes=minutes)
    async with open_house(host, tmp_path, monkeypatch, clock=ours, bunker_clock=theirs) as house:
        assert await house.pair(scan_minutes=5) == (200, "")
        for clock in (ours, theirs):
            clock.move(minutes=6)
        await house.scan()
        assert await house.look() == (200, "ok")
        assert await house.stands() == ("unpaired", "lapsed", ("burn_token",))
        assert not await house.routes()
        await house.work()
        assert await house.left() == []
        assert not await house.signs()
    figures.add("faults")


@pytest.mark.parametrize("minutes", [-10, 0, 10])
async def test_the_superuser_is_told_that_clocks_differ(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    def by_its_clock(answered: Answered) -> list[str]:
        return [answered.reply(**answered.body)]

    async with open_house(host, tmp_path, monkeypatch) as house:
        house.tap.bunker.ahead = 60 * minutes
        house.tap.method, house.tap.forge = "ping", by_its_clock
        for caller in (host.superuser, host.operator):
            status = (await host.api("GET", "/bunker", as_=caller)).json()
            codes = {hazard["code"] for hazard in status["hazards"]}
            assert ("clocks_differ" in codes) == (minutes != 0 and caller is host.superuser)
