"""Every kind of value that callers may give, with its limits: the same in each model and route.

No text reaches the database that it cannot store (PostgreSQL has no NUL, neither has surrogates),
and no number that it cannot count to.
"""

from collections.abc import Callable, Generator
from typing import Any, ClassVar, TypeVar

from pydantic import ConstrainedStr

from .relay_urls import MOST_LETTERS, normal_form
from .typed_text import as_typed, one_line, visible_line

V = TypeVar("V")


class _Text(ConstrainedStr):
    """Within its length, and holding nothing that `typed_text` refuses."""

    check: ClassVar[Callable[[str], str]] = as_typed

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield from super().__get_validators__()
        yield cls.check


class _Line(_Text):
    """As _Text, without space around it."""

    check = one_line


class Name(_Text):
    """What a machine is called; never blank."""

    check = visible_line
    max_length = 100


class Place(_Line):
    """Where a machine stands; may be empty."""

    max_length = 200


class Search(_Text):
    """The beginning of a name or a location."""

    max_length = 100


class RelayUrl(_Line):
    """A relay, in `relay_urls.py`'s normal form, which also judges it."""

    max_length = MOST_LETTERS

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield from super().__get_validators__()
        yield normal_form


class BunkerUrl(_Line):
    """A bunker; `bunker/address.py` reads it."""

    max_length = 2048


class Nsec(_Line):
    """A private key."""

    max_length = 128


class Passphrase(_Text):
    """Of the machines' keys in the bunker."""

    min_length = 8
    max_length = 256


class Id(ConstrainedStr):
    """A machine's or a wallet's. LNbits strips markup from the parameters of statements, so that an
    id with markup around it would find what the id itself finds."""

    max_length = 64
    regex = "^[0-9A-Za-z_-]+$"


class Pubkey(ConstrainedStr):
    """In lowercase hex."""

    min_length = 64
    max_length = 64
    regex = "^[0-9a-f]{64}$"


class Currency(ConstrainedStr):
    """Three letters of ISO 4217."""

    max_length = 3
    regex = "^[A-Z]{3}$"


class Event(ConstrainedStr):
    """A word of the journal."""

    max_length = 64
    regex = "^[0-9a-z_]+$"


class AnyKey(ConstrainedStr):
    """An npub or a pubkey in hex, as it was found somewhere; `keys.py` reads it."""

    max_length = 128


def whole(value: V) -> V:
    """Run before a number is read: JSON's true is no 1, and half a minute is no minute."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("must be a whole number")
    return value
