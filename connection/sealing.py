"""Seals secrets that are stored, as those of the admin connection, with AES-GCM, under keys made
from LNbits' own secret.

LNbits' own cipher corrupts texts of some lengths and does not notice a change, so it is not used.
"""

import base64
import json
from dataclasses import asdict, dataclass, field

from Cryptodome.Cipher import AES
from Cryptodome.Hash import HMAC, SHA256
from Cryptodome.Protocol.KDF import HKDF
from Cryptodome.Random import get_random_bytes
from lnbits.settings import settings as lnbits_settings

from ..errors import NoBunker
from ..models import BunkerSettingsRow

_NONCE = 16
_HEAD = _NONCE + 16
"""Where the sealed text begins: behind nonce and tag."""


_PURPOSE = b"spirekeeper bunker settings"
_YOUNGER = {"machine_relays", "bunker_relays_for_machines"}


@dataclass(frozen=True)
class Sealed:
    """The secrets, as they are before and after they are sealed."""

    admin_secret: str = field(repr=False)
    passphrases: dict[str, str] = field(repr=False)
    passphrase_id: str
    count: int = 0
    """Which of the seals there were this is (`connection/newest_seal.py`). Older versions did not
    count."""

    def seal(self, row: BunkerSettingsRow) -> BunkerSettingsRow:
        """The row with these secrets sealed in it. They open in no other row."""
        plain = json.dumps(asdict(self))
        return row.copy(update={"sealed": seal(plain, _PURPOSE, _around(row))})

    @classmethod
    def open(cls, row: BunkerSettingsRow) -> "Sealed":
        """The secrets of a row. NoBunker when LNbits' secret is another one now, or the row was
        changed."""
        try:
            plain = unseal(row.sealed, _PURPOSE, _around(row))
        except ValueError:
            raise NoBunker(
                "The stored bunker connection cannot be opened, because LNbits' AUTH_SECRET_KEY "
                "has changed, or what is stored; restore the old one, or enter the connection "
                "again, with its admin key and passphrase.",
                reason="not_opened",
            ) from None
        return cls(**json.loads(plain))


def _around(row: BunkerSettingsRow) -> bytes:
    """The columns that the seal vouches for.

    Whoever can only write to the database could else send the admin key's requests, which carry
    passphrases, to another bunker, and machines to other relays. A column that is younger than the
    first seals counts once it says something.
    """
    around = row.dict(exclude={"id", "sealed", "updated_at"})
    told = {column: said for column, said in around.items() if said or column not in _YOUNGER}
    return json.dumps(told, sort_keys=True).encode()


def mark_of(passphrase: str) -> str:
    """A text that stands for a refused passphrase. Without LNbits' secret it tells nothing."""
    return HMAC.new(_key(b"spirekeeper passphrase mark"), passphrase.encode(), SHA256).hexdigest()


def vouch_for(word: str) -> str:
    """What this LNbits alone says to a word, each process of it the same."""
    return HMAC.new(_key(b"spirekeeper public address"), word.encode(), SHA256).hexdigest()


def seal(plain: str, purpose: bytes, around: bytes = b"") -> str:
    """The text, sealed. It opens for the same purpose and with the same around it alone."""
    cipher = AES.new(_key(purpose), AES.MODE_GCM, nonce=get_random_bytes(_NONCE))
    cipher.update(around)
    text, tag = cipher.encrypt_and_digest(plain.encode())
    return base64.b64encode(bytes(cipher.nonce) + tag + text).decode()


def unseal(sealed: str, purpose: bytes, around: bytes = b"") -> bytes:
    """What was sealed. ValueError when LNbits' secret is another one now, or any of it was
    changed."""
    blob = base64.b64decode(sealed, validate=True)
    nonce, tag, text = blob[:_NONCE], blob[_NONCE:_HEAD], blob[_HEAD:]
    cipher = AES.new(_key(purpose), AES.MODE_GCM, nonce=nonce)
    cipher.update(around)
    return cipher.decrypt_and_verify(text, tag)


def _key(purpose: bytes) -> bytes:
    secret = lnbits_settings.auth_secret_key.encode()
    return bytes(HKDF(secret, 32, purpose, SHA256, 1))  # type: ignore[arg-type]
