"""Files that a spreadsheet opens: CSV in UTF-8, of which it runs no cell."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from .text import acts_on_neighbours

UTF_8 = "\ufeff"
"""Without this mark a spreadsheet takes the file for one of its country's encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""A spreadsheet would run a cell that begins so; some take the wide ones for the same."""


def csv_lines(rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as a CSV file has them."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(value: datetime | Enum | bool | int | list[str] | str | None) -> str:
    """As the API's JSON has it; empty where that has null."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def harmless(cell: str) -> str:
    """The cell, changed if a spreadsheet would run it or a terminal would obey it."""
    guard = "'" if cell.startswith(_FORMULA) else ""
    if (
        cell.isascii() and cell.isprintable()
    ):  # nearly all: letter by letter takes ten times as long
        return guard + cell
    return guard + "".join(_escaped(letter) for letter in cell)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode() if acts_on_neighbours(letter) else letter
