"""Text that people type, names above all: what is taken, and how what was stored before is shown.

Refused, because it lets a text act on what stands around it: control characters (C0, C1, DEL), line
and paragraph separators, lone surrogates, the marks that override, embed or isolate a direction,
and accents piled up beyond what any script writes. Kept: everything else, so markup, quotes,
formulas, emoji, right-to-left scripts with their LRM, RLM and ALM, and the joiners that Persian,
Indic scripts and emoji need. Whoever shows a text shows it as text: the page sets each name apart
(`unicode-bidi: isolate`), a CSV cell is guarded by `journal_pages.harmless`, and log lines hold no
name at all.
"""

import unicodedata
from itertools import groupby

_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_VISIBLE = {"L", "N", "P", "S"}
MOST_MARKS = 10
"""Combining characters in a row; scripts that pile up many stop at six or seven."""


def acts(letter: str) -> bool:
    """Whether a character does something to the text around it rather than being text."""
    return letter in _DIRECTIONS or unicodedata.category(letter) in _CONTROLS


def as_typed(text: str) -> str:
    """The very text; ValueError for what is refused."""
    if any(acts(letter) for letter in text):
        raise ValueError("must not hold control characters")
    if any(is_mark and len(list(marks)) > MOST_MARKS for is_mark, marks in groupby(text, _mark)):
        raise ValueError("must not pile up accents")
    return text


def one_line(text: str) -> str:
    """As `as_typed`, without space around it."""
    return as_typed(text).strip()


def visible_line(text: str) -> str:
    """As `one_line`, with something in it that can be seen."""
    if not any(unicodedata.category(letter)[0] in _VISIBLE for letter in text):
        raise ValueError("must not be blank")
    return one_line(text)


def inert(text: str) -> str:
    """A text that may be older than these rules, fit to stand in a sentence."""
    return "".join("\ufffd" if acts(letter) else letter for letter in text)


def _mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
