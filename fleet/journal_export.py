"""Reading the journal: in pages, and as a CSV file for a spreadsheet."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from ..clock import Clock
from ..errors import AlreadyRunning
from ..models import JournalEntry, MachinePlace, Page
from ..schemas.fleet import JournalLine
from ..schemas.spreadsheet import UTF_8, csv_lines, harmless
from ..store import journal
from ..store.leases import our_turn
from ..store.lnbits_tables import wallets_of

COLUMNS = (
    "time",
    "who",
    "machine",
    "place",
    "wallet",
    "event",
    "outcome",
    "detail",
    "machine id",
    "wallet id",
    "account id",
)
PAGE = 200
SUPERUSER = "superuser"
LASTING = timedelta(minutes=2)
"""A file that nobody has read to its end for so long keeps no other from being made."""


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
    entries = await journal.get_journal(
        operator_user_id,
        with_nobodys=with_nobodys,
        machine_id=machine_id,
        event=event,
        limit=limit,
        offset=offset,
    )
    lines = [_line(entry, operator_user_id) for entry in entries.data]
    return Page[JournalLine](data=lines, total=entries.total)


def _line(entry: JournalEntry, reader: str) -> JournalLine:
    told = {
        **entry.dict(),
        "actor": shown_actor(entry.actor, reader),
        "detail_values": json.loads(entry.detail_values),
    }
    return JournalLine(**told)


async def as_csv(
    operator_user_id: str,
    *,
    with_nobodys: bool,
    machine_id: str | None,
    event: str | None,
    clock: Clock,
) -> AsyncGenerator[str, None]:
    """All of the operator's lines up to now as CSV, newest first, with a heading.

    Raises AlreadyRunning while any process makes another such file for them.
    """
    turn = AsyncExitStack()
    name = f"export {operator_user_id}"
    if not await turn.enter_async_context(our_turn(name, clock, LASTING)):
        await turn.aclose()
        raise AlreadyRunning("Your journal is being written to a file already; wait for that one.")

    async def some(at: datetime, line_id: str | None) -> list[JournalEntry]:
        return await journal.get_journal_before(
            at,
            line_id,
            PAGE,
            operator_user_id,
            with_nobodys=with_nobodys,
            machine_id=machine_id,
            event=event,
        )

    async def lines() -> AsyncGenerator[str, None]:
        async with turn:
            yield UTF_8 + csv_lines([COLUMNS])
            wallets = dict(await wallets_of(operator_user_id))
            entries = await some(clock(), None)
            while entries:
                about = {entry.machine_id for entry in entries if entry.machine_id}
                places = await journal.get_places(about, operator_user_id)
                yield csv_lines(
                    [
                        _cells(entry, operator_user_id, places.get(entry.machine_id or ""), wallets)
                        for entry in entries
                    ]
                )
                entries = await some(entries[-1].at, entries[-1].id)

    return lines()


def shown_actor(actor: str, reader: str) -> str:
    """The reader's own name or `spirekeeper`.

    Anybody else who acted had a superuser's rights, and the operator is not told whose account that
    was.
    """
    return actor if actor in (reader, journal.BACKGROUND) else SUPERUSER


def _in_words(actor: str, reader: str) -> str:
    if actor == reader:
        return "you"
    return "spirekeeper by itself" if actor == journal.BACKGROUND else "the superuser"


def _cells(
    entry: JournalEntry, reader: str, place: MachinePlace | None, wallets: dict[str, str]
) -> tuple[str, ...]:
    """`place` is that of the machine that the line is about, while it is there."""
    wallet_id = (place and place.wallet_id) or ""
    cells = (
        _in_words(entry.actor, reader),
        entry.machine_name,
        place.location if place else "",
        wallets.get(wallet_id, ""),
        entry.event,
        entry.outcome,
        entry.detail,
        entry.machine_id or "",
        wallet_id,
        shown_actor(entry.actor, reader),
    )
    return (entry.at.isoformat(), *map(harmless, cells))
