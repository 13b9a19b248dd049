"""The journal: what happened, when, to which machine, by whom. Never a secret.

Whatever an operator sees change leaves a line, so this is also where it is announced.
"""

from datetime import datetime
from uuid import uuid4

from . import crud_journal
from .changes import announce_changed
from .models import JournalEntry, Machine

BACKGROUND = "spirekeeper"
INTERRUPTED = "interrupted"
"""The outcome of what a process that ended has left, and the background has finished."""


async def record(
    event: str,
    outcome: str,
    *,
    at: datetime,
    actor: str,
    operator_user_id: str | None = None,
    machine_id: str | None = None,
    detail: str = "",
) -> None:
    """Adds a line. `event` and `outcome` are stable words, `detail` is for people."""
    await _add(
        JournalEntry(
            id=uuid4().hex,
            at=at,
            actor=actor,
            operator_user_id=operator_user_id,
            machine_id=machine_id,
            event=event,
            outcome=outcome,
            detail=detail,
        )
    )


async def about(
    machine: Machine, event: str, outcome: str, *, actor: str, at: datetime, detail: str = ""
) -> None:
    """Adds a line about a machine, which its operator reads."""
    await _add(line_about(machine, event, outcome, actor=actor, at=at, detail=detail))


def line_about(
    machine: Machine, event: str, outcome: str, *, actor: str, at: datetime, detail: str = ""
) -> JournalEntry:
    """A line to be added with what it is about, by whoever then announces the change."""
    return JournalEntry(
        id=uuid4().hex,
        at=at,
        actor=actor,
        operator_user_id=machine.operator_user_id,
        machine_id=machine.id,
        event=event,
        outcome=outcome,
        detail=detail,
    )


async def _add(line: JournalEntry) -> None:
    await crud_journal.create_journal_entry(line)
    if line.operator_user_id is not None:
        announce_changed(line.operator_user_id)


async def about_all_cut(operator_user_id: str, at: datetime) -> None:
    """A line for each machine that an emergency stop cut at this moment."""
    await crud_journal.create_cut_entries(operator_user_id, at, uuid4().hex)
    announce_changed(operator_user_id)
