"""Nostr keys as people and programs write them, and the names of keys in the bunker."""

from functools import lru_cache

from lnbits.utils.nostr import hex_to_npub, normalize_private_key
from nostr_sdk import Keys

from .errors import InvalidInput
from .points import hex_of


def pubkey_hex(key: str) -> str:
    """The lowercase hex of an npub or of a hex key in either case; InvalidInput otherwise."""
    pubkey = hex_of(key)
    if pubkey is None:
        raise InvalidInput("That is no Nostr public key; give an npub or 64 hex digits.")
    return pubkey


@lru_cache(maxsize=16384)
def npub(pubkey: str) -> str:
    """Remembered: open pages list the same machines again and again."""
    return str(hex_to_npub(pubkey))


KEY_PREFIX = "spire-"
"""What the name of every key of ours in the bunker begins with."""


def spire_key_name(machine_id: str, generation: int = 1) -> str:
    """The name of a machine's key in the bunker: a rotation counts up."""
    name = KEY_PREFIX + machine_id
    return name if generation == 1 else f"{name}-{generation}"


def new_nsec() -> tuple[str, str]:
    """A fresh key as nsec, and its pubkey in hex."""
    keys = Keys.generate()
    return str(keys.secret_key().to_bech32()), str(keys.public_key().to_hex())


def new_secret_key() -> str:
    return str(Keys.generate().secret_key().to_hex())


def secret_key_hex(nsec: str) -> str:
    """The hex of an nsec or hex secret key; InvalidInput, without the key, otherwise."""
    try:
        return str(Keys.parse(normalize_private_key(nsec)).secret_key().to_hex())
    except Exception:
        raise InvalidInput("admin_nsec is no Nostr secret key; give an nsec.") from None


def public_of(secret_key: str) -> str:
    return str(Keys.parse(secret_key).public_key().to_hex())
