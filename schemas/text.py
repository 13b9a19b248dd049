"""Text that people type, above all names: which is accepted, and how older text is shown.

Refused is what acts on the text around it: control characters (C0, C1, DEL), line and paragraph
separators, lone surrogates, marks that override, embed or isolate a direction, and more accents on
one letter than any script has. All else is accepted: markup, quotes, formulas, emoji, right-to-left
scripts with LRM, RLM and ALM, and the joiners that Persian, Indic scripts and emoji need. Whoever
shows a text shows it as text: the page isolates each name (`unicode-bidi: isolate`),
`spreadsheet.harmless` guards a CSV cell, and log lines hold no name.
"""

import unicodedata
from itertools import groupby

from pydantic import PydanticValueError

_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_VISIBLE = {"L", "N", "P", "S"}
MOST_MARKS = 10
"""Combining characters in a row; scripts that pile up many stop at six or seven."""


class ControlCharacters(PydanticValueError):
    """The text holds what acts on the text around it."""

    code = "control_characters"
    msg_template = "must not hold control characters"


class PiledAccents(PydanticValueError):
    """The text has more accents on one letter than any script has."""

    code = "piled_accents"
    msg_template = "must not pile up accents"


class Blank(PydanticValueError):
    """Nothing of the text can be seen."""

    code = "blank"
    msg_template = "must not be blank"


def acts_on_neighbours(letter: str) -> bool:
    """Whether a character acts on the text around it."""
    return letter in _DIRECTIONS or unicodedata.category(letter) in _CONTROLS


def accepted(text: str) -> str:
    """The text unchanged; ValueError if it is refused."""
    if any(acts_on_neighbours(letter) for letter in text):
        raise ControlCharacters
    if any(is_mark and len(list(marks)) > MOST_MARKS for is_mark, marks in groupby(text, _mark)):
        raise PiledAccents
    return text


def one_line(text: str) -> str:
    """The text stripped; ValueError if it is refused."""
    return accepted(text).strip()


def visible_line(text: str) -> str:
    """The text stripped; ValueError if it is refused or nothing of it can be seen."""
    if not any(unicodedata.category(letter)[0] in _VISIBLE for letter in text):
        raise Blank
    return one_line(text)


def safe_to_quote(text: str) -> str:
    """A text that may be older than these rules, made fit for a sentence."""
    return "".join("\ufffd" if acts_on_neighbours(letter) else letter for letter in text)


def _mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
