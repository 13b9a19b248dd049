"""What every test may ask for: a relay, a development bunker, a clock that can be moved."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker
from support.settings_patch import SettingsPatch

pytest_plugins = [
    "support.example_machine",
    "support.figures",
    "support.host_fixtures",
    "support.matrix",
    "support.overdue",
    "support.own_bunker",
]

# No timed tests, and nothing left behind: these machines are shared, and slow at times.
settings.register_profile("shared", deadline=None, database=None)
settings.load_profile("shared")


@pytest.fixture
def monkeypatch() -> Iterator[SettingsPatch]:
    """pytest's own; a setting of ours that is changed with it counts at once."""
    with SettingsPatch.context() as patch:
        yield patch


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def admin_keys() -> Keys:
    """The key of the bunker's one admin."""
    return Keys.generate()


@pytest.fixture
async def relay() -> AsyncIterator[DevRelay]:
    async with DevRelay() as running:
        yield running


@pytest.fixture
async def make_bunker(
    relay: DevRelay, admin_keys: Keys, clock: MovableClock, tmp_path: Path
) -> AsyncIterator[MakeBunker]:
    """`await make_bunker(lineage=…, refusal_delay=…)`: a started DevBunker; takes what it takes.

    Refusals are quick unless a delay is given. All share one folder unless one is given.
    """
    made: list[DevBunker] = []

    async def make(**options: Any) -> DevBunker:
        defaults: dict[str, Any] = {
            "relays": [relay.url],
            "admins": [admin_keys.public_key().to_hex()],
            "folder": tmp_path / "bunker",
            "clock": clock,
            "refusal_delay": 0.05,
        }
        bunker = DevBunker(**{**defaults, **options})
        made.append(bunker)
        await bunker.start()
        return bunker

    yield make
    for bunker in made:
        await bunker.stop()


@pytest.fixture
async def bunker(make_bunker: MakeBunker) -> DevBunker:
    """One with newer NDK, the default."""
    return await make_bunker()
