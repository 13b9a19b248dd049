"""Who ever used a machine's key, and what follows: may it be kept, may its client be confirmed, is
it spent?

Pure. Whoever could sign as a key may have had events signed ahead of time, so a user who was
revoked counts like one who was not. Our own burners do not count, nor does whoever was there before
a seed was made.
"""

from collections.abc import Collection, Iterable

from .. import lifecycle
from ..bunker.answers import KeyUser, Token
from ..models import Machine, Pairing, PairingState


def had_no_yes(pairing: Pairing) -> bool:
    """Whether somebody redeemed this seed, or used its key meanwhile, whom no operator
    confirmed."""
    if pairing.flagged_at is not None or pairing.key_clean is False:
        return True
    redeemed = pairing.redeemed_at is not None or pairing.end_reason in lifecycle.BAD_ENDS
    return redeemed and pairing.confirmed_at is None


def ended_badly(pairing: Pairing) -> bool:
    """Whether it has ended after a redemption that nobody can vouch for.

    Either the client was to be confirmed and was not, or the end itself says that somebody else was
    there (`lifecycle.BAD_ENDS`).
    """
    if pairing.ended_at is None or not had_no_yes(pairing):
        return False
    counted = pairing.redeemed_at is not None and not pairing.confirm_required
    return not counted or pairing.end_reason in lifecycle.BAD_ENDS or pairing.key_clean is False


def not_looked_up(pairing: Pairing) -> bool:
    """Whether somebody may have redeemed this seed unnoticed: the bunker has not shown yet that
    nobody did."""
    if pairing.issued_at is None or pairing.redeemed_at is not None:
        return False
    ended = pairing.ended_at is not None and pairing.key_clean is None
    return ended or (pairing.state is PairingState.ISSUED and pairing.confirm_required)


def strangers(
    users: Iterable[KeyUser], known: Collection[str | None], burners: Collection[str]
) -> set[str]:
    """The users of a key, revoked ones too, who are neither known nor our own burners."""
    return {user.pubkey for user in users} - set(known) - set(burners)


def confirmed_clients(pairings: Iterable[Pairing]) -> set[str | None]:
    return {p.client_pubkey for p in pairings if p.confirmed_at is not None}


def counted_clients(pairings: Iterable[Pairing]) -> set[str | None]:
    """The clients that were confirmed, and those of seeds that asked for no confirmation."""
    return {
        p.client_pubkey
        for p in pairings
        if p.confirmed_at is not None or (p.redeemed_at is not None and not p.confirm_required)
    }


def about_to_count(users: Iterable[KeyUser], pairings: Iterable[Pairing]) -> set[str | None]:
    """The clients that redeemed a seed without confirmation, and were not noticed before now or
    before a cut."""
    unnoticed = {
        p.client_name
        for p in pairings
        if p.state in (PairingState.ISSUED, PairingState.REVOKED) and not p.confirm_required
    }
    return {user.pubkey for user in users if user.client_name in unnoticed}


def used_since(
    client_name: str,
    token: Token | None,
    users: Iterable[KeyUser],
    pairings: Iterable[Pairing],
    burners: Collection[str],
) -> set[str]:
    """The users who came to a key since this token was made and are no client that counts.

    Whoever redeemed another seed that is still open is left out: that seed's own redemption judges
    them.
    """
    pairings = list(pairings)
    made_at = token.created_at if token else None
    still_open = {p.client_name for p in pairings if p.state in lifecycle.OPEN_STATES}
    named = still_open - {client_name}
    came = [
        user
        for user in users
        if user.client_name not in named
        and not (made_at and user.created_at and user.created_at < made_at)
    ]
    known = counted_clients(pairings) | about_to_count(came, pairings)
    return strangers(came, known, burners)


def spent(machine: Machine, history: Iterable[Pairing]) -> bool:
    """Whether the machine's key must never be routed again.

    It is so when a seed for the key that the machine is connected with asked for a confirmation,
    was redeemed, and ended without one.
    """
    of_key = [p for p in history if p.key_name == machine.bunker_spire_key_name]
    return any(lifecycle.connected(p) for p in of_key) and any(
        p.confirm_required and p.key_clean is not True and ended_badly(p) for p in of_key
    )
