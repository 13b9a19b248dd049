"""How machines are searched and sorted: in any case, with or without accents, alike in every
database.

SQLite's `lower` knows ASCII only, PostgreSQL sorts by rules of its own, and LNbits strips what
looks like markup from the parameters of statements. So each text is stored a second time, in a form
that Python makes, and a search is for a part of that form. `migrations.py` has the same function.
"""

from collections.abc import Sequence
from unicodedata import combining, normalize

ESCAPE = "!"
"""The letter before one that SQL's LIKE would take for a placeholder."""
_OF_NPUBS = frozenset("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
_STRIPPED = str.maketrans("<&", "(+")
_PLACEHOLDERS = str.maketrans({letter: ESCAPE + letter for letter in f"%_{ESCAPE}"})


def search_key(text: str) -> str:
    """The form in which a text is searched and sorted."""
    apart = normalize("NFD", text.casefold())
    bare = "".join(letter for letter in apart if not combining(letter))
    return normalize("NFC", bare or apart).translate(_STRIPPED)


def tags_key(tags: Sequence[str]) -> str:
    """The form in which a machine's tags are searched, each of them on a line of its own."""
    return search_key("\n".join(tags))


def part_pattern(part: str) -> str:
    """What LIKE compares the forms of texts with, to find those that hold this part."""
    return f"%{search_key(part).translate(_PLACEHOLDERS)}%"


def may_be_of_npub(text: str) -> bool:
    """Whether a part of an npub may look so: most of what is sought does not."""
    return _OF_NPUBS.issuperset(text.casefold().removeprefix("npub1"))
