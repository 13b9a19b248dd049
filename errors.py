"""What spirekeeper answers when it cannot do what was asked.

    SpirekeeperError
    ├── InvalidInput        400  a field is wrong; says which and why
    │   ├── LoginDemanded        each relay that is up demands a log-in, which no machine does
    │   ├── SeedTooLong          with these relays no QR code could hold the seed
    │   └── FileRefused          lines of a file are wrong; `problems` says which and why
    ├── AnotherSite         403  the login cookie came with a request of another page
    ├── NotFound            404  not yours, or not there: the same words for both
    ├── Conflict            409  taken
    │   ├── MachineBusy          somebody is pairing this machine right now
    │   ├── WalletInUse          the wallet serves another machine
    │   ├── SameNames            machines of a file are called as others; `problems` says which
    │   ├── PubkeyTaken          the minted key is somebody's already
    │   ├── AnotherClient        not the client that redeemed the seed
    │   ├── UnexpectedClient     somebody else can use the key too
    │   ├── NothingWaits         no seed or client to cancel, confirm or reject
    │   ├── RevokeOwed           the bunker still owes the last revoke of this key
    │   ├── KeyNotKept           somebody unconfirmed used the key that is to be kept
    │   ├── EndsOnNip44          the bunker would not survive most machines
    │   ├── EditedMeanwhile      somebody else has changed it since it was read
    │   ├── NotThatMany          another number of machines than the caller expects
    │   ├── CashUnconfirmed      cash is for machines whose client was confirmed
    │   ├── CashNeedsNip44       a machine could not read its answers over this bunker
    │   ├── MachinesTold         so many machines would have to be paired again
    │   ├── NotToSettle          an order that goes on, or has ended
    │   ├── NoLink               no withdraw link can be had for an order
    │   ├── NoWebhook            none is entered, or it cannot be opened
    │   ├── AlreadyRunning       it is being done right now, by another process too
    │   └── MachinesPaired       the bunker cannot be changed under paired machines
    ├── TooLarge            413  the request's body is too long
    ├── TooMany             429  a quota; `steps/quotas.py` has them
    │   ├── TooManyChecks        relays tried in a minute
    │   ├── TooManyKeys          keys ever minted, for one operator or by the bunker
    │   ├── TooManyMachines      machines of one operator
    │   ├── TooManyRotations     new keys of one machine in a day or an hour
    │   └── TooManyPairs         pair calls in a minute
    ├── ServiceKeyLost      503  the key that answers machines about cash cannot be opened
    ├── DatabaseAway        503  not reachable, or it broke off: it may have happened
    ├── DatabaseFull        507  no room on its disk: it was not written
    └── PairingError             the bunker's side
        ├── BunkerFailed    502  refused, or answered nonsense
        │   └── NotAccepted      our admin key is not one of its admins
        ├── NoBunker        503  none configured, or its settings cannot be opened
        ├── SettingsWrong   503  a variable of LNbits' environment makes no sense
        ├── NoRelay         503  no relay reachable
        └── BunkerSilent    504  no answer in time: it may have happened

`detail` is one sentence that says what to do next and never holds a secret. The page says it in its
own language, by `code`, or by `reason` where one code has many.
"""

from collections.abc import Sequence

from .reasons import NO_VALUES, FileProblem, Reason, Values, told


class SpirekeeperError(Exception):
    """Something asked of spirekeeper was not done."""

    status = 500
    code = "internal"

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        reason: Reason | None = None,
        values: Values = NO_VALUES,
    ) -> None:
        """`field`: which one of the request it is about. `values`: the numbers and names that
        words for it hold, in whatever language."""
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.reason = reason
        self.values = dict(values)


class InvalidInput(SpirekeeperError):
    """A field of the request is wrong."""

    status = 400
    code = "invalid_input"


class LoginDemanded(InvalidInput):
    """Machine and bunker could not meet over this relay: it serves only whoever logs in."""

    code = "login_demanded"


class SeedTooLong(InvalidInput):
    """The seed would name so many or so long relays that no QR code holds it."""

    code = "seed_too_long"


class FileRefused(InvalidInput):
    """Lines of a file are wrong, so nothing of it was added."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(told(problems, "Nothing was added."))
        self.problems = problems


class TooLarge(SpirekeeperError):
    """The body of the request is longer than anything that is asked for here."""

    status = 413
    code = "too_large"


class AnotherSite(SpirekeeperError):
    """A page that is not ours had the browser ask, with LNbits' login cookie."""

    status = 403
    code = "another_site"


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


