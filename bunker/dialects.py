"""How the lineages of nsecbunkerd differ, as data: what each can do and can cost a machine, and
how one is told from its answers."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from .nip46 import ADMIN_KIND, NIP46_KIND, Encryption


class Hazard(Enum):
    """The value is the name in the API and in a dialect."""

    ENDS_ON_NIP44 = "ends_on_nip44"
    LOSES_ITS_RELAY = "loses_its_relay"
    GUESSABLE_TOKENS = "guessable_tokens"
    HIDES_WHAT_IT_DELETES = "hides_what_it_deletes"
    IGNORES_POLICY_EXPIRY = "ignores_policy_expiry"
    KEYS_LOCK_AT_RESTART = "keys_lock_at_restart"
    OVERWRITES_KEYS = "overwrites_keys"
    PUBLISHES_WHAT_IT_MINTS = "publishes_what_it_mints"


WORDS = {
    Hazard.ENDS_ON_NIP44: (
        "This bunker speaks only the older encryption (NIP-04). A machine that speaks NIP-44 to "
        "it, as most do today, ends the bunker's process. Update the bunker before pairing such "
        "a machine."
    ),
    Hazard.LOSES_ITS_RELAY: (
        "When its relay was away, this bunker may not listen again until it is restarted itself, "
        "which locks its keys. Look here whenever the relay was restarted."
    ),
    Hazard.GUESSABLE_TOKENS: (
        "The bunker makes its tokens with weak randomness: who has seen some may guess others. "
        "Let a pairing code wait no longer than needed, and compare the fingerprint each time."
    ),
    Hazard.IGNORES_POLICY_EXPIRY: (
        "The bunker stores when a policy ends and how often a rule may be used, and enforces "
        "neither. To end a machine's rights, revoke it here."
    ),
    Hazard.HIDES_WHAT_IT_DELETES: (
        "Deleting a key or revoking a token with the bunker's own tools only hides it: the key "
        "goes on signing, and the token can still be used. Revoke the machine here instead."
    ),
    Hazard.KEYS_LOCK_AT_RESTART: (
        "Keys are locked when the bunker restarts, and no machine can sign until they are "
        "unlocked. That is done in the background, with the passphrases that are known here; keep "
        "a copy of them in your safe."
    ),
    Hazard.OVERWRITES_KEYS: (
        "Creating a key under a name that exists destroys the key of that name. Do not create keys "
        "called spire-… by hand."
    ),
    Hazard.PUBLISHES_WHAT_IT_MINTS: (
        "The bunker publishes a profile for every key it mints to public relays, and may stop when "
        "it cannot reach them. The superuser can have this server make the keys instead."
    ),
}


@dataclass(frozen=True)
class Dialect:
    """One lineage, as far as we have to mind it."""

    name: str
    """Shown to people."""
    hazards: frozenset[Hazard]
    encryption: Encryption = Encryption.NIP44
    """The newest that this bunker answers; also the only one to speak to its keys."""
    request_kind: int = ADMIN_KIND
    corrects_policies: bool = False
    """It has add_policy_rule and remove_policy_rule."""
    starts_keys_late: bool = True
    """It answers its admins before it has started its keys (`bunker/settling.py`)."""
    token_hours_bound: Literal["redemption", "session"] = "redemption"
    """What the hours of a token end: its redemption alone, or its clients' sessions too."""


_UPSTREAM_HAZARDS = frozenset(
    {
        Hazard.GUESSABLE_TOKENS,
        Hazard.IGNORES_POLICY_EXPIRY,
        Hazard.KEYS_LOCK_AT_RESTART,
        Hazard.OVERWRITES_KEYS,
        Hazard.PUBLISHES_WHAT_IT_MINTS,
    }
)

OLD_NDK = Dialect(
    name="kind-0 nsecbunkerd 0.10.5 (NDK 2.8)",
    hazards=_UPSTREAM_HAZARDS,
    encryption=Encryption.NIP04,
    starts_keys_late=False,
)
NEWER_NDK = Dialect(name="kind-0 nsecbunkerd 0.10.5 (newer NDK)", hazards=_UPSTREAM_HAZARDS)
FORK_398JA = Dialect(
    name="398ja nsecbunkerd 0.11",
    hazards=_UPSTREAM_HAZARDS | {Hazard.LOSES_ITS_RELAY, Hazard.HIDES_WHAT_IT_DELETES},
    request_kind=NIP46_KIND,
)
LIVE_POLICY = Dialect(
    name="nsecbunkerd with live policies",
    hazards=frozenset({Hazard.KEYS_LOCK_AT_RESTART, Hazard.PUBLISHES_WHAT_IT_MINTS}),
    corrects_policies=True,
    token_hours_bound="session",  # noqa: S106 - no password
)
UNKNOWN = Dialect(name="an nsecbunkerd we do not know", hazards=_UPSTREAM_HAZARDS)


@dataclass(frozen=True)
class Observed:
    """What a bunker has shown of itself: its answer to ping, and its policies once read."""

    encryption: Encryption
    """NIP-44 if it answered that, else NIP-04."""
    request_kind: int
    reply_kind: int
    ping_word: str | None
    """None when it refused ping."""
    has_rule_ids: bool = False


def decide(observed: Observed) -> Dialect:
    """The dialect of a bunker that behaves so."""
    dialect = replace(
        _lineage(observed),
        encryption=observed.encryption,
        request_kind=observed.request_kind,
    )
    if observed.encryption is Encryption.NIP04:
        return replace(dialect, hazards=dialect.hazards | {Hazard.ENDS_ON_NIP44})
    return dialect


def _lineage(observed: Observed) -> Dialect:
    if observed.ping_word not in {"ok", "pong"}:
        return UNKNOWN
    if observed.has_rule_ids:
        return LIVE_POLICY
    if observed.reply_kind == NIP46_KIND or observed.ping_word == "pong":
        return FORK_398JA
    return OLD_NDK if observed.encryption is Encryption.NIP04 else NEWER_NDK
