"""Why a relay did not take an event or a subscription, as the machine reads it and says it.

What a relay says is read and cleaned in `nostr/refusals.py`, for the server and the machine alike.
"""

from dataclasses import dataclass

from ..nostr import refusals


@dataclass(frozen=True)
class Reason:
    """What a relay said for a no."""

    words: str
    """Fit to be shown within quotation marks; empty where no reason was given."""
    has_it: bool
    """The relay has the event already: that is a yes."""
    may_pass: bool
    """The same may be taken in a moment."""
    wants_login: bool
    is_about_time: bool

    @classmethod
    def of(cls, rest: list[object]) -> "Reason":
        """From what follows in an OK or a CLOSED."""
        text = rest[0] if rest and isinstance(rest[0], str) else ""
        wants_login = refusals.wants_login(text)
        return cls(
            words=cleaned(text),
            has_it=refusals.was_taken(False, text),
            # The machine logs in nowhere: it can only wait until the relay asks no more.
            may_pass=refusals.may_pass(text) or wants_login,
            wants_login=wants_login,
            is_about_time=refusals.is_of_time(text),
        )

    def __str__(self) -> str:
        """With what to do, where that is known."""
        said = f'"{self.words}"' if self.words else "no reason given"
        if self.is_about_time:
            return f"{said}: the clock of this machine differs from the relay's; set the time"
        if self.wants_login:
            return f"{said}: it wants a log-in (NIP-42), which this machine does not do"
        return said


def cleaned(text: str) -> str:
    """One short line that can be quoted."""
    return refusals.RelaySaid.reading(text.replace('"', "'")).words
