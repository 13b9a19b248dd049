"""What can be wrong with a file, in words.

The code, the line and the column are for the page, which says it in its own language
(`fleet.problems` of `static/i18n`); the words are for programs.
"""

from ..reasons import FileProblem
from ..schemas.fleet import FileProblemCode

_WORDS: dict[FileProblemCode, str] = {
    "too_large": "The file has more than {kib} KiB; split it.",
    "workbook": "That is a workbook; have the spreadsheet save it as CSV.",
    "not_text": "The file is no text; have the spreadsheet save it as CSV.",
    "no_machines": "The file has no machines; below {columns}, one a line.",
    "too_many_lines": "The file has {lines} machines; at most {most} at once.",
    "no_name_column": "The first line must name the columns: name, and if you like location and "
    "wallet.",
    "unknown_column": "There is no column \u201c{heading}\u201d; name, location and wallet are "
    "known.",
    "column_twice": "The first line names this column twice.",
    "quotes": "A quotation mark is missing, or is where none may be.",
    "no_heading": "\u201c{cell}\u201d stands below no heading; put a text with a separator in "
    "quotes.",
    "blank": "must not be blank.",
    "too_long": "must have at most {most} letters.",
    "control_characters": "must not hold control characters.",
    "piled_accents": "must not pile up accents.",
    "no_such_wallet": "you have no such wallet; choose one of yours.",
    "wallet_in_use": "it serves another machine; choose another, or leave it out.",
    "wallet_twice": "line {other} has the same.",
    "which_wallet": "you have several wallets called \u201c{wallet}\u201d; give the id of one.",
    "same_name": "line {other} has the same.",
    "name_taken": "you have a machine called \u201c{name}\u201d.",
}


def problem(
    code: FileProblemCode,
    line: int | None = None,
    column: str | None = None,
    **values: str | int | list[str],
) -> FileProblem:
    where = [f"Line {line}"] if line is not None else []
    where += [column] if column is not None else []
    words = _WORDS[code].format(**values)
    return FileProblem(code, ": ".join([*where, words]), line, column, values)
