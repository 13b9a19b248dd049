"""How the lineages of nsecbunkerd differ, as data, and how one is told from its answers."""

from dataclasses import dataclass, replace
from typing import Literal

from .envelope import ADMIN_KIND, NIP46_KIND, Encryption
from .hazards import Hazard


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
