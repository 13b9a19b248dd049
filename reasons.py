"""Why a field, a line of a file or a variable is wrong, or what the bunker could not do, in a form
that the page says in its own language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .bunker.errors import Trouble

BunkerReason = Literal[
    Trouble,
    "seed_not_held",
    "key_stays_locked",
    "relay_clock",
    "relays_said",
    "silent_clock",
    "silent_said",
    "silent_untaken",
    "not_opened",
    "put_back",
    "stored_unusable",
]
"""What was wrong with the bunker, its relays or its stored connection."""
VariableReason = Literal[
    "not_a_number",
    "not_true_or_false",
    "none_of",
    "malformed_relays",
    "bunker_incomplete",
]
FieldReason = Literal[
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
Reason = Literal[FieldReason, VariableReason, BunkerReason]
"""Stable, for programs. The page has words for each in every language."""
OF_PYDANTIC: Mapping[str, Reason] = {
    "value_error.missing": "missing",
    "type_error.none.not_allowed": "missing",
    "value_error.blank": "blank",
    "value_error.any_str.min_length": "too_short",
    "value_error.any_str.max_length": "too_long",
    "value_error.number.not_ge": "too_small",
    "value_error.number.not_le": "too_large",
    "value_error.list.min_items": "too_few",
    "value_error.list.max_items": "too_many",
    "value_error.control_characters": "control_characters",
    "value_error.piled_accents": "piled_accents",
    "value_error.not_whole": "not_whole",
    "value_error.no_web_address": "no_web_address",
}
"""Why a field is wrong, by pydantic's type of the error; any other is not understood."""
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
