"""What spirekeeper answers when it cannot do what was asked.

    SpirekeeperError
    ├── InvalidInput        400  a field is wrong; says which and why
    ├── NotFound            404  not yours, or not there: the same words for both
    ├── Conflict            409  taken
    │   ├── MachineBusy          somebody is pairing this machine right now
    │   ├── WalletInUse          the wallet serves another machine
    │   ├── PubkeyTaken          the minted key is somebody's already
    │   └── MachinesPaired       the bunker cannot be changed under paired machines
    ├── TooManyChecks       429  relay checks are rate-limited
    └── PairingError             the bunker's side
        ├── BunkerFailed    502  refused, or answered nonsense
        ├── NoBunker        503  none configured, or its settings cannot be opened
        ├── NoRelay         503  no relay reachable
        └── BunkerSilent    504  no answer in time: it may have happened

`detail` is one sentence that says what to do next and never holds a secret.
"""

from .bunker.errors import BunkerTimeout, BunkerUnreachable, NotAnAdmin, NsecBunkerError


class SpirekeeperError(Exception):
    """Something asked of spirekeeper was not done."""

    status = 500
    code = "internal"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInput(SpirekeeperError):
    """A field of the request is wrong."""

    status = 400
    code = "invalid_input"


class NotFound(SpirekeeperError):
    """Not there, or not the caller's: nobody can tell which."""

    status = 404
    code = "not_found"

    def __init__(self, detail: str = "There is no such machine among yours.") -> None:
        super().__init__(detail)


class Conflict(SpirekeeperError):
    """What was asked for is taken."""

    status = 409
    code = "conflict"


class MachineBusy(Conflict):
    """Somebody else holds the machine's lease, or it was cut while being paired."""

    code = "machine_busy"


class WalletInUse(Conflict):
    """One wallet serves one machine."""

    code = "wallet_in_use"


class PubkeyTaken(Conflict):
    """The minted key belongs to another machine or to an LNbits account."""

    code = "pubkey_taken"


class MachinesPaired(Conflict):
    """Machines are paired through the bunker that would be replaced."""

    code = "machines_paired"


class TooManyChecks(SpirekeeperError):
    """The caller tries relays too fast."""

    status = 429
    code = "too_many_checks"


class PairingError(SpirekeeperError):
    """The bunker's side of a pairing failed. No machine column was changed."""

    status = 502
    code = "pairing_failed"


class BunkerFailed(PairingError):
    """The bunker refused, or answered what cannot be read."""

    status = 502
    code = "bunker_failed"


class NoBunker(PairingError):
    """There is no admin connection to use."""

    status = 503
    code = "no_bunker"


class NoRelay(PairingError):
    """No relay that is needed can be reached."""

    status = 503
    code = "no_relay"


class BunkerSilent(PairingError):
    """The bunker was asked and did not answer in time. It may have carried it out."""

    status = 504
    code = "bunker_silent"


def from_bunker(error: NsecBunkerError) -> PairingError:
    """The answer to give for a failed bunker call. The one border between the two trees."""
    if isinstance(error, BunkerTimeout):
        return BunkerSilent(
            "The bunker did not answer in time; check that it runs, then try again."
        )
    if isinstance(error, BunkerUnreachable):
        return NoRelay(
            "None of the bunker's relays can be reached; check them, or set the bunker anew."
        )
    if isinstance(error, NotAnAdmin):
        return BunkerFailed(
            "The bunker does not accept our admin key; add the admin npub shown under Bunker to "
            "its ADMIN_NPUBS and restart it."
        )
    return BunkerFailed(f"The bunker could not do it: {error}")
