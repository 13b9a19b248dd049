"""Text that people type, above all names: which is accepted, and how older text is shown.

Refused is what acts on the text around it: control characters (C0, C1, DEL), line and paragraph
separators, lone surrogates, marks that override, embed or isolate a direction, and more accents on
one letter than any script has. All else is accepted: markup, quotes, formulas, emoji, right-to-left
scripts with LRM, RLM and ALM, and the joiners that Persian, Indic scripts and emoji need. Whoever
shows a text shows it as text: the page isolates each name (`unicode-bidi: isolate`),
`journal_pages.harmless` guards a CSV cell, and log lines hold no name.
"""

import unicodedata
from itertools import groupby

_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_VISIBLE = {"L", "N", "P", "S"}
MOST_MARKS = 10
"""Combining characters in a row; scripts that pile up many stop at six or seven."""


# Pydantic tells the code with an error of theirs: `value_error.blank`.


class Blank(ValueError):
    """Nothing of it can be seen."""

    code = "blank"


class Controls(ValueError):
    """It acts on the text around it."""

    code = "control"


class Accents(ValueError):
    """More accents on one letter than any script has."""

    code = "accents"


def acts_on_neighbours(letter: str) -> bool:
    """Whether a character acts on the text around it."""
    return letter in _DIRECTIONS or unicodedata.category(letter) in _CONTROLS


def accepted(text: str) -> str:
    """The text unchanged; ValueError if it is refused."""
    if any(acts_on_neighbours(letter) for letter in text):
        raise Controls("must not hold control characters")
    if any(is_mark and len(list(marks)) > MOST_MARKS for is_mark, marks in groupby(text, _mark)):
        raise Accents("must not pile up accents")
    return text


def one_line(text: str) -> str:
    """The text stripped; ValueError if it is refused."""
    return accepted(text).strip()


def visible_line(text: str) -> str:
    """The text stripped; ValueError if it is refused or nothing of it can be seen."""
    if not any(unicodedata.category(letter)[0] in _VISIBLE for letter in text):
        raise Blank("must not be blank")
    return one_line(text)


def safe_to_quote(text: str) -> str:
    """A text that may be older than these rules, made fit for a sentence."""
    return "".join("\ufffd" if acts_on_neighbours(letter) else letter for letter in text)


def _mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
