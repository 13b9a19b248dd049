"""The list of machines as a CSV file for a spreadsheet, all of it and in its order."""

from collections.abc import AsyncGenerator

from ..clock import Clock
from ..schemas.machines import MachineAnswer
from ..schemas.spreadsheet import UTF_8, cell, csv_lines, harmless
from ..store import machine_list
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
    return tuple(harmless(cell(getattr(machine, column))) for column in COLUMNS)
