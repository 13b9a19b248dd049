"""Machines whose operator's account is deleted or deactivated in LNbits.

The roster stops answering for them at once, but whoever has them can still have anything signed.
They are cut off once the account has been gone for as long as the superuser's setting says, or
earlier if the superuser asks for it. If the account comes back before that, its operator finds the
machines as they were.
"""

from datetime import datetime, timedelta

from .. import crud
from ..clock import Clock
from ..connection import environment
from ..errors import NotFound
from ..failures import log_failure
from ..models import ListedMachine, Machine, Page
from ..schemas.bunker import AbandonedMachine
from ..schemas.machines import RevokeResult
from ..steps.revoke import cut_here, owe_cut, revoke_spire
from ..store import details, gone_operators, journal, lnbits_tables, machine_list
from ..store.leases import our_turn
from . import machines

WORK = "abandoned"
LASTING = timedelta(minutes=5)
WHY = details.told("no_operator")
_AT_ONCE = 500
"""Accounts that one statement looks up."""


async def cut_abandoned(clock: Clock) -> None:
    """Notes which operators are gone, and cuts off the machines of those who have been gone for
    too long."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        now = clock()
        since = await _note_gone(now)
        overdue = [operator for operator, at in since.items() if at + _patience() <= now]
        for machine in await gone_operators.get_uncut_of(overdue) if overdue else ():
            with log_failure(f"cutting {machine.id}, which has no operator"):
                await cut_here(machine, actor=journal.BACKGROUND, clock=clock, detail=WHY)
                await _tell_superuser(machine, "cut", journal.BACKGROUND, clock)
                await owe_cut(machine, clock())  # the bunker is asked with all else that it owes


async def _note_gone(now: datetime) -> dict[str, datetime]:
    gone = await _gone()
    await gone_operators.note_gone(gone, now)
    noted = await gone_operators.get_gone()
    await gone_operators.forget_gone(noted.keys() - gone)
    return {operator: at for operator, at in noted.items() if operator in gone}


async def _gone() -> set[str]:
    """The operators who have machines, and whose account is deleted or deactivated."""
    operators = sorted(await gone_operators.get_operators())
    gone = set(operators)
    for first in range(0, len(operators), _AT_ONCE):
        gone -= await lnbits_tables.active_among(operators[first : first + _AT_ONCE])
    return gone


def _patience() -> timedelta:
    return timedelta(hours=environment.current().abandoned_hours)


async def _tell_superuser(machine: Machine, outcome: str, actor: str, clock: Clock) -> None:
    """Adds a line to the superuser's journal, since the operator is not there to read theirs."""
    with log_failure(f"the superuser's line about {machine.id}"):
        await journal.record(
            "abandoned",
            outcome,
            at=clock(),
            actor=actor,
            machine_id=machine.id,
            detail=details.told(
                "machine_of", machine=machine.name, operator=machine.operator_user_id
            ),
        )


# What the superuser sees and does


async def list_page(limit: int, offset: int) -> Page[AbandonedMachine]:
    """One page of the machines without an operator."""
    page = await machine_list.get_machines_of(await _gone(), limit, offset)
    since = await gone_operators.get_gone()
    shown = [_describe(machine, since.get(machine.operator_user_id)) for machine in page.data]
    return Page[AbandonedMachine](data=shown, total=page.total)


def _describe(machine: ListedMachine, gone_since: datetime | None) -> AbandonedMachine:
    waits = gone_since is not None and machine.cut_at is None
    return AbandonedMachine(
        **machine.dict(include={"id", "operator_user_id", "name", "location", "state", "owed"}),
        cut_at=machine.cut_at,
        gone_since=gone_since,
        cut_after=gone_since + _patience() if waits and gone_since else None,
    )


async def get(machine_id: str) -> Machine:
    """A machine whose operator is gone. NotFound when it does not exist or its operator is
    there."""
    gone = await _gone()
    machine = await crud.get_machine(machine_id)
    if machine is None or machine.operator_user_id not in gone:
        raise NotFound("There is no such machine without an operator.")
    return machine


async def cut(machine: Machine, *, actor: str, clock: Clock) -> RevokeResult:
    """Cuts the machine off now, as its operator could."""
    result = await revoke_spire(machine, actor=actor, clock=clock, detail=WHY)
    await _tell_superuser(machine, "cut", actor, clock)
    return result


async def remove(machine: Machine, *, actor: str, clock: Clock) -> RevokeResult:
    """Cuts the machine off and removes it. Its wallet stays as it is."""
    result = await machines.remove(machine, actor=actor, clock=clock)
    await _tell_superuser(machine, "removed", actor, clock)
    return result
