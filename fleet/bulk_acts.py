"""One thing done with many machines: switched off or on, tagged, revoked, deleted.

One machine's failure is its own: the others are done all the same.
"""

import asyncio
from collections import deque

from .. import crud
from ..clock import Clock
from ..failures import log_failure
from ..models import AfterCut, Machine
from ..schemas.bulk_acts import CUTTING, Act, ActData, ActResult
from ..schemas.fields import MOST_TAGS, Tag
from ..schemas.machines import UpdateMachine
from ..steps.revoke import cut_here, pass_cut_on, remove_cut
from . import machines

SIDE_BY_SIDE = 8
"""Machines at the bunker at once: it serves others too, and may be slow."""
BUNKER_SECONDS = 10.0


async def act(data: ActData, operator_user_id: str, clock: Clock) -> ActResult:
    """Does it with each of these machines that is there and the operator's."""
    found = [await crud.get_machine(machine_id) for machine_id in data.machine_ids]
    own = [each for each in found if each and each.operator_user_id == operator_user_id]
    if data.act in CUTTING:
        return await _cut(own, data.act, actor=operator_user_id, clock=clock)
    done = 0
    for machine in own:
        change = _change(machine, data.act, data.tag)
        if change is None:
            continue
        with log_failure(f"to {data.act.value} {machine.id}") as changed:
            await machines.edit(machine, change, operator_user_id, clock)
        done += not changed.failure
    return ActResult(done=done, pending=0)


def _change(machine: Machine, act: Act, tag: Tag | None) -> UpdateMachine | None:
    """None for a machine that has as many tags as it may."""
    if tag is None:
        return UpdateMachine(is_active=act is Act.SWITCH_ON)
    others = [each for each in machine.tags if each != tag]
    tags = [*others, tag] if act is Act.TAG else others
    return UpdateMachine(tags=tags) if len(tags) <= MOST_TAGS else None


async def _cut(
    own: list[Machine], act: Act, *, actor: str, clock: Clock, seconds: float = BUNKER_SECONDS
) -> ActResult:
    """Here first, all of them, then at the bunker for at most `seconds`.

    What that does not do by then stays owed and is retried.
    """
    after = AfterCut.REMOVE if act is Act.DELETE else AfterCut.OWE
    waiting: deque[Machine] = deque()
    for machine in own:
        with log_failure(f"the cut of {machine.id}") as cut:
            await cut_here(machine, actor=actor, clock=clock, after=after)
        if not cut.failure:
            waiting.append(machine)
    done, pending = len(waiting), 0
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds

    async def pass_on() -> None:
        nonlocal pending
        while waiting:
            machine = waiting.popleft()
            with log_failure(f"the removal of {machine.id}") as removed:
                if act is Act.DELETE:
                    await remove_cut(machine, actor=actor, clock=clock)
            left = max(0.0, ends - loop.time())
            result = await pass_cut_on(machine, actor=actor, clock=clock, seconds=left)
            pending += bool(removed.failure) or result.bunker == "pending"

    await asyncio.gather(*(pass_on() for _ in range(SIDE_BY_SIDE)))
    return ActResult(done=done, pending=pending)
