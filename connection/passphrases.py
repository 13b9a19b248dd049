"""Which passphrase unlocks a key, and which may be tried.

A passphrase that the bunker has refused for a key is never tried on that key again, whoever asks: a
wrong passphrase breaks the daemon in 1 of 256 cases. Only a mark of it is stored, which nobody but
this LNbits can make. So a passphrase that was changed, also in the environment, is told from the
refused one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..bunker.errors import WrongPassphrase
from ..store import key_rows
from .open_bunker import OpenBunker
from .sealing import mark_of


@dataclass(frozen=True)
class Choice:
    """The passphrase to unlock a key with."""

    passphrase_id: str
    guessed: bool
    """It is not known to be the key's: the one in force now, where the key's own is of no use."""


async def choose(key_name: str, own: Iterable[str], bunker: OpenBunker) -> Choice | None:
    """The passphrase to try on a key; None when none is left that may be tried.

    `own`: the ids that the key's pairings name, best first. When none of them can be used, the
    superuser may have entered the right one since: that is tried too, unless some key has refused
    it.
    """
    known = bunker.config.passphrases
    refused = await key_rows.get_refusals(bunker.config.bunker_pubkey)
    for candidate in dict.fromkeys(own):
        if candidate in known and (key_name, mark_of(known[candidate])) not in refused:
            return Choice(candidate, guessed=False)
    current = bunker.config.passphrase_id
    if mark_of(known[current]) in {mark for _, mark in refused}:
        return None
    return Choice(current, guessed=True)


async def was_refused(key_name: str, bunker: OpenBunker) -> bool:
    """Whether some passphrase has been refused for this key."""
    refused = await key_rows.get_refusals(bunker.config.bunker_pubkey)
    return key_name in {name for name, _ in refused}


async def unlock(key_name: str, passphrase_id: str, bunker: OpenBunker) -> None:
    """Unlocks a locked key, once the bunker has settled, and remembers whether the passphrase was
    right.

    Look first that the key is locked, and check its pubkey afterwards (client.py). Raises
    NsecBunkerError; WrongPassphrase when it was refused.
    """
    passphrase = bunker.config.passphrases[passphrase_id]
    await bunker.admin.settle()
    try:
        await bunker.admin.unlock_key(key_name, passphrase)
    except WrongPassphrase:
        await key_rows.create_refusal(bunker.config.bunker_pubkey, key_name, mark_of(passphrase))
        raise
    await key_rows.set_passphrase(bunker.config.bunker_pubkey, key_name, passphrase_id)
