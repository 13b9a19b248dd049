"""The kinds of values that callers may give, each with its limits, for all models and routes.

The limits keep out text that the database cannot store (PostgreSQL has no NUL, and neither has
surrogates) and numbers that are too large for it.
"""

from collections.abc import Callable, Generator
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ConstrainedStr, Field, PydanticValueError

from ..nostr.relay_urls import MOST_LETTERS, as_meant
from .text import accepted, one_line, visible_line

MOST_RELAYS = 5
"""Of one pairing."""

V = TypeVar("V")
MOST_TAGS = 10


class _Text(ConstrainedStr):
    """A text within its length that `typed_text` accepts."""

    check: ClassVar[Callable[[str], str]] = accepted

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield from super().__get_validators__()
        yield cls.check


class _Line(_Text):
    """One line of text, stripped."""

    check = one_line


class Name(_Text):
    """What a machine is called; never blank."""

    check = visible_line
    max_length = 100


class Place(_Line):
    """Where a machine stands; may be empty."""

    max_length = 200


class Note(_Line):
    """What an operator adds to a decision; may be empty."""

    max_length = 200


class Tag(_Text):
    """A word by which machines are told apart; never blank."""

    check = visible_line
    max_length = 30


class Search(_Text):
    """Any part of a machine's name, location, tag or key."""

    max_length = 100


class RelayAsTyped(_Line):
    """A relay as somebody typed it. `nostr/relay_urls.py` judges later whether it is one."""

    max_length = MOST_LETTERS


class RelayUrl(RelayAsTyped):
    """A relay, brought into the form in which its URL is kept."""

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield from super().__get_validators__()
        yield as_meant
        yield from super().__get_validators__()  # in ASCII it may be longer than it was typed


class BunkerUrl(_Line):
    """A bunker's address; `bunker/address.py` reads it."""

    max_length = 2048


class Nsec(_Line):
    """A private key."""

    max_length = 128


class Passphrase(_Text):
    """The passphrase of the machines' keys in the bunker."""

    min_length = 8
    max_length = 256


class NoWebAddress(PydanticValueError):
    """Nothing that a request can be sent to."""

    code = "no_web_address"
    msg_template = "it must look like https://example.com/path"


class WebAddress(_Line):
    """An http or https address. It may hold a password."""

    max_length = 2048

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield from super().__get_validators__()
        yield _of_the_web


def _of_the_web(text: str) -> str:
    try:
        url = httpx.URL(text)
        urlsplit(text).port  # noqa: B018 - raises for one that there cannot be
        url.host.encode("idna")
    except (ValueError, httpx.InvalidURL):
        raise NoWebAddress from None
    if url.scheme not in {"http", "https"} or not url.host or "%" in url.host:
        raise NoWebAddress
    return text


class PassphraseEnd(_Text):
    """The last four letters of a passphrase."""

    min_length = 4
    max_length = 4


class Id(ConstrainedStr):
    """The id of a machine or a wallet.

    LNbits strips markup from the parameters of statements, so an id inside markup would find what
    the id alone finds.
    """

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
    """An npub or a pubkey in hex; `keys.py` reads it."""

    max_length = 128


def version_read() -> Any:
    """The field of a request that changes a setting: which version of it the caller has read."""
    return Field(
        None,
        ge=0,
        le=2_000_000_000,
        description="That of the settings as you read them: refused when somebody has changed them "
        "since. Left out: the last one wins.",
    )


class NotWhole(PydanticValueError):
    """A fraction, or no number at all."""

    code = "not_whole"
    msg_template = "must be a whole number"


def whole_number(value: V) -> V:
    """Refuses what JSON would turn into a whole number: `true`, and fractions."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise NotWhole
    return value
