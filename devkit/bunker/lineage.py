"""The lineages of nsecbunkerd that the development bunker can be, as data."""

from dataclasses import dataclass
from enum import Enum

from .fork_398ja import Fork398jaVerbs
from .live_policy import LivePolicyVerbs
from .unknown import UnknownVerbs
from .verbs import Verbs
from .wire import ADMIN, NOSTR_CONNECT


@dataclass(frozen=True)
class Traits:
    """How one lineage differs from another."""

    verbs: type[Verbs]
    """The admin calls that it has."""

    gates: dict[str, str]
    """The encryption methods that the signer knows -> the method that a rule must name."""

    nip44: bool = True
    """Reads NIP-44 and answers in it, and has the nip44 methods. Otherwise a NIP-44 admin request
    gets silence, and a NIP-44 event to a key's pubkey ends the daemon."""

    hears: tuple[int, ...] = (NOSTR_CONNECT, ADMIN)
    """The kinds in which it hears admins; in any other there is silence."""

    answers_in: int = ADMIN
    """The kind of what worked, and of what it asks of its admins."""

    live_policy: bool = False
    """Rules, expiry and revocation of a token are looked up at signing time, rules have ids and
    verbs of their own, and create_new_key keeps a name that exists. Otherwise the rules are copied
    to the user when a token is redeemed, and create_new_key overwrites."""


_EXACT = {
    name: name for name in ("nip04_encrypt", "nip04_decrypt", "nip44_encrypt", "nip44_decrypt")
}


class Lineage(Enum):
    NEWER_NDK = Traits(verbs=Verbs, gates=_EXACT)
    """nsecbunkerd 0.10.5 with NDK 2.12 and newer (recorded)."""

    OLD_NDK = Traits(
        verbs=Verbs, gates={"nip04_encrypt": "encrypt", "nip04_decrypt": "decrypt"}, nip44=False
    )
    """nsecbunkerd 0.10.5 with NDK 2.8.1, that of its lock file (recorded)."""

    FORK_398JA = Traits(
        verbs=Fork398jaVerbs, gates=_EXACT, hears=(NOSTR_CONNECT,), answers_in=NOSTR_CONNECT
    )
    """398ja/nsecbunkerd 0.11 with NDK 2.18.1, that of its lock file (recorded)."""

    LIVE_POLICY = Traits(verbs=LivePolicyVerbs, gates=_EXACT, live_policy=True)
    """The fork that has add_policy_rule."""

    UNKNOWN = Traits(verbs=UnknownVerbs, gates=_EXACT)
    """None of these: the least that a machine can be paired with."""
