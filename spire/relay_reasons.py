"""Why a relay did not take an event or a subscription: what it said, fit to be shown to people.

Pure. A relay is not trusted: its words are cut to one short line, and what could be a key or a
token is left out.
"""

import re
from dataclasses import dataclass

MOST_LETTERS = 120
_COULD_BE_SECRET = re.compile(r"[\w+/=-]{24,}", re.A)
_MAY_PASS = {"mute", "rate-limited", "error", "auth-required"}
_NOT_ABOUT_TIME = {"auth-required", "blocked", "mute", "pow", "rate-limited", "restricted"}
_ABOUT_TIME = re.compile(
    r"created_at|timestamp|clock|too (old|new|early|late)|future|in the past|expired", re.I
)


@dataclass(frozen=True)
class Reason:
    """What a relay said for a no. `prefix` is NIP-01's machine-readable one, such as `blocked`."""

    prefix: str
    words: str

    @classmethod
    def of(cls, rest: list[object]) -> "Reason":
        """From what follows in an OK or a CLOSED."""
        words = cleaned(rest[0]) if rest and isinstance(rest[0], str) else ""
        return cls(words.partition(":")[0].lower() if ":" in words else "", words)

    @property
    def has_it(self) -> bool:
        """The relay has the event already: that is a yes."""
        return self.prefix == "duplicate"

    @property
    def may_pass(self) -> bool:
        """The same may be taken in a moment."""
        return self.prefix in _MAY_PASS

    @property
    def wants_login(self) -> bool:
        return self.prefix == "auth-required"

    @property
    def is_about_time(self) -> bool:
        return self.prefix not in _NOT_ABOUT_TIME and bool(_ABOUT_TIME.search(self.words))

    def __str__(self) -> str:
        """With what to do, where that is known."""
        said = f'"{self.words}"' if self.words else "no reason given"
        if self.is_about_time:
            return f"{said}: the clock of this machine differs from the relay's; set the time"
        if self.wants_login:
            return f"{said}: it wants a log-in (NIP-42), which this machine does not do"
        return said


def cleaned(text: str) -> str:
    """One short line that can be shown, without quotation marks and long runs of letters."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 8 * MOST_LETTERS])
    line = " ".join(printable.replace('"', "'").split())
    short = _COULD_BE_SECRET.sub("…", line)
    return short if len(short) <= MOST_LETTERS else f"{short[: MOST_LETTERS - 1]}…"
