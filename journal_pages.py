"""Reading the journal: in pages, and as a CSV file for a spreadsheet."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import datetime

from . import crud_journal, journal
from .fleet_models import JournalLine
from .models import JournalEntry, Page
from .typed_text import acts

COLUMNS = ("at", "actor", "machine_id", "event", "outcome", "detail")
PAGE = 500
SUPERUSER = "superuser"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""A spreadsheet would run a cell that begins so; some take the wide ones for the same."""


async def page(
    operator_user_id: str,
    *,
    with_nobodys: bool,
    machine_id: str | None,
    event: str | None,
    limit: int,
    offset: int,
) -> Page[JournalLine]:
    """The operator's lines, newest first, also those of machines that are gone."""
    entries = await crud_journal.get_journal(
        operator_user_id,
        with_nobodys=with_nobodys,
        machine_id=machine_id,
        event=event,
        limit=limit,
        offset=offset,
    )
    lines = [
        JournalLine(**{**entry.dict(), "actor": shown_actor(entry.actor, operator_user_id)})
        for entry in entries.data
    ]
    return Page[JournalLine](data=lines, total=entries.total)


async def as_csv(
    operator_user_id: str,
    *,
    with_nobodys: bool,
    machine_id: str | None,
    event: str | None,
    until: datetime,
) -> AsyncGenerator[str, None]:
    """All of the operator's lines up to `until`, newest first, below a heading."""
    yield _csv([COLUMNS])
    offset = 0
    while True:
        entries = await crud_journal.get_journal(
            operator_user_id,
            with_nobodys=with_nobodys,
            until=until,
            machine_id=machine_id,
            event=event,
            limit=PAGE,
            offset=offset,
        )
        if not entries.data:
            return
        yield _csv([_cells(entry, operator_user_id) for entry in entries.data])
        offset += PAGE


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def shown_actor(actor: str, reader: str) -> str:
    """The reader themselves, or `spirekeeper`. Whoever else has acted had a superuser's rights, and
    whose account that was is not told."""
    return actor if actor in (reader, journal.BACKGROUND) else SUPERUSER


def _cells(entry: JournalEntry, reader: str) -> tuple[str, ...]:
    actor = shown_actor(entry.actor, reader)
    return (
        entry.at.isoformat(),
        *(
            harmless(cell or "")
            for cell in (actor, entry.machine_id, entry.event, entry.outcome, entry.detail)
        ),
    )


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs and no terminal obeys."""
    guard = "'" if cell.startswith(_FORMULA) else ""
    return guard + "".join(_escaped(letter) for letter in cell)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode() if acts(letter) else letter
