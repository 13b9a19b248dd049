"""Keys that spirekeeper makes for one use: what they send says nothing about a machine."""

from collections import deque

from .keys import new_secret_key, public_of

REMEMBERED = 4096

_ours: deque[str] = deque(maxlen=REMEMBERED)


def new_throwaway() -> str:
    """A new secret key in hex. Its pubkey is remembered for as long as others may hear it."""
    secret_key = new_secret_key()
    _ours.append(public_of(secret_key))
    return secret_key


def is_throwaway(pubkey: str) -> bool:
    return pubkey in _ours
