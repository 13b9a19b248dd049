"""The sentence for a bunker's refusal, in our own words for each call."""

from .envelope import Refusal
from .errors import BunkerRefused, NotAnAdmin, UnknownMethod

_BY_METHOD = {
    "get_keys": "The bunker would not list its keys.",
    "create_new_key": "The bunker would not make the key.",
    "unlock_key": "The bunker would not unlock the key.",
    "get_policies": "The bunker would not list its policies.",
    "create_new_policy": "The bunker would not make the policy.",
    "add_policy_rule": "The bunker would not add a rule to the policy.",
    "remove_policy_rule": "The bunker would not remove a rule from the policy.",
    "create_new_token": "The bunker would not make a token: the policy may be gone.",
    "get_key_tokens": "The bunker would not list the tokens of the key.",
    "get_key_users": "The bunker would not list the users of the key.",
    "revoke_user": "The bunker would not revoke the user: it may not know it.",
}


def refused(method: str, refusal: Refusal) -> BunkerRefused:
    """The error to raise. The daemon's own text is not known here."""
    if refusal is Refusal.NOT_AN_ADMIN:
        return NotAnAdmin(
            "The bunker does not take our admin key. Add its npub to ADMIN_NPUBS in the bunker's "
            "configuration and restart the bunker."
        )
    if refusal is Refusal.UNKNOWN_METHOD:
        return UnknownMethod(f"This bunker does not have the call {method}.")
    words = _BY_METHOD.get(method, f"The bunker refused {method}.")
    return BunkerRefused(f"{words} Its log says why.")
