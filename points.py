"""Whether a public key can be one: half of all 32 bytes are no point of the curve, and parsing them
does not look."""

from nostr_sdk import NostrSdkError, PublicKey, SecretKey, generate_shared_key

_ONE = SecretKey.parse(f"{1:064x}")


def is_point(pubkey: PublicKey) -> bool:
    """Whether secp256k1 has a point at this x (BIP-340), as nostr-sdk finds when it multiplies."""
    try:
        generate_shared_key(_ONE, pubkey)
    except NostrSdkError:
        return False
    return True
