"""Looking for secrets in whatever a program leaves behind, in every form that they could have."""

import base64
import json
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from nostr_sdk import NostrSdkError, SecretKey

PART = 20
"""Characters: loggers cut long texts in the middle, so that a secret's beginning or end is left."""


WORD = re.compile(rb"[A-Za-z0-9+/_%\\-]{8,}|(?:[A-Za-z0-9+/_%\\-]\0){8,}")
"""What most forms consist of, in two codings. A log says the same words again and again, so that
they are looked for in each of its words once."""


@dataclass
class Needles:
    """Secrets, each with a name that may be printed."""

    _forms: dict[str, frozenset[bytes]] = field(default_factory=dict, repr=False)

    def add(self, name: str, secret: str) -> None:
        """The same secret under a second name is one secret."""
        assert len(secret) >= 8, f"{name} is too short to be looked for"
        forms = forms_of(secret)
        if forms not in self._forms.values():
            self._forms[name] = forms

    def __len__(self) -> int:
        return len(self._forms)

    def names(self) -> list[str]:
        return sorted(self._forms)

    def named(self, secret: str) -> str:
        """The name that it was added under."""
        forms = forms_of(secret)
        return next(name for name, known in self._forms.items() if known == forms)

    def example(self, name: str) -> bytes:
        """One of its forms."""
        return max(self._forms[name], key=len)

    def found_in(self, place: bytes | str, *, but: Collection[str] = ()) -> list[str]:
        """The names of those that are there; `but` names those that may be."""
        text = place if isinstance(place, bytes) else place.encode(errors="surrogatepass")
        words = b"\n".join(set(WORD.findall(text)))
        return [
            name
            for name, forms in self._forms.items()
            if name not in but
            and any(form in (words if WORD.fullmatch(form) else text) for form in forms)
        ]


def forms_of(secret: str) -> frozenset[bytes]:
    """A text, and where it is a key the key, as a log, a database or a URL might write it."""
    texts = {part for each in _spellings(secret) for part in _parts(each)}
    forms = {text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le")}
    forms |= {form for text in _spellings(secret) for form in _encoded(text.encode())}
    raw = _bytes_of(secret)
    if raw is not None:
        forms |= {raw, repr(raw)[2:-1].encode(), *_encoded(raw)}
    return frozenset(forms)


def _spellings(secret: str) -> set[str]:
    """Texts that say the same."""
    same = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    for ascii_ in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_)
        same |= {once[1:-1], json.dumps(once, ensure_ascii=ascii_)[3:-3]}
    raw = _bytes_of(secret)
    if raw is not None:
        same |= {raw.hex(), raw.hex().upper(), str(int.from_bytes(raw, "big"))}
        with suppress(NostrSdkError):  # a token is any 32 bytes, and some are no key
            same.add(str(SecretKey.parse(raw.hex()).to_bech32()))
    return same


def _parts(text: str) -> set[str]:
    """Where it is long enough for a part to tell, its beginning and its end."""
    if len(text) < 2 * PART:
        return {text}
    return {text[:PART], text[-PART:]}


def _bytes_of(secret: str) -> bytes | None:
    """What a key or a token in hex or bech32 stands for."""
    try:
        return bytes.fromhex(SecretKey.parse(secret).to_hex())
    except NostrSdkError:
        pass
    try:
        return bytes.fromhex(secret) if len(secret) == 64 else None
    except ValueError:
        return None


def _encoded(raw: bytes) -> set[bytes]:
    """In base64, wherever in a longer text it begins, in base64url and in hex."""
    forms = {raw.hex().encode(), raw.hex().upper().encode()}
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        # What its neighbours have a share in is left out.
        sure = whole[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        forms |= {sure, sure.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms
