"""How a bunker call that failed is answered: the border between the bunker's errors and ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..bunker.errors import (
    CLOCKS,
    BunkerTimeout,
    BunkerUnreachable,
    NotAnAdmin,
    NsecBunkerError,
    RelaysRefused,
)
from ..errors import BunkerFailed, BunkerSilent, NoRelay, NotAccepted, PairingError


def from_bunker(error: NsecBunkerError) -> PairingError:
    """The answer to give for a failed bunker call."""
    if isinstance(error, (BunkerUnreachable, RelaysRefused)):
        return _no_relay(error)
    if isinstance(error, BunkerTimeout):
        return _silent(error)
    if isinstance(error, NotAnAdmin):
        return NotAccepted(
            "The bunker does not accept our admin key; add the admin npub shown under Bunker to "
            "its ADMIN_NPUBS and restart it."
        )
    told = f"The bunker could not do it: {error}"
    return BunkerFailed(told, reason=error.reason, values=error.values)


def _no_relay(error: NsecBunkerError) -> NoRelay:
    said = {"said": error.said.words}
    if error.said.of_time:
        return NoRelay(
            f"The bunker's relay said \u201c{error.said.words}\u201d. {CLOCKS}",
            reason="relay_clock",
            values=said,
        )
    if error.said.words:
        return NoRelay(
            "None of the bunker's relays can be reached, or takes what is asked "
            f"(\u201c{error.said.words}\u201d); check them, or set the bunker anew.",
            reason="relays_said",
            values=said,
        )
    return NoRelay(
        "None of the bunker's relays can be reached, or takes what is asked; check them, or set "
        "the bunker anew."
    )


def _silent(error: BunkerTimeout) -> BunkerSilent:
    said = {"said": error.said.words}
    if error.said.of_time:
        return BunkerSilent(
            f"The bunker did not answer; a relay said \u201c{error.said.words}\u201d. {CLOCKS}",
            reason="silent_clock",
            values=said,
        )
    if error.said.words:
        return BunkerSilent(
            "The bunker did not answer in time, and a relay said "
            f"\u201c{error.said.words}\u201d; check both, then try again.",
            reason="silent_said",
            values=said,
        )
    if not error.confirmed:
        return BunkerSilent(
            "The bunker did not answer in time, and no relay confirmed that it took the question; "
            "check that both run, then try again.",
            reason="silent_untaken",
        )
    return BunkerSilent("The bunker did not answer in time; check that it runs, then try again.")


@contextmanager
def bunker_errors() -> Iterator[None]:
    """What the bunker fails with inside is raised as an error of this tree."""
    try:
        yield
    except NsecBunkerError as error:
        raise from_bunker(error) from None
