"""What one process writes, the others over the same database hear of."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.host import Host

OPERATOR, OTHER = "an operator", "another"


@pytest.fixture
def heard(host: Host) -> Iterator[list[str]]:
    from spirekeeper import changes

    operators: list[str] = []
    changes.take_untold()
    changes.listen(operators.append)
    yield operators
    changes.stop_listening(operators.append)


def process() -> Any:
    from spirekeeper.upkeep.other_processes import OneOfMany

    return OneOfMany()


async def looks(process: Any, heard: list[str]) -> list[str]:
    """What it passes on."""
    from spirekeeper.clock import utc_now

    heard.clear()
    await process.tell_and_hear(utc_now)
    return sorted(heard)


async def test_each_hears_once_of_what_the_others_changed(host: Host, heard: list[str]) -> None:
    from spirekeeper.changes import announce_changed

    here, there = process(), process()
    announce_changed(OPERATOR)
    assert await looks(here, heard) == [], "what it has announced itself"
    announce_changed(OPERATOR)
    announce_changed(OTHER)
    assert await looks(there, heard) == [OPERATOR], "though it has changed the same meanwhile"
    assert await looks(there, heard) == []
    assert await looks(here, heard) == sorted([OPERATOR, OTHER])
    assert await looks(here, heard) == []
    assert set(await looks(process(), heard)) >= {OPERATOR, OTHER}, "whoever has just started"


async def test_what_is_old_is_forgotten(
    host: Host, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.changes import announce_changed
    from spirekeeper.store.database import CHANGED, db
    from spirekeeper.upkeep import other_processes

    here = process()
    for seconds, left in ((600.0, 1), (-1.0, 0)):
        monkeypatch.setattr(other_processes, "FORGET_SECONDS", seconds)
        await db.execute(f"DELETE FROM {CHANGED}")
        announce_changed(OPERATOR)
        await looks(here, heard)
        assert len(await db.fetchall(f"SELECT * FROM {CHANGED}")) == left
