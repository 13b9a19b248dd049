"""Nostr keys: made, read and derived. Needs nostr-sdk alone.

Text that is no key raises ValueError, which never says what the text was.
"""

import re

from nostr_sdk import Keys, NostrSdkError, PublicKey, SecretKey, generate_shared_key

_HEX = re.compile(r"[0-9a-f]{64}", re.I)
_NPUB = re.compile(r"npub1[0-9a-z]{58}")
_NSEC = re.compile(r"nsec1[0-9a-z]{58}")
_ONE = SecretKey.parse(f"{1:064x}")


def new_secret_key() -> str:
    """A fresh secret key in hex."""
    return str(Keys.generate().secret_key().to_hex())


def new_nsec() -> tuple[str, str]:
    """A fresh secret key as nsec, and its pubkey in hex."""
    keys = Keys.generate()
    return str(keys.secret_key().to_bech32()), str(keys.public_key().to_hex())


def parse_secret_key(text: str) -> str:
    """The hex of an nsec, or of a secret key in hex of either case."""
    if not _HEX.fullmatch(text) and not _NSEC.fullmatch(text):
        raise ValueError("neither an nsec nor 64 hex digits")
    try:
        return str(Keys.parse(text).secret_key().to_hex())
    except NostrSdkError:
        raise ValueError("no secret key") from None


def public_of(secret_key: str) -> str:
    """The pubkey of a secret key, both in hex."""
    return str(Keys.parse(secret_key).public_key().to_hex())


def parse_pubkey(text: str) -> str:
    """The lowercase hex of an npub, or of a public key in hex of either case.

    Takes less than nostr-sdk does. Does not look whether the curve has such a point, which takes
    long: `parse_point` does.
    """
    if _HEX.fullmatch(text):
        return text.lower()
    if not _NPUB.fullmatch(text):
        raise ValueError("neither an npub nor 64 hex digits")
    try:
        return str(PublicKey.parse(text).to_hex())
    except NostrSdkError:
        raise ValueError("no npub") from None


def parse_point(text: str) -> PublicKey:
    """The public key that an npub or hex names, if the curve has a point there.

    Half of all numbers of 32 bytes have none (BIP-340). nostr-sdk parses those too, and finds out
    when it multiplies.
    """
    pubkey = PublicKey.parse(parse_pubkey(text))
    try:
        generate_shared_key(_ONE, pubkey)
    except NostrSdkError:
        raise ValueError("secp256k1 has no point there") from None
    return pubkey
