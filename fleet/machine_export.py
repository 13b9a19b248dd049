"""The list of machines as a CSV file for a spreadsheet, all of it and in its order."""

from collections.abc import AsyncGenerator
from datetime import datetime
from enum import Enum

from ..clock import Clock
from ..schemas.machines import MachineAnswer
from ..store import machine_list
from .journal_export import UTF_8, csv_lines, harmless
from .machines import describe_ids

COLUMNS = (
    "name",
    "location",
    "tags",
    "state",
    "reason",
    "since",
    "is_active",
    "wallet_id",
    "fiat_code",
    "spire_npub",
    "spire_fingerprint",
    "connected_since",
    "last_seen_at",
    "paired_at",
    "created_at",
    "id",
)
"""As the API calls them; those that an import takes have its names."""
AT_ONCE = 200


async def as_csv(
    operator_user_id: str, query: machine_list.MachineQuery, clock: Clock
) -> AsyncGenerator[str, None]:
    """A heading, and a line for each machine that is asked for and is there when its turn comes."""
    ids = await machine_list.get_ids(operator_user_id, query)

    async def lines() -> AsyncGenerator[str, None]:
        yield UTF_8 + csv_lines([COLUMNS])
        for start in range(0, len(ids), AT_ONCE):
            described = await describe_ids(ids[start : start + AT_ONCE], clock)
            yield csv_lines(map(_cells, described))

    return lines()


def _cells(machine: MachineAnswer) -> tuple[str, ...]:
    return tuple(harmless(_text(getattr(machine, column))) for column in COLUMNS)


def _text(value: datetime | Enum | bool | list[str] | str | None) -> str:
    """As the API's JSON has it; empty where that has null."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    return value or ""
