"""The secrets of the admin connection, sealed with AES-GCM under a key derived from LNbits' own
secret; LNbits' cipher is not used, it corrupts some lengths and authenticates nothing.
"""

import base64
import json
from dataclasses import asdict, dataclass, field

from Cryptodome.Cipher import AES
from Cryptodome.Hash import HMAC, SHA256
from Cryptodome.Protocol.KDF import HKDF
from Cryptodome.Random import get_random_bytes
from lnbits.settings import settings as lnbits_settings

from .errors import NoBunker
from .models import BunkerSettingsRow

_NONCE = 16
_HEAD = _NONCE + 16
"""Where the sealed text begins: behind nonce and tag."""


@dataclass(frozen=True)
class Sealed:
    """What is stored encrypted."""

    admin_secret: str = field(repr=False)
    passphrases: dict[str, str] = field(repr=False)
    passphrase_id: str
    count: int = 0
    """Which of the seals there were this is: `newest_seal.py`. Older versions did not count."""

    def seal(self, row: BunkerSettingsRow) -> BunkerSettingsRow:
        """The row with these secrets in it, which open in no other."""
        plain = json.dumps(asdict(self))
        cipher = AES.new(_seal_key(), AES.MODE_GCM, nonce=get_random_bytes(_NONCE))
        cipher.update(_around(row))
        text, tag = cipher.encrypt_and_digest(plain.encode())
        blob = base64.b64encode(bytes(cipher.nonce) + tag + text).decode()
        return row.copy(update={"sealed": blob})

    @classmethod
    def open(cls, row: BunkerSettingsRow) -> "Sealed":
        """NoBunker when LNbits' secret is another one than it was sealed with, or the row is."""
        try:
            blob = base64.b64decode(row.sealed, validate=True)
            nonce, tag, text = blob[:_NONCE], blob[_NONCE:_HEAD], blob[_HEAD:]
            cipher = AES.new(_seal_key(), AES.MODE_GCM, nonce=nonce)
            cipher.update(_around(row))
            plain = cipher.decrypt_and_verify(text, tag)
        except ValueError:
            raise NoBunker(
                "The stored bunker connection cannot be opened, because LNbits' AUTH_SECRET_KEY "
                "has changed, or what is stored; restore the old one, or enter the connection "
                "again, with its admin key and passphrase."
            ) from None
        return cls(**json.loads(plain))


def _around(row: BunkerSettingsRow) -> bytes:
    """What the seal also vouches for: whoever can write to the database, and no more, cannot send
    the admin key's requests, which carry passphrases, to another bunker."""
    around = row.dict(exclude={"id", "sealed", "updated_at"})
    return json.dumps(around, sort_keys=True).encode()


def mark_of(passphrase: str) -> str:
    """Stands for a passphrase where it was refused; nothing can be told from it without LNbits' own
    secret."""
    return HMAC.new(_key(b"spirekeeper passphrase mark"), passphrase.encode(), SHA256).hexdigest()


def _seal_key() -> bytes:
    return _key(b"spirekeeper bunker settings")


def _key(purpose: bytes) -> bytes:
    secret = lnbits_settings.auth_secret_key.encode()
    return bytes(HKDF(secret, 32, purpose, SHA256, 1))  # type: ignore[arg-type]
