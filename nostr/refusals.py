"""What a relay says when it does not do what it was asked: read, and made fit for people. Pure.

NIP-01 has a word, a colon and a text; many relays write the text alone. None of it is trusted.
"""

import re
from dataclasses import dataclass

LONGEST = 120
"""Characters that people are shown."""

_PASSING = ("mute", "rate-limited", "error")
"""Not `auth-required`: where a log-in helps, the link has logged in before anybody is told."""
_FINAL = ("blocked", "invalid", "pow", "restricted", "auth-required")
_OF_WHO_ASKS = ("auth-required", "restricted", "rate-limited", "pow")
_PREFIX = re.compile(r"\s*([a-z-]+)\s*:", re.I)
_TIME = re.compile(
    r"created.?at|creation date|timestamp|clock|expired|stale|in the (?:future|past)"
    r"|too (?:far|old|new|early|late)\b",
    re.I,
)
_KINDS = re.compile(r"\bkinds?\b", re.I)
_MANY = re.compile(r"too many|maximum|limit|exceed", re.I)
_SUBSCRIPTIONS = re.compile(r"subscription|\breqs?\b", re.I)
_NOT_LET_IN = re.compile(
    r"fail|invalid|denied|refus|reject|restrict|forbid|unauthori|must|required|whitelist|allow-?list"
    r"|not (?:allowed|authori|a member|permitted|accepted)|cannot|unable|error|mismatch",
    re.I,
)
_OWN_NAME = re.compile(r"\brelay (?:tag|url)|\burl\b|mismatch", re.I)
_SECRET = re.compile(r"\b[a-z]*sec1[0-9a-z]+|[0-9A-Za-z+/=_-]{32,}", re.I)
"""What may be a key or a token: no relay needs that to say what is wrong."""


@dataclass(frozen=True)
class RelaySaid:
    """Why a relay did not do what it was asked."""

    words: str = ""
    """One line, cut, with nothing in it that may be a secret."""
    of_time: bool = False
    """It finds our clock wrong."""

    @classmethod
    def reading(cls, reason: str) -> "RelaySaid":
        return cls(_for_people(reason), is_of_time(reason))


def was_taken(accepted: bool, reason: str) -> bool:
    """Whether the relay has the event. One that it had before is no failure."""
    return accepted or _prefix(reason) == "duplicate"


def may_pass(reason: str) -> bool:
    """Whether the same event may be taken a little later."""
    return _prefix(reason) in _PASSING and not is_of_time(reason)


def is_final(reason: str) -> bool:
    """Whether the relay says that it will never take this. Without a word of NIP-01's nobody knows
    what it means: some say no to what they pass on."""
    return _prefix(reason) in _FINAL or is_of_time(reason)


def is_of_who_asks(reason: str) -> bool:
    """Whether the relay means us, whatever we say; not what we call it."""
    return _prefix(reason) in {"restricted", "blocked"} and not _OWN_NAME.search(reason)


def wants_login(reason: str) -> bool:
    """Whether the relay wants to know who asks (NIP-42)."""
    return _prefix(reason) == "auth-required"


def is_of_time(reason: str) -> bool:
    """Whether the relay finds an event too old, or from the future."""
    return _prefix(reason) not in _OF_WHO_ASKS and _TIME.search(reason) is not None


def is_of_kinds(reason: str) -> bool:
    """Whether the relay speaks of the kinds of a filter."""
    return _KINDS.search(reason) is not None


def is_of_subscriptions(reason: str) -> bool:
    """Whether a connection has as many subscriptions as it may."""
    return bool(_MANY.search(reason) and _SUBSCRIPTIONS.search(reason))


def is_of_log_in(notice: str) -> bool:
    """Whether a notice that follows a log-in refuses it."""
    return _NOT_LET_IN.search(notice) is not None


def _prefix(reason: str) -> str:
    found = _PREFIX.match(reason)
    return found[1].lower() if found else ""


def _for_people(reason: str) -> str:
    seen = "".join(letter if letter.isprintable() else " " for letter in reason[: 8 * LONGEST])
    line = _SECRET.sub("…", " ".join(seen.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
