"""Whatever is done to a machine, in whatever order and two things at once: what is stored is true.

hypothesis makes up the orders. Its state machine is not asynchronous, so it runs in a thread of its
own and has LNbits' event loop do the work.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from nostr_sdk import Keys
from support.figures import Figures
from system.races.gates import at_the_bunker
from system.races.racing import Outcome, Racetrack

PAIRS: dict[str, dict[str, Any]] = {
    "keep": {},
    "rotate": {"rotate": True},
    "revoke_now": {"revoke_now": True},
    "confirm": {"require_confirmation": True},
    "keep_identity": {"keep_identity": True},
    "rotate_and_confirm": {"rotate": True, "require_confirmation": True},
    "keep_and_confirm": {"keep_identity": True, "require_confirmation": True},
}
PAIR_KINDS = st.sampled_from(sorted(PAIRS))
AGES = st.sampled_from([0, 0, 0, 1, 2])
CLIENTS = st.sampled_from([0, 0, 1, 2])
CALLS = st.integers(1, 6)
"""At which call of the first deed the bunker stands still, while the second is done."""

LONG_SECONDS = 10.0
SHORT_SECONDS = 0.5

ANSWERS = {200, 404, 409}
SILENT_ANSWERS = ANSWERS | {502, 503, 504}


def races(
    track: Racetrack, figures: Figures, failures: list[str]
) -> Callable[[], RuleBasedStateMachine]:
    """Each run is with a new machine of the same operator; after a failure there is none."""
    loop = asyncio.get_running_loop()

    class Races(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            assert not failures
            self.silent = False
            track.story.clear()
            track.seeds.clear()
            self.wait(track.begin())

        def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        # Where most races begin

        @rule(scene=st.sampled_from(["scanned", "connected", "confirming"]), kind=PAIR_KINDS)
        def scan(self, scene: str, kind: str) -> None:
            """A new client scans a new seed; in a scanned scene nobody has noticed."""
            data = {**PAIRS[kind], "require_confirmation": scene == "confirming"}
            self.one(f"pair {kind} for {scene}", track.pair(**data))
            track.clients[0] = Keys.generate()
            self.one("redeem", track.redeem())
            if scene != "scanned":
                self.one("look", track.look())

        # One thing

        @rule(kind=PAIR_KINDS)
        def pair(self, kind: str) -> None:
            self.one(f"pair {kind}", track.pair(**PAIRS[kind]))

        @rule(age=AGES, client=CLIENTS)
        def redeem(self, age: int, client: int) -> None:
            self.one(f"redeem {age} as {client}", track.redeem(age, client))

        @rule()
        def look(self) -> None:
            self.one("look", track.look())

        @rule()
        def confirm(self) -> None:
            self.one("confirm", track.confirm())

        @rule(
            name=st.sampled_from(
                ["reject", "cancel", "revoke", "deactivate", "activate", "windows_close"]
            )
        )
        def do(self, name: str) -> None:
            self.one(name, getattr(track, name)())

        @rule()
        def delete_and_begin_anew(self) -> None:
            self.one("delete", track.delete())
            self.wait(track.begin())

        @rule()
        def settle(self) -> None:
            track.host.bunker.levers.normal()
            if self.silent:
                self.wait(call_within(LONG_SECONDS))
                self.silent = False
            self.one("settle", track.settle())
            self.must_not(track.leftovers())

        @rule(times=st.integers(1, 2), done=st.booleans())
        def the_bunker_is_silent(self, times: int, done: bool) -> None:
            levers = track.host.bunker.levers
            self.wait(call_within(SHORT_SECONDS))
            (levers.drop_answer if done else levers.silent)(times=times)
            self.silent = True
            track.story.append(f"silent for {times}, {'done' if done else 'lost'}")

        # Two at once

        @rule(kinds=st.tuples(PAIR_KINDS, PAIR_KINDS), calls=CALLS)
        def two_pairs(self, kinds: tuple[str, str], calls: int) -> None:
            first, second = (track.pair(**PAIRS[kind]) for kind in kinds)
            won, other = self.two(f"pair {kinds[0]} and pair {kinds[1]}", first, second, calls)
            self.must(self.silent or 200 in (won.status, other.status), "one of them wins")

        @rule(kind=PAIR_KINDS, calls=CALLS, pair_first=st.booleans())
        def pair_and_revoke(self, kind: str, calls: int, pair_first: bool) -> None:
            pair, revoke = track.pair(**PAIRS[kind]), track.revoke()
            names, deeds = ["pair " + kind, "revoke"], [pair, revoke]
            if not pair_first:
                names, deeds = names[::-1], deeds[::-1]
            self.two(" and ".join(names), deeds[0], deeds[1], calls)

        @rule(kind=PAIR_KINDS, calls=CALLS)
        def pair_and_delete(self, kind: str, calls: int) -> None:
            pair, delete = track.pair(**PAIRS[kind]), track.delete()
            _, deleted = self.two(f"pair {kind} and delete", pair, delete, calls)
            self.must(deleted.status == 200, "a machine can be deleted at any time")
            self.wait(track.begin())

        @rule(
            kind=PAIR_KINDS,
            name=st.sampled_from(["look", "cancel", "confirm", "reject", "deactivate"]),
            calls=CALLS,
        )
        def pair_and(self, kind: str, name: str, calls: int) -> None:
            pair, other = track.pair(**PAIRS[kind]), getattr(track, name)()
            self.two(f"pair {kind} and {name}", pair, other, calls)

        @rule(kind=PAIR_KINDS, age=AGES, client=CLIENTS, calls=CALLS)
        def pair_and_redeem(self, kind: str, age: int, client: int, calls: int) -> None:
            pair, redeem = track.pair(**PAIRS[kind]), track.redeem(age, client)
            self.two(f"pair {kind} and redeem {age} as {client}", pair, redeem, calls)

        @rule(
            name=st.sampled_from(["revoke", "cancel", "look", "delete", "windows_close"]),
            age=AGES,
            client=CLIENTS,
            calls=CALLS,
        )
        def redeem_and(self, name: str, age: int, client: int, calls: int) -> None:
            redeem, other = track.redeem(age, client), getattr(track, name)()
            self.two(f"{name} and redeem {age} as {client}", other, redeem, calls)
            if name == "delete":
                self.wait(track.begin())

        @rule(
            names=st.sampled_from(
                [
                    ("confirm", "reject"),
                    ("confirm", "revoke"),
                    ("confirm", "deactivate"),
                    ("reject", "revoke"),
                    ("cancel", "look"),
                    ("revoke", "look"),
                    ("deactivate", "rename"),
                    ("deactivate", "ask_roster"),
                    ("settle", "look"),
                    ("settle", "revoke"),
                    ("reconcile", "look"),
                ]
            ),
            other_way=st.booleans(),
            calls=CALLS,
        )
        def two_others(self, names: tuple[str, str], other_way: bool, calls: int) -> None:
            first, second = names[::-1] if other_way else names
            deeds = getattr(track, first)(), getattr(track, second)()
            outcomes = self.two(f"{first} and {second}", *deeds, calls)
            if set(names) == {"confirm", "reject"}:
                self.must({each.status for each in outcomes} != {200}, "only one verdict counts")
            if "revoke" in names or "deactivate" in names:
                self.must(not self.wait(track.is_routed()), "it is out of the roster")

        # What holds after each

        def one(self, name: str, deed: Coroutine[Any, Any, Outcome]) -> None:
            outcome = self.wait(deed)
            self.note(name, outcome)

        def two(
            self,
            name: str,
            first: Coroutine[Any, Any, Outcome],
            second: Coroutine[Any, Any, Outcome],
            calls: int,
        ) -> tuple[Outcome, Outcome]:
            outcomes: tuple[Outcome, Outcome] = self.wait(
                at_the_bunker(track.host.bunker, first, second, calls, done=True)
            )
            figures.add("races")
            self.note(f"{name} at call {calls}", *outcomes)
            return outcomes

        def note(self, name: str, *outcomes: Outcome) -> None:
            track.story.append(f"{name}: {[(each.status, each.code) for each in outcomes]}")
            allowed = SILENT_ANSWERS if self.silent else ANSWERS
            for outcome in outcomes:
                self.must(outcome.status in allowed | {0, 403}, "it is answered properly")
            self.must_not(track.untruths())

        def must_not(self, find: Coroutine[Any, Any, list[str]]) -> None:
            found = self.wait(find)
            self.must(not found, *found)

        def must(self, holds: bool, *words: str) -> None:
            if not holds:
                failures.append("\n".join([*words, "after", *track.story]))
                raise AssertionError(failures[0])

        def teardown(self) -> None:
            if failures:
                return
            self.settle()
            self.one("delete", track.delete())
            self.settle()

    return Races


async def call_within(seconds: float) -> None:
    """How long every call waits for the bunker from now on."""
    from spirekeeper.connection import open_bunker

    open_bunker.CALL_SECONDS = seconds
    await open_bunker.close_bunker()


async def run(track: Racetrack, figures: Figures, *, runs: int, steps: int) -> None:
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    failures: list[str] = []
    machines = races(track, figures, failures)
    try:
        await asyncio.to_thread(run_state_machine_as_test, machines, settings=chosen)
    except Exception:
        # Played again, two things at once may go well: the first failure is what there is to tell.
        if not failures:
            raise
    if failures:
        pytest.fail(failures[0], pytrace=False)


async def test_a_few_orders(track: Racetrack, figures: Figures) -> None:
    await run(track, figures, runs=1, steps=8)


@pytest.mark.long
async def test_many_orders(track: Racetrack, figures: Figures) -> None:
    await run(track, figures, runs=6, steps=25)
