"""One thing is stopped before each of its statements in turn, and the other done in the middle.

So every moment at which the database can be seen between two steps is tried, and what is stored and
what the bunker has must agree each time, before and after what is owed was done.
"""

import itertools
from collections.abc import Awaitable, Callable

import pytest
from nostr_sdk import Keys
from support.figures import Figures
from system.races.gates import gate_statements, in_the_middle
from system.races.racing import Racetrack

Act = Callable[[Racetrack], Awaitable[object]]


async def nothing(track: Racetrack) -> None:
    """A machine that has never been paired."""


async def waiting(track: Racetrack) -> None:
    await track.pair()


async def scanned(track: Racetrack) -> None:
    """And nobody has noticed."""
    await track.pair()
    await scan(track)


async def connected(track: Racetrack) -> None:
    await scanned(track)
    await track.look()


async def confirming(track: Racetrack) -> None:
    await track.pair(require_confirmation=True)
    await scan(track)
    await track.look()


async def scan(track: Racetrack) -> None:
    """By a client that the bunker has never seen."""
    track.clients[0] = Keys.generate()
    assert (await track.redeem()).status == 200


def pair(**data: bool) -> Act:
    return lambda track: track.pair(**data)


def do(name: str) -> Act:
    return lambda track: getattr(track, name)()


CASES: dict[str, tuple[Act, Act, Act]] = {
    "two pairs": (nothing, pair(), pair()),
    "pair, and a revoke": (waiting, pair(), do("revoke")),
    "pair, and a delete": (nothing, pair(), do("delete")),
    "confirm, and a reject": (confirming, do("confirm"), do("reject")),
    "reject, and a confirm": (confirming, do("reject"), do("confirm")),
    "cancel, and a scan is noticed": (scanned, do("cancel"), do("look")),
    "rename, and a deactivation": (connected, do("rename"), do("deactivate")),
}
"""Where it begins, what is stopped, what is done meanwhile."""


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
async def test_each_moment(
    track: Racetrack, case: str, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate_statements(monkeypatch)
    scene, first, second = CASES[case]
    for nth in itertools.count(1):
        await track.begin()
        await scene(track)
        outcomes = await in_the_middle(first(track), second(track), nth)
        await judge(track, f"{case}, before statement {nth}: {outcomes}")
        if "deactivation" in case:
            assert not await track.is_routed()
        figures.add("races")
        if not outcomes[-1]:
            break


async def judge(track: Racetrack, what: str) -> None:
    found = await track.untruths()
    assert not found, [what, *found]
    await track.settle()
    found = [*await track.untruths(), *await track.leftovers()]
    assert not found, [f"{what}, settled", *found]
