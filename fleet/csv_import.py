"""A fleet from a CSV file: every row is checked before anything is written.

name,location,wallet
Station North,Hall 2,make one
Station South,,fc36f2b333c94f99a3066ff38d2245cb
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from ..clock import Clock
from ..errors import InvalidInput, SpirekeeperError
from ..models import Machine
from ..schemas.machines import CreateMachine
from . import machines

MOST_BYTES = 256 * 1024
MOST_ROWS = 1000
COLUMNS = ("name", "location", "wallet")
MAKE_ONE = "make one"

_MOST_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One machine, and the line of the file that it begins on."""

    line: int
    cells: dict[str, str]
    whole: bool
    """As many cells as the heading has."""


async def import_machines(text: bytes, operator_user_id: str, clock: Clock) -> list[Machine]:
    """The machines made, in the order of the rows.

    InvalidInput, which names the lines, when any row is wrong; TooManyMachines beyond the quota.
    Then nothing has been written.
    """
    rows = read(text)
    wanted = await _check(rows, operator_user_id)
    return await machines.add_all(wanted, operator_user_id, clock)


def read(text: bytes) -> list[Row]:
    """The rows of a file, or InvalidInput."""
    if len(text) > MOST_BYTES:
        raise InvalidInput(f"The file has more than {MOST_BYTES // 1024} KiB; split it.")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("The file is not UTF-8; save it as CSV in UTF-8.") from None
    rows = list(_rows(decoded))
    if not rows:
        raise InvalidInput(f"The file has no machines; below {','.join(COLUMNS)}, one a line.")
    if len(rows) > MOST_ROWS:
        raise InvalidInput(f"The file has {len(rows)} machines; at most {MOST_ROWS} at once.")
    return rows


def _rows(text: str) -> Iterator[Row]:
    """The rows below the heading; blank lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    heading: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = _heading(cells)
            else:
                named = dict(zip(heading, cells, strict=False))
                yield Row(begins, named, whole=len(cells) == len(heading))
    except csv.Error as error:
        raise InvalidInput(f"Line {line} is no CSV: {error}.") from None


def _heading(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if "name" not in names or len(set(names)) < len(names) or not set(names) <= set(COLUMNS):
        raise InvalidInput(
            "The first line must name the columns: name, and if you like location and wallet, "
            "separated by commas."
        )
    return names


async def _check(rows: list[Row], operator_user_id: str) -> list[CreateMachine]:
    """Every row as what a single machine is made of, or InvalidInput for all that is wrong."""
    lines_of_wallets: dict[str, int] = {}
    checked = [await _check_row(row, lines_of_wallets, operator_user_id) for row in rows]
    problems = [each for each in checked if isinstance(each, str)]
    if problems:
        more = len(problems) - _MOST_PROBLEMS_SHOWN
        shown = problems[:_MOST_PROBLEMS_SHOWN] + ([f"And {more} more."] if more > 0 else [])
        raise InvalidInput(" ".join([*shown, "Nothing was added."]))
    return [each for each in checked if isinstance(each, CreateMachine)]


async def _check_row(
    row: Row, lines_of_wallets: dict[str, int], operator_user_id: str
) -> CreateMachine | str:
    """What the machine is made of, or what is wrong with its line."""
    if not row.whole:
        return f"Line {row.line}: not as many cells as the heading; put one with a comma in quotes."
    wallet = row.cells.get("wallet", "").strip()
    try:
        data = CreateMachine(
            name=row.cells["name"],
            location=row.cells.get("location", "").strip(),
            wallet_id=None if wallet.lower() in ("", MAKE_ONE) else wallet,
        )
    except ValidationError as error:
        wrong = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        return f"Line {row.line}: {wrong}."
    if data.wallet_id is None:
        return data
    other = lines_of_wallets.setdefault(data.wallet_id, row.line)
    if other != row.line:
        return f"Line {row.line}: wallet: line {other} has the same."
    try:
        await machines.guard_wallet(data.wallet_id, operator_user_id)
    except SpirekeeperError as error:
        return f"Line {row.line}: {error.detail}"
    return data
