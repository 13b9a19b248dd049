"""Why a field of a request or a line of a file is wrong, in a form that the page says in its own
language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Reason = Literal[
    "missing",
    "blank",
    "too_short",
    "too_long",
    "too_small",
    "too_large",
    "too_few",
    "too_many",
    "control_characters",
    "piled_accents",
    "not_whole",
    "not_understood",
    "no_such_wallet",
    "no_secret_key",
    "no_bunker_url",
    "no_bunker_key",
    "no_bunker_relay",
    "bad_bunker_relay",
    "malformed_relay",
    "several_relays",
    "unencrypted_relay",
    "private_relay",
    "private_not_allowed",
    "no_web_address",
]
"""Why a field is wrong; stable, for programs. The page has words for each in every language."""
Values = Mapping[str, str | int]
NO_VALUES: Values = {}

MOST_PROBLEMS_TOLD = 20


@dataclass(frozen=True)
class FileProblem:
    """What is wrong with a file, or has to be asked about before it is imported."""

    code: str
    words: str
    """Why, in English, with the line and the column."""
    line: int | None = None
    column: str | None = None
    values: Mapping[str, str | int | list[str]] = field(default_factory=dict)
    """What a sentence about it names."""


def told(problems: Sequence[FileProblem], end: str) -> str:
    """The first of them, how many more there are, and the end."""
    more = len(problems) - MOST_PROBLEMS_TOLD
    first = [problem.words for problem in problems[:MOST_PROBLEMS_TOLD]]
    return " ".join([*first, *([f"And {more} more."] if more > 0 else []), end])
