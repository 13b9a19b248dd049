"""Keys as people and LNbits write them, and the names of the machines' keys in the bunker."""

from functools import lru_cache

from lnbits.utils.nostr import hex_to_npub

from .errors import InvalidInput
from .nostr import keys


def pubkey_hex(key: str) -> str:
    """The lowercase hex of an npub or of a hex key in either case; InvalidInput otherwise."""
    try:
        return keys.parse_pubkey(key)
    except ValueError:
        raise InvalidInput("That is no Nostr public key; give an npub or 64 hex digits.") from None


def secret_key_hex(nsec: str) -> str:
    """The hex of an nsec or hex secret key; InvalidInput, without the key, otherwise."""
    try:
        return keys.parse_secret_key(nsec)
    except ValueError:
        raise InvalidInput(
            "admin_nsec is no Nostr secret key; give an nsec.",
            field="admin_nsec",
            reason="no_secret_key",
        ) from None


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
