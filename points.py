"""Public keys that can be some: half of all 32 bytes are no point of the curve, and parsing does
not look."""

from nostr_sdk import NostrSdkError, PublicKey, SecretKey, generate_shared_key

_ONE = SecretKey.parse(f"{1:064x}")


def point_of(text: str) -> PublicKey | None:
    """The public key that a text names, in hex or as npub. None where it is none, or secp256k1 has
    no point at its x (BIP-340), as nostr-sdk finds when it multiplies."""
    try:
        pubkey = PublicKey.parse(text)
        generate_shared_key(_ONE, pubkey)
    except NostrSdkError:
        return None
    return pubkey
