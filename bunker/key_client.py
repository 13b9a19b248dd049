"""What spirekeeper itself asks of a key in the bunker (NIP-46), as a stranger with a throw-away
key.

`encryption` is the dialect's: an old bunker ends when one of its keys gets a NIP-44 event. The
relays may be a user's: `resolve` says how they may be connected to.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

from nostr_sdk import Keys

from ..nostr.relay_link import Resolve
from .errors import BunkerTimeout, BunkerUnreachable
from .nip46 import NIP46_KIND, Encryption, Request
from .rpc import RelayRpc

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


class Redemption(Enum):
    """What came of redeeming a token."""

    REDEEMED = "redeemed"
    """Acknowledged. It does not prove that nobody redeemed it at the same moment."""
    REFUSED = "refused"
    """The token is spent, expired or unknown, or our client key is revoked."""
    UNKNOWN = "unknown"
    """Silence: it may have been redeemed. Look at the key's users."""


async def answers(
    spire_pubkey: str,
    relay: str,
    encryption: Encryption,
    deadline: float = 10.0,
    *,
    client_secret: str | None = None,
    resolve: Resolve | None = None,
) -> bool:
    """Whether the bunker answers for this key over this relay, and as that key.

    It asks as the client `client_secret` (hex), or as anybody.
    """
    client = Keys.parse(client_secret) if client_secret else Keys.generate()
    rpc = RelayRpc(client, spire_pubkey, [relay], kinds=[NIP46_KIND], resolve=resolve)
    try:
        return await _answers(rpc, spire_pubkey, encryption, deadline)
    except BunkerUnreachable:
        return False
    finally:
        await rpc.close()


async def redeem(
    client_secret: str,
    spire_pubkey: str,
    token_secret: str,
    relays: Sequence[str],
    encryption: Encryption,
    deadline: float = 5.0,
    *,
    resolve: Resolve | None = None,
) -> Redemption:
    """Redeems a token as the client `client_secret` (hex), so that nobody else can.

    It first waits until the key answers: a connect too soon after the key was made is lost. On
    UNKNOWN look at the key's users, then call again with the same client key and token. Each of the
    two steps may take `deadline` seconds.

    Raises BunkerUnreachable when no relay took the request.
    """
    client = Keys.parse(client_secret)
    rpc = RelayRpc(client, spire_pubkey, relays, kinds=[NIP46_KIND], resolve=resolve)
    connect = Request("connect", [spire_pubkey, token_secret], changes=True)
    try:
        if not await _answers(rpc, spire_pubkey, encryption, deadline):
            return Redemption.UNKNOWN
        reply = await rpc.call(connect, encryption=encryption, kind=NIP46_KIND, deadline=deadline)
    except BunkerTimeout:
        return Redemption.UNKNOWN
    finally:
        await rpc.close()
    redeemed = reply.refusal is None and reply.result in {"ack", token_secret}
    return Redemption.REDEEMED if redeemed else Redemption.REFUSED


async def _answers(
    rpc: RelayRpc, spire_pubkey: str, encryption: Encryption, deadline: float
) -> bool:
    try:
        reply = await rpc.call(
            Request("get_public_key"),
            encryption=encryption,
            kind=NIP46_KIND,
            deadline=deadline,
            again=((pause, encryption) for pause in _pauses()),
        )
    except BunkerTimeout:
        return False
    return reply.refusal is None and reply.result == spire_pubkey


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 2)
