"""How names and locations are searched and sorted: whatever their case, alike in every database.

SQLite's `lower` knows ASCII only, PostgreSQL sorts by its own rules, and LNbits strips what looks
like markup from the parameters of statements. So each text is kept a second time, in a form that
Python makes, and its beginning is a range of that form. `migrations.py` has the same words.
"""

_STRIPPED = str.maketrans("<&", "(+")
_LAST = "\U0010ffff"


def sought(text: str) -> str:
    """The form in which a text is searched and sorted."""
    return text.casefold().translate(_STRIPPED)


def range_of(beginning: str) -> tuple[str, str]:
    """From where up to where the forms of the texts lie that begin so."""
    form = sought(beginning)
    return form, form + _LAST
