"""The text of a CSV file in rows, as spreadsheets write it.

Excel separates by what its country does: by semicolons where a comma stands in numbers. It writes
Windows-1252, UTF-8 with a mark before it, or tabs in UTF-16 ("Unicode text"); a first line `sep=;`
is its own. The headings are in the language of whoever wrote them.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ..errors import FileRefused
from ..schemas.text import safe_to_quote
from ..store.search_key import search_key
from .csv_problems import problem

MOST_BYTES = 256 * 1024
MOST_ROWS = 1000
COLUMNS = ("name", "location", "wallet")

HEADINGS = {
    "name": "name",
    "nombre": "name",
    "location": "location",
    "place": "location",
    "lugar": "location",
    "ubicacion": "location",
    "ort": "location",
    "standort": "location",
    "wallet": "wallet",
    "billetera": "wallet",
    "cartera": "wallet",
    "monedero": "wallet",
    "geldborse": "wallet",
}
"""What a column is called, as `search_key` writes it: all that the page's languages call it."""

MAKE_ONE = {"", "make one", "crear una", "neu anlegen"}
"""Instead of a wallet, as `search_key` writes it: one is made. What the page's languages say."""

_SEPARATORS = ",;\t"
_SEPARATOR_TOLD = re.compile(r'"?sep=([,;\t|])"?', re.I)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, of Excel since 2007 or before."""
_LONGEST_QUOTED = 40


@dataclass(frozen=True)
class Row:
    """One machine, and the line of the file that it begins on."""

    line: int
    cells: dict[str, str]
    stray: str
    """What stands below no heading, or nothing."""


def read(content: bytes) -> list[Row]:
    """The rows of a file; FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused([problem("too_large", kib=MOST_BYTES // 1024)])
    rows = list(_rows(_decoded(content)))
    if not rows:
        raise FileRefused([problem("no_machines", columns=",".join(COLUMNS))])
    if len(rows) > MOST_ROWS:
        raise FileRefused([problem("too_many_lines", lines=len(rows), most=MOST_ROWS)])
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith(_WORKBOOKS):
        raise FileRefused([problem("workbook")])
    for encoding in _encodings(content):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding, "surrogatepass")  # a cell that has one is refused
    raise FileRefused([problem("not_text")])


def _encodings(content: bytes) -> tuple[str, ...]:
    """Those that it can be in. Nearly every file can be Windows-1252, so that comes last."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if content.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    return ("utf-8", "cp1252")


def _rows(text: str) -> Iterator[Row]:
    """The rows below the heading; blank lines are left out."""
    lines = io.StringIO(text, newline="")
    told = _SEPARATOR_TOLD.fullmatch(lines.readline().rstrip("\r\n"))
    if not told:
        lines.seek(0)
    before = 1 if told else 0
    separator = told[1] if told else _separator(text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    heading: list[str] | None = None
    line = before + 1
    try:
        for cells in reader:
            begins, line = line, before + reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = _heading(cells, begins)
            else:
                yield _row(heading, cells, begins)
    except csv.Error:
        raise FileRefused([problem("quotes", line)]) from None


def _separator(text: str) -> str:
    """What parts the headings. None of them holds one."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=heading.count)


def _heading(cells: list[str], line: int) -> list[str]:
    """The column that each cell is the heading of, or ""."""
    columns = [HEADINGS.get(search_key(cell.strip()), "") for cell in cells]
    named = [column for column in columns if column]
    if "name" not in named:
        raise FileRefused([problem("no_name_column", line)])
    wrong = [
        problem("unknown_column", line, heading=quoted(cell))
        for cell, column in zip(cells, columns, strict=True)
        if cell.strip() and not column
    ]
    twice = [column for column in COLUMNS if named.count(column) > 1]
    wrong += [problem("column_twice", line, column) for column in twice]
    if wrong:
        raise FileRefused(wrong)
    return columns


def _row(heading: list[str], cells: list[str], line: int) -> Row:
    """What a row lacks at its end is empty: Excel leaves that out."""
    known = [*heading, *[""] * (len(cells) - len(heading))]
    placed = list(zip(known, cells, strict=False))
    stray = next((cell for column, cell in placed if not column and cell.strip()), "")
    return Row(line, {column: cell for column, cell in placed if column}, stray)


def quoted(cell: str) -> str:
    """A cell, fit for a sentence."""
    text = safe_to_quote(cell.strip())
    return text if len(text) <= _LONGEST_QUOTED else f"{text[:_LONGEST_QUOTED]}…"