class SameNames(Conflict):
    """Machines of a file are called as others are, and nobody said that this is meant."""

    code = "same_names"

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(
            told(problems, "Nothing was added; with same_names=true they are added all the same.")
        )
        self.problems = problems


class PubkeyTaken(Conflict):
    """The minted key belongs to another machine or to an LNbits account."""

    code = "pubkey_taken"


class AnotherClient(Conflict):
    """The client named is not the one that redeemed the seed."""

    code = "another_client"


class UnexpectedClient(Conflict):
    """The key has an unrevoked user that no pairing explains."""

    code = "unexpected_client"


class NothingWaits(Conflict):
    """There is no seed to cancel, or no client to confirm or reject."""

    code = "nothing_waits"


class RevokeOwed(Conflict):
    """The bunker has not carried out the last revoke of this key, which would hit a new pairing."""

    code = "revoke_owed"


class KeyNotKept(Conflict):
    """The caller insists on a key that somebody used without being confirmed: what they had signed
    ahead of time would be routed."""

    code = "key_not_kept"


class EndsOnNip44(Conflict):
    """The bunker's process ends when a machine speaks NIP-44 to it; nobody said that this one does
    not."""

    code = "ends_on_nip44"


class AlreadyRunning(Conflict):
    """Another process is at the same background work."""

    code = "already_running"


class MachinesPaired(Conflict):
    """Machines are paired through the bunker that would be replaced."""

    code = "machines_paired"


class EditedMeanwhile(Conflict):
    """A machine or a setting was changed after the version that the caller changes was read."""

    code = "edited_meanwhile"


class NoWebhook(Conflict):
    """There is no webhook to post to or to sign for, or what is stored of it cannot be opened."""

    code = "no_webhook"


class NotThatMany(Conflict):
    """The emergency stop would cut another number of machines than the caller expects."""

    code = "not_that_many"


class CashUnconfirmed(Conflict):
    """The machine is connected, or may soon be, by a client that nobody has confirmed."""

    code = "cash_unconfirmed"


class CashNeedsNip44(Conflict):
    """The bunker does not speak NIP-44, which every answer to a machine is encrypted with."""

    code = "cash_needs_nip44"


class MachinesTold(Conflict):
    """Machines believe the service key that is to be replaced, and have to be paired again."""

    code = "machines_told"


class NotToSettle(Conflict):
    """A cash order that is not for its operator to end, now or any more."""

    code = "not_to_settle"


class NoLink(Conflict):
    """A cash order for which no withdraw link can be had, now or any more."""

    code = "no_link"


class TooMany(SpirekeeperError):
    """More than the caller may do."""

    status = 429
    code = "too_many"


class TooManyChecks(TooMany):
    """The caller tries relays too fast."""

    code = "too_many_checks"


class TooManyKeys(TooMany):
    """The bunker can never delete a key, and has made as many as it may."""

    code = "too_many_keys"


class TooManyMachines(TooMany):
    """The operator would have more machines than allowed."""

    code = "too_many_machines"


class TooManyRotations(TooMany):
    """The machine got too many new keys of late; says when the next can be made."""

    code = "too_many_rotations"


class TooManyPairs(TooMany):
    """The operator pairs too fast."""

    code = "too_many_pairs"


class ServiceKeyLost(SpirekeeperError):
    """The stored service key cannot be opened."""

    status = 503
    code = "service_key_lost"


class DatabaseAway(SpirekeeperError):
    """There is no connection to the database, or it broke in the middle."""

    status = 503
    code = "database_away"


class DatabaseFull(SpirekeeperError):
    """The database has no room left on its disk."""

    status = 507
    code = "database_full"


class PairingError(SpirekeeperError):
    """The bunker's side of a pairing failed. No machine column was changed."""

    status = 502
    code = "pairing_failed"


class BunkerFailed(PairingError):
    """The bunker refused, or answered what cannot be read."""

    status = 502
    code = "bunker_failed"


class NotAccepted(BunkerFailed):
    """The bunker does not know our admin key."""

    code = "not_accepted"


class NoBunker(PairingError):
    """There is no admin connection to use."""

    status = 503
    code = "no_bunker"


class SettingsWrong(PairingError):
    """A `SPIREKEEPER_*` variable holds a value that makes no sense."""

    status = 503
    code = "settings_wrong"


class NoRelay(PairingError):
    """No relay that is needed can be reached."""

    status = 503
    code = "no_relay"


class BunkerSilent(PairingError):
    """The bunker was asked and did not answer in time. It may have carried it out."""

    status = 504
    code = "bunker_silent"
