"""Many machines at once: pairing them, and the emergency stop.

One machine's failure is its own: each gets its own line in the answer.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from loguru import logger

from .. import crud
from ..changes import announce_changed
from ..clock import Clock
from ..connection.relay_choice import UsableRelays
from ..errors import MachineBusy, NotThatMany, SpirekeeperError
from ..failures import log_failure
from ..loop import in_turns
from ..models import Machine
from ..pairing import pair_spire
from ..schemas.fleet import (
    MachineCut,
    MachineNotPaired,
    MachinePaired,
    PairMachinesData,
    RevokeAllResult,
    StopAnswer,
    StoppedMachine,
)
from ..schemas.machines import PairMachineData, RevokeResult
from ..schemas.refusals import parts_of
from ..steps import listening
from ..steps.pair_guards import relays_for_pair
from ..steps.revoke import pass_cuts_on
from ..store import journal, stops
from . import machines

SIDE_BY_SIDE = 8
"""Machines asked about at the bunker at once: it serves others too, and may be slow."""
PAIRS_SIDE_BY_SIDE = 4
"""The daemon does one call after another, so more would only wait there, and the first line with
them."""
STOP_SECONDS = 10.0

MachineLine = MachinePaired | MachineNotPaired

_NEVER_PAIRED = RevokeResult(bunker="done")

workers: set[asyncio.Task[None]] = set()
"""They outlive a caller that hangs up."""


async def revoke_all(
    operator_user_id: str, expect: int, *, clock: Clock, seconds: float = STOP_SECONDS
) -> RevokeAllResult:
    """Cuts all of the operator's machines that have a key or a seed, here in one statement, then at
    the bunker. What was never paired stays as it is.

    NotThatMany, with nothing cut, when there are fewer than `expect`, or more are connected. What
    the bunker does not do within `seconds` stays owed and is retried. Once they are cut nothing
    raises.
    """
    now = clock()
    number = await crud.set_machines_unpaired(operator_user_id, expect, now)
    if not number:
        there = await stops.count_to_stop(operator_user_id)
        if there.machines == expect == 0:
            return RevokeAllResult(cut=0, done=0, pending=0, machines=[])
        raise NotThatMany(
            f"You have {there.machines} machine(s) with a key or a pairing code, {there.connected} "
            f"of them connected, and expect {expect}; nothing was cut. Expect {there.machines} to "
            "cut them all.",
            values={"n": there.machines},
        )
    announce_changed(operator_user_id)
    cut: list[Machine] = []
    with log_failure(f"the journal's lines of the emergency stop of {operator_user_id}"):
        await journal.about_all_cut(operator_user_id, now)
    with log_failure(f"leaving out what was never paired of {operator_user_id}"):
        await crud.set_never_paired_owed(operator_user_id, now)
    with log_failure(f"listing what the emergency stop of {operator_user_id} cut"):
        cut = await crud.get_machines_cut_at(operator_user_id, now)
    owing = [machine for machine in cut if machine.after_cut is not None]
    results = await pass_cuts_on(owing, actor=operator_user_id, clock=clock, seconds=seconds)

    def describe(machine: Machine) -> MachineCut:
        result = results.get(machine.id, _NEVER_PAIRED)
        return MachineCut(machine_id=machine.id, name=machine.name, **result.dict())

    pending = sum(result.bunker == "pending" for result in results.values())
    pending += max(0, number - len(cut))  # they could not be listed: the background finds them
    return RevokeAllResult.construct(
        cut=number,
        done=number - pending,
        pending=pending,
        machines=await in_turns(describe, cut),
    )


async def describe_stop(operator_user_id: str) -> StopAnswer:
    """What an emergency stop would cut, and what one has cut that was not paired since."""
    there = await stops.count_to_stop(operator_user_id)
    stopped = await stops.get_stopped(operator_user_id)
    return StopAnswer.construct(
        machines=there.machines,
        connected=there.connected,
        stopped=await in_turns(_describe_stopped, stopped),
    )


def _describe_stopped(machine: Machine) -> StoppedMachine:
    return StoppedMachine(
        id=machine.id, name=machine.name, location=machine.location, cut_at=machine.cut_at
    )


async def begin_pairing(
    data: PairMachinesData, *, operator_user_id: str, clock: Clock
) -> AsyncGenerator[str, None]:
    """The answer to a bulk, line by line. What is wrong with all of it is raised before the first,
    and the relays are tried once for all."""
    relays = await relays_for_pair(data, operator_user_id, clock())
    return as_ndjson(
        pair_many(data.machine_ids, data, relays, operator_user_id=operator_user_id, clock=clock)
    )


async def pair_many(
    machine_ids: Sequence[str],
    request: PairMachineData,
    relays: UsableRelays,
    *,
    operator_user_id: str,
    clock: Clock,
) -> AsyncGenerator[list[MachineLine], None]:
    """One line for each machine, as soon as it is done, with those that are done by then.

    When the caller stops listening, pairs under way finish and the rest are not begun. Seeds that
    nobody read die with their scan window.
    """
    began = clock()
    waiting = deque(machine_ids)
    unheard: deque[Machine] = deque()
    lines: asyncio.Queue[MachineLine] = asyncio.Queue()

    async def work() -> None:
        await asyncio.gather(*(pair() for _ in range(PAIRS_SIDE_BY_SIDE)))
        # Whether the bunker listens is asked over a connection for each, by the one bunker that
        # makes the keys, on the one CPU of LNbits: those that wait for a seed come first.
        await asyncio.gather(*(listen() for _ in range(SIDE_BY_SIDE)))

    async def pair() -> None:
        while waiting:
            lines.put_nowait(await pair_one(waiting.popleft()))

    async def listen() -> None:
        while unheard:
            machine = unheard.popleft()
            with log_failure(f"asking whether the bunker listens for {machine.id}"):
                await listening.check_listening(machine, clock)

    async def pair_one(machine_id: str) -> MachineLine:
        try:
            machine = await machines.get_own(machine_id, operator_user_id)
            cut = machine.cut_at is not None and machine.cut_at > began
            if cut or await stops.was_stopped_since(operator_user_id, began):
                raise MachineBusy("The machine was cut off before its turn came; pair it again.")
            result = await pair_spire(machine, request, relays, actor=operator_user_id, clock=clock)
            unheard.append(machine)
            return MachinePaired(machine_id=machine_id, **result.dict())
        except SpirekeeperError as error:
            return _not_paired(machine_id, error)
        except Exception as error:
            # Its text may hold a secret. The other machines go on.
            logger.error(f"spirekeeper: pairing {machine_id} failed: {type(error).__name__}")
            return _not_paired(machine_id, SpirekeeperError("It failed here; see LNbits' log."))

    worker = asyncio.create_task(work())
    workers.add(worker)
    worker.add_done_callback(workers.discard)
    try:
        left = len(machine_ids)
        while left > 0:
            done = [await lines.get()]
            while not lines.empty():
                done.append(lines.get_nowait())
            left -= len(done)
            yield done
    finally:
        waiting.clear()


def _not_paired(machine_id: str, error: SpirekeeperError) -> MachineNotPaired:
    return MachineNotPaired(machine_id=machine_id, status=error.status, **parts_of(error))


async def as_ndjson(lines: AsyncGenerator[list[MachineLine], None]) -> AsyncGenerator[str, None]:
    """Each as one line of JSON; closes `lines` when the caller stops listening."""
    async with aclosing(lines) as each:
        async for done in each:
            yield "".join(line.json() + "\n" for line in done)
