"""Public keys as they are written, and those that can be some: half of all 32 bytes are no point
of the curve, and parsing does not look."""

import re

from nostr_sdk import NostrSdkError, PublicKey, SecretKey, generate_shared_key

_ONE = SecretKey.parse(f"{1:064x}")


_HEX = re.compile(r"[0-9a-f]{64}", re.I)
_NPUB = re.compile(r"npub1[0-9a-z]{58}")


def hex_of(text: str) -> str | None:
    """The lowercase hex of an npub or of a key in hex, in either case; None for what the libraries
    take besides. Whether there is a point at it is not looked at, which takes long."""
    if _HEX.fullmatch(text):
        return text.lower()
    if not _NPUB.fullmatch(text):
        return None
    try:
        return str(PublicKey.parse(text).to_hex())
    except NostrSdkError:
        return None


def point_of(text: str) -> PublicKey | None:
    """The public key that a text names, in hex or as npub. None where it is none, or secp256k1 has
    no point at its x (BIP-340), as nostr-sdk finds when it multiplies."""
    try:
        pubkey = PublicKey.parse(text)
        generate_shared_key(_ONE, pubkey)
    except NostrSdkError:
        return None
    return pubkey
