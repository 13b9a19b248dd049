"""Seeds as scanners, editors and people hand them over.

What cannot be part of a seed is cut off, what has one meaning only is mended, and where neither is
possible the message names what was seen. The format itself is as strict as before: `seed.py`.
"""

import re
import unicodedata

from ..seed import MOST_BYTES, PREFIX, VERSION, Seed, SeedError
from .errors import BadSeed

_NO_LETTERS = {"Cc", "Cf", "Zl", "Zp", "Zs"}
"""Controls such as STX and ETX, the byte order mark and others that nobody sees, all blanks."""
_SYMBOLOGY = re.compile(r"\][A-Za-z]\w(?=spire-seed:)", re.A | re.I)
"""What scanners set before a code to tell its kind, such as `]Q1`."""
_BEGINNING = re.compile(rf"{PREFIX}(v\d+:)?", re.I)
_ENCLOSING = re.compile(r"[^\w-]+$")
"""Quotation marks, brackets, a full stop, and the padding of other base64."""
_SWAPPED = "EYj"
"""The payload's first letters, `eyJ`, as a keyboard with Caps Lock writes them."""
_SHORTEST = 40
"""Letters of a payload from which on small and capital ones are both in it."""
_OTHER_THINGS = {
    "bunker://": "that is a bunker URL; the seed has it inside",
    "npub1": "that is a public key",
    "nsec1": "that is a secret key, to be shown to nobody",
    "http": "that is the address of a web page",
}


def decode(text: str) -> Seed:
    """The seed in a text. BadSeed says what is wrong with it."""
    try:
        return Seed.decode(seed_in(text))
    except SeedError as error:
        raise BadSeed(f"Bad seed: {error}.") from None


def seed_in(text: str) -> str:
    """The seed in a text, without what came around it and into it."""
    if len(text) > 8 * MOST_BYTES:
        raise BadSeed("Bad seed: it is over 8 KiB.")
    letters = "".join(each for each in text if unicodedata.category(each) not in _NO_LETTERS)
    letters = _SYMBOLOGY.sub("", letters)
    found = list(_BEGINNING.finditer(letters))
    if not found:
        raise BadSeed(f"Bad seed: {_what_else(letters)}.")
    ends = [*(later.start() for later in found[1:]), len(letters)]
    seeds = {
        f"{each[0].lower()}{_mended(letters[each.end() : end])}"
        for each, end in zip(found, ends, strict=True)
    }
    if len(seeds) > 1:
        raise BadSeed("Bad seed: there is more than one. Give one of them.")
    return seeds.pop()


def _mended(payload: str) -> str:
    payload = _ENCLOSING.sub("", payload)
    if payload.startswith(_SWAPPED):
        payload = payload.swapcase()
    if len(payload) >= _SHORTEST and payload in {payload.upper(), payload.lower()}:
        size = "capitals" if payload == payload.upper() else "small letters"
        raise BadSeed(
            f"Bad seed: it came in {size} only, and the others are lost. Switch off what the "
            "scanner or keyboard does to letters (Caps Lock), and scan it again."
        )
    for letter in payload:
        if not letter.isascii():
            raise BadSeed(
                f"Bad seed: {_named(letter)} is in it, which no seed has: an editor or a keyboard "
                "has changed it. Copy or scan it again."
            )
    return payload


def _what_else(letters: str) -> str:
    if re.search(rf"spire.{{1,3}}seed.{{1,3}}{VERSION}", letters, re.I):
        return (
            "its signs - and : came as others. Set the scanner to this machine's keyboard layout, "
            "and scan it again"
        )
    for beginning, words in _OTHER_THINGS.items():
        if letters.lower().startswith(beginning):
            return f"{words}. A seed begins with {PREFIX}"
    return f"it does not begin with {PREFIX}" if letters else "there is nothing to read"


def _named(letter: str) -> str:
    return f"{unicodedata.name(letter, 'a byte that is no text')} (U+{ord(letter):04X})"
