"""The lineages of nsecbunkerd that the development bunker can be, as data."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Traits:
    """How one lineage differs from another."""

    nip44: bool
    """Reads NIP-44 and answers in it, and has the nip44 methods. Otherwise a NIP-44 admin request
    gets silence, and a NIP-44 event to a key's pubkey ends the daemon."""

    live_policy: bool
    """Rules, expiry and revocation of a token are looked up at signing time, rules have ids and
    verbs of their own, and create_new_key keeps a name that exists. Otherwise the rules are copied
    to the user when a token is redeemed, and create_new_key overwrites."""

    gates: dict[str, str]
    """The encryption methods that the signer knows -> the method that a rule must name."""


_EXACT = {
    name: name for name in ("nip04_encrypt", "nip04_decrypt", "nip44_encrypt", "nip44_decrypt")
}


class Lineage(Enum):
    """nsecbunkerd 0.10.5 with NDK 2.12 and newer, with NDK 2.8.1, and the live-policy fork."""

    NEWER_NDK = Traits(nip44=True, live_policy=False, gates=_EXACT)
    OLD_NDK = Traits(
        nip44=False,
        live_policy=False,
        gates={"nip04_encrypt": "encrypt", "nip04_decrypt": "decrypt"},
    )
    LIVE_POLICY = Traits(nip44=True, live_policy=True, gates=_EXACT)
