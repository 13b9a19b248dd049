"""How names and locations are searched and sorted: in any case, and alike in every database.

SQLite's `lower` knows ASCII only, PostgreSQL sorts by rules of its own, and LNbits strips what
looks like markup from the parameters of statements. So each text is stored a second time, in a form
that Python makes, and a search is a range of that form. `migrations.py` has the same function.
"""

_STRIPPED = str.maketrans("<&", "(+")
_LAST = "\U0010ffff"


def search_key(text: str) -> str:
    """The form in which a text is searched and sorted."""
    return text.casefold().translate(_STRIPPED)


def prefix_range(beginning: str) -> tuple[str, str]:
    """The range, from and up to, of the forms of all texts that begin so."""
    form = search_key(beginning)
    return form, form + _LAST
