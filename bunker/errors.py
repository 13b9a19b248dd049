"""What can go wrong when talking to nsecbunkerd, and what is known afterwards.

    NsecBunkerError
    ├── BunkerUnreachable    not asked: no relay took the request
    ├── BunkerTimeout        asked, no answer: it may have happened, look first
    ├── BunkerRefused        the bunker said no
    │   ├── NotAnAdmin       our admin key is not in its ADMIN_NPUBS
    │   ├── UnknownMethod    this lineage lacks the call
    │   └── WrongPassphrase  the key stayed locked
    ├── BunkerNonsense       the bunker answered what cannot be read
    └── AddressError         what was given as the bunker's address is none (address.py)

Messages are our own words. The daemon's error texts can quote a token, so they are never kept.
"""


class NsecBunkerError(Exception):
    """A call to the bunker failed. The message says what happened and holds no secret."""


class BunkerUnreachable(NsecBunkerError):
    """No relay took the request, so nothing was asked."""


class BunkerTimeout(NsecBunkerError):
    """The request was sent and no answer came in time. It may have been carried out."""


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
