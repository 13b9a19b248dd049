"""What can go wrong when talking to nsecbunkerd, and what is known afterwards.

    NsecBunkerError
    ├── BunkerUnreachable    not asked: no relay took the request
    ├── BunkerTimeout        asked, no answer: it may have happened, look first
    │   └── RelaysRefused    all relays say that they did not take it, and some lie: look first
    ├── BunkerRefused        the bunker said no
    │   ├── NotAnAdmin       our admin key is not in its ADMIN_NPUBS
    │   ├── UnknownMethod    this lineage lacks the call
    │   └── WrongPassphrase  the key stayed locked
    ├── BunkerNonsense       the bunker answered what cannot be read
    └── AddressError         what was given as the bunker's address is none (address.py)

Of what is sent, a relay may have taken it, refused it with a reason, or said nothing; or it was not
sent to any. Messages are our own words, and a relay's reason, cleaned and cut. The daemon's error
texts can quote a token, so they are never kept.
"""

from collections.abc import Mapping
from typing import Literal

from ..nostr.refusals import RelaySaid
from .nip46 import Refusal

Trouble = Literal[
    "keys_not_listed",
    "key_not_made",
    "key_not_unlocked",
    "policy_not_made",
    "token_not_made",
    "users_not_told",
    "user_not_revoked",
    "call_unknown",
    "call_refused",
    "wrong_passphrase",
    "unreadable",
    "key_unreadable",
    "keeps_ending",
]
NOTHING_SAID = RelaySaid()
CLOCKS = "This server's clock and the relay's differ; check the time."


class NsecBunkerError(Exception):
    """A call to the bunker failed. The message says what happened and holds no secret."""

    def __init__(
        self,
        message: str,
        said: RelaySaid = NOTHING_SAID,
        *,
        reason: Trouble | None = None,
        **values: str,
    ) -> None:
        """`reason`, and `values` in it: the message, for whoever says it in another language."""
        super().__init__(message)
        self.said = said
        """The reason that a relay gave, if one did."""
        self.reason = reason
        self.values = values


class BunkerUnreachable(NsecBunkerError):
    """No relay is up, or all refused what only reads: nothing was asked."""


class BunkerTimeout(NsecBunkerError):
    """The request was sent and no answer came in time. It may have been carried out."""

    def __init__(
        self, message: str, said: RelaySaid = NOTHING_SAID, *, confirmed: bool = True
    ) -> None:
        """`confirmed`: a relay says that it took the request."""
        super().__init__(message, said)
        self.confirmed = confirmed


class RelaysRefused(BunkerTimeout):
    """All relays refused what changes something, and no answer came. Some relays pass on what they
    refuse, so it may have been carried out."""


class BunkerRefused(NsecBunkerError):
    """The bunker answered with an error."""


class NotAnAdmin(BunkerRefused):
    """The bunker does not know our admin key (ADMIN_NPUBS in its configuration)."""


class UnknownMethod(BunkerRefused):
    """This lineage of nsecbunkerd does not have the call."""


class WrongPassphrase(BunkerRefused):
    """unlock_key did not succeed: not this key's passphrase. Never try another by guessing."""


class BunkerNonsense(NsecBunkerError):
    """The bunker answered something that does not have the shape of an answer."""


_BY_METHOD: Mapping[str, tuple[Trouble, str]] = {
    "get_keys": ("keys_not_listed", "The bunker would not list its keys."),
    "create_new_key": ("key_not_made", "The bunker would not make the key."),
    "unlock_key": ("key_not_unlocked", "The bunker would not unlock the key."),
    "get_policies": ("policy_not_made", "The bunker would not list its policies."),
    "create_new_policy": ("policy_not_made", "The bunker would not make the policy."),
    "add_policy_rule": ("policy_not_made", "The bunker would not add a rule to the policy."),
    "remove_policy_rule": (
        "policy_not_made",
        "The bunker would not remove a rule from the policy.",
    ),
    "create_new_token": (
        "token_not_made",
        "The bunker would not make a token: the policy may be gone.",
    ),
    "get_key_tokens": ("users_not_told", "The bunker would not list the tokens of the key."),
    "get_key_users": ("users_not_told", "The bunker would not list the users of the key."),
    "revoke_user": (
        "user_not_revoked",
        "The bunker would not revoke the user: it may not know it.",
    ),
}


def refused(method: str, refusal: Refusal) -> BunkerRefused:
    """The error to raise. The daemon's own text is not known here."""
    if refusal is Refusal.NOT_AN_ADMIN:
        return NotAnAdmin(
            "The bunker does not take our admin key. Add its npub to ADMIN_NPUBS in the bunker's "
            "configuration and restart the bunker."
        )
    if refusal is Refusal.UNKNOWN_METHOD:
        return UnknownMethod(
            f"This bunker does not have the call {method}.",
            reason="call_unknown",
            method=method,
        )
    reason, words = _BY_METHOD.get(method, ("call_refused", f"The bunker refused {method}."))
    return BunkerRefused(f"{words} Its log says why.", reason=reason, method=method)
