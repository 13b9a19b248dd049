"""Finds what our rows and the bunker do not agree about. Pure.

Nothing is said against anybody who might be a working machine: a client that redeemed a seed that
still waits, or that uses an open pairing, is taken for the machine, whatever the bunker calls it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .. import lifecycle
from ..bunker.answers import KeyUser, Token
from ..models import Machine, Pairing, PairingState
from ..schemas.bunker import FindingCode
from ..steps.owed_revocations import usable


@dataclass(frozen=True)
class Seen:
    """A key as the bunker shows it. A locked key hides its tokens."""

    key_name: str
    users: list[KeyUser]
    tokens: list[Token]

    @property
    def live(self) -> list[KeyUser]:
        return [user for user in self.users if user.revoked_at is None]

    def usable(self, now: datetime) -> list[Token]:
        """The tokens that somebody may still redeem."""
        return [token for token in self.tokens if usable(token, now)]

    def concerns(self, pairing: Pairing, now: datetime) -> bool:
        """Whether this pairing, which is not the key's newest, may explain anything that was
        seen."""
        names = {user.client_name for user in self.live}
        names |= {token.client_name for token in self.usable(now)}
        return (
            pairing.state in lifecycle.OPEN_STATES
            or pairing.client_name in names
            or pairing.client_pubkey in {user.pubkey for user in self.live}
        )


@dataclass(frozen=True)
class Rows:
    """What our database says of a key."""

    machine: Machine | None
    pairings: list[Pairing]
    owed: bool
    """The bunker still has to do something about it, which is under way."""


@dataclass(frozen=True)
class Bunker:
    """What has to be known of the whole bunker to judge a key."""

    good_policies: frozenset[str]
    """Ids of the policies that allow exactly what a spire does."""
    live_rules: bool
    """The rules of a token are looked up at each signature, not copied when it is redeemed."""
    ends_sessions: bool


@dataclass(frozen=True)
class Verdict:
    """One thing on which both do not agree. `pairing`: the one to end or to revoke, which mends
    it."""

    code: FindingCode
    words: str
    pairing: Pairing | None = None
    client_pubkey: str | None = None
    """Whose use of the key it is about."""


def judge(seen: Seen, rows: Rows, bunker: Bunker, now: datetime) -> list[Verdict]:
    """Everything about one key on which the rows and the bunker do not agree."""
    unused = seen.usable(now)
    if rows.owed:
        return []
    if rows.machine is None and not rows.pairings:
        return [_orphan()]
    if rows.machine is None:  # deleted; the bunker cannot delete its key
        return _access_left(seen, rows.pairings) if seen.live or unused else []
    still_open = [p for p in rows.pairings if p.state in lifecycle.OPEN_STATES]
    retired = not still_open and seen.key_name != rows.machine.bunker_spire_key_name
    if rows.machine.cut_at is not None or retired:
        return _access_left(seen, rows.pairings) if seen.live or unused else []
    return [
        *_clients(seen.users, still_open),
        *_users(seen, rows.pairings, still_open, bunker),
        *_tokens(unused, seen, rows.pairings, still_open),
        *_policies(seen.tokens, still_open, bunker),
    ]


def _orphan() -> Verdict:
    words = "No machine belongs to this key, and it was not made here; look at it in the bunker."
    return Verdict("orphan_key", words)


def _access_left(seen: Seen, pairings: list[Pairing]) -> list[Verdict]:
    words = (
        f"The key was cut off, replaced or deleted, and {len(seen.live)} client(s) or some tokens "
        "could still use it; they are being revoked."
    )
    return [Verdict("access_left", words, pairings[0] if pairings else None)]


def _clients(users: list[KeyUser], still_open: list[Pairing]) -> Iterator[Verdict]:
    for pairing in still_open:
        if pairing.client_pubkey is None:
            continue
        of_client = [user for user in users if user.pubkey == pairing.client_pubkey]
        if not of_client:
            yield Verdict(
                "client_missing",
                "The bunker does not know the machine's client key any more; pair it again.",
                client_pubkey=pairing.client_pubkey,
            )
        elif all(user.revoked_at is not None for user in of_client):
            yield Verdict(
                "revoked_outside",
                "The bunker has revoked the machine's client; its pairing has ended. Pair it "
                "again, with a new client key on the machine.",
                pairing,
                pairing.client_pubkey,
            )


def _users(
    seen: Seen, pairings: list[Pairing], still_open: list[Pairing], bunker: Bunker
) -> Iterator[Verdict]:
    clients = {p.client_pubkey for p in still_open if p.client_pubkey}
    connected_names = {p.client_name for p in still_open if p.client_pubkey}
    waiting = {p.client_name for p in still_open if p.client_pubkey is None}
    # A client that the key knew already keeps its older name when it redeems a newer token.
    waiting |= {t.redeemed_by for t in seen.tokens if t.client_name in waiting and t.redeemed_by}
    for user in seen.live:
        if user.pubkey in clients or user.client_name in waiting:
            continue
        ended = _ended_of(user, pairings)
        if ended is None or user.client_name in connected_names:
            yield Verdict(
                "unknown_user",
                "Somebody can use the machine's key whom no pairing explains; revoke the machine "
                "and pair it again.",
                client_pubkey=user.pubkey,
            )
        elif not (bunker.ends_sessions and ended.end_reason == lifecycle.EndReason.SESSION_ENDED):
            yield _left(
                "user_left", "A client of a pairing that has ended was not revoked", ended, seen,
                still_open,
            )  # fmt: skip


def _ended_of(user: KeyUser, pairings: Iterable[Pairing]) -> Pairing | None:
    ended = [p for p in pairings if p.state not in lifecycle.OPEN_STATES]
    by_client = next((p for p in ended if p.client_pubkey == user.pubkey), None)
    return by_client or next((p for p in ended if p.client_name == user.client_name), None)


def _tokens(
    unused: list[Token], seen: Seen, pairings: list[Pairing], still_open: list[Pairing]
) -> Iterator[Verdict]:
    by_name = {pairing.client_name: pairing for pairing in pairings}
    for token in unused:
        pairing = by_name.get(token.client_name)
        if pairing is None:
            yield Verdict(
                "unknown_token",
                f"The key has an unused token ({token.client_name}) that was not made here; end "
                "it in the bunker.",
            )
        elif pairing not in still_open:
            yield _left(
                "token_left", "A pairing code that has ended could still be redeemed", pairing,
                seen, still_open,
            )  # fmt: skip


def _left(
    code: FindingCode, words: str, ended: Pairing, seen: Seen, still_open: list[Pairing]
) -> Verdict:
    """Something that an ended pairing left behind in the bunker.

    It is mended by ending it, unless that might hit the machine itself: it may have the same client
    name or key, or be about to redeem the seed that waits.
    """
    clients = {p.client_pubkey for p in still_open if p.client_pubkey}
    names = {user.client_name for user in seen.live if user.pubkey in clients}
    waits = any(p.state is PairingState.ISSUED for p in still_open)
    in_doubt = ended.client_pubkey in clients or ended.client_name in names
    if in_doubt or (waits and code == "user_left"):
        return Verdict(code, f"{words}; it might be the machine itself, so it was left alone.")
    return Verdict(code, f"{words}; that is being ended.", ended)


def _policies(tokens: list[Token], still_open: list[Pairing], bunker: Bunker) -> Iterator[Verdict]:
    names = {pairing.client_name for pairing in still_open}
    for token in tokens:
        told = token.client_name in names and token.policy_id is not None
        if not told or token.policy_id in bunker.good_policies:
            continue
        if token.redeemed_at is None or bunker.live_rules:
            yield Verdict(
                "wrong_policy",
                "The machine's token goes by a policy that is not exactly what a spire needs; "
                "pair it again.",
            )
