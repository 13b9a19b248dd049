"""One thing done with many machines: switched off or on, tagged, revoked, deleted.

One machine's failure is its own: the others are done all the same. When it is the database that
takes nothing, whoever asked is told so.
"""

from collections.abc import Sequence

from .. import crud
from ..clock import Clock
from ..errors import DatabaseAway, DatabaseFull
from ..failures import log_failure
from ..models import AfterCut, Machine
from ..schemas.bulk_acts import CUTTING, Act, ActData, ActResult
from ..schemas.fields import MOST_TAGS, Tag
from ..schemas.machines import UpdateMachine
from ..steps.revoke import cut_here, pass_cuts_on, remove_cut
from . import machines

BUNKER_SECONDS = 10.0


async def act(data: ActData, operator_user_id: str, clock: Clock) -> ActResult:
    """Does it with each of these machines that is there and the operator's."""
    own = await _own(data.machine_ids, operator_user_id)
    if data.act in CUTTING:
        return await _cut(own, data.act, actor=operator_user_id, clock=clock)
    done, error = 0, None
    for machine in own:
        change = _change(machine, data.act, data.tag)
        if change is None:
            continue
        with log_failure(f"to {data.act.value} {machine.id}") as changed:
            await machines.edit(machine, change, operator_user_id, clock)
        done, error = done + (not changed.failure), changed.error
    _raise_if_none(done, error)
    return ActResult(done=done, pending=0)


async def _own(machine_ids: Sequence[str], operator_user_id: str) -> list[Machine]:
    own = []
    for machine_id in machine_ids:
        with log_failure(f"reading {machine_id}"):
            machine = await crud.get_machine(machine_id)
            if machine and machine.operator_user_id == operator_user_id:
                own.append(machine)
    return own


def _change(machine: Machine, act: Act, tag: Tag | None) -> UpdateMachine | None:
    """None for a machine that has as many tags as it may."""
    if tag is None:
        return UpdateMachine(is_active=act is Act.SWITCH_ON)
    others = [each for each in machine.tags if each != tag]
    tags = [*others, tag] if act is Act.TAG else others
    return UpdateMachine(tags=tags) if len(tags) <= MOST_TAGS else None


async def _cut(own: list[Machine], act: Act, *, actor: str, clock: Clock) -> ActResult:
    """Here first, all of them, then at the bunker as far as it answers in time.

    What that does not do by then stays owed and is retried.
    """
    after = AfterCut.REMOVE if act is Act.DELETE else AfterCut.OWE
    cut: list[Machine] = []
    error = None
    for machine in own:
        with log_failure(f"the cut of {machine.id}") as made:
            await cut_here(machine, actor=actor, clock=clock, after=after)
        error = made.error
        if not made.failure:
            cut.append(machine)
    _raise_if_none(len(cut), error)
    left: set[str] = set()
    for machine in cut if act is Act.DELETE else ():
        with log_failure(f"the removal of {machine.id}") as removed:
            await remove_cut(machine, actor=actor, clock=clock)
        if removed.failure:
            left.add(machine.id)
    results = await pass_cuts_on(cut, actor=actor, clock=clock, seconds=BUNKER_SECONDS)
    left |= {machine_id for machine_id, result in results.items() if result.bunker == "pending"}
    return ActResult(done=len(cut), pending=len(left))


def _raise_if_none(done: int, error: Exception | None) -> None:
    """`error`: why it was not done with the last of them."""
    if not done and isinstance(error, (DatabaseAway, DatabaseFull)):
        raise error
